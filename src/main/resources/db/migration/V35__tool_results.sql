-- What tools did that may not be done twice. A turn that is begun again, because a message came in or the hub died, finds
-- here what an earlier one of the same messages has done already.
create table tool_results (
  message_id  uuid not null references messages on delete cascade, -- the first of the messages that it was for
  key         text not null,                    -- of the message, the tool and the arguments
  tenant_id   uuid not null references tenants on delete cascade,
  answer_id   uuid not null,                    -- the answer in whose making it was called
  tool        text not null,
  arguments   text not null,                    -- JSON, as the tool was called
  outcome     text not null,
  result      text not null,                    -- what the model was told
  at          timestamptz not null default now(),
  primary key (message_id, key)
);

-- Deletes up to p_limit of each: prompts of replies that are older than p_keep, and what tools did for such messages. Ids begin
-- with the time at which they were made, so that the oldest come first in the tables' own indexes. Gives back how many.
create function hub_delete_old_prompts(p_keep interval, p_limit int) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    first_kept uuid := (lpad(to_hex(floor(extract(epoch from now() - p_keep) * 1000)::bigint), 12, '0')
      || '00000000000000000000')::uuid;
    prompts_gone bigint;
    results_gone bigint;
  begin
    perform hub_enter_all_tenants();
    delete from prompts p where p.message_id in (
      select o.message_id from prompts o where o.message_id < first_kept order by o.message_id limit p_limit);
    get diagnostics prompts_gone = row_count;
    delete from tool_results r where (r.message_id, r.key) in (
      select o.message_id, o.key from tool_results o where o.message_id < first_kept
        order by o.message_id, o.key limit p_limit);
    get diagnostics results_gone = row_count;
    perform hub_leave_all_tenants();
    return prompts_gone + results_gone;
  end $$;

-- When money was last set aside or given back. What no call has touched for long was set aside by a hub that died.
alter table budget_months add column reserved_at timestamptz not null default now();
