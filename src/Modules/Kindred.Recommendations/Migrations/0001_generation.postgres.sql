-- Lists made on demand (system A): one a user, and the jobs that make them.
create table recommendations(
  collection integer not null,
  "user" integer not null,
  rank integer not null,
  item integer not null,
  score double precision not null,
  generated_at bigint not null,
  primary key (collection, "user", rank),
  unique (collection, "user", item));

create table generations(
  id text primary key,
  collection integer not null,
  "user" integer not null,
  state text not null,
  error text,
  created_at bigint not null,
  finished_at bigint);
create index generations_user on generations(collection, "user");
create index generations_age on generations(created_at);
