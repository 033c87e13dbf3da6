-- A delivery whose endpoint has all its places taken is parked: due, but without a next wake-up of its own, so that a backlog
-- costs the sweep nothing. It is woken when a place of its endpoint frees; should that wake-up be lost, by the function below.
create index webhook_deliveries_parked on webhook_deliveries (webhook_id, event_id)
  where due_at is not null and next_wake_at is null;

-- The oldest parked delivery of each endpoint that has any. Jumps from endpoint to endpoint in the index, however many
-- deliveries are parked.
create function hub_find_parked_deliveries(p_limit int)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with recursive oldest as (
        (select d.webhook_id, d.tenant_id, d.id, 1 as n from webhook_deliveries d
          where d.due_at is not null and d.next_wake_at is null order by d.webhook_id, d.event_id limit 1)
        union all
        select s.webhook_id, s.tenant_id, s.id, o.n + 1 from oldest o cross join lateral (
          select d.webhook_id, d.tenant_id, d.id from webhook_deliveries d
            where d.due_at is not null and d.next_wake_at is null and d.webhook_id > o.webhook_id
            order by d.webhook_id, d.event_id limit 1) s
          where o.n < p_limit
      )
      select o.tenant_id, o.id from oldest o;
    perform hub_leave_all_tenants();
  end $$;
