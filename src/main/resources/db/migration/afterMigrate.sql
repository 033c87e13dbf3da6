-- Row-level security for every table that has tenant_id, after each migration, so that a new table cannot be forgotten.
--
-- Where the migrating user may create roles, the hub works as caravanserai_runtime, which owns nothing, and the functions
-- of V1 run as the owner. Where it may not (a plain owner of a hosted database), the owner itself is put under the
-- policies (FORCE), and the functions set hub.scope to see across tenants.
set local client_min_messages = warning;

do $$
declare
  t record;
  second_role boolean;
  all_scope text := '';
begin
  if not exists (select 1 from pg_roles where rolname = 'caravanserai_runtime') then
    begin
      create role caravanserai_runtime nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    exception when insufficient_privilege then null; when duplicate_object or unique_violation then null;
    end;
  end if;
  select exists (select 1 from pg_roles where rolname = 'caravanserai_runtime') into second_role;
  if second_role then
    begin
      execute format('grant caravanserai_runtime to %I', current_user);
    exception when insufficient_privilege then second_role := false;
    end;
  end if;
  if second_role then
    grant usage on schema public to caravanserai_runtime;
    grant select, insert, update, delete on all tables in schema public to caravanserai_runtime;
    grant usage on all sequences in schema public to caravanserai_runtime;
    revoke all on flyway_schema_history from caravanserai_runtime;
  else
    all_scope := ' or current_setting(''hub.scope'', true) = ''all''';
  end if;

  for t in
    select c.relname as name, (c.relname = 'tenants') as is_tenants
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p')
        and (c.relname = 'tenants' or exists (
          select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
  loop
    execute format('alter table %I enable row level security', t.name);
    if second_role then
      execute format('alter table %I no force row level security', t.name);
    else
      execute format('alter table %I force row level security', t.name);
    end if;
    execute format('drop policy if exists one_tenant on %I', t.name);
    execute format('create policy one_tenant on %I using (%I = (select hub_tenant())%s)',
      t.name, case when t.is_tenants then 'id' else 'tenant_id' end, all_scope);
  end loop;
end $$;
