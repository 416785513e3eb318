-- similar_of: what the customer or the case of each request was lately given by anybody, or waits for: of the last 90
-- days the newest ten, newest first, but for the gesture itself (p_id; null: there is none yet). It helps whoever did not
-- hear a yes, and decides nothing. Asked for all refusals of a batch at once, after the commit and outside every lock. A
-- function, although it only reads: the same text as a statement of largesse_app was planned anew at every call (40
-- columns twice, and row-level security), which cost 1.3 ms, and where no case was named the plan was a parallel scan
-- that never ran, but for the start of its workers (7 ms with 1,000,000 gestures).
-- Callers: largesse_app, where the transaction has named the tenant; 1 to 512 elements. Locks: none. Cost: 0.1 ms, and 10
-- to 60 µs per element, however much there is; but for what was refused to the same customer since, which is read over,
-- at 1 µs each.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, or not the one named.
create or replace function similar_of(p_tenant uuid, p_id uuid[], p_customer text[], p_case text[])
returns table (
    ord int, gesture_id uuid, kind text, amount_minor bigint, currency text, state text, requested_by text,
    created_at timestamptz)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict error
declare
    v_since timestamptz := largesse.now() - interval '90 days';
begin
    if (cardinality(p_id) between 1 and 512
        and cardinality(p_customer) = cardinality(p_id)
        and cardinality(p_case) = cardinality(p_id)) is not true then
        raise 'whose, 1 to 512 times?' using errcode = 'LG400';
    end if;
    perform tenant_named(p_tenant);
    return query
        select q.ord::int, s.gesture_id, s.kind, s.amount_minor, s.currency, s.state, s.requested_by, s.created_at
        from unnest(p_id, p_customer, p_case) with ordinality q (id, customer_id, case_id, ord)
        cross join lateral (
            select u.*
            from (
                -- One more than is told, because the gesture itself may be among them. Compared as rows, so that only the
                -- index meant is in this order: by equality, that of the whole tenant is as well, and younger.
                (select g.gesture_id, g.kind, g.amount_minor, g.currency, g.state, g.requested_by, g.created_at
                from gestures g
                where g.tenant_id = p_tenant
                    and (g.customer_id, g.created_at) > (q.customer_id, v_since)
                    and (g.customer_id, g.created_at) <= (q.customer_id, 'infinity')
                    and g.state in ('APPROVED', 'PENDING_APPROVAL', 'RETURNED', 'DISPATCHED', 'DELIVERED', 'CANCELLED')
                order by g.customer_id desc, g.created_at desc, g.gesture_id desc
                limit 11)
                union
                (select g.gesture_id, g.kind, g.amount_minor, g.currency, g.state, g.requested_by, g.created_at
                from gestures g
                where g.tenant_id = p_tenant
                    and g.case_id is not null
                    and (g.case_id, g.created_at) > (q.case_id, v_since)
                    and (g.case_id, g.created_at) <= (q.case_id, 'infinity')
                    and g.state in ('APPROVED', 'PENDING_APPROVAL', 'RETURNED', 'DISPATCHED', 'DELIVERED', 'CANCELLED')
                order by g.case_id desc, g.created_at desc, g.gesture_id desc
                limit 11)) u
            where u.gesture_id is distinct from q.id
            order by u.created_at desc, u.gesture_id desc
            limit 10) s
        order by q.ord, s.created_at desc, s.gesture_id desc;
end $$;
