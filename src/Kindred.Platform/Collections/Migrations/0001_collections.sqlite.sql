-- The collection's row is its counter and its lock: whoever gives numbers, versions or sequences updates it in the same transaction.
create table collections(
  number integer primary key,
  name text not null unique,
  next_item integer not null default 0,
  next_user integer not null default 0,
  forgotten_users integer not null default 0,
  item_version integer not null default 0,
  event_sequence integer not null default 0);

create table item_numbers(
  collection integer not null references collections(number),
  number integer not null,
  id text not null,
  primary key (collection, number)) without rowid;
create unique index item_numbers_id on item_numbers(collection, id);

create table user_numbers(
  collection integer not null references collections(number),
  number integer not null,
  id text not null,
  primary key (collection, number)) without rowid;
create unique index user_numbers_id on user_numbers(collection, id);

create table event_types(
  collection integer not null references collections(number),
  number integer not null,
  name text not null,
  primary key (collection, number),
  unique (collection, name));
