-- Names and addresses of system E's users; the number is that of the collection's user.
create table usuarios(
  collection integer not null,
  number integer not null,
  name text not null,
  email text not null,
  email_key text not null,
  primary key (collection, number));
create unique index usuarios_email on usuarios(collection, email_key);
