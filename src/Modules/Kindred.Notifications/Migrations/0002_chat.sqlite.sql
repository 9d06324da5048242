-- A room numbers its messages itself, under its row's lock: places have no gaps and follow the order of commits, so "after 41" misses nothing.
create table chat_rooms(
  number integer primary key autoincrement,
  id text not null unique,
  name text not null,
  owner integer unique,
  owner_id text unique,
  last_place integer not null default 0,
  created_at integer not null);
insert into chat_rooms(id, name, created_at) values ('00000000-0000-7000-8000-000000000001', 'Default Room', 0);

create table chat_members(
  room integer not null references chat_rooms(number) on delete cascade,
  person integer not null,
  joined_at integer not null,
  primary key (room, person));
create index chat_members_person on chat_members(person);

-- kind: message, system. person is null where nobody wrote it.
create table chat_messages(
  room integer not null references chat_rooms(number) on delete cascade,
  place integer not null,
  kind text not null,
  person integer,
  username text not null,
  role text not null,
  text text not null,
  created_at integer not null,
  primary key (room, place));
create index chat_messages_person on chat_messages(person);

-- One use each, for browsers that cannot send a header with a WebSocket.
create table chat_tickets(
  sha256 text primary key,
  person integer not null,
  person_id text not null,
  user_id text not null,
  session text not null,
  expires_at integer not null);
