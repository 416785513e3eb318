-- lapse: nobody answered in time. What the rule in force says of silence happens: the question EXPIRES, or the duty pool
-- gives the gesture, as actor and within its own maxima at this instant; what the pool cannot give expires too. A returned
-- gesture that nobody revised in time expires as well.
-- Promises: late after an outage, it happens once. Never above dual control, never above the pool's authority, never for
-- a requester who may not.
-- Returns APPROVED, EXPIRED, or STALE: it was answered, moved on, or is not due.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> counters
-- by key -> the row in heads. Cost: as two batches of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function lapse(p_tenant uuid, p_id uuid, p_step int) returns text
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
    a approvals;
    v_rule record;
    v_is_granted boolean;
    v_why jsonb;
begin
    if p_id is null then
        raise 'which gesture?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select x.* into a from approvals x where x.tenant_id = p_tenant and x.gesture_id = p_id and x.purpose = 'DECISION';
    if (a.step = p_step and case g.state
            when 'PENDING_APPROVAL' then a.closed_at is null and a.expires_at <= v_at
            when 'RETURNED' then is_due(p_tenant, p_id, 1, v_at)
        end) is not true then
        return 'STALE';
    end if;

    select r.* into v_rule from routing_in_force(p_tenant, g.kind, g.segment, g.occasion) r;
    if g.state = 'PENDING_APPROVAL' and v_rule.on_silence = 'GRANT' and v_rule.duty_pool_id is not null then
        select x.p_is_granted, x.p_why into v_is_granted, v_why
        from grant_on_silence(p_tenant, v_at, g, v_rule.duty_pool_id) x;
        if v_is_granted then
            return 'APPROVED';
        end if;
    end if;
    perform close_question(p_tenant, v_at, p_id, 'DECISION', g.seq + 1);
    delete from timers t where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    perform happen(
        p_tenant, v_at, p_id, 'EXPIRED', 'EXPIRED', 'largesse', null, null, null, null, null,
        case when v_why is not null then jsonb_build_object('pool', v_rule.duty_pool_id, 'reasons', v_why) end, true);
    return 'EXPIRED';
end $$;
