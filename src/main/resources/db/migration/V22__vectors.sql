-- The model of a vector is recorded beside it; so is its dimension.
alter table chunks add column dimension int generated always as (octet_length(vector) / 4) stored;
create index chunks_by_model on chunks (model, dimension, document_id) where not deleted;

-- Makes documents due again that have a vector of another model, or of another dimension (null: not known). Gives back how
-- many; none when all are due. What they have is searched by its words until then.
create function hub_reindex_other_models(p_model text, p_dimension int, p_limit int) returns bigint
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    made_due bigint;
  begin
    perform hub_enter_all_tenants();
    with other as (
      select c.document_id from chunks c where not c.deleted and c.model < p_model
      union
      select c.document_id from chunks c where not c.deleted and c.model > p_model
      union
      select c.document_id from chunks c
        where not c.deleted and c.model = p_model and (c.dimension < p_dimension or c.dimension > p_dimension)
    ), due as (
      select d.id from documents d join other o on o.document_id = d.id where d.due_at is null limit p_limit
        for update of d skip locked
    )
    update documents d set status = 'pending', progress = 0, error = null, attempts = 0, lease_owner = null,
        due_at = now(), next_wake_at = now(), updated_at = now()
      from due where d.id = due.id;
    get diagnostics made_due = row_count;
    perform hub_leave_all_tenants();
    return made_due;
  end $$;

-- How far a vector store outside was seen to follow a tenant's changes. A hint of whom to look after: the store itself
-- says how far it is, since it may be lost.
create table vector_store_marks (
  tenant_id  uuid not null references tenants on delete cascade,
  store      text not null,
  change_no  bigint not null,
  life       uuid not null,
  primary key (tenant_id, store)
);

create function hub_tenants_behind(p_store text, p_limit int)
  returns table (tenant_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  begin
    perform hub_enter_all_tenants();
    return query select c.tenant_id from chunk_clocks c
      left join vector_store_marks m on m.tenant_id = c.tenant_id and m.store = p_store
      where m.change_no is distinct from c.change_no or m.life is distinct from c.life
      order by random() limit p_limit;
    perform hub_leave_all_tenants();
  end $$;
