-- captured_of: what a captured cost is in a limit's currency: at the rate that was stored with the hold (null: it is the
-- same currency), rounded up, and never more than was held. Null where nothing was captured. Pure; inlined.
create or replace function captured_of(p_captured bigint, p_held bigint, p_rate numeric) returns bigint
language sql immutable parallel safe
return case
    when p_captured is null then null
    when p_rate is null then least(p_captured, p_held)
    else least(ceil(p_captured * p_rate), p_held)::bigint
end;
