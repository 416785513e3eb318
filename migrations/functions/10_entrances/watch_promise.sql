-- watch_promise: looks at what a customer was promised, now: AT_RISK when it is not dispatched although the item's lead
-- time says that it must be; LATE when its time has passed; BROKEN one lead time later (for what takes no lead time, at
-- once), and then somebody is asked what to do for the customer. Sets the timer for the next look, or takes it away.
-- Promises: late after an outage, each thing is told once, and what was passed over is not told at all.
-- Returns the promise as it is now; null: there is none any more.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its timer and follow-up
-- -> the row in heads. Cost: as a batch of one. SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function watch_promise(p_tenant uuid, p_id uuid) returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    g gestures;
    v_lead interval;
    v_promise text;
    v_due timestamptz;
    v_told happened[];
    v_batch uuid;
begin
    if p_id is null then
        raise 'which gesture?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if (g.state in ('APPROVED', 'DISPATCHED') and g.promise in ('PENDING', 'AT_RISK', 'LATE')) is not true then
        perform stop_watching(p_tenant, p_id);
        return g.promise;
    end if;

    v_lead := lead_time_of(p_tenant, g.kind, g.currency);
    if v_at >= g.promise_by + v_lead then
        v_promise := 'BROKEN';
    elsif v_at >= g.promise_by then
        v_promise := 'LATE';
        v_due := g.promise_by + v_lead;
    elsif g.state = 'APPROVED' and v_at >= g.promise_by - v_lead then
        v_promise := 'AT_RISK';
        v_due := g.promise_by;
    else
        v_promise := g.promise;
        v_due := case when g.state = 'APPROVED' and g.promise = 'PENDING' then g.promise_by - v_lead else g.promise_by end;
    end if;

    if v_due is null then
        perform stop_watching(p_tenant, p_id);
    else
        update timers t
        set due_at = v_due, claimed_until = null
        where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'PROMISE';
    end if;
    if v_promise <> g.promise then
        v_told := tell(p_tenant, v_at, g, null, g.state, null, null, null, v_promise, null);
        if v_promise = 'BROKEN' then
            perform open_follow_up(p_tenant, v_at, g, 'PROMISE', null, v_told[1].seq);
        end if;
        v_batch := new_batch_id(v_at);
        perform close_batch(p_tenant, v_batch, v_at, append(p_tenant, v_batch, v_at, v_told));
    end if;
    return v_promise;
end $$;
