-- Users of accounts deleted lately: what is still under way of theirs must not bring them back.
create table deleted_people(
  id text primary key,
  at bigint not null);
create index deleted_people_by_time on deleted_people(at);
