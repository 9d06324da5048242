-- The one row that every change of a store or product takes first: changes are numbered in the order they are committed, and caches compare it.
create table shop_version(one integer primary key check (one = 1), version integer not null);
insert into shop_version(one, version) values (1, 0);

-- owner is the number of a person. Ids grow and are never given twice, so newest first is by id.
create table stores(
  id integer primary key autoincrement,
  name text not null,
  owner integer not null);
create index stores_of_owner on stores(owner, id);

create table products(
  id integer primary key autoincrement,
  store integer not null references stores(id) on delete cascade,
  name text not null,
  description text not null,
  price_cents integer not null check (price_cents between 0 and 9999999999),
  quantity integer not null check (quantity >= 0),
  category text not null,
  views_count integer not null default 0,
  created_at integer not null,
  updated_at integer not null,
  version integer not null);
create index products_of_store on products(store, id);
create index products_by_views on products(views_count desc, id);

create table product_viewers(
  product integer not null references products(id) on delete cascade,
  person integer not null,
  first_at integer not null,
  primary key (product, person)) without rowid;
create index product_viewers_of_person on product_viewers(person);
