-- take_hold: a waiting gesture is approved: its row takes the hold that was charged, and its task is written, and what was
-- promised is watched.
-- Callers: decide, revise, lapse, after spend. Locks: its own gesture, locked already. Cost: two statements.
create or replace function take_hold(
    p_tenant uuid, p_at timestamptz, r matched, p_actor text, p_authority text) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update gestures g
    set state = 'APPROVED',
        amount_minor = r.amount,
        is_glass = r.is_glass,          -- an approver's yes needs no glass, whatever was asked
        promise_by = r.promise_by,
        promise = case when r.promise_by is not null then 'PENDING' end,
        decided_by = p_actor,
        authority = p_authority,
        decided_at = p_at,
        configuration_version = r.version,
        hold_minor = r.hold,
        charged_limits = r.limits,
        charged_subjects = r.subjects,
        charged_windows = r.windows,
        charged_minor = r.amounts,
        charged_maxima = r.maxima,
        charged_rates = r.rates
    where g.tenant_id = p_tenant and g.gesture_id = r.id;
    insert into tasks (tenant_id, gesture_id, channel, ready_at)
    values (p_tenant, r.id, r.channel, p_at);
    if r.replaces is not null then
        perform answer_follow_ups(p_tenant, p_at, r.replaces, p_actor, r.id);
    end if;
    if r.promise_by is not null then
        perform watch_promises(p_tenant, p_at, array[r.id]);
    end if;
end $$;
