-- document_budgets: the budgets of a document with their depth in the tree: 0 is a root. A budget whose parent is
-- unknown, or that is its own ancestor, or deeper than 9, is not reached and not returned.
-- Callers: put_budgets, document_limits. Pure.
create or replace function document_budgets(p_document jsonb)
returns table (budget_id text, parent_id text, currency text, span text, amount_minor bigint, depth int)
language plpgsql immutable
as $$
#variable_conflict error
begin
    return query
        with recursive listed as (
            select b.*
            from jsonb_to_recordset(p_document -> 'budgets') b (
                name text, parent text, currency text, "window" text, amount_minor bigint)),
        reached as (
            select l.*, 0 depth from listed l where l.parent is null
            union all
            select l.*, r.depth + 1 from reached r join listed l on l.parent = r.name where r.depth < 9)
        select r.name, r.parent, r.currency, r."window", r.amount_minor, r.depth from reached r;
end $$;
