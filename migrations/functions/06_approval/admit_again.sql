-- admit_again: a gesture that waits gets other terms, and is admitted as if it were asked for the first time.
-- p_outcome: REVISED, and p_why where the answer was no yes; INVALID, with p_why, and nothing changed.
-- Callers: revise, with configuration and gesture locked. Locks, in this order: counters by key -> the row in heads.
create or replace function admit_again(
    p_tenant uuid, p_at timestamptz, g gestures, p_asked asked, out p_outcome text, out p_why jsonb)
language plpgsql volatile
as $$
#variable_conflict error
declare
    r matched;
    v_spent record;
    v_state text;
begin
    r := (match(p_tenant, p_at, false, array[p_asked]))[1];
    if r.faults is not null then
        p_outcome := 'INVALID';
        p_why := explain_faults(p_tenant, r);
        return;
    end if;
    select s.p_out, s.p_why into v_spent from spend(p_tenant, array[r]) s;
    v_state := v_spent.p_out;

    perform close_question(p_tenant, p_at, g.gesture_id, 'DECISION', g.seq + 1);
    delete from timers t where t.tenant_id = p_tenant and t.gesture_id = g.gesture_id and t.purpose = 'APPROVAL';
    update gestures x
    -- the digests of the request stay: they are by what a retry of it is known
    set terms_digest = r.terms,
        kind = r.kind,
        amount_minor = r.amount,
        currency = r.currency,
        segment = r.segment,
        case_id = r.case_id,
        occasion = r.occasion,
        budget_id = r.budget_id,
        waived = r.waived,
        promise_by = r.promise_by,
        replaces = r.replaces,
        is_glass = r.is_glass,
        configuration_version = r.version,
        decided_at = case when v_state = 'DECLINED' then p_at end
    where x.tenant_id = p_tenant and x.gesture_id = g.gesture_id;
    if v_state = 'APPROVED' then
        perform take_hold(p_tenant, p_at, r, r.agent, r.agent);
    end if;
    if v_state = 'PENDING_APPROVAL' then
        perform open_questions(p_tenant, p_at, array[g.gesture_id], array[g.seq + 1], array['DECISION']);
    elsif v_state = 'APPROVED' and r.is_glass then
        perform open_questions(p_tenant, p_at, array[g.gesture_id], array[g.seq + 1], array['REVIEW']);
    end if;
    perform happen(
        p_tenant, p_at, g.gesture_id, 'REVISED', v_state, r.agent, case when v_state = 'APPROVED' then r.agent end,
        r.credential, r.via, r.sealed, r.amount,
        case when v_state = 'APPROVED' then case when r.is_glass then '{"break_glass": true}'::jsonb end
            else jsonb_build_object('reasons', v_spent.p_why) end, true);
    update gestures x
    set terms_seq = x.seq, decision_seq = x.seq
    where x.tenant_id = p_tenant and x.gesture_id = g.gesture_id;
    p_outcome := 'REVISED';
    p_why := v_spent.p_why;
end $$;
