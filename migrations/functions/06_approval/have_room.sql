-- have_room: by element, whether every counter that it would charge has room for it, each as if it were the only one. What
-- a sweep says of one request that breaks no rule, for any number of deciders of the same request at once.
-- Callers: candidates_of. Locks: none: the counters are read as they are, and the answer informs. Cost: 4 µs per element and
-- limit.
create or replace function have_room(p_tenant uuid, m matched[]) returns boolean[]
language plpgsql stable
as $$
#variable_conflict error
begin
    return array(
        select not exists (
            select
            from unnest(r.limits, r.subjects, r.windows, r.amounts, r.maxima, r.max_counts)
                c (limit_id, subject, window_on, amount, maximum, max_count)
            left join lateral (
                select x.held_minor + x.captured_minor used, x.used_count
                from counters x
                where x.tenant_id = p_tenant
                    and x.limit_id = c.limit_id
                    and x.subject = c.subject
                    and x.window_on = c.window_on
                limit 1) k on true
            where coalesce(k.used, 0) + c.amount > c.maximum or coalesce(k.used_count, 0) >= c.max_count)
        from unnest(m) r
        order by r.ord);
end $$;
