-- used_now: what each of these counters says now. One that is not there has not been used, and is not returned.
-- Callers: remaining. Locks: none. Cost: a look-up per counter.
create or replace function used_now(p_tenant uuid, p_limits int[], p_subjects text[], p_windows date[])
returns table (limit_id int, subject text, window_on date, used bigint, used_count int)
language plpgsql stable
as $$
#variable_conflict error
begin
    return query
        select k.limit_id, k.subject, k.window_on, k.held_minor + k.captured_minor, k.used_count
        from unnest(p_limits, p_subjects, p_windows) w (limit_id, subject, window_on)
        cross join lateral (
            select x.* from counters x
            where x.tenant_id = p_tenant
                and x.limit_id = w.limit_id
                and x.subject = w.subject
                and x.window_on = w.window_on
            limit 1) k;
end $$;
