-- set_events_aside: what a consumer could not take is kept beside it, with a word that says why. An event that is there
-- already counts its tries on, and nobody asks for it any more.
-- outcome: SET_ASIDE, LEASED (somebody else holds the lease), UNKNOWN (there is no such event; then none is set aside).
-- Callers: largesse_app. Locks: the consumer's row, and its own rows of set_aside. Cost: two keys per event.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function set_events_aside(
    p_tenant uuid, p_consumer text, p_lease bigint, p_batches bigint[], p_ordinals int[], p_why text[], p_tries int[])
returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
    v_count int := coalesce(cardinality(p_batches), 0);
    v_found bigint;
begin
    if (v_count between 1 and 512 and cardinality(p_ordinals) = v_count and cardinality(p_why) = v_count
        and cardinality(p_tries) = v_count) is not true
        or exists (select from unnest(p_why, p_tries) g (why, tries)
                   where (g.why ~ '^[A-Z][A-Z_]{0,63}$' and g.tries between 0 and 1000000) is not true) then
        raise '1 to 512 events, a word and a number of tries for each' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    if not hold_consumer(p_tenant, p_consumer, p_lease, v_at) then
        return 'LEASED';
    end if;
    select count(*) into v_found
    from unnest(p_batches, p_ordinals) g (batch_no, ordinal)
    join batches b on b.tenant_id = p_tenant and b.batch_no = g.batch_no
    join events e on e.tenant_id = p_tenant and e.batch_id = b.batch_id and e.ordinal = g.ordinal;
    if v_found <> v_count or not exists (
        select from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer) then
        return 'UNKNOWN';
    end if;
    insert into set_aside as s (tenant_id, consumer, batch_no, ordinal, gesture_id, why, tries, set_aside_at)
    select distinct on (g.batch_no, g.ordinal)
        p_tenant, p_consumer, g.batch_no, g.ordinal, e.gesture_id, g.why, g.tries, v_at
    from unnest(p_batches, p_ordinals, p_why, p_tries) g (batch_no, ordinal, why, tries)
    join batches b on b.tenant_id = p_tenant and b.batch_no = g.batch_no
    join events e on e.tenant_id = p_tenant and e.batch_id = b.batch_id and e.ordinal = g.ordinal
    order by g.batch_no, g.ordinal
    on conflict on constraint set_aside_once do update
    set why = excluded.why, tries = s.tries + excluded.tries, set_aside_at = excluded.set_aside_at,
        is_to_be_retried = false;
    return 'SET_ASIDE';
end $$;
