-- decline_unanswerable: nobody could ever say yes to this question, so it is answered with no at once, saying so, instead of
-- being asked of people who cannot help.
-- Promises: looks for itself, by the facts by which questions are routed. Only before anybody was asked.
-- Returns DECLINED; ABLE: somebody could say yes after all; STALE: somebody else was here, or nothing is open.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> the row
-- in heads. Cost: as a preview per candidate and a batch of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function decline_unanswerable(p_tenant uuid, p_id uuid, p_step int) returns text
language plpgsql volatile security definer
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
    v_at timestamptz;
    g gestures;
    v_reasons jsonb;
begin
    if p_id is null then
        raise 'which gesture?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if p_step is distinct from 0 or not exists (
        select from approvals a
        where a.tenant_id = p_tenant
            and a.gesture_id = p_id
            and a.purpose = 'DECISION'
            and a.closed_at is null
            and a.step = 0) then
        return 'STALE';
    end if;
    if (
        select count(distinct c.person_id) filter (where c.is_able)
            >= case when bool_or(c.needs_two) then 2 else 1 end
        from candidates_of(p_tenant, v_at, terms_of(g), '{}') c) then
        return 'ABLE';
    end if;

    select coalesce(e.facts::jsonb -> 'reasons', '[]') into v_reasons
    from events e
    where e.tenant_id = p_tenant and e.gesture_id = p_id and e.seq = g.decision_seq;
    perform close_question(p_tenant, v_at, p_id, 'DECISION', g.seq + 1);
    update gestures x
    set decided_at = v_at
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    perform happen(
        p_tenant, v_at, p_id, 'DECLINED', 'DECLINED', 'largesse', null, null, null, null, null,
        jsonb_build_object('reasons', v_reasons || '[{"code": "NOBODY_CAN_APPROVE"}]'), true);
    -- this is the answer to the request from now on: nobody was ever asked
    update gestures x
    set decision_seq = x.seq
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    return 'DECLINED';
end $$;
