-- What calls of models took and cost. One row for each call that a provider answered, whether or not its answer was used.
create table ledger (
  id             bigint generated always as identity primary key,
  tenant_id      uuid not null references tenants on delete cascade,
  at             timestamptz not null default now(),
  purpose        text not null check (purpose in ('chat', 'embedding', 'rerank')),
  provider       text not null,
  model          text not null,
  answer_id      uuid,                              -- the answer it was for: an answer may take several calls
  channel_id     uuid,                              -- null: asked by the API
  message_id     uuid,                              -- the first of the messages that were answered
  input_tokens   int not null,
  output_tokens  int not null,
  cost_usd       numeric(18, 9)                     -- null: the model's price is not known
);
create index ledger_by_time on ledger (tenant_id, at);
create index ledger_by_message on ledger (message_id) where message_id is not null;

-- A tenant's calendar month, in UTC. What is set aside for calls under way counts as spent until they are settled; that of
-- a hub that died in between stays so, since the provider may have billed it.
create table budget_months (
  tenant_id     uuid not null references tenants on delete cascade,
  month         date not null,
  spent_usd     numeric(18, 9) not null default 0,
  reserved_usd  numeric(18, 9) not null default 0,
  told_at       timestamptz,                        -- when budget.exceeded was told
  primary key (tenant_id, month)
);
