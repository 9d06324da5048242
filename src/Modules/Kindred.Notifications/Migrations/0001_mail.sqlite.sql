-- How a person wants letters; whoever has no row has said nothing.
create table mail_preferences(
  person integer primary key,
  language text);
