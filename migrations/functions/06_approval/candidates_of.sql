-- candidates_of: the facts by which a question is routed: everybody above the requester, nearest first, then the duty pool
-- (place 1000); and whoever else is named.
--   is_requester  is the requester, or another account of theirs
--   is_able       could ever say yes: active, not the requester's person, no account of either's own, no rule in the way,
--                 the amount within their own maxima; a pool: has an active member of whom the same is true
--   fits_now      and every limit has room now (counters are read, not locked: this informs)
--   is_reachable  not away, or with a delegate who may answer this now; a pool always is
--   needs_two     above the item's dual-control amount: two people must say yes, and only humans count
-- Promises: judged by the same matching and the same sweep as an answer will be.
-- Callers: candidates, reassign, decline_unanswerable. Locks: none. Cost: a preview per candidate.
create or replace function candidates_of(p_tenant uuid, p_at timestamptz, p_asked asked, p_others text[])
returns table (
    place int, agent_id text, how text, type text, person_id text, is_active boolean, is_requester boolean,
    is_able boolean, fits_now boolean, is_reachable boolean, delegate_id text, needs_two boolean, typical_wait_s int,
    reasons jsonb)
language plpgsql stable
as $$
#variable_conflict error
declare
    v_requester agents;
    v_pool_id text;
    v_member_ids text[];
    v_asked asked := p_asked;
    v_ids text[];
    v_places int[];
    m matched[];
    r matched;
    a agents;
begin
    select x.* into v_requester from agents x where x.tenant_id = p_tenant and x.agent_id = p_asked.agent;
    select x.duty_pool_id, x.duty_member_ids into v_pool_id, v_member_ids from routings x where x.tenant_id = p_tenant;
    -- what the gesture charges does not depend on who says yes
    v_asked.budget_id := coalesce(p_asked.budget_id, v_requester.budget_id);
    v_asked.is_glass := false;

    v_ids := reporting_line(p_tenant, p_asked.agent) || coalesce(p_others, '{}');
    v_places := array(select x.n from generate_series(1, cardinality(v_ids)) x (n));
    if v_pool_id is not null then
        v_ids := v_ids || v_pool_id;
        v_places := v_places || 1000;
    end if;
    m := match(p_tenant, p_at, false, array(
        select row (
            v_asked.id, x.id, v_asked.kind, v_asked.amount, v_asked.currency, v_asked.customer_id, v_asked.segment,
            v_asked.case_id, v_asked.occasion, v_asked.budget_id, v_asked.waived, null, null, v_asked.digest,
            v_asked.personal_digest, null, null, null, false, null)::asked
        from unnest(v_ids) with ordinality x (id, ord)
        order by x.ord));

    for i in 1 .. cardinality(v_ids) loop
        r := m[i];
        r.ord := 1;
        select x.* into a from agents x where x.tenant_id = p_tenant and x.agent_id = v_ids[i];
        place := v_places[i];
        agent_id := v_ids[i];
        how := case when place = 1000 then 'POOL' else 'LINE' end;
        type := a.type;
        person_id := a.person_id;
        is_active := a.is_active;
        is_requester := a.person_id = v_requester.person_id;
        needs_two := 'DUAL_CONTROL' = any (coalesce(r.problems, '{}'));
        r.problems := nullif(array_remove(r.problems, 'DUAL_CONTROL'), '{}');
        delegate_id := able_delegate(p_tenant, p_at, agent_id, v_requester.person_id, v_asked, needs_two);
        is_able := (
            a.is_active
            and not is_requester
            and r.faults is null
            and r.problems is null
            and not r.is_misfit
            and not owns_account(p_tenant, array[p_asked.agent], p_asked.customer_id)
            and (a.type = 'HUMAN' or not needs_two)
            and (how <> 'POOL' or exists (
                select from agents x
                where x.tenant_id = p_tenant
                    and x.agent_id = any (v_member_ids)
                    and x.is_active
                    and x.person_id <> v_requester.person_id
                    and not owns_account(p_tenant, array[x.agent_id], p_asked.customer_id)))) is true;
        is_reachable := how = 'POOL' or not is_away(p_tenant, agent_id, p_at) or delegate_id is not null;
        select s.p_out[1] = 'APPROVED', s.p_why[1] into fits_now, reasons from sweep(p_tenant, array[r]) s;
        fits_now := is_able and fits_now is true;
        select typical_wait(w.waits_s) into typical_wait_s
        from approver_waits w
        where w.tenant_id = p_tenant and w.agent_id = v_ids[i];
        return next;
    end loop;
end $$;
