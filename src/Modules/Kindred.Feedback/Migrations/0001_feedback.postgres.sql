-- Events lie in the order of their commits: a place is the collection's number and the sequence number in one integer.
-- The id index is what makes a second delivery change nothing.
create table events(
  place bigint primary key,
  collection integer not null,
  id text collate "C" not null,
  "user" integer not null,
  item integer not null,
  type integer not null,
  value real,
  at bigint not null,
  context text);
create unique index events_id on events(collection, id);
create index events_user on events(collection, "user", at, place);

create table users(
  collection integer not null,
  number integer not null,
  attributes text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (collection, number));
