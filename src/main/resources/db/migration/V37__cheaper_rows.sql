-- Rows of queues are changed two or three times in their short life. Each change writes an entry into every index of the table,
-- unless it changes no column that an index is about and the row's page has room for it. So: an index where one is of use,
-- conditions on columns that change seldom, room in pages, and claims that leave next_wake_at as it is.

-- Rows that are found by what they belong to need no index of their own beside it.
alter table timeline drop constraint timeline_pkey, add primary key (message_id, id);
drop index timeline_by_message;
alter table webhook_attempts drop constraint webhook_attempts_pkey, add primary key (delivery_id, id);
drop index webhook_attempts_by_delivery;

-- A message that is not final is one that is due; its status changes more often.
drop index messages_unsent;
create index messages_unsent on messages (conversation_id, position) where due_at is not null;

-- In its order, a tenant's due events could be looked for among all that it ever had.
drop index events_by_tenant;

-- Who fans an event out has it until then; should that hub die, it is taken again after it.
alter table events add column taken_until timestamptz;

-- In the order in which the deletion of a contact asks for its conversation. Before, it was looked for in the whole table.
alter table conversations drop constraint conversations_channel_id_contact_id_key, add unique (contact_id, channel_id);

alter table conversations set (fillfactor = 70);
alter table messages set (fillfactor = 70);
alter table events set (fillfactor = 70);
alter table webhook_deliveries set (fillfactor = 70);

-- A row that belongs to another row of the tenant goes with that one when the tenant is deleted. A second reference, to the
-- tenant or the channel themselves, costs a look-up and a lock for each row that is added.
alter table inbox drop constraint inbox_tenant_id_fkey;
alter table contacts drop constraint contacts_tenant_id_fkey;
alter table conversations drop constraint conversations_tenant_id_fkey, drop constraint conversations_channel_id_fkey;
alter table messages drop constraint messages_tenant_id_fkey, drop constraint messages_channel_id_fkey;
alter table provider_statuses drop constraint provider_statuses_tenant_id_fkey;
-- A tenant's deliveries go with its webhooks: asked for by their event, each was looked for in the whole table.
alter table webhook_deliveries drop constraint webhook_deliveries_tenant_id_fkey,
  drop constraint webhook_deliveries_event_id_fkey;
alter table webhook_attempts drop constraint webhook_attempts_tenant_id_fkey;
alter table prompts drop constraint prompts_tenant_id_fkey;
alter table tool_results drop constraint tool_results_tenant_id_fkey;

-- Of use only to who asks for a provider's id. Before, whatever asked for inbound messages could be planned to walk all of them.
drop index messages_once;
create unique index messages_once on messages (channel_id, external_id)
  where direction = 'inbound' and external_id is not null;
drop index messages_by_external_id;
create index messages_by_external_id on messages (channel_id, external_id)
  where direction = 'outbound' and external_id is not null;

-- Lists with filters, seldom asked for: planned for the filters that are given.
alter function hub_list_tenants(uuid, int) set plan_cache_mode = auto;
alter function hub_list_dead_letters(uuid, text, text, timestamptz, timestamptz, uuid, int) set plan_cache_mode = auto;
