-- Deleted items keep their row: models and events still speak of the number, and a later PUT revives it.
create table items(
  collection integer not null,
  number integer not null,
  title text,
  categories text not null,
  attributes text not null,
  timestamp integer,
  hidden integer not null,
  deleted integer not null,
  version integer not null,
  primary key (collection, number)) without rowid;
create unique index items_version on items(collection, version);
