-- Only the hash of a key is kept: a stolen copy of this table opens nothing.
create table api_keys(
  id text collate "C" primary key,
  name text not null,
  sha256 text collate "C" not null unique,
  scopes text not null,
  collections text not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint);
