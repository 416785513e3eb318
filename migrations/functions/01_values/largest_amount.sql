-- largest_amount: the largest amount, in the gesture's currency, whose hold still fits into what is left of a limit.
-- The inverse of what match does: add the tolerance and round up, convert and round up. div() is exact where a numeric
-- quotient would be rounded. At most 10^12, the largest amount there is. Pure. Callers: sweep, remaining.
create or replace function largest_amount(left_minor bigint, rate numeric, tolerance_bp int) returns bigint
language sql immutable parallel safe
return least(
    div(div(greatest(left_minor, 0)::numeric, coalesce(rate, 1)) * 10000, 10000 + tolerance_bp), 1000000000000)::bigint;
