-- What several hubs on one database share. Not a tenant's data.

-- Work that one hub does for all, such as scheduled routes. A lease is its owner's for as long as that lives.
create table leases (
  name   text primary key,
  owner  uuid,                                      -- an instance; null: given back
  fence  bigint not null default 0                  -- grows with each new owner
);

-- Takes the lease for an instance, or keeps it. The instance is alive from then on for as long as any other's heartbeat
-- counts, so that its belief to own the lease ends before another may take it. Null if another owns it.
create function hub_hold_lease(p_name text, p_instance uuid) returns bigint language plpgsql volatile
  as $$
  declare
    held bigint;
  begin
    update instances set heartbeat_at = now() where id = p_instance;
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

-- Tenants that were deleted, so that each hub clears away what it keeps of them on its own disk. A restored or a wrong
-- database thus never makes a hub delete anything: what is not named here is kept.
create table deleted_tenants (
  id          uuid primary key,
  deleted_at  timestamptz not null default now()
);
create index deleted_tenants_by_time on deleted_tenants (deleted_at);

create function hub_remember_deleted_tenant() returns trigger language plpgsql
  as $$
  begin
    insert into deleted_tenants (id) values (old.id) on conflict (id) do update set deleted_at = now();
    return null;
  end $$;
create trigger remember_deleted_tenant after delete on tenants
  for each row execute function hub_remember_deleted_tenant();

-- Those of the given tenants that are deleted; with null, those that were within the last hour. A tenant that has been
-- made again under its id is not among them, nor is one that some hub may still have in its cache.
create function hub_deleted_tenants(p_among uuid[])
  returns table (tenant_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select d.id from deleted_tenants d
      where (d.id = any (p_among) or p_among is null and d.deleted_at > now() - interval '1 hour')
        and d.deleted_at < now() - interval '5 seconds'
        and not exists (select 1 from tenants t where t.id = d.id);
    perform hub_leave_all_tenants();
  end $$;

-- A tenant that is made again under its id begins a new count of changes: an index of its earlier life is not its own.
alter table chunk_clocks add column life uuid not null default gen_random_uuid();
