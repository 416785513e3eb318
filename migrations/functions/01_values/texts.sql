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
