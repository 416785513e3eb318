-- asked_of: who was asked the questions of these gestures, first to last; of those who were asked at once the nearest first,
-- as the trail has it. With who may answer for them now, and how long they are usually waited for.
-- A function, although it only reads: see gestures_of.
-- Callers: largesse_app, where the transaction has named the tenant. Locks: none.
-- Cost: 0.2 ms, and 40 µs for each who was asked.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, or not the one named.
create or replace function asked_of(p_tenant uuid, p_id uuid[])
returns table (
    gesture_id uuid, agent_id text, how text, asked_at timestamptz, answer_by timestamptz, is_open boolean,
    delegate_id text, typical_wait_s int)
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
declare
    v_at timestamptz := largesse.now();
begin
    if p_id is null then
        raise 'of which gestures?' using errcode = 'LG400';
    end if;
    perform tenant_named(p_tenant);
    return query
        select
            x.gesture_id, x.agent_id, x.how, x.asked_at, x.answer_by, x.closed_at is null, d.delegate_id,
            typical_wait(w.waits_s)
        from (select distinct y.id from unnest(p_id) y (id)) q
        cross join lateral (
            select y.* from approvals y where y.tenant_id = p_tenant and y.gesture_id = q.id limit 1) a
        cross join lateral (
            select y.* from asks y
            where y.tenant_id = p_tenant and y.gesture_id = q.id and y.opened_seq = a.opened_seq offset 0) x
        cross join lateral (
            select y.kind from gestures y where y.tenant_id = p_tenant and y.gesture_id = q.id limit 1) g
        left join lateral (
            select l.delegate_id
            from delegations l
            cross join lateral (
                select y.is_active from agents y
                where y.tenant_id = p_tenant and y.agent_id = l.delegate_id limit 1) b
            where x.closed_at is null
                and l.tenant_id = p_tenant
                and l.delegator_id = x.agent_id
                and l.starts_at <= v_at
                and v_at < l.ends_at
                and (l.kinds is null or g.kind = any (l.kinds))
                and b.is_active
            order by l.starts_at, l.delegation_id
            limit 1) d on true
        left join lateral (
            select y.waits_s from approver_waits y
            where y.tenant_id = p_tenant and y.agent_id = x.agent_id limit 1) w on true
        left join lateral (
            select p.place
            from (
                select y.facts from events y
                where y.tenant_id = p_tenant and y.gesture_id = q.id and y.type = 'ASKED' and y.at = x.asked_at
                union all
                select y.facts from archived_events y
                where y.tenant_id = p_tenant and y.gesture_id = q.id and y.type = 'ASKED' and y.at = x.asked_at) e
            cross join lateral json_array_elements_text(e.facts -> 'agents') with ordinality p (agent_id, place)
            where p.agent_id = x.agent_id
            limit 1) n on true
        order by x.asked_at, n.place, x.agent_id;
end $$;
