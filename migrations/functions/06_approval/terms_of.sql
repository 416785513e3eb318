-- terms_of: what a gesture asks, as it was asked. Callers: reassign, decline_unanswerable. Pure.
create or replace function terms_of(g gestures) returns asked
language plpgsql immutable
as $$
begin
    return row (
        g.gesture_id, g.requested_by, g.kind, g.amount_minor, g.currency, g.customer_id, g.segment, g.case_id, g.occasion,
        g.budget_id, g.waived, g.promise_by, null, g.request_digest, g.personal_digest, null, null, null, false,
        null)::asked;
end $$;
