-- said_in: a report as its event keeps it: what makes two reports the same one. Times as microseconds, since the text of an
-- instant depends on the session. Pure. Callers: same_report, follow_report.
create or replace function said_in(r reported) returns jsonb
language sql immutable
return jsonb_strip_nulls(jsonb_build_object(
    'type', r.type, 'token', r.token, 'cost_minor', r.cost, 'currency', r.currency,
    'at_us', (extract(epoch from r.at) * 1000000)::bigint, 'reference', r.reference, 'failure', r.failure));
