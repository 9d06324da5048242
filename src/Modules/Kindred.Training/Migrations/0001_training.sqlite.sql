-- One row a training. At most one run of a collection is queued or running: the partial index says so to every process.
create table runs (
  id            integer primary key autoincrement,
  collection    integer not null,
  trigger       text    not null,
  state         text    not null,
  options       text    not null,
  token         text    not null,
  stage         text    not null,
  progress      real    not null,
  requested_at  integer not null,
  started_at    integer,
  finished_at   integer,
  beat_at       integer not null,
  items         integer not null default 0,
  users         integer not null default 0,
  events        integer not null default 0,
  last_sequence integer not null default 0,
  report        text,
  error         text
);

create unique index runs_active on runs (collection) where state in ('queued', 'running');
create index runs_of_collection on runs (collection, id);

create table model_heads (
  collection   integer primary key,
  version      integer not null,
  run          integer not null,
  bundle       text    not null,
  published_at integer not null
);

-- Every move of a head, also backwards; what a rollback goes by.
create table model_moves (
  collection   integer not null,
  version      integer not null,
  run          integer not null,
  bundle       text    not null,
  published_at integer not null,
  primary key (collection, version)
);
