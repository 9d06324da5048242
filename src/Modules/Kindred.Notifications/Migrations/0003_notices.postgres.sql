-- Whoever has no row has not asked for newsletters. Quiet hours are hours of the day in the person's zone.
alter table mail_preferences add column recommendations bigint not null default 0;
alter table mail_preferences add column quiet_from bigint;
alter table mail_preferences add column quiet_until bigint;
alter table mail_preferences add column time_zone text;
alter table mail_preferences add column last_digest_at bigint;

-- The newest films for a person who asked for them, until they are mailed; person 0 has those for everybody.
create table digests(
  person bigint primary key,
  films text not null,
  made_at bigint not null);

-- status: queued, waiting (quiet hours), sent, failed, expired.
create table notices(
  id text primary key,
  person bigint not null,
  user_id text not null,
  kind text not null,
  body text not null,
  films text,
  recipient text not null,
  method text not null,
  status text not null,
  reason text,
  occasion text unique,
  created_at bigint not null,
  expires_at bigint not null,
  sent_at bigint);
create index notices_of_person on notices(person, status, created_at);

create table mail_keys(
  name text primary key,
  value text not null);
