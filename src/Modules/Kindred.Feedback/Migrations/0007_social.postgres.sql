-- Bookmarks are as ratings are; their value is 1 while they stand.
create table bookmarks(
  place bigint generated always as identity primary key,
  collection integer not null,
  id text not null,
  "user" integer not null,
  item integer not null,
  value real,
  at bigint not null,
  changed_at bigint not null);
create unique index bookmarks_id on bookmarks(collection, id);
create unique index bookmarks_pair on bookmarks(collection, "user", item);

-- What a user writes of an item, one a pair.
create table reviews(
  place bigint generated always as identity primary key,
  collection integer not null,
  id text not null,
  "user" integer not null,
  item integer not null,
  text text not null,
  at bigint not null);
create unique index reviews_id on reviews(collection, id);
create unique index reviews_pair on reviews(collection, "user", item);
