-- delete_consumer: nobody follows the trail under this name any more: its place is forgotten, and what it had set aside is
-- given up. Refused while somebody holds its lease. Whoever follows under the name later begins like anybody new, and
-- whoever still holds a number of before comes too late (lease_consumer never gives a number twice).
-- outcome: DELETED, with how many events it had set aside; LEASED (somebody holds the lease); UNKNOWN.
-- Callers: largesse_app, for an administrator. Locks, in this order: configuration (shared) -> the consumer's row and its
-- rows of set_aside -> the row in heads. Cost: as a batch of one, and a key per event that is set aside.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function delete_consumer(
    p_tenant uuid, p_actor text, p_credential text, p_via text, p_consumer text)
returns table (outcome text, set_aside_count bigint)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    v_kept consumers;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if is_id(p_consumer) is not true then
        raise 'which consumer?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    set_aside_count := 0;
    select c.* into v_kept from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer for update;
    v_at := largesse.now();
    if v_kept.consumer is null then
        outcome := 'UNKNOWN';
    elsif v_kept.leased_until > v_at then
        outcome := 'LEASED';
    else
        with gone as (
            delete from set_aside s where s.tenant_id = p_tenant and s.consumer = p_consumer returning 1)
        select count(*) into set_aside_count from gone;
        delete from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer;
        perform note_of_tenant(
            p_tenant, v_at, 'CONSUMER_DELETED', p_actor, p_credential, p_via,
            (tenant_in_force(p_tenant)).configuration_version,
            jsonb_build_object(
                'consumer', p_consumer, 'batch_no', v_kept.batch_no, 'ordinal', v_kept.ordinal,
                'set_aside', set_aside_count));
        outcome := 'DELETED';
    end if;
    return next;
end $$;
