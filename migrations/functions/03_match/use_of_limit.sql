-- use_of_limit: what a reason says of how much of a limit is used: used, ceiling, left, and the largest amount that would
-- pass it now. A ceiling that does not bind is null. Pure; inlined. Callers: state_of_limit, sweep.
create or replace function use_of_limit(used bigint, used_count int, ceiling bigint, ceiling_count int, largest bigint)
returns jsonb
language sql stable parallel safe
return jsonb_build_object(
    'used', used,
    'used_count', used_count,
    'ceiling', nullif(ceiling, 1000000000000000000),
    'ceiling_count', nullif(ceiling_count, 2147483647),
    'left', case when ceiling < 1000000000000000000 then greatest(ceiling - used, 0) end,
    'largest_now', largest);
