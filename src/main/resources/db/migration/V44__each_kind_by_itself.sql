-- As before, but a kind of rows that cannot be claimed keeps no other kind from being woken.
create or replace function hub_claim_wake_ups(p_limit int)
  returns table (queue text, tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    begin
      return query
        with due as (
          select i.seq from inbox i where i.state = 'received' and i.next_wake_at <= now()
            order by i.next_wake_at limit p_limit for update skip locked
        ), pushed as (
          update inbox i set next_wake_at = hub_next_wake(i.due_at) from due where i.seq = due.seq
            returning i.tenant_id, i.channel_id
        )
        select distinct 'conversation-receive', p.tenant_id, p.channel_id from pushed p;
    exception when others then
      raise warning 'due % are not woken: %', 'events of inboxes', sqlerrm;
    end;
    begin
      return query
        with due as (
          select c.id from conversations c where c.due_at is not null and c.next_wake_at <= now()
            order by c.next_wake_at limit p_limit for update skip locked
        )
        update conversations c set next_wake_at = hub_next_wake(c.due_at) from due where c.id = due.id
          returning 'conversation-answer', c.tenant_id, c.id;
    exception when others then
      raise warning 'due % are not woken: %', 'conversations', sqlerrm;
    end;
    begin
      return query
        with due as (
          select m.id from messages m where m.due_at is not null and m.next_wake_at <= now()
            order by m.next_wake_at limit p_limit for update skip locked
        )
        update messages m set next_wake_at = hub_next_wake(m.due_at) from due where m.id = due.id
          returning 'outbound-dispatch', m.tenant_id, m.id;
    exception when others then
      raise warning 'due % are not woken: %', 'messages', sqlerrm;
    end;
    begin
      return query
        with due as (
          select e.id from events e where e.due_at is not null and e.next_wake_at <= now()
            order by e.next_wake_at limit p_limit for update skip locked
        ), pushed as (
          update events e set next_wake_at = hub_next_wake(e.due_at) from due where e.id = due.id
            returning e.tenant_id, e.id
        )
        select distinct on (p.tenant_id) 'webhook-fan-out', p.tenant_id, p.id from pushed p;
    exception when others then
      raise warning 'due % are not woken: %', 'events', sqlerrm;
    end;
    begin
      return query
        with due as (
          select d.id from webhook_deliveries d where d.due_at is not null and d.next_wake_at <= now()
            order by d.next_wake_at limit p_limit for update skip locked
        )
        update webhook_deliveries d set next_wake_at = hub_next_wake(d.due_at) from due where d.id = due.id
          returning 'webhook-deliver', d.tenant_id, d.id;
    exception when others then
      raise warning 'due % are not woken: %', 'deliveries', sqlerrm;
    end;
    begin
      return query
        with due as (
          select d.id from documents d where d.due_at is not null and d.next_wake_at <= now()
            order by d.next_wake_at limit p_limit for update skip locked
        )
        update documents d set next_wake_at = hub_next_wake(d.due_at) from due where d.id = due.id
          returning 'document-index', d.tenant_id, d.id;
    exception when others then
      raise warning 'due % are not woken: %', 'documents', sqlerrm;
    end;
    perform hub_leave_all_tenants();
  end $$;
