-- candidates_of: the facts by which a question is routed: everybody above the requester, nearest first, then the duty pool
-- (place 1000); and whoever else is named.
--   is_requester  is the requester, or another account of theirs
--   is_able       could ever say yes: active, not the requester's person, no account of either's own, no rule in the way,
--                 the amount within their own maxima; a pool: has an active member of whom the same is true
--   fits_now      and every limit has room now (counters are read, not locked: this informs)
--   is_reachable  not away, or with a delegate who may answer this now; a pool always is
--   needs_two     above the item's dual-control amount: two people must say yes, and only humans count
--   reasons       what stands in the way of those who were named; of nobody else, as that is told to nobody
-- Promises: judged by the same matching and by the same room as an answer will be.
-- Callers: candidates, reassign, decline_unanswerable. Locks: none. Cost: a preview, and 0.1 ms per candidate, twice that
-- where authority is lent.
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
    v_owns boolean;
    v_asked asked := p_asked;
    v_ids text[];
    v_places int[];
    m matched[];
    v_have_room boolean[];
    r matched;
    c record;
begin
    select x.* into v_requester from agents x where x.tenant_id = p_tenant and x.agent_id = p_asked.agent;
    select x.duty_pool_id, x.duty_member_ids into v_pool_id, v_member_ids from routings x where x.tenant_id = p_tenant;
    v_owns := owns_account(p_tenant, array[p_asked.agent], p_asked.customer_id);
    -- what the gesture charges does not depend on who says yes
    v_asked.budget_id := coalesce(p_asked.budget_id, v_requester.budget_id);
    v_asked.is_glass := false;

    v_ids := reporting_line(p_tenant, p_asked.agent) || coalesce(p_others, '{}');
    v_places := array(select x.n from generate_series(1, cardinality(v_ids)) x (n));
    if v_pool_id is not null then
        v_ids := v_ids || v_pool_id;
        v_places := v_places || 1000;
    end if;
    if v_ids = '{}' then
        return;
    end if;
    m := match(p_tenant, p_at, false, array(
        select row (
            v_asked.id, x.id, v_asked.kind, v_asked.amount, v_asked.currency, v_asked.customer_id, v_asked.segment,
            v_asked.case_id, v_asked.occasion, v_asked.budget_id, v_asked.waived, null, null, v_asked.digest,
            v_asked.personal_digest, null, null, null, false, null)::asked
        from unnest(v_ids) with ordinality x (id, ord)
        order by x.ord));
    v_have_room := have_room(p_tenant, m);

    -- one statement for what is known of each: what a statement costs to start is most of what these look-ups cost
    for c in
        select
            n.ord, n.id, n.place, a.type, a.person_id, a.is_active, w.waits_s,
            is_away(p_tenant, n.id, p_at) is_away,
            exists (
                select from delegations d
                where d.tenant_id = p_tenant and d.delegator_id = n.id and d.starts_at <= p_at and p_at < d.ends_at)
                lends
        from unnest(v_ids, v_places) with ordinality n (id, place, ord)
        left join lateral (
            select x.* from agents x where x.tenant_id = p_tenant and x.agent_id = n.id limit 1) a on true
        left join lateral (
            select x.* from approver_waits x where x.tenant_id = p_tenant and x.agent_id = n.id limit 1) w on true
        order by n.ord
    loop
        r := m[c.ord];
        place := c.place;
        agent_id := c.id;
        how := case when place = 1000 then 'POOL' else 'LINE' end;
        type := c.type;
        person_id := c.person_id;
        is_active := c.is_active;
        is_requester := c.person_id = v_requester.person_id;
        needs_two := 'DUAL_CONTROL' = any (coalesce(r.problems, '{}'));
        r.problems := nullif(array_remove(r.problems, 'DUAL_CONTROL'), '{}');
        delegate_id := case when c.lends then
            able_delegate(p_tenant, p_at, agent_id, v_requester.person_id, v_asked, needs_two) end;
        is_able := (
            c.is_active
            and not is_requester
            and r.faults is null
            and r.problems is null
            and not r.is_misfit
            and not v_owns
            and (c.type = 'HUMAN' or not needs_two)) is true;
        if is_able and how = 'POOL' then
            is_able := exists (
                select from agents x
                where x.tenant_id = p_tenant
                    and x.agent_id = any (v_member_ids)
                    and x.is_active
                    and x.person_id <> v_requester.person_id
                    and not owns_account(p_tenant, array[x.agent_id], p_asked.customer_id));
        end if;
        is_reachable := how = 'POOL' or not c.is_away or delegate_id is not null;
        fits_now := is_able and v_have_room[c.ord];
        typical_wait_s := typical_wait(c.waits_s);
        reasons := null;
        if agent_id = any (p_others) then
            r.ord := 1;
            select s.p_why[1] into reasons from sweep(p_tenant, array[r]) s;
        end if;
        return next;
    end loop;
end $$;
