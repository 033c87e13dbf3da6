-- Work that kills its worker, or outlasts it, comes back with each restart. So a claim counts how often the claims before it had
-- no end: their hub died, or they took longer than leased_until. Who claims it so often for nothing gives it up. An attempt
-- that ended in order, well or not, is no such claim, nor is one that a hub left when it was stopped.
alter table conversations add column deaths int not null default 0, add column leased_until timestamptz;
alter table messages add column deaths int not null default 0, add column leased_until timestamptz;
alter table webhook_deliveries add column deaths int not null default 0, add column leased_until timestamptz;
alter table documents add column deaths int not null default 0, add column leased_until timestamptz;
alter table inbox add column deaths int not null default 0;

-- What of a channel's inbox a hub reads, committed before it does: all that is unread up to last_seq. Only where something was
-- not read at once, so that an event that is read when it comes costs no commit more.
create table inbox_readings (
  channel_id    uuid primary key references channels on delete cascade,
  tenant_id     uuid not null,
  last_seq      bigint not null,
  lease_owner   uuid,                               -- null: it ended
  leased_until  timestamptz
);

-- A hub that was stopped in order stays known for a day: what it left had an end.
alter table instances add column ended_at timestamptz;

create or replace function hub_alive(p_instance uuid) returns boolean language sql stable
  as $$ select exists (select 1 from instances i
    where i.id = p_instance and i.ended_at is null and i.heartbeat_at > now() - interval '10 seconds') $$;

-- Whether a hub may take what carries this lease: nobody's, its own, a dead hub's, or one that lasts too long.
create function hub_claimable(p_owner uuid, p_until timestamptz, p_me uuid) returns boolean language sql stable
  as $$ select p_owner is null or p_owner = p_me or coalesce(p_until <= now(), false) or not hub_alive(p_owner) $$;

-- 1 if the claim that left this lease had no end, else 0. Of its own, a hub knows that itself (p_mine).
create function hub_unended(p_owner uuid, p_me uuid, p_mine boolean) returns int language sql stable
  as $$ select case
    when p_owner is null then 0
    when p_owner = p_me then p_mine::int
    when exists (select 1 from instances i where i.id = p_owner and i.ended_at is not null) then 0
    else 1 end $$;

create or replace function hub_hold_lease(p_name text, p_instance uuid) returns bigint language plpgsql volatile
  as $$
  declare
    held bigint;
  begin
    update instances set heartbeat_at = now() where id = p_instance and ended_at is null;
    if not found then
      return null;
    end if;
    select l.fence into held from leases l where l.name = p_name and l.owner = p_instance;
    if found then
      return held;
    end if;
    insert into leases as l (name, owner, fence) values (p_name, p_instance, 1)
      on conflict (name) do update set owner = excluded.owner, fence = l.fence + 1
        where l.owner is null or not hub_alive(l.owner)
      returning l.fence into held;
    return held;
  end $$;

-- As before; and letters about documents and deliveries.
create or replace function hub_settle_dead_letters(p_limit int)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with due as (
        select d.id, d.route_id, d.subject_id, d.messages, d.cause from dead_letters d
          where d.status = 'replayed' and d.settle_at <= now() order by d.settle_at limit p_limit for update skip locked
      ), seen as (
        select due.id, 'resolved' as became, due.cause from due join inbox i
            on i.seq = case due.route_id when 'conversation-receive' then substr(due.subject_id, 7)::bigint end
            and i.state in ('done', 'ignored')
        union all
        select due.id, case when m.external_id is null and m.status = 'failed' then 'dead' else 'resolved' end,
            coalesce(m.error, due.cause)
          from due join messages m
            on m.id = case due.route_id when 'outbound-dispatch' then substr(due.subject_id, 9)::uuid end
            and m.status not in ('pending', 'sending')
        union all
        select due.id, 'resolved', due.cause from due join conversations c
            on c.id = case due.route_id when 'conversation-answer' then substr(due.subject_id, 14)::uuid end
          where not exists (select 1 from messages m where m.id = any (due.messages) and m.answered_by is null)
        union all
        select due.id, case x.status when 'failed' then 'dead' else 'resolved' end, coalesce(x.error, due.cause)
          from due join documents x
            on x.id = case due.route_id when 'document-index' then substr(due.subject_id, 10)::uuid end
            and x.status in ('indexed', 'failed')
        union all
        select due.id, case w.status when 'failed' then 'dead' else 'resolved' end, due.cause
          from due join webhook_deliveries w
            on w.id = case due.route_id when 'webhook-deliver' then substr(due.subject_id, 10)::uuid end
            and w.status <> 'pending'
      )
      update dead_letters d
        set status = coalesce(s.became, d.status), cause = coalesce(s.cause, d.cause),
          settle_at = case when s.id is null
            then now() + least(greatest(now() - d.replayed_at, interval '5 seconds'), interval '5 minutes') end
        from due left join seen s on s.id = due.id where d.id = due.id
        returning d.tenant_id, d.id;
    perform hub_leave_all_tenants();
  end $$;
