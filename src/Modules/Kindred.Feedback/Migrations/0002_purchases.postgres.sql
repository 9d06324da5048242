-- A purchase is its events and this row, which says which belong together; items are the numbers of its products as a JSON array.
create table purchases(
  place bigint generated always as identity primary key,
  collection integer not null,
  id text not null,
  "user" integer not null,
  at bigint not null,
  items text not null);
create unique index purchases_id on purchases(collection, id);
create index purchases_user on purchases(collection, "user");
