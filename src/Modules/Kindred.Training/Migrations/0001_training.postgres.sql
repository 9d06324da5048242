-- One row a training. At most one run of a collection is queued or running: the partial index says so to every process.
create table runs (
  id            bigint generated always as identity primary key,
  collection    integer not null,
  trigger       text    not null,
  state         text    not null,
  options       text    not null,
  token         text    not null,
  stage         text    not null,
  progress      double precision    not null,
  requested_at  bigint not null,
  started_at    bigint,
  finished_at   bigint,
  beat_at       bigint not null,
  items         bigint not null default 0,
  users         bigint not null default 0,
  events        bigint not null default 0,
  last_sequence bigint not null default 0,
  report        text,
  error         text
);

create unique index runs_active on runs (collection) where state in ('queued', 'running');
create index runs_of_collection on runs (collection, id);

create table model_heads (
  collection   integer primary key,
  version      bigint not null,
  run          bigint not null,
  bundle       text    not null,
  published_at bigint not null
);

-- Every move of a head, also backwards; what a rollback goes by.
create table model_moves (
  collection   integer not null,
  version      bigint not null,
  run          bigint not null,
  bundle       text    not null,
  published_at bigint not null,
  primary key (collection, version)
);
