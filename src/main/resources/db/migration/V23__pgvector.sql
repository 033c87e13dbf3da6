-- Called when HUB_VECTOR_STORE is pgvector, by a hub whose role may create nothing: makes the extension and the table if
-- they are missing. Gives back 'ready', or what is wrong.
create function hub_prepare_pgvector() returns text
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    version int[];
    second_role boolean;
  begin
    perform pg_advisory_xact_lock(hashtext('hub_prepare_pgvector'));
    if not exists (select 1 from pg_extension where extname = 'vector') then
      if not exists (select 1 from pg_available_extensions where name = 'vector') then
        return 'this PostgreSQL does not have the extension';
      end if;
      begin
        create extension vector with schema public;
      exception when insufficient_privilege then
        return 'the database user may not create the extension';
      end;
    end if;
    select string_to_array(substring(extversion from '^\d+\.\d+'), '.')::int[] from pg_extension where extname = 'vector'
      into version;
    if version < array[0, 8] then
      return 'the extension is older than 0.8, which cannot search one tenant''s vectors through its index';
    end if;
    if to_regclass('public.chunk_vectors') is null then
      execute $ddl$
        create table chunk_vectors (
          tenant_id  uuid not null references tenants on delete cascade,
          chunk_id   uuid not null,                 -- of the tenant's mark: the tenant's id
          model      text not null,
          dimension  int not null,
          embedding  vector,                        -- null in the mark
          change_no  bigint,
          life       uuid,
          primary key (tenant_id, chunk_id)
        ) $ddl$;
      -- as afterMigrate.sql does with every table at the next start
      select exists (select 1 from pg_roles where rolname = 'caravanserai_runtime')
          and pg_has_role(session_user, 'caravanserai_runtime', 'member') into second_role;
      execute 'alter table chunk_vectors enable row level security';
      if second_role then
        execute 'grant select, insert, update, delete on chunk_vectors to caravanserai_runtime';
        execute 'create policy one_tenant on chunk_vectors using (tenant_id = (select hub_tenant()))';
      else
        execute 'alter table chunk_vectors force row level security';
        execute 'create policy one_tenant on chunk_vectors using (tenant_id = (select hub_tenant())'
          || ' or current_setting(''hub.scope'', true) = ''all'')';
      end if;
    end if;
    return 'ready';
  end $$;

-- The index of one dimension's vectors. Beyond what pgvector can index (4,000), search is exact.
create function hub_index_pgvector(p_dimension int) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    kind text := case when p_dimension <= 2000 then 'vector' else 'halfvec' end;
  begin
    if p_dimension between 1 and 4000 then
      perform pg_advisory_xact_lock(hashtext('hub_prepare_pgvector'));
      if to_regclass(format('public.chunk_vectors_%s', p_dimension)) is null then
        execute format('create index chunk_vectors_%1$s on chunk_vectors using hnsw'
          || ' ((embedding::%2$s(%1$s)) %2$s_cosine_ops) where dimension = %1$s', p_dimension, kind);
      end if;
    end if;
  end $$;
