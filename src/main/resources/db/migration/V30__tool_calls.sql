-- Calls of tools that a model wants to make and that wait for a person. One row for each call of a message: asked for
-- again, it is the same row.
create table tool_calls (
  id               uuid primary key,
  tenant_id        uuid not null references tenants on delete cascade,
  conversation_id  uuid not null references conversations on delete cascade,
  message_id       uuid not null,                   -- the first of the messages that it is for
  tool             text not null,
  arguments        text not null,                   -- JSON, as the model wrote it
  key              text not null,                   -- of the message, the tool and the arguments
  status           text not null default 'pending' check (status in ('pending', 'approved', 'refused', 'done', 'failed')),
  result           text,
  created_at       timestamptz not null default now(),
  decided_at       timestamptz,
  unique (message_id, key)
);
create index tool_calls_by_conversation on tool_calls (conversation_id, id desc);
