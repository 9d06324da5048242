-- Whoever has no row has not asked for newsletters. Quiet hours are hours of the day in the person's zone.
alter table mail_preferences add column recommendations integer not null default 0;
alter table mail_preferences add column quiet_from integer;
alter table mail_preferences add column quiet_until integer;
alter table mail_preferences add column time_zone text;
alter table mail_preferences add column last_digest_at integer;

-- The newest films for a person who asked for them, until they are mailed; person 0 has those for everybody.
create table digests(
  person integer primary key,
  films text not null,
  made_at integer not null);

-- status: queued, waiting (quiet hours), sent, failed, expired.
create table notices(
  id text primary key,
  person integer not null,
  user_id text not null,
  kind text not null,
  body text not null,
  films text,
  recipient text not null,
  method text not null,
  status text not null,
  reason text,
  occasion text unique,
  created_at integer not null,
  expires_at integer not null,
  sent_at integer);
create index notices_of_person on notices(person, status, created_at);

create table mail_keys(
  name text primary key,
  value text not null);
