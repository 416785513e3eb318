-- document_limits: every limit that a document means, those of its budgets too, with the block of ids from which a
-- new one gets its own (see the table limits: ids ascend with sharing).
-- Callers: put_limits. Pure.
create or replace function document_limits(p_document jsonb)
returns table (
    name text, subject text, span text, currency text, kinds text[], segments text[], occasions text[],
    hard_minor bigint, hard_count int, first_id int)
language plpgsql immutable
as $$
#variable_conflict error
begin
    return query
        select
            l.name, l.subject, l."window", l.currency, l.kinds, l.segments, l.occasions,
            coalesce(l.hard_minor, 1000000000000000000), coalesce(l.hard_count, 2147483647),
            case l.subject
                when 'AGENT' then 1000000
                when 'AGENT_AND_CUSTOMER' then 2000000
                when 'CUSTOMER' then 3000000
                when 'CASE' then 4000000
                else 6000000
            end
        from jsonb_to_recordset(p_document -> 'limits') l (
            name text, subject text, "window" text, currency text, kinds text[], segments text[], occasions text[],
            hard_minor bigint, hard_count int)
        union all
        select
            b.budget_id, 'BUDGET', b.span, b.currency, null, null, null, b.amount_minor, 2147483647,
            5900000 - 100000 * b.depth
        from document_budgets(p_document) b;
end $$;
