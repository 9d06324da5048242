-- What a user says of an item, one row a pair: its event in the log is "rating/ID/CHANGED_AT". Taken back, the row stays with no value, so that an older message
-- cannot bring the rating back; changed_at orders all that was ever said.
create table ratings(
  place integer primary key autoincrement,
  collection integer not null,
  id text not null,
  user integer not null,
  item integer not null,
  value real,
  at integer not null,
  changed_at integer not null);
create unique index ratings_id on ratings(collection, id);
create unique index ratings_pair on ratings(collection, user, item);
