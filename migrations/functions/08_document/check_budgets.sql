-- check_budgets: the rules about budgets that a single row cannot tell: names once, parents known, no cycle, a window.
-- Callers: put_document. Pure. SQLSTATE: LG422.
create or replace function check_budgets(p_document jsonb) returns void
language plpgsql immutable
as $$
#variable_conflict error
declare
    v_names text[] := array(select b.name from jsonb_to_recordset(p_document -> 'budgets') b (name text));
begin
    perform refuse_document('budgets: ' || first_repeated(v_names) || ' is there twice');
    perform refuse_document((
        select format('budget %s: its parent %s is no budget', b.name, b.parent)
        from jsonb_to_recordset(p_document -> 'budgets') b (name text, parent text)
        where b.parent <> all (v_names)
        order by 1
        limit 1));
    perform refuse_document('budget ' || first_unknown(v_names, array(
        select b.budget_id from document_budgets(p_document) b))
        || ': its ancestors form a cycle, or are more than 9');
    perform refuse_document((
        select format('budget %s: one gesture has no window in which a budget could be used up', b.budget_id)
        from document_budgets(p_document) b
        where b.span = 'GESTURE'
        order by 1
        limit 1));
end $$;
