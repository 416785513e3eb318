-- suspend: an agent may give nothing from now on, or may again. Returns whether that changed anything.
-- Promises: once it has answered, nothing more is decided in the old authority. What was approved stays approved. What the
-- agent was asked goes on to the next person.
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> the agent -> the agent's
-- timers -> the row in heads. Cost: as a batch of one, while the tenant's batches wait.
-- SQLSTATE: LG400 malformed, LG404 no such tenant or agent, LG412 whoever left the roster comes back by apply or
-- put_agents, 40001 run it again.
create or replace function suspend(
    p_tenant uuid, p_actor text, p_credential text, p_via text, p_agent text, p_is_suspended boolean) returns boolean
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_agent agents;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if p_is_suspended is null then
        raise 'suspend, or reinstate?' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    select a.* into v_agent from agents a where a.tenant_id = p_tenant and a.agent_id = p_agent;
    if not found then
        raise 'no agent is called %', p_agent using errcode = 'LG404';
    end if;
    if not p_is_suspended and not v_agent.is_listed then
        raise '% is not in the roster', p_agent using errcode = 'LG412';
    end if;
    if v_agent.is_suspended = p_is_suspended then
        return false;
    end if;

    update agents a
    set is_suspended = p_is_suspended
    where a.tenant_id = p_tenant and a.agent_id = p_agent;
    if p_is_suspended then
        perform hasten(p_tenant, p_agent, largesse.now());
    end if;
    perform note_of_tenant(
        p_tenant, largesse.now(), case when p_is_suspended then 'AGENT_SUSPENDED' else 'AGENT_REINSTATED' end, p_actor,
        p_credential, p_via, (tenant_in_force(p_tenant)).configuration_version, jsonb_build_object('agent', p_agent));
    return true;
end $$;
