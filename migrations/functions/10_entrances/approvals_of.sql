-- approvals_of: the question of each of these gestures, open or over, with its next step and the event that closed it. One
-- about which nobody was ever asked has none.
-- A function, although it only reads: see gestures_of.
-- Callers: largesse_app, where the transaction has named the tenant. Locks: none. Cost: 0.2 ms, and 20 µs each.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, or not the one named.
create or replace function approvals_of(p_tenant uuid, p_id uuid[])
returns table (
    gesture_id uuid, purpose text, opened_at timestamptz, is_open boolean, is_returned boolean, due_at timestamptz,
    expires_at timestamptz, on_silence text, amount_minor bigint, first_actor text, first_authority text,
    first_minor bigint, first_promise_by timestamptz, first_at timestamptz, answer_type text, answer_seq int,
    answer_actor text, answer_authority text, answer_at timestamptz, answer_minor bigint, answer_facts json)
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
        raise 'of which gestures?' using errcode = 'LG400';
    end if;
    perform tenant_named(p_tenant);
    return query
        select
            a.gesture_id, a.purpose, a.opened_at, a.closed_at is null, g.state = 'RETURNED', t.due_at, a.expires_at,
            r.on_silence, g.amount_minor, a.first_actor, a.first_authority, a.first_minor, a.first_promise_by, a.first_at,
            e.type, e.seq, e.actor, e.authority, e.at, e.amount_minor, e.facts
        from (select distinct x.id from unnest(p_id) x (id)) q
        cross join lateral (
            select x.* from approvals x where x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) a
        cross join lateral (
            select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) g
        left join lateral (
            select x.due_at from timers x
            where x.tenant_id = p_tenant and x.gesture_id = q.id and x.purpose = 'APPROVAL' limit 1) t on true
        left join lateral (
            select x.* from events x
            where x.tenant_id = p_tenant and x.gesture_id = q.id and x.seq = a.closed_seq
            union all
            select x.* from archived_events x
            where x.tenant_id = p_tenant and x.gesture_id = q.id and x.seq = a.closed_seq
            limit 1) e on true
        left join lateral (
            select x.on_silence
            from routing_in_force(p_tenant, g.kind, g.segment, g.occasion) x
            where a.purpose = 'DECISION' and a.closed_at is null) r on true;
end $$;
