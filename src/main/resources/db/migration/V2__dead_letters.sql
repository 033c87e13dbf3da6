-- Dead letters that can be replayed. A letter is one piece of work: should its replay fail for good, the same letter is dead
-- again. The work itself is done by the row that the letter is about; what became of it is read from that row.
alter table dead_letters
  add column messages     uuid[] not null default '{}',   -- of a turn: the inbound messages that it was to answer
  add column replayed_at  timestamptz,
  add column settle_at    timestamptz;                    -- when to look next whether the replay went well

create index dead_letters_open on dead_letters (route_id) where status = 'dead';
create index dead_letters_settle on dead_letters (settle_at) where status = 'replayed';
create index dead_letters_replayed on dead_letters (subject_id) where status = 'replayed';

-- Letters of turns carried the ids of their messages as text until now.
select hub_enter_all_tenants();
update dead_letters
  set messages = string_to_array(btrim(convert_from(payload, 'UTF8'), '[]'), ', ')::uuid[]
  where case route_id when 'conversation-answer'
    then convert_from(payload, 'UTF8') ~ '^\[[0-9a-f-]{36}(, [0-9a-f-]{36})*\]$' end;
select hub_leave_all_tenants();

-- Newest first, before p_before when given; what is null does not filter. p_from is inclusive, p_to is not.
create function hub_list_dead_letters(
    p_tenant uuid, p_route text, p_status text, p_from timestamptz, p_to timestamptz, p_before uuid, p_limit int)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      select d.tenant_id, d.id from dead_letters d
        where (p_tenant is null or d.tenant_id = p_tenant) and (p_route is null or d.route_id = p_route)
          and (p_status is null or d.status = p_status) and (p_from is null or d.at >= p_from)
          and (p_to is null or d.at < p_to) and (p_before is null or d.id < p_before)
        order by d.id desc limit p_limit;
    perform hub_leave_all_tenants();
  end $$;

create function hub_find_dead_letter(p_id uuid)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select d.tenant_id, d.id from dead_letters d where d.id = p_id;
    perform hub_leave_all_tenants();
  end $$;

-- How many letters nobody has replayed yet, by route; counted no further than p_most.
create function hub_count_dead_letters(p_most int)
  returns table (route_id text, letters bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      select o.route_id, count(*)
        from (select d.route_id from dead_letters d where d.status = 'dead' limit p_most) o group by o.route_id;
    perform hub_leave_all_tenants();
  end $$;

-- Looks up to p_limit replayed letters over: resolved once the work is done; dead again where it ended in another way than
-- by the failure that writes a letter itself. Looks at the others again later and later (5 s to 5 min).
create function hub_settle_dead_letters(p_limit int)
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
      )
      update dead_letters d
        set status = coalesce(s.became, d.status), cause = coalesce(s.cause, d.cause),
          settle_at = case when s.id is null
            then now() + least(greatest(now() - d.replayed_at, interval '5 seconds'), interval '5 minutes') end
        from due left join seen s on s.id = due.id where d.id = due.id
        returning d.tenant_id, d.id;
    perform hub_leave_all_tenants();
  end $$;
