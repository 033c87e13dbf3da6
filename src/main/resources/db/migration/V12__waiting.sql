-- Conversations that are due and were refused for want of a place. Whichever hub has one free takes the next.
alter table conversations add column waiting_since timestamptz;
create index conversations_waiting on conversations (tenant_id, waiting_since) where waiting_since is not null;

-- Takes up to p_limit of them, by turns from each tenant that has some: the turn begins after the tenant p_after. Tenants
-- that have their share at work already (p_crowded) come last and get p_spare at most. What is taken no longer waits; if
-- nobody works on it after all, the sweep wakes it. The time is that of p_limit rows and of the tenants that wait, however
-- long the backlog is.
create function hub_take_waiting_conversations(p_after uuid, p_crowded uuid[], p_spare int, p_limit int)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with recursive waiting (tenant) as (
        (select c.tenant_id from conversations c where c.waiting_since is not null order by c.tenant_id limit 1)
        union all
        select (select c.tenant_id from conversations c
                  where c.waiting_since is not null and c.tenant_id > w.tenant order by c.tenant_id limit 1)
          from waiting w where w.tenant is not null
      ), candidates as (
        select w.tenant, r.id, r.turn, w.tenant = any (p_crowded) as crowded,
            w.tenant <= coalesce(p_after, '00000000-0000-0000-0000-000000000000') as later
          from waiting w cross join lateral (
            select c.id, row_number() over (order by c.waiting_since) as turn from conversations c
              where c.tenant_id = w.tenant and c.waiting_since is not null
              order by c.waiting_since
              limit (select p_limit / greatest(count(v.tenant), 1) + 1 from waiting v)) r
          where w.tenant is not null
      ), placed as (
        select c.*, row_number() over (partition by c.crowded order by c.turn, c.later, c.tenant) as place from candidates c
      ), chosen as (
        select p.id from placed p where not p.crowded or p.place <= p_spare
          order by p.crowded, p.turn, p.later, p.tenant limit p_limit
      ), taken as (
        select c.id from conversations c where c.id in (select h.id from chosen h) and c.waiting_since is not null
          for update skip locked
      )
      update conversations c set waiting_since = null, next_wake_at = now() + interval '15 seconds'
        from taken t where c.id = t.id
        returning c.tenant_id, c.id;
    perform hub_leave_all_tenants();
  end $$;
