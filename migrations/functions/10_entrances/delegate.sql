-- delegate: an approver lends their authority to somebody for a time; for some kinds, up to an amount per gesture, or all of
-- it. The questions that are open move by themselves: an inbox is read by who may answer at that instant.
-- Promises: never to oneself or to another account of oneself, never in a circle, one level deep, never more than one has.
-- Once it is acknowledged it is in force.
-- outcome: MADE; REPLAY: this id is this very delegation. ID_TAKEN, AGENT_UNKNOWN, AGENT_SUSPENDED, NOT_HUMAN (who),
-- ONESELF, SAME_PERSON, PAST, CIRCLE, CHAIN (who stands in the way, until when), KIND_UNKNOWN, NO_AUTHORITY (which
-- kind), TOO_MUCH (at_most, in the currency lent).
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> the row in heads.
-- Cost: as a batch of one, while the tenant's batches wait.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function delegate(
    p_tenant uuid, p_actor text, p_id uuid, p_delegator text, p_delegate text, p_from timestamptz, p_until timestamptz,
    p_kinds text[], p_lent_minor bigint, p_lent_currency text, p_credential text, p_via text)
returns table (outcome text, who text, until timestamptz, at_most bigint)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    d delegations;
    v_kept delegations;
    v_refusal record;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id is not null and is_id(p_delegator) and is_id(p_delegate) and isfinite(p_until)
        and coalesce(isfinite(p_from), true) and coalesce(cardinality(p_kinds), 1) between 1 and 200
        and (p_lent_minor is null) = (p_lent_currency is null)
        and coalesce(p_lent_minor, 1) between 1 and 1000000000000
        and coalesce(is_currency(p_lent_currency), true)) is not true then
        raise 'who lends what to whom, and until when?' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    v_at := largesse.now();

    select x.* into v_kept from delegations x where x.tenant_id = p_tenant and x.delegation_id = p_id;
    if found then
        return query
            select
                case
                    when (v_kept.delegator_id, v_kept.delegate_id, v_kept.kinds, v_kept.lent_minor, v_kept.lent_currency)
                        is not distinct from (p_delegator, p_delegate, p_kinds, p_lent_minor, p_lent_currency)
                        and (v_kept.ends_at = p_until or v_kept.revoked_at is not null)
                        and v_kept.starts_at = coalesce(p_from, v_kept.starts_at) then 'REPLAY'
                    else 'ID_TAKEN'
                end,
                null::text, null::timestamptz, null::bigint;
        return;
    end if;
    d.tenant_id := p_tenant;
    d.delegation_id := p_id;
    d.delegator_id := p_delegator;
    d.delegate_id := p_delegate;
    d.starts_at := coalesce(p_from, v_at);
    d.ends_at := p_until;
    d.kinds := p_kinds;
    d.lent_minor := p_lent_minor;
    d.lent_currency := p_lent_currency;
    d.created_at := v_at;
    d.created_by := p_actor;
    select c.* into v_refusal from check_delegation(p_tenant, v_at, d) c;
    if v_refusal.p_outcome is null then
        insert into delegations select d.*;
        perform note_of_tenant(
            p_tenant, v_at, 'DELEGATION_MADE', p_actor, p_credential, p_via,
            (tenant_in_force(p_tenant)).configuration_version, jsonb_build_object(
                'id', p_id, 'delegator', p_delegator, 'delegate', p_delegate, 'from', d.starts_at, 'until', p_until,
                'kinds', to_jsonb(p_kinds), 'lent_minor', p_lent_minor, 'currency', p_lent_currency));
    end if;
    return query
        select coalesce(v_refusal.p_outcome, 'MADE'), v_refusal.p_who, v_refusal.p_until, v_refusal.p_at_most;
end $$;
