-- Events that are still to go to Kafka. Set only where Kafka is configured: else the column and its index stay empty.
alter table events add column kafka_due_at timestamptz;
create index events_for_kafka on events (tenant_id, id) where kafka_due_at is not null;

-- Up to p_limit tenants that have such events, those after p_after first.
create function hub_tenants_with_events_for_kafka(p_after uuid, p_limit int)
  returns table (tenant_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with recursive waiting (tenant) as (
        (select e.tenant_id from events e where e.kafka_due_at is not null order by e.tenant_id limit 1)
        union all
        select (select e.tenant_id from events e
                  where e.kafka_due_at is not null and e.tenant_id > w.tenant order by e.tenant_id limit 1)
          from waiting w where w.tenant is not null
      )
      select w.tenant from waiting w where w.tenant is not null
        order by w.tenant <= coalesce(p_after, '00000000-0000-0000-0000-000000000000'), w.tenant limit p_limit;
    perform hub_leave_all_tenants();
  end $$;
