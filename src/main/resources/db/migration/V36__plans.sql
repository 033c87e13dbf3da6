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

-- As before, but one wake-up a tenant for its events, since one has all of them fanned out.
create or replace function hub_claim_wake_ups(p_limit int)
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
      ), pushed as (
        update events e set next_wake_at = hub_next_wake(e.due_at) from due where e.id = due.id
          returning e.tenant_id, e.id
      )
      select distinct on (p.tenant_id) 'webhook-fan-out', p.tenant_id, p.id from pushed p;
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
