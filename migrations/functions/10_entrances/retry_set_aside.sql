-- retry_set_aside: somebody asks that what a consumer set aside be brought again: of one gesture, or all of it (p_gesture
-- null). Whoever holds the lease does it, and says by drop_set_aside or set_events_aside what came of it. How many events it
-- concerns.
-- Callers: largesse_app. Locks: the consumer's rows of set_aside. Cost: one range of a key. SQLSTATE: LG404 no such tenant.
create or replace function retry_set_aside(p_tenant uuid, p_consumer text, p_gesture uuid) returns bigint
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_count bigint;
begin
    perform tenant_in_force(p_tenant);
    with asked as (
        update set_aside s
        set is_to_be_retried = true
        where s.tenant_id = p_tenant and s.consumer = p_consumer and coalesce(s.gesture_id = p_gesture, p_gesture is null)
        returning 1)
    select count(*) into v_count from asked;
    return v_count;
end $$;
