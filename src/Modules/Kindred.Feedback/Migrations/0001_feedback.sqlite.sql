-- Events lie in the order of their commits: a place is the collection's number and the sequence number in one integer.
-- The id index is what makes a second delivery change nothing.
create table events(
  place integer primary key,
  collection integer not null,
  id text not null,
  user integer not null,
  item integer not null,
  type integer not null,
  value real,
  at integer not null,
  context text);
create unique index events_id on events(collection, id);
create index events_user on events(collection, user, at);

create table users(
  collection integer not null,
  number integer not null,
  attributes text not null,
  created_at integer not null,
  updated_at integer not null,
  primary key (collection, number)) without rowid;
