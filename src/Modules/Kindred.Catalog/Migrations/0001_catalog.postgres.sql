-- Deleted items keep their row: models and events still speak of the number, and a later PUT revives it.
create table items(
  collection integer not null,
  number integer not null,
  title text,
  categories text not null,
  attributes text not null,
  timestamp bigint,
  hidden boolean not null,
  deleted boolean not null,
  version bigint not null,
  primary key (collection, number));
create unique index items_version on items(collection, version);
