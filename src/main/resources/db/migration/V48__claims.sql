-- At a door that many channels share, a channel is found by its address, such as a phone number id. Whoever writes an address
-- into a channel's config only claims it: it counts there once the operator confirmed it or the provider proved it.
-- unproven holds the address against other claims alone; set_aside has lost it to a channel whose claim counts.
alter table channels
  add column claim text not null default 'confirmed' check (claim in ('unproven', 'proven', 'confirmed', 'set_aside')),
  add column claim_detail text,
  add column claim_due_at timestamptz,
  add column claim_tries int not null default 0;
-- those there are stay as they were; what comes is unproven unless it says otherwise
alter table channels alter column claim set default 'unproven';
create index channels_claims_due on channels (claim_due_at) where claim_due_at is not null;

create or replace function hub_find_channel_by_address(p_type text, p_address text)
  returns table (tenant_id uuid, channel_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id, c.id from channels c
      where c.type = p_type and c.address = p_address and c.claim in ('proven', 'confirmed');
    perform hub_leave_all_tenants();
  end $$;

-- Takes an address from a channel that has not proved it, whosever it is, for one that has. That it did so is all that it tells.
create function hub_set_aside_claim(p_type text, p_address text, p_for uuid) returns int
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    v_count int;
  begin
    perform hub_enter_all_tenants();
    update channels c set address = null, claim = 'set_aside', claim_due_at = null, updated_at = clock_timestamp(),
        claim_detail = 'Another channel of this hub has shown that the number is its own.'
      where c.type = p_type and c.address = p_address and c.id <> p_for and c.claim = 'unproven';
    get diagnostics v_count = row_count;
    perform hub_leave_all_tenants();
    return v_count;
  end $$;

-- Claims of which the provider could not be asked and is to be asked again: after a minute, then after ever longer, a day at most.
create function hub_claims_to_prove(p_limit int) returns table (tenant_id uuid, channel_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query
      with due as (
        select c.id from channels c where c.claim_due_at <= now() order by c.claim_due_at limit p_limit for update skip locked
      )
      update channels c set claim_tries = c.claim_tries + 1,
          claim_due_at = now() + least(interval '1 day', interval '1 minute' * power(2, least(c.claim_tries, 11)))
        from due where c.id = due.id returning c.tenant_id, c.id;
    perform hub_leave_all_tenants();
  end $$;
