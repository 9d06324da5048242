-- Only the hash of a key is kept: a stolen copy of this table opens nothing.
create table api_keys(
  id text primary key,
  name text not null,
  sha256 text not null unique,
  scopes text not null,
  collections text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer);
