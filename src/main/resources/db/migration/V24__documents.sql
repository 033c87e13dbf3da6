-- What a file says of itself: title, author, pages, headings.
alter table documents add column properties jsonb not null default '{}';

-- Chunks of a document that is being indexed, kept beside those that are found until all are there, so that a hub that dies
-- in the middle goes on where it was. The key tells whether they are of the same text, cut and embedded in the same way.
alter table documents add column draft_key bytea;

create table chunk_drafts (
  document_id  uuid not null references documents on delete cascade,
  position     int not null,
  tenant_id    uuid not null references tenants on delete cascade,
  id           uuid not null,
  title        text not null,
  text         text not null,
  vector       bytea not null,
  model        text not null,
  metadata     jsonb not null,
  primary key (document_id, position)
);
