-- put_agents: these agents are in the roster from now on, as described; a new version of the configuration, made by
-- the same pieces as apply. Returns the version.
-- Promises: all of them or none; suspends nobody, and brings nobody back who was suspended by hand.
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> agents -> the row
-- in heads.
-- Cost: as apply, without the document. SQLSTATE: LG400 malformed, LG404 no such tenant, LG409 another version is
-- in force (p_expected_version null: any), LG422 a rule is broken, 40001 run it again.
create or replace function put_agents(
    p_tenant uuid, p_actor text, p_credential text, p_via text, p_expected_version int, p_agents jsonb) returns int
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_version int;
    v_rule text;
    v_document jsonb;
    v_source text;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if jsonb_typeof(p_agents) is distinct from 'array' then
        raise 'which agents?' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    v_version := next_version(p_tenant, p_expected_version);
    select c.document, c.source into v_document, v_source
    from configurations c
    where c.tenant_id = p_tenant and c.version = v_version - 1;

    begin
        perform put_roster(p_tenant, p_agents);
        perform give_authority(p_tenant, v_document, false);
        perform check_roster(p_tenant);
    exception when data_exception or integrity_constraint_violation then
        get stacked diagnostics v_rule = message_text;
        raise 'the agents break a rule: %', v_rule using errcode = 'LG422';
    end;

    perform record_version(
        p_tenant, v_version, 'AGENTS_PUT', p_actor, p_credential, p_via, v_document, v_source, p_agents, '{}');
    return v_version;
end $$;
