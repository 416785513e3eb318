-- moves_the_etag: whether an event of this type changes the gesture itself. Asking people, handing a question on, what was
-- promised, what was only tried and what was said afterwards change nothing that anybody would decide on. Pure; inlined.
create or replace function moves_the_etag(p_type text) returns boolean
language sql immutable parallel safe
return p_type not in (
    'ASKED', 'REASSIGNED', 'TRY_FAILED', 'REST_ACCEPTED', 'FOLLOW_UP_CLOSED', 'OUTCOME_RECORDED', 'PROMISE_AT_RISK',
    'PROMISE_LATE', 'PROMISE_KEPT', 'PROMISE_BROKEN');
