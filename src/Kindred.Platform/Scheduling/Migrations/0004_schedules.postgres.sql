-- One row for each time of a schedule: who claimed it and how it ended. Times in milliseconds; leases by the database's clock.
create table schedule_runs(
  schedule text not null,
  due bigint not null,
  owner text not null,
  leased_until bigint not null,
  finished_at bigint,
  failure text,
  primary key (schedule, due));
