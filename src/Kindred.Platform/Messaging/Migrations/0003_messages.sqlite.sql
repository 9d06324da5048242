-- Messages that wait to be handled, written with what they tell of. Whoever delivers them holds a lease, so that two processes do not.
create table outbox(
  place integer primary key autoincrement,
  id text not null unique,
  topic text not null,
  queue text,
  body text not null,
  created_at integer not null,
  owner text,
  leased_until integer not null default 0);
create index outbox_topic on outbox(topic, place);

-- What a queue's work was done for: a second delivery changes nothing.
create table inbox(
  queue text not null,
  message text not null,
  handled_at integer not null,
  primary key (queue, message)) without rowid;
create index inbox_age on inbox(handled_at);

create table parked_messages(
  queue text not null,
  id text not null,
  topic text not null,
  body text not null,
  reason text not null,
  tries integer not null,
  created_at integer not null,
  parked_at integer not null,
  primary key (queue, id)) without rowid;
