-- grant_on_silence: the duty pool gives what nobody answered, where its own authority suffices at this instant and no second
-- person is needed. p_is_granted false: p_why, and nothing changed.
-- Callers: lapse, with configuration and gesture locked. Locks, in this order: counters by key -> the row in heads.
create or replace function grant_on_silence(
    p_tenant uuid, p_at timestamptz, g gestures, p_pool text, out p_is_granted boolean, out p_why jsonb)
language plpgsql volatile
as $$
#variable_conflict error
declare
    y record;
    r matched;
    v_spent record;
begin
    p_is_granted := false;
    -- a promise that has passed meanwhile is no reason to give nothing
    select x.* into y
    from judge_yes(
        p_tenant, p_at, g, p_pool, p_pool, 'OWN', g.amount_minor,
        case when g.promise_by >= p_at then g.promise_by end) x;
    p_why := y.p_refusal;
    if y.p_needs_two then
        p_why := coalesce(p_why, '[]') || '[{"code": "DUAL_CONTROL"}]';
    end if;
    if p_why is not null then
        return;
    end if;
    select s.p_out, s.p_why into v_spent from spend(p_tenant, array[y.p_matched]) s;
    if v_spent.p_out <> 'APPROVED' then
        p_why := v_spent.p_why;
        return;
    end if;
    r := y.p_matched;
    r.promise_by := g.promise_by;
    perform close_question(p_tenant, p_at, g.gesture_id, 'DECISION', g.seq + 1);
    perform take_hold(p_tenant, p_at, r, p_pool, p_pool);
    perform happen(
        p_tenant, p_at, g.gesture_id, 'APPROVED', 'APPROVED', p_pool, p_pool, null, null, null, g.amount_minor,
        '{"on_silence": true}', true);
    p_is_granted := true;
end $$;
