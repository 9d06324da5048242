-- One account serves all systems: number is the film club's and the shop's id, id the cinema's; user_id is who they are in the collections.
create table people(
  number integer primary key autoincrement,
  id text not null unique,
  user_id text not null unique,
  email text not null,
  email_key text not null unique,
  username text,
  name text,
  surname text,
  patronymic text,
  password text not null,
  disabled_at integer,
  verified_at integer,
  last_login_at integer,
  created_at integer not null,
  updated_at integer not null);

-- Permissions are words separated by a space. Roles 1 and 2 are built in: everybody has the first, whoever has the second may do everything.
create table roles(
  number integer primary key autoincrement,
  id text not null unique,
  name text not null unique,
  permissions text not null);
insert into roles(number, id, name, permissions) values
  (1, '00000000-0000-7000-8000-000000000001', 'user', 'read write'),
  (2, '00000000-0000-7000-8000-000000000002', 'admin', 'read write delete update');

create table person_roles(
  person integer not null references people(number) on delete cascade,
  role integer not null references roles(number) on delete cascade,
  primary key (person, role));

-- A session is a family of refresh tokens, of which only the newest is good; every access token names its session.
create table sessions(
  id text primary key,
  person integer not null references people(number) on delete cascade,
  refresh_id text,
  created_at integer not null,
  expires_at integer not null,
  revoked_at integer);
create index sessions_of_person on sessions(person);

create table login_history(
  id text primary key,
  person integer not null references people(number) on delete cascade,
  device text not null,
  user_agent text not null,
  address text not null,
  at integer not null);
create index login_history_of_person on login_history(person, at);

-- Only the hash of a link is kept. purpose: confirm, reset.
create table short_links(
  sha256 text primary key,
  purpose text not null,
  person integer not null references people(number) on delete cascade,
  email_key text not null,
  created_at integer not null,
  expires_at integer not null);
create index short_links_of_person on short_links(person, purpose);

create table invitations(
  sha256 text primary key,
  email_key text not null,
  role integer not null references roles(number) on delete cascade,
  created_at integer not null,
  expires_at integer not null);

-- Asked for by anybody, for any address: who it is, and whether there is an account, is looked up afterwards by the relay.
create table reset_requests(
  id text primary key,
  email_key text not null,
  created_at integer not null);

create table outbox_mail(
  id text primary key,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at integer not null);

alter table api_keys add column last_used_at integer;
