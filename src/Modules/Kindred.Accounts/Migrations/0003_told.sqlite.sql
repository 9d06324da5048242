-- Addresses whose confirmation the other parts were told of: once an address, however often a person comes back to it.
create table told_addresses(
  person integer not null references people(number) on delete cascade,
  email_key text not null,
  primary key (person, email_key));
