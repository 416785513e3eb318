-- revoke: lent authority comes back now. Questions that the delegate could answer are the delegator's again.
-- Promises: once it is acknowledged, nothing more is answered in the lent authority.
-- outcome: REVOKED; ENDED: it was over already; UNKNOWN.
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> the row in heads.
-- Cost: as a batch of one, while the tenant's batches wait.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function revoke_delegation(p_tenant uuid, p_actor text, p_id uuid, p_credential text, p_via text)
returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    d delegations;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if p_id is null then
        raise 'which delegation?' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    v_at := largesse.now();
    select x.* into d from delegations x where x.tenant_id = p_tenant and x.delegation_id = p_id;
    if not found then
        return 'UNKNOWN';
    end if;
    if d.ends_at <= v_at then
        return 'ENDED';
    end if;
    update delegations x
    set ends_at = v_at, revoked_at = v_at, revoked_by = p_actor
    where x.tenant_id = p_tenant and x.delegation_id = p_id;
    if is_away(p_tenant, d.delegator_id, v_at) then
        perform hasten(p_tenant, d.delegator_id, v_at);
    end if;
    perform note_of_tenant(
        p_tenant, v_at, 'DELEGATION_REVOKED', p_actor, p_credential, p_via,
        (tenant_in_force(p_tenant)).configuration_version,
        jsonb_build_object('id', p_id, 'delegator', d.delegator_id, 'delegate', d.delegate_id));
    return 'REVOKED';
end $$;
