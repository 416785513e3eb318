-- check_settlements: a batch of settlements can be one at all. Callers: settle. Pure. SQLSTATE: LG400 malformed.
create or replace function check_settlements(
    p_id uuid[], p_actor text[], p_etag int[], p_state text[], p_credential text[], p_via text[]) returns void
language plpgsql immutable
as $$
#variable_conflict error
declare
    v_n int := coalesce(cardinality(p_id), 0);
begin
    if v_n not between 1 and 512 or (select count(distinct x.id) from unnest(p_id) x (id)) <> v_n then
        raise 'a batch has 1 to 512 ids, each once' using errcode = 'LG400';
    end if;
    if (v_n, v_n, v_n, v_n, v_n) is distinct from (cardinality(p_actor), cardinality(p_etag), cardinality(p_state),
        cardinality(p_credential), cardinality(p_via)) then
        raise 'the arrays of a batch are of one length' using errcode = 'LG400';
    end if;
    if exists (
        select from unnest(p_etag, p_state) a (etag, state)
        where (a.etag >= 1 and a.state = 'CANCELLED') is not true) then
        raise 'a settlement names the etag seen, and CANCELLED' using errcode = 'LG400';
    end if;
    perform check_caller(a.actor, a.credential, a.via)
    from unnest(p_actor, p_credential, p_via) a (actor, credential, via);
end $$;
