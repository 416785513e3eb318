-- set_away: an agent is away for a time (p_from null: from now on), or is back (p_until null). Whoever is away without a
-- delegate is not asked; what they were asked goes on to the next person when the absence begins.
-- outcome: SET, CLEARED, UNCHANGED, AGENT_UNKNOWN, PAST.
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> the agent's timers -> the
-- row in heads. Cost: as a batch of one and the agent's open questions, while the tenant's batches wait.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function set_away(
    p_tenant uuid, p_actor text, p_agent text, p_from timestamptz, p_until timestamptz, p_credential text, p_via text)
returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    v_from timestamptz;
    v_kept absences;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (is_id(p_agent) and coalesce(isfinite(p_from), true) and coalesce(isfinite(p_until), true)) is not true then
        raise 'who is away, and until when?' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    v_at := largesse.now();
    v_from := coalesce(p_from, v_at);
    if not exists (select from agents a where a.tenant_id = p_tenant and a.agent_id = p_agent and a.is_listed) then
        return 'AGENT_UNKNOWN';
    end if;
    if p_until <= greatest(v_at, v_from) then
        return 'PAST';
    end if;
    select b.* into v_kept from absences b where b.tenant_id = p_tenant and b.agent_id = p_agent;
    if p_until is null and v_kept.agent_id is null
        or v_kept.away_until = p_until and v_kept.away_from = coalesce(p_from, v_kept.away_from) then
        return 'UNCHANGED';
    end if;

    delete from absences b where b.tenant_id = p_tenant and b.agent_id = p_agent;
    if p_until is not null then
        insert into absences (tenant_id, agent_id, away_from, away_until) values (p_tenant, p_agent, v_from, p_until);
        if not exists (
            select from delegations d
            where d.tenant_id = p_tenant and d.delegator_id = p_agent and d.starts_at <= v_from and v_from < d.ends_at) then
            perform hasten(p_tenant, p_agent, greatest(v_at, v_from));
        end if;
    end if;
    perform note_of_tenant(
        p_tenant, v_at, 'AWAY_SET', p_actor, p_credential, p_via, (tenant_in_force(p_tenant)).configuration_version,
        jsonb_build_object('agent', p_agent, 'from', case when p_until is not null then v_from end, 'until', p_until));
    return case when p_until is null then 'CLEARED' else 'SET' end;
end $$;
