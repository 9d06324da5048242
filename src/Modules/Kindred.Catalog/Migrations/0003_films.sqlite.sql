-- Films are items of the cinema's collection; these tables say what an item cannot: who its people are, and where the words of it stand.
-- Ids of people and genres are UUIDs as text. source names the content database a row came from; what was named by an item only is derived.
create table genres(
  collection integer not null,
  id text not null,
  name text not null,
  derived integer not null,
  source text,
  primary key (collection, id)) without rowid;
create index genres_by_name on genres(collection, name);

create table persons(
  number integer primary key autoincrement,
  collection integer not null,
  id text not null,
  full_name text not null,
  derived integer not null,
  source text);
create unique index persons_by_id on persons(collection, id);
create index persons_by_name on persons(collection, full_name);

-- content is a digest of what the source said: what it says again is not written again.
create table films(
  collection integer not null,
  number integer not null,
  id text not null,
  title text not null,
  folded text not null,
  description text,
  rating real,
  shown integer not null,
  source text,
  content text,
  primary key (collection, number)) without rowid;
create index films_by_rating on films(collection, coalesce(rating, -1) desc, number);
create index films_of_source on films(collection, source, id);

create table film_genres(
  collection integer not null,
  number integer not null,
  place integer not null,
  genre text not null,
  primary key (collection, number, place)) without rowid;
create index film_genres_by_genre on film_genres(collection, genre, number);

create table film_people(
  collection integer not null,
  number integer not null,
  role text not null,
  place integer not null,
  person text not null,
  primary key (collection, number, role, place)) without rowid;
create index film_people_by_person on film_people(collection, person, number);

-- A row's id is collection * 2^32 + number of the film. Words come folded and stemmed, so the tokenizer only splits.
create virtual table film_search using fts5(title, people, other, tokenize = 'unicode61 remove_diacritics 0');
create virtual table film_terms using fts5vocab(film_search, row);

-- A row's id is the number of the person.
create virtual table person_search using fts5(name, tokenize = 'unicode61 remove_diacritics 0');
create virtual table person_terms using fts5vocab(person_search, row);

-- Up to which version of the collection's items these tables are true.
create table film_state(collection integer primary key, version integer not null);

-- How far a content database was read, moved in the transaction that stores what was read.
create table film_sources(
  collection integer not null,
  source text not null,
  position text not null,
  primary key (collection, source)) without rowid;
