-- outcome_of: what a requester is told of a state. Pure. Callers: answers_of, preview.
create or replace function outcome_of(p_state text) returns text
language sql immutable parallel safe
return case p_state when 'PENDING_APPROVAL' then 'NEEDS_APPROVAL' else p_state end;
