-- Letters are messages from here on; those that waited become some, in their order. Ids were written without dashes.
insert into outbox(id, topic, body, created_at)
select substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13, 4) || '-' || substr(id, 17, 4) || '-' || substr(id, 21, 12), 'mail.letters',
  json_build_object('to', recipient, 'kind', 'plain', 'subject', subject, 'text', body, 'films', json_build_array())::text, created_at
from outbox_mail order by id;
drop table outbox_mail;
