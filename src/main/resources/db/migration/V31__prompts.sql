-- What a model was asked for a reply: gzip of JSON, with what the tenant has hidden still hidden.
create table prompts (
  message_id  uuid primary key references messages on delete cascade,
  tenant_id   uuid not null references tenants on delete cascade,
  body        bytea not null
);
