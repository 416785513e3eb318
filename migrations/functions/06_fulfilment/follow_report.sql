-- follow_report: a report that may be followed is: the gesture moves on, its task with it, its promise is kept, late or
-- broken, and what is in question is asked. Counters are left to end_holds, for the whole batch in their order. A try
-- that failed once too often has failed for good. A cost above the hold is captured up to it: the rest is in question.
-- What is dispatched is offered again one lead time later, to be asked after.
-- Returns the events. Callers: report, with configuration and gestures locked. Locks: the gesture's rows of tasks, timers
-- and follow_ups. Cost: some five statements.
create or replace function follow_report(p_tenant uuid, p_at timestamptz, r reported) returns happened[]
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_tries_max constant int := 8;
    g gestures;
    t tasks;
    v_type text := r.type;
    v_is_correction boolean;
    v_captured bigint;                  -- from now on; null: nothing is captured by this report
    v_rest bigint;
    v_promise text;
    v_again timestamptz;                -- when the task is offered next: to be tried again, or to be asked after
    v_facts jsonb;
    v_told happened[];
begin
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = r.id;
    select x.* into t from tasks x where x.tenant_id = p_tenant and x.gesture_id = r.id;
    v_is_correction := v_type = 'DELIVERED' and g.state = 'DELIVERED';
    if v_is_correction then
        v_type := 'COST_CORRECTED';
    elsif v_type = 'TRY_FAILED' and t.tries + 1 >= v_tries_max then
        v_type := 'FAILED';
    end if;
    if v_type in ('DELIVERED', 'COST_CORRECTED', 'FAILED') then
        v_captured := least(coalesce(r.cost, 0), g.hold_minor, case when v_is_correction then g.captured_minor end);
        v_rest := nullif(coalesce(r.cost, 0) - v_captured, 0);
    end if;
    v_promise := case
        when g.promise is null then null
        when v_type = 'FAILED' then 'BROKEN'
        when v_type <> 'DELIVERED' then g.promise
        when coalesce(r.at, p_at) <= g.promise_by then 'KEPT'
        when g.promise = 'BROKEN' then 'BROKEN'
        else 'LATE'
    end;
    if v_type = 'TRY_FAILED' then
        v_again := greatest(r.at, p_at + interval '1 minute' * 2 ^ t.tries);
    elsif v_type = 'DISPATCHED' then
        v_again := greatest(coalesce(r.at, p_at) + lead_time_of(p_tenant, g.kind, g.currency), t.leased_until);
    end if;
    v_facts := jsonb_strip_nulls(jsonb_build_object(
        'said', said_in(r),
        'currency', case when v_captured is not null then g.currency end,
        'captured_minor', v_captured,
        'released_minor', coalesce(case when v_is_correction then g.captured_minor else g.hold_minor end, 0) - v_captured,
        'rest_minor', v_rest,
        'tries', case when r.type = 'TRY_FAILED' then t.tries + 1 end,
        'again_at_us', (extract(epoch from v_again) * 1000000)::bigint));

    v_told := tell(p_tenant, p_at, g, v_type, case v_type
        when 'COST_CORRECTED' then 'DELIVERED' when 'TRY_FAILED' then g.state else v_type end,
        r.actor, r.credential, r.via, v_promise, v_facts);
    update gestures x
    set actual_minor = coalesce(r.cost, case when v_captured is not null then 0 end, x.actual_minor),
        captured_minor = coalesce(v_captured, x.captured_minor),
        settled_at = case when v_captured is not null then coalesce(x.settled_at, p_at) end
    where x.tenant_id = p_tenant and x.gesture_id = r.id;

    update tasks x
    set ready_at = v_again,
        leased_until = null,
        leased_by = case when v_type <> 'TRY_FAILED' then x.leased_by end,
        tries = x.tries + (r.type = 'TRY_FAILED')::int,
        failure = coalesce(r.failure, x.failure),
        order_ref = case when v_type = 'DISPATCHED' then r.reference else x.order_ref end,
        proof_ref = case when r.type = 'DELIVERED' then coalesce(r.reference, x.proof_ref) else x.proof_ref end,
        dispatched_at = case when v_type = 'DISPATCHED' then coalesce(r.at, p_at) else x.dispatched_at end,
        delivered_at = case when v_type = 'DELIVERED' then coalesce(r.at, p_at) else x.delivered_at end
    where x.tenant_id = p_tenant and x.gesture_id = r.id;
    if v_type in ('DELIVERED', 'FAILED') then
        perform stop_watching(p_tenant, r.id);
    end if;
    if v_captured is not null then
        perform question_cost(p_tenant, p_at, g, v_rest, v_told[1].seq);
    end if;
    if v_promise = 'BROKEN' and g.promise <> 'BROKEN' then
        perform open_follow_up(p_tenant, p_at, g, 'PROMISE', null, v_told[2].seq);
    end if;
    return v_told;
end $$;
