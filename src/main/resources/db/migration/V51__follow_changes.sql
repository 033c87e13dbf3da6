-- When a tenant's count of changes last moved, so that hubs find those that did with one cheap statement.
alter table chunk_clocks add column moved_at timestamptz not null default clock_timestamp();
create index chunk_clocks_moved on chunk_clocks (moved_at);

create function chunk_clock_moved() returns trigger
  language plpgsql
  as $$
  begin
    new.moved_at := clock_timestamp();
    return new;
  end $$;

create trigger chunk_clocks_move before update on chunk_clocks
  for each row when (old.change_no is distinct from new.change_no)
  execute function chunk_clock_moved();

-- The tenants whose changes moved since then, and a minute before, since what moves is seen when it commits; with null those
-- that moved last.
create function hub_moved_tenants(p_since timestamptz, p_limit int)
  returns table (tenant_id uuid, change_no bigint, moved_at timestamptz)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id, c.change_no, c.moved_at from chunk_clocks c
      where p_since is null or c.moved_at > p_since - interval '1 minute'
      order by c.moved_at desc limit p_limit;
    perform hub_leave_all_tenants();
  end $$;

-- The change at which a document's new chunks stand in place: it becomes indexed when they can be found. A hub that takes it
-- over from one that died in between need not read it again.
alter table documents add column stored_change bigint;

-- The document that is to be indexed next, tenants by turns: the first of the tenant that comes after the given one. Not one that
-- somebody has, nor one of those given.
create index documents_in_turn on documents (tenant_id, id) where due_at is not null and lease_owner is null;

create function hub_next_document(p_after uuid, p_but uuid[])
  returns table (tenant_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select d.tenant_id, d.id from documents d
      where d.due_at is not null and d.lease_owner is null and d.due_at <= now() and d.tenant_id > p_after
        and d.id <> all (p_but)
      order by d.tenant_id, d.id limit 1;
    if not found then
      return query select d.tenant_id, d.id from documents d
        where d.due_at is not null and d.lease_owner is null and d.due_at <= now() and d.tenant_id <= p_after
          and d.id <> all (p_but)
        order by d.tenant_id, d.id limit 1;
    end if;
    perform hub_leave_all_tenants();
  end $$;
