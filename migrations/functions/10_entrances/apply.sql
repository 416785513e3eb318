-- apply: the tenant's document becomes the configuration in force, compiled, as a new version. Version 0 expected:
-- the name is new, and gets its tenant (p_fresh_tenant).
-- Promises: all of it or nothing, against the version that was seen; every rule that the document breaks refuses
-- it. A limit that keeps name, subject, window and currency keeps its counters. Pauses stay. With the section
-- `agents` the roster becomes exactly that: who is missing is suspended; who was suspended by hand stays suspended;
-- who was only missing comes back.
-- Without it the roster stays.
-- Callers: largesse_app, for a caller who may. Locks, in this order: a new tenant's name -> configuration
-- (exclusive) -> configuration rows -> the row in heads. Cost: some 100 ms for 10,000 agents, while the tenant's
-- batches wait.
-- SQLSTATE: LG400 malformed call, LG404 no tenant of this name, LG409 another version is in force, LG422 a rule is
-- broken, 40001 run it again.
create or replace function apply(
    p_name text,
    p_fresh_tenant uuid,
    p_actor text,
    p_credential text,
    p_via text,
    p_expected_version int,
    p_document jsonb,
    p_source text)
returns table (tenant_id uuid, version int)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_tenant uuid;
    v_version int;
    v_rule text;
    v_agents jsonb := nullif(p_document -> 'agents', 'null');
    v_document jsonb := p_document - 'agents';
    v_suspended text[];
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_expected_version >= 0 and p_source is not null and jsonb_typeof(p_document) = 'object') is not true then
        raise 'apply needs the version expected, the document and its source' using errcode = 'LG400';
    end if;
    perform refuse_old_snapshots();
    v_tenant := open_tenant(p_name, p_fresh_tenant, p_expected_version);
    perform hold_configuration(v_tenant);
    v_version := next_version(v_tenant, p_expected_version);

    begin
        perform put_document(v_tenant, v_version, v_document);
        if v_agents is not null then
            v_suspended := unlist_missing(v_tenant, v_agents);
            perform hasten(v_tenant, x.agent, largesse.now()) from unnest(v_suspended) x (agent);
            perform put_roster(v_tenant, v_agents);
        end if;
        perform give_authority(v_tenant, v_document, true);
        perform check_roster(v_tenant);
    exception when data_exception or integrity_constraint_violation then
        get stacked diagnostics v_rule = message_text;
        raise 'the document breaks a rule: %', v_rule using errcode = 'LG422';
    end;

    perform record_version(
        v_tenant, v_version, 'CONFIGURATION_APPLIED', p_actor, p_credential, p_via, v_document, p_source, v_agents,
        v_suspended);
    return query select v_tenant, v_version;
end $$;
