-- Bookmarks are as ratings are; their value is 1 while they stand.
create table bookmarks(
  place integer primary key autoincrement,
  collection integer not null,
  id text not null,
  user integer not null,
  item integer not null,
  value real,
  at integer not null,
  changed_at integer not null);
create unique index bookmarks_id on bookmarks(collection, id);
create unique index bookmarks_pair on bookmarks(collection, user, item);

-- What a user writes of an item, one a pair.
create table reviews(
  place integer primary key autoincrement,
  collection integer not null,
  id text not null,
  user integer not null,
  item integer not null,
  text text not null,
  at integer not null);
create unique index reviews_id on reviews(collection, id);
create unique index reviews_pair on reviews(collection, user, item);
