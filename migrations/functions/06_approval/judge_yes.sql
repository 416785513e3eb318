-- judge_yes: the gesture as it would be asked by an authority that says yes to it, matched by the rules in force, with
-- what only concerns an answer: the requester and the actor are looked at as well, and what is lent. p_matched: ready
-- for spend; its problems are everything that no counter can mend, but for dual control. p_refusal: reasons that
-- matching knows nothing of, or null. p_needs_two: above the item's dual-control amount. p_person_ids: the people
-- behind the two accounts; p_are_people: both are humans, and only such count as one of two.
-- Callers: first_yes, say_yes, grant_on_silence, standing. Locks: none. Cost: a match.
create or replace function judge_yes(
    p_tenant uuid, p_at timestamptz, g gestures, p_actor text, p_authority text, p_how text, p_amount bigint,
    p_promise_by timestamptz, out p_matched matched, out p_refusal jsonb, out p_needs_two boolean,
    out p_person_ids text[], out p_are_people boolean)
language plpgsql stable
as $$
#variable_conflict error
declare
    v_lack jsonb;
begin
    p_matched := (match(p_tenant, p_at, false, array[row (
        g.gesture_id, p_authority, g.kind, p_amount, g.currency, g.customer_id, g.segment, g.case_id, g.occasion,
        g.budget_id, g.waived, p_promise_by, null, g.request_digest, g.personal_digest, null, null, null,
        false, null)::asked]))[1];
    p_needs_two := 'DUAL_CONTROL' = any (coalesce(p_matched.problems, '{}'));
    p_matched.problems := array_remove(p_matched.problems, 'DUAL_CONTROL');
    if not exists (
        select from agents a where a.tenant_id = p_tenant and a.agent_id = g.requested_by and a.is_active) then
        p_matched.problems := p_matched.problems || 'REQUESTER_SUSPENDED'::text;
    end if;
    if owns_account(p_tenant, array[p_actor, g.requested_by], g.customer_id)
        and not coalesce('OWN_ACCOUNT' = any (p_matched.problems), false) then
        p_matched.problems := p_matched.problems || 'OWN_ACCOUNT'::text;
    end if;
    p_matched.problems := nullif(p_matched.problems, '{}');

    select array_agg(a.person_id), bool_and(a.type = 'HUMAN')
    into p_person_ids, p_are_people
    from agents a
    where a.tenant_id = p_tenant and a.agent_id = any (array[p_actor, p_authority]);

    if p_how = 'DELEGATE' then
        v_lack := lent(p_tenant, p_at, p_authority, p_actor, g.kind, p_amount, g.currency);
    end if;
    if p_matched.faults is not null then
        p_refusal := explain_faults(p_tenant, p_matched);
    end if;
    if v_lack is not null then
        p_refusal := coalesce(p_refusal, '[]') || v_lack;
    end if;
end $$;
