-- Statements are planned while a table is small, or its statistics are old, and keep that plan; a queue's table is never as it
-- was when it was looked at last. So each statement is to have one good way only, whatever the planner believes.

-- For the sweep alone. Before, whatever asked for rows that are due could be planned to walk all that are due, of all tenants.
drop index inbox_wake;
create index inbox_wake on inbox (next_wake_at) where state = 'received' and next_wake_at is not null;
drop index conversations_wake;
create index conversations_wake on conversations (next_wake_at) where due_at is not null and next_wake_at is not null;
drop index messages_wake;
create index messages_wake on messages (next_wake_at) where due_at is not null and next_wake_at is not null;
drop index events_wake;
create index events_wake on events (next_wake_at) where due_at is not null and next_wake_at is not null;
drop index webhook_deliveries_wake;
create index webhook_deliveries_wake on webhook_deliveries (next_wake_at) where due_at is not null and next_wake_at is not null;
drop index documents_wake;
create index documents_wake on documents (next_wake_at) where due_at is not null and next_wake_at is not null;

-- The fan-out asks for a tenant's due events, oldest first: not through all events that the tenant ever had.
create index events_due on events (tenant_id, id) where due_at is not null;

-- An endpoint's pending deliveries are asked for in the order of their events.
drop index webhook_deliveries_pending;
create index webhook_deliveries_pending on webhook_deliveries (webhook_id, event_id) where status = 'pending';
