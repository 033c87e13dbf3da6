-- What a tenant may cost and take up at most is the operator's: kept apart from what the tenant sets for itself, which may be less.
alter table tenants add column limits jsonb not null default '{}';

-- Until now a budget and rate limits stood among the settings, whoever had set them. They become the operator's.
select hub_enter_all_tenants();
update tenants set limits = jsonb_strip_nulls(jsonb_build_object(
    'monthlyBudgetUsd', settings #> '{model,monthlyBudgetUsd}', 'rateLimits', settings -> 'rateLimits'));
select hub_leave_all_tenants();

-- Documents that wait for money are due at once when either changes.
drop trigger tenants_budget_changed on tenants;
create trigger tenants_budget_changed after update of settings, limits on tenants
  for each row
  when (old.settings #> '{model,monthlyBudgetUsd}' is distinct from new.settings #> '{model,monthlyBudgetUsd}'
    or old.limits -> 'monthlyBudgetUsd' is distinct from new.limits -> 'monthlyBudgetUsd')
  execute function documents_budget_changed();
