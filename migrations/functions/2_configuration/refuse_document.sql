-- refuse_document: a document breaks a rule, which is named. A null rule: it breaks none, and nothing happens; so callers can
-- write `perform refuse_document((select 'what is wrong: ' || name from ... limit 1))`.
-- Callers: the checks of apply and put_agents. Pure. SQLSTATE: LG422.
create or replace function refuse_document(p_rule text) returns void
language plpgsql immutable
as $$
begin
    if p_rule is not null then
        raise '%', p_rule using errcode = 'LG422';
    end if;
end $$;

-- texts: a json array of texts as an array; null for null, so that "all" stays "all". Pure.
create or replace function texts(p_array jsonb) returns text[]
language plpgsql immutable
as $$
begin
    if p_array is null or jsonb_typeof(p_array) = 'null' then
        return null;
    end if;
    return array(select x.t from jsonb_array_elements_text(p_array) with ordinality x (t, ord) order by x.ord);
end $$;

-- first_repeated: a text that is in the list twice, or null. Pure.
create or replace function first_repeated(p_texts text[]) returns text
language sql immutable
return (select x.t from unnest(p_texts) x (t) group by x.t having count(*) > 1 order by x.t limit 1);

-- first_unknown: a text of the list that is not among the known ones, or null. Pure.
create or replace function first_unknown(p_texts text[], p_known text[]) returns text
language sql immutable
return (select x.t from unnest(p_texts) x (t) where x.t <> all (coalesce(p_known, '{}')) order by x.t limit 1);
