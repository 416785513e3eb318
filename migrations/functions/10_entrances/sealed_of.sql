-- sealed_of: what was said with the terms in force of these gestures, sealed, each with its customer's key. Nothing of a
-- customer who was erased.
-- A function, although it only reads: see gestures_of.
-- Callers: largesse_app, for a caller who may see it, where the transaction has named the tenant. Locks: none.
-- Cost: 0.1 ms, and 10 µs each.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, or not the one named.
create or replace function sealed_of(p_tenant uuid, p_id uuid[])
returns table (gesture_id uuid, seq int, sealed bytea, key bytea)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict error
begin
    if p_id is null then
        raise 'with which gestures?' using errcode = 'LG400';
    end if;
    perform tenant_named(p_tenant);
    return query
        select p.gesture_id, p.seq, p.sealed, k.key
        from (select distinct x.id from unnest(p_id) x (id)) q
        cross join lateral (
            select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) g
        cross join lateral (
            select x.* from personal x
            where x.tenant_id = p_tenant and x.gesture_id = q.id and x.seq = g.terms_seq limit 1) p
        cross join lateral (
            select x.* from customer_keys x
            where x.tenant_id = p_tenant and x.customer_id = g.customer_id limit 1) k;
end $$;
