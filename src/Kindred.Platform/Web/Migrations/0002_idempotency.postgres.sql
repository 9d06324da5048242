create table idempotency_keys(
  caller text not null,
  route text not null,
  key text not null,
  body_sha256 text not null,
  expires_at bigint not null,
  status integer,
  content_type text,
  location text,
  body bytea,
  primary key (caller, route, key));
create index idempotency_keys_expires on idempotency_keys(expires_at);
