-- new_batch_id: a UUIDv7 for an instant, so that ids of one time lie side by side in an index.
-- Callers: whoever closes a batch, into a variable, once.
create or replace function new_batch_id(p_at timestamptz) returns uuid
language plpgsql volatile
as $$
declare
    v_ms bytea := substring(int8send((extract(epoch from p_at) * 1000)::bigint) from 3);
begin
    -- bits 52 and 53 turn the random version 4 into version 7
    return encode(
        set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing v_ms from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
end $$;
