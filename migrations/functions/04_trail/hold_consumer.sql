-- hold_consumer: takes a consumer's row and says whether whoever comes may move it: with the number of the last lease, or
-- without one where nobody holds a lease. A lease whose time is over still holds until somebody else takes one.
-- Callers: ack_events, set_events_aside, drop_set_aside. Locks: the consumer's row, until the commit. Cost: one key.
create or replace function hold_consumer(p_tenant uuid, p_consumer text, p_lease bigint, p_at timestamptz) returns boolean
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_kept consumers;
begin
    select c.* into v_kept from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer for update;
    return case
        when p_lease is null then coalesce(v_kept.leased_until <= p_at, true)
        else coalesce(v_kept.lease = p_lease and v_kept.holder is not null, false)
    end;
end $$;
