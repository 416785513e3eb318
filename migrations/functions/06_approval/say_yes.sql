-- say_yes: one yes of somebody who may answer. p_outcome APPROVED: admitted and spent. FIRST_YES: recorded, and
-- somebody else is needed. REFUSED: p_why, and not even an empty counter is written. SAME_PERSON: under dual control this is
-- not another person.
-- Callers: decide. Locks, in this order: counters by key -> the authority's row of waits -> the row in heads.
-- Cost: a match, a sweep and a batch of one.
create or replace function say_yes(
    p_tenant uuid, p_at timestamptz, g gestures, p_actor text, p_authority text, p_how text, p_asked_at timestamptz,
    p_amount bigint, p_promise_by timestamptz, p_credential text, p_via text, out p_outcome text, out p_why jsonb)
language plpgsql volatile
as $$
#variable_conflict error
declare
    a approvals;
    y record;
    v_verdict text;
    v_why jsonb;
    v_amount bigint;
    v_promise_by timestamptz;
begin
    a := first_yes(p_tenant, p_at, g);
    v_amount := coalesce(p_amount, a.first_minor, g.amount_minor);
    v_promise_by := coalesce(p_promise_by, a.first_promise_by, g.promise_by);
    select x.* into y from judge_yes(p_tenant, p_at, g, p_actor, p_authority, p_how, v_amount, v_promise_by) x;
    if y.p_needs_two and (not y.p_are_people or a.first_minor = v_amount and (
        a.first_person_ids && y.p_person_ids
        or array[a.first_actor, a.first_authority] && array[p_actor, p_authority])) then
        p_outcome := 'SAME_PERSON';
        return;
    end if;

    -- a first yes is checked in full and spends nothing; so is one that something stands in the way of
    if y.p_refusal is not null or (y.p_needs_two and a.first_minor is distinct from v_amount) then
        if (y.p_matched).faults is null then
            select s.p_why[1] into v_why from sweep(p_tenant, array[y.p_matched]) s;
        end if;
        if y.p_refusal is not null or v_why is not null then
            p_outcome := 'REFUSED';
            p_why := coalesce(y.p_refusal, '[]') || coalesce(v_why, '[]');
            return;
        end if;
        update approvals x
        set first_actor = p_actor,
            first_authority = p_authority,
            first_person_ids = y.p_person_ids,
            first_minor = v_amount,
            first_promise_by = v_promise_by,
            first_at = p_at
        where x.tenant_id = p_tenant and x.gesture_id = g.gesture_id;
        -- where nobody else is asked, because less was asked for than is said yes to, somebody else is asked at once
        update timers t
        set due_at = p_at, claimed_until = null
        where t.tenant_id = p_tenant
            and t.gesture_id = g.gesture_id
            and t.purpose = 'APPROVAL'
            and t.due_at > p_at
            and not exists (
                select from asks k
                where k.tenant_id = p_tenant
                    and k.gesture_id = g.gesture_id
                    and k.agent_id <> p_authority
                    and k.closed_at is null);
        perform record_wait(p_tenant, p_authority, p_asked_at, p_at);
        perform happen(
            p_tenant, p_at, g.gesture_id, 'FIRST_YES', 'PENDING_APPROVAL', p_actor, p_authority, p_credential, p_via, null,
            v_amount, jsonb_build_object('promise_by', v_promise_by), true);
        p_outcome := 'FIRST_YES';
        return;
    end if;

    begin
        select s.p_out, s.p_why into v_verdict, v_why from spend(p_tenant, array[y.p_matched]) s;
        if v_verdict <> 'APPROVED' then
            raise 'some counter is short' using errcode = 'LG001';
        end if;
    exception when sqlstate 'LG001' then
        -- nothing of it is recorded, so nobody needs what was locked to find out
        p_outcome := 'REFUSED';
        p_why := v_why;
        return;
    end;
    perform close_question(p_tenant, p_at, g.gesture_id, 'DECISION', g.seq + 1);
    perform record_wait(p_tenant, p_authority, p_asked_at, p_at);
    perform take_hold(p_tenant, p_at, y.p_matched, p_actor, p_authority);
    perform happen(
        p_tenant, p_at, g.gesture_id, 'APPROVED', 'APPROVED', p_actor, p_authority, p_credential, p_via, null, v_amount,
        jsonb_strip_nulls(jsonb_build_object(
            'asked_minor', g.amount_minor, 'promise_by', v_promise_by,
            'reciprocal', case when is_reciprocal(p_tenant, p_at, g.requested_by, y.p_person_ids) then true end,
            'first', case when y.p_needs_two then jsonb_build_object(
                'actor', a.first_actor, 'authority', a.first_authority, 'at', a.first_at) end)), true);
    p_outcome := 'APPROVED';
end $$;
