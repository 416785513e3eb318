-- drop_set_aside: what had been set aside was taken after all, or never will be. Repeating it does no harm.
-- outcome: DROPPED, LEASED (somebody else holds the lease).
-- Callers: largesse_app. Locks: the consumer's row, and its own rows of set_aside. Cost: a key per event.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function drop_set_aside(
    p_tenant uuid, p_consumer text, p_lease bigint, p_batches bigint[], p_ordinals int[])
returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
begin
    if (cardinality(p_batches) between 1 and 512 and cardinality(p_ordinals) = cardinality(p_batches)) is not true then
        raise '1 to 512 events' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    if not hold_consumer(p_tenant, p_consumer, p_lease, largesse.now()) then
        return 'LEASED';
    end if;
    delete from set_aside s
    using unnest(p_batches, p_ordinals) g (batch_no, ordinal)
    where s.tenant_id = p_tenant and s.consumer = p_consumer and s.batch_no = g.batch_no and s.ordinal = g.ordinal;
    return 'DROPPED';
end $$;
