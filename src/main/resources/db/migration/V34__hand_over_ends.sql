-- When a conversation that was handed over goes back to the model, should no person have answered; null: it does not. A
-- person who answers, or takes the conversation, ends it.
alter table conversations add column hand_over_ends_at timestamptz;
create index conversations_hand_over_ends on conversations (hand_over_ends_at) where hand_over_ends_at is not null;

create function hub_find_ended_hand_overs(p_limit int)
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id, c.id from conversations c where c.hand_over_ends_at <= now()
      order by c.hand_over_ends_at limit p_limit;
    perform hub_leave_all_tenants();
  end $$;
