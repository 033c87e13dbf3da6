-- The rows that drive everything. Every table that holds a tenant's data has tenant_id and row-level security
-- (afterMigrate.sql sees to it). A row with work to do has due_at (when it may be taken) and next_wake_at (when the
-- sweep publishes its next wake-up, should the first be lost). Ids are UUIDv7, made by the hub.

create table tenants (
  id          uuid primary key,
  name        text not null,
  enabled     boolean not null default true,
  settings    jsonb not null default '{}',
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);

create table api_keys (
  id            uuid primary key,
  tenant_id     uuid not null references tenants on delete cascade,
  name          text not null,
  prefix        text not null,
  hash          bytea not null unique,          -- SHA-256 of the key; the key itself is never stored
  created_at    timestamptz not null default now(),
  last_used_at  timestamptz,
  expires_at    timestamptz
);
create index api_keys_by_tenant on api_keys (tenant_id, id desc);

create table channels (
  id          uuid primary key,
  tenant_id   uuid not null references tenants on delete cascade,
  type        text not null,
  name        text not null,
  enabled     boolean not null default true,
  config      jsonb not null default '{}',      -- what is not secret
  secrets     bytea,                            -- encrypted JSON object of the rest; associated data = channel id
  address     text,                             -- the provider's id of our side (phoneNumberId, ...), unique in the hub
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  unique (type, address)
);
create index channels_by_tenant on channels (tenant_id, id desc);

-- One row for each accepted POST, committed before the door answers. seq is the order of arrival.
create table inbox (
  seq           bigint generated always as identity primary key,
  tenant_id     uuid not null references tenants on delete cascade,
  channel_id    uuid not null references channels on delete cascade,
  event_key     text not null,                  -- the provider's event id, or the digest of the bytes
  content_type  text,
  body          bytea not null,
  received_at   timestamptz not null default clock_timestamp(),
  state         text not null default 'received' check (state in ('received', 'done', 'ignored', 'dead')),
  reason        text,
  attempts      int not null default 0,
  due_at        timestamptz not null default clock_timestamp(),
  next_wake_at  timestamptz,
  unique (channel_id, event_key)
);
create index inbox_unread on inbox (channel_id, seq) where state = 'received';
create index inbox_wake on inbox (next_wake_at) where state = 'received';

create table contacts (
  id          uuid primary key,
  tenant_id   uuid not null references tenants on delete cascade,
  channel_id  uuid not null references channels on delete cascade,
  address     text not null,
  name        text,
  created_at  timestamptz not null default now(),
  unique (channel_id, address)
);

create table conversations (
  id                   uuid primary key,
  tenant_id            uuid not null references tenants on delete cascade,
  channel_id           uuid not null references channels on delete cascade,
  contact_id           uuid not null references contacts on delete cascade,
  status               text not null default 'active' check (status in ('active', 'assigned_human', 'resolved')),
  last_message_at      timestamptz not null default now(),
  created_at           timestamptz not null default now(),
  last_position        bigint not null default 0,   -- position of the newest message
  due_at               timestamptz,                 -- when an answer is due; null: none is
  next_wake_at         timestamptz,
  first_unanswered_at  timestamptz,
  superseded           int not null default 0,      -- replies given up in a row because a message came in between
  attempts             int not null default 0,
  lease_owner          uuid,                        -- the instance that works on it
  fence                bigint not null default 0,   -- grows with each lease; a holder with an older one has lost it
  unique (channel_id, contact_id)
);
create index conversations_by_tenant on conversations (tenant_id, id desc);
create index conversations_wake on conversations (next_wake_at) where due_at is not null;

create table messages (
  id               uuid primary key,
  tenant_id        uuid not null references tenants on delete cascade,
  conversation_id  uuid not null references conversations on delete cascade,
  channel_id       uuid not null references channels on delete cascade,
  position         bigint not null,
  direction        text not null check (direction in ('inbound', 'outbound')),
  author           text not null check (author in ('contact', 'model', 'human', 'system')),
  type             text not null,
  text             text,
  attachments      jsonb not null default '[]',
  status           text not null check (status in ('received', 'pending', 'sending', 'sent', 'delivered', 'read', 'failed')),
  external_id      text,
  answered_by      uuid,                            -- of an inbound message: the reply that covers it
  citations        jsonb not null default '[]',
  usage            jsonb,
  error            text,
  created_at       timestamptz not null default now(),
  attempts         int not null default 0,
  due_at           timestamptz,                     -- of an outbound message that is not final
  next_wake_at     timestamptz,
  lease_owner      uuid,                            -- the instance that is sending it
  sending_at       timestamptz,
  unique (conversation_id, position)
);
create unique index messages_once on messages (channel_id, external_id) where direction = 'inbound';
create index messages_by_external_id on messages (channel_id, external_id) where direction = 'outbound';
create index messages_unanswered on messages (conversation_id, position) where direction = 'inbound' and answered_by is null;
create index messages_unsent on messages (conversation_id, position) where status in ('pending', 'sending');
create index messages_answered_by on messages (answered_by) where answered_by is not null;
create index messages_wake on messages (next_wake_at) where due_at is not null;

-- What providers reported. Kept so that a status that arrives before our record of the send is not lost, nor counted twice.
create table provider_statuses (
  tenant_id    uuid not null references tenants on delete cascade,
  channel_id   uuid not null references channels on delete cascade,
  external_id  text not null,
  status       text not null,
  at           timestamptz not null,
  message_id   uuid,                                -- our id, where the provider carries it back
  detail       jsonb,
  primary key (channel_id, external_id, status)
);

create table timeline (
  id           bigint generated always as identity primary key,
  tenant_id    uuid not null references tenants on delete cascade,
  message_id   uuid not null,
  at           timestamptz not null default clock_timestamp(),
  stage        text not null,
  outcome      text not null,
  duration_ms  bigint,
  detail       jsonb not null default '{}'
);
create index timeline_by_message on timeline (message_id, id);

create table events (
  id            uuid primary key,                   -- the webhook-id, stable over retries
  tenant_id     uuid not null references tenants on delete cascade,
  type          text not null,
  body          text not null,                      -- exact bytes of what is delivered
  message_id    uuid,
  created_at    timestamptz not null default now(),
  attempts      int not null default 0,
  due_at        timestamptz,                        -- null: fanned out
  next_wake_at  timestamptz
);
create index events_wake on events (next_wake_at) where due_at is not null;
create index events_by_tenant on events (tenant_id, id desc);

create table webhooks (
  id                     uuid primary key,
  tenant_id              uuid not null references tenants on delete cascade,
  url                    text not null,
  events                 text[] not null,
  description            text,
  enabled                boolean not null default true,
  ordered                boolean not null default false,
  secret                 bytea not null,            -- encrypted whsec_...; associated data = webhook id
  previous_secret        bytea,
  previous_secret_until  timestamptz,
  failing_since          timestamptz,
  disabled_reason        text,
  created_at             timestamptz not null default now(),
  updated_at             timestamptz not null default now()
);
create index webhooks_by_tenant on webhooks (tenant_id, id desc);

create table webhook_deliveries (
  id             uuid primary key,
  tenant_id      uuid not null references tenants on delete cascade,
  webhook_id     uuid not null references webhooks on delete cascade,
  event_id       uuid not null references events on delete cascade,
  event_type     text not null,
  status         text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempt_count  int not null default 0,            -- in the current round: a replay starts at 0 again
  created_at     timestamptz not null default now(),
  due_at         timestamptz,
  next_wake_at   timestamptz,
  lease_owner    uuid,
  unique (webhook_id, event_id)
);
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id desc);
create index webhook_deliveries_wake on webhook_deliveries (next_wake_at) where due_at is not null;
create index webhook_deliveries_pending on webhook_deliveries (webhook_id, id) where status = 'pending';

create table webhook_attempts (
  id           bigint generated always as identity primary key,
  tenant_id    uuid not null references tenants on delete cascade,
  delivery_id  uuid not null references webhook_deliveries on delete cascade,
  at           timestamptz not null default clock_timestamp(),
  status       int,                                 -- HTTP status; null: no answer
  duration_ms  bigint not null,
  error        text,
  response     text                                 -- the first KiB
);
create index webhook_attempts_by_delivery on webhook_attempts (delivery_id, id);

create table dead_letters (
  id          uuid primary key,
  tenant_id   uuid not null references tenants on delete cascade,
  route_id    text not null,
  subject_id  text not null,                        -- the row it was about
  cause       text not null,
  attempts    int not null,
  status      text not null default 'dead' check (status in ('dead', 'replayed', 'resolved')),
  at          timestamptz not null default now(),
  payload     bytea not null
);
create index dead_letters_by_tenant on dead_letters (tenant_id, id desc);

create table documents (
  id            uuid primary key,
  tenant_id     uuid not null references tenants on delete cascade,
  name          text not null,
  media_type    text not null,
  bytes         bigint not null,
  sha256        bytea not null,
  object_key    text not null,
  replaces      boolean not null default false, -- once indexed, it takes the place of older ones of its name
  status        text not null default 'pending' check (status in ('pending', 'indexing', 'indexed', 'failed')),
  progress      double precision not null default 0,
  chunk_count   int not null default 0,
  error         text,
  metadata      jsonb not null default '{}',
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  attempts      int not null default 0,
  due_at        timestamptz,
  next_wake_at  timestamptz,
  lease_owner   uuid
);
create index documents_by_tenant on documents (tenant_id, id desc);
create index documents_wake on documents (next_wake_at) where due_at is not null;

-- Search indexes are caches of these rows. A change number is taken under the lock of the tenant's clock row, so that
-- changes of one tenant commit in the order of their numbers and a reader that tails them misses none.
create table chunk_clocks (
  tenant_id  uuid primary key references tenants on delete cascade,
  change_no  bigint not null default 0
);

create table chunks (
  id           uuid primary key,
  tenant_id    uuid not null references tenants on delete cascade,
  document_id  uuid not null,                       -- no foreign key: a tombstone outlives its document
  position     int not null,
  title        text not null,
  text         text not null,
  vector       bytea,                               -- little-endian float32
  model        text not null,                       -- the embedding model that made the vector
  metadata     jsonb not null default '{}',
  change_no    bigint not null,
  deleted      boolean not null default false
);
create index chunks_by_change on chunks (tenant_id, change_no);
create index chunks_by_document on chunks (document_id, position);

-- One row for each running hub. Not a tenant's data.
create table instances (
  id            uuid primary key,
  host          text not null,
  pid           bigint not null,
  started_at    timestamptz not null default now(),
  heartbeat_at  timestamptz not null default now()
);

-- ------------------------------------------------------------------------------------------------------------------
-- The tenant of the transaction. Unset, it is null, and null equals no tenant: it fails closed.
create function hub_tenant() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('hub.tenant', true), '')::uuid $$;

-- Work across tenants goes through the functions below and no other way. They return ids.
-- (hub.scope is heeded only where the database gives us no second role; see afterMigrate.sql. A function may not carry it as
-- a SET clause: for a plain owner, PostgreSQL refuses that. So each function sets it and takes it back.)

create function hub_enter_all_tenants() returns text language sql
  as $$ select set_config('hub.scope', 'all', true) $$;

create function hub_leave_all_tenants() returns text language sql
  as $$ select set_config('hub.scope', '', true) $$;

create function hub_find_channel(p_id uuid)
  returns table (tenant_id uuid, channel_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id, c.id from channels c where c.id = p_id;
    perform hub_leave_all_tenants();
  end $$;

create function hub_find_channel_by_address(p_type text, p_address text)
  returns table (tenant_id uuid, channel_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id, c.id from channels c where c.type = p_type and c.address = p_address;
    perform hub_leave_all_tenants();
  end $$;

create function hub_find_api_key(p_hash bytea)
  returns table (tenant_id uuid, key_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select k.tenant_id, k.id from api_keys k where k.hash = p_hash and (k.expires_at is null or k.expires_at > now());
    perform hub_leave_all_tenants();
  end $$;

-- Newest first, before p_before when given.
create function hub_list_tenants(p_before uuid, p_limit int)
  returns table (tenant_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select t.id from tenants t where p_before is null or t.id < p_before order by t.id desc limit p_limit;
    perform hub_leave_all_tenants();
  end $$;

-- Stores accepted events, in the order given, in one statement. Gives back the 1-based places of those that were new.
create function hub_append_inbox(p_tenants uuid[], p_channels uuid[], p_keys text[], p_types text[], p_bodies bytea[])
  returns table (place bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with given as (
        select * from unnest(p_tenants, p_channels, p_keys, p_types, p_bodies) with ordinality
          as g (tenant_id, channel_id, event_key, content_type, body, n)
      ), stored as (
        insert into inbox (tenant_id, channel_id, event_key, content_type, body, next_wake_at)
        select g.tenant_id, g.channel_id, g.event_key, g.content_type, g.body, clock_timestamp() + interval '3 seconds'
          from given g
          -- a channel that was deleted meanwhile must not fail the others of the batch
          where exists (select 1 from channels c where c.id = g.channel_id and c.tenant_id = g.tenant_id)
          order by g.n
        on conflict (channel_id, event_key) do nothing
        returning channel_id, event_key
      )
      select min(g.n) from given g join stored s on s.channel_id = g.channel_id and s.event_key = g.event_key
        group by s.channel_id, s.event_key;
    perform hub_leave_all_tenants();
  end $$;

-- Claims up to p_limit rows of each kind whose next wake-up is due and pushes that further out, doubling with the time
-- they have waited (10 s to 5 min), so that a backlog is not published whole.
create function hub_claim_wake_ups(p_limit int)
  returns table (queue text, tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with due as (
        select i.seq from inbox i where i.state = 'received' and i.next_wake_at <= now()
          order by i.next_wake_at limit p_limit for update skip locked
      ), pushed as (
        update inbox i set next_wake_at = hub_next_wake(i.due_at) from due where i.seq = due.seq
          returning i.tenant_id, i.channel_id
      )
      select distinct 'conversation-receive', p.tenant_id, p.channel_id from pushed p;
    return query
      with due as (
        select c.id from conversations c where c.due_at is not null and c.next_wake_at <= now()
          order by c.next_wake_at limit p_limit for update skip locked
      )
      update conversations c set next_wake_at = hub_next_wake(c.due_at) from due where c.id = due.id
        returning 'conversation-answer', c.tenant_id, c.id;
    return query
      with due as (
        select m.id from messages m where m.due_at is not null and m.next_wake_at <= now()
          order by m.next_wake_at limit p_limit for update skip locked
      )
      update messages m set next_wake_at = hub_next_wake(m.due_at) from due where m.id = due.id
        returning 'outbound-dispatch', m.tenant_id, m.id;
    return query
      with due as (
        select e.id from events e where e.due_at is not null and e.next_wake_at <= now()
          order by e.next_wake_at limit p_limit for update skip locked
      )
      update events e set next_wake_at = hub_next_wake(e.due_at) from due where e.id = due.id
        returning 'webhook-fan-out', e.tenant_id, e.id;
    return query
      with due as (
        select d.id from webhook_deliveries d where d.due_at is not null and d.next_wake_at <= now()
          order by d.next_wake_at limit p_limit for update skip locked
      )
      update webhook_deliveries d set next_wake_at = hub_next_wake(d.due_at) from due where d.id = due.id
        returning 'webhook-deliver', d.tenant_id, d.id;
    return query
      with due as (
        select d.id from documents d where d.due_at is not null and d.next_wake_at <= now()
          order by d.next_wake_at limit p_limit for update skip locked
      )
      update documents d set next_wake_at = hub_next_wake(d.due_at) from due where d.id = due.id
        returning 'document-index', d.tenant_id, d.id;
    perform hub_leave_all_tenants();
  end $$;

create function hub_next_wake(p_due_at timestamptz) returns timestamptz language sql stable
  as $$ select now() + least(greatest(2 * (now() - p_due_at), interval '10 seconds'), interval '5 minutes') $$;

-- True while the instance that holds a lease is alive: its heartbeat is younger than 10 s by the database's clock.
create function hub_alive(p_instance uuid) returns boolean language sql stable
  as $$ select exists (select 1 from instances i where i.id = p_instance and i.heartbeat_at > now() - interval '10 seconds') $$;
