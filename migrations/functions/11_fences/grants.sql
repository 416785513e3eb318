-- Grants: everything that largesse_app may do. It reads, and it calls these functions; it writes no table, makes
-- nothing, and owns nothing. Revoked first, so that what is not in this list is not allowed, whatever was granted
-- before. (Making temporary tables is a right on the database, and is taken away where the database is set up.)
revoke all on schema largesse from public, largesse_app;
revoke all on all tables in schema largesse from public, largesse_app;
revoke all on all routines in schema largesse from public, largesse_app;

grant usage on schema largesse to largesse_app;
grant select on all tables in schema largesse to largesse_app;

grant execute on function
    -- gestures
    admit, preview, settle, resolve, customer_keys, record_outcome, gestures_of, sealed_of, similar_of,
    -- fulfilment
    ready, lease, extend_lease, report, watch_promise, accept_cost, close_follow_up,
    -- approvals
    decide, revise, reassign, review, standing, answers_for, falls_to, delegate, revoke_delegation, set_away,
    -- routing and time
    candidates, routing_of, question, approvals_of, asked_of, ask, decline_unanswerable, lapse, due_tenants, claim_timers,
    -- following the trail
    ack_events, lease_consumer, set_events_aside, retry_set_aside, drop_set_aside, delete_consumer,
    archive_events,
    -- what is told of all of it
    traced, traced_each, signals, violations,
    -- authority
    remaining, apply, put_agents, suspend, pause
to largesse_app;
