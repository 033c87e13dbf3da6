-- Searches of rows, for as long as a hub's own index of a tenant is not there yet.

-- A text for full-text search: lower case, without accents and punctuation. No language's rules, since a text's language is not
-- known here; whoever searches gives the beginnings of words. The parser then sees letters, digits and spaces only: on what
-- looks like URLs and paths its time is not linear in a hostile text. Scripts without spaces are cut into their characters.
create function hub_plain(p_text text) returns text language sql immutable parallel safe
  as $$
    select case when octet_length(t) = char_length(t) then t
      else regexp_replace(
        translate(t, 'ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćĉċčďđēĕėęěĝğġģĥĩīĭįıĵķĺļľłńņňōŏőœŕŗřśŝşšţťũūŭůűųŵŷźżžάέήίΰϊϋόύώ –—‘’“”„«»…•·　、。，！？「」（）：；',
          'saaaaaaaceeeeiiiidnoooooouuuuytyaaaccccddeeeeegggghiiiiijkllllnnnoooorrrssssttuuuuuuwyzzzαεηιυιυουω' || repeat(' ', 25)),
        '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af])', ' \1 ', 'g') end
      from (select translate(lower(left(p_text, 50000)),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)) as t) as plain
  $$;

-- A chunk's tenant is one of its words: so one index finds the words of one tenant among those of all.
create function hub_chunk_words(p_tenant uuid, p_title text, p_text text) returns tsvector
  language sql immutable parallel safe cost 20000
  as $$
    select pg_catalog.to_tsvector('pg_catalog.simple'::regconfig, public.hub_plain(p_title || ' ' || p_text))
      || pg_catalog.to_tsvector('pg_catalog.simple'::regconfig, 'tenant' || replace(p_tenant::text, '-', ''))
  $$;
create index chunks_by_words on chunks using gin (hub_chunk_words(tenant_id, title, text)) where not deleted;
create index chunks_live on chunks (tenant_id, change_no) where not deleted;

-- Chunks of the transaction's tenant that have words with these beginnings, those with the rarest first. A function, because
-- row-level security keeps the operator of full-text search from the index. No word weighs on more than p_each rows.
create function hub_find_words(p_beginnings text[], p_each int, p_limit int)
  returns table (chunk_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp
  as $$
  declare
    tenant uuid := hub_tenant();
    tenants_word text := 'tenant' || replace(tenant::text, '-', '');
  begin
    if tenant is null then
      return;
    end if;
    perform hub_enter_all_tenants();
    return query
      with words as (
        select distinct w.word from unnest(p_beginnings) as given,
            regexp_split_to_table(hub_plain(given), '\s+') as w (word)
          where w.word <> ''
      ), hits as (
        select found.id, count(*) over (partition by words.word) as n
          from words cross join lateral (
            select c.id from chunks c
              where not c.deleted and c.tenant_id = tenant
                and hub_chunk_words(c.tenant_id, c.title, c.text)
                  @@ ('''' || tenants_word || ''' & ''' || words.word || ''':*')::tsquery
              limit p_each
          ) as found
      )
      select h.id from hits h group by h.id order by sum(1.0 / h.n) desc, h.id limit p_limit;
    perform hub_leave_all_tenants();
  end $$;
