-- A document whose tenant's budget of the month is used up waits, as pending, until the month ends. It is due at once when the
-- budget is changed, whoever changes it.
alter table documents add column waits_for_budget boolean not null default false;
create index documents_waiting_for_budget on documents (tenant_id) where waits_for_budget;

create function documents_budget_changed() returns trigger
  language plpgsql
  as $$
  begin
    update documents set due_at = now(), next_wake_at = now(), waits_for_budget = false
      where tenant_id = new.id and waits_for_budget and due_at is not null;
    return null;
  end $$;

create trigger tenants_budget_changed after update of settings on tenants
  for each row
  when (old.settings #> '{model,monthlyBudgetUsd}' is distinct from new.settings #> '{model,monthlyBudgetUsd}')
  execute function documents_budget_changed();
