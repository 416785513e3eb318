-- check_asked: these agents can be asked by routing, for no shorter time than the rule says, and something happens at the
-- latest when that time is over: a question that nobody answers ends. Callers: ask.
-- Locks: none. Cost: a walk up the line per agent. SQLSTATE: LG400.
create or replace function check_asked(
    p_tenant uuid, g gestures, a approvals, p_agents text[], p_how text[], p_due_at timestamptz, p_expires_at timestamptz)
returns void
language plpgsql stable
as $$
#variable_conflict error
declare
    v_rule record;
    v_unfit text;
begin
    select r.* into v_rule from routing_in_force(p_tenant, g.kind, g.segment, g.occasion) r;
    select x.agent into v_unfit
    from unnest(p_agents, p_how) x (agent, how)
    left join agents t on t.tenant_id = p_tenant and t.agent_id = x.agent
    left join agents q on q.tenant_id = p_tenant and q.agent_id = g.requested_by
    where (
            t.is_active
            and t.person_id <> q.person_id
            and case x.how
                when 'LINE' then t.type <> 'POOL' and is_above(p_tenant, x.agent, g.requested_by)
                when 'POOL' then x.agent = v_rule.duty_pool_id
                else false
            end) is not true
    limit 1;
    if found then
        raise '% cannot be asked about this', v_unfit using errcode = 'LG400';
    end if;
    if a.purpose = 'DECISION'
        and a.expires_at is null
        and (p_expires_at >= a.opened_at + make_interval(secs => v_rule.expire_after_s)) is not true then
        raise 'a question waits for at least % s', v_rule.expire_after_s using errcode = 'LG400';
    end if;
    if a.purpose = 'DECISION' and (p_due_at <= coalesce(a.expires_at, p_expires_at)) is not true then
        raise 'a question goes on when it ends, or before' using errcode = 'LG400';
    end if;
end $$;
