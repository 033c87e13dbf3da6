-- Vectors of passages by model and text, so that indexing again pays only for what is new. Rows of one tenant, and gone
-- with it: shared between tenants they would tell one, by time and bill, what another has stored.
create table embedding_cache (
  tenant_id  uuid not null references tenants on delete cascade,
  model      text not null,
  text_hash  bytea not null,                        -- SHA-256 of the text as it was sent to the model
  vector     bytea not null,                        -- little-endian float32
  used_at    timestamptz not null default now(),    -- to the day
  primary key (tenant_id, model, text_hash)
);
create index embedding_cache_by_use on embedding_cache (tenant_id, used_at);
