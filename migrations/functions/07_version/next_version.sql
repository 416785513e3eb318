-- next_version: the version that a change of configuration will have, if the one in force is the one expected
-- (null: any).
-- Callers: apply, put_agents, with the configuration held. Locks: none. SQLSTATE: LG409 another version is in
-- force.
create or replace function next_version(p_tenant uuid, p_expected_version int) returns int
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_version int := (tenant_in_force(p_tenant)).configuration_version;
begin
    if p_expected_version <> v_version then
        raise 'version % is in force, not %', v_version, p_expected_version using errcode = 'LG409';
    end if;
    return v_version + 1;
end $$;
