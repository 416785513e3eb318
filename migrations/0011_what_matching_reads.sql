-- What matching reads of a limit stands in the rows that it finds by key: in a maximum, and in a step of a budget's path.
--
-- Why twice: one look-up per limit and request was a sixth of what matching cost. Both tables are compiled, after the
-- limits and by whoever writes those, under the same lock; so none of them is ever older than the limits are.

alter table maxima
    add column subject text collate "C",                -- the limit's, as are the next four
    add column span text collate "C",
    add column currency text collate "C",
    add column segments text[],
    add column occasions text[],
    -- what nobody passes. The limit of broken glass has no such maximum for matching: full, it asks somebody else
    add column hard_minor bigint,
    add column hard_count int,
    add column is_glass boolean;                        -- it is the limit of broken glass
update maxima m
set subject = l.subject,
    span = l.span,
    currency = l.currency,
    segments = l.segments,
    occasions = l.occasions,
    hard_minor = case when l.name = 'break_glass' then 1000000000000000000 else l.hard_minor end,
    hard_count = case when l.name = 'break_glass' then 2147483647 else l.hard_count end,
    is_glass = l.name = 'break_glass'
from limits l
where l.tenant_id = m.tenant_id and l.limit_id = m.limit_id;
alter table maxima
    alter column subject set not null,
    alter column span set not null,
    alter column currency set not null,
    alter column hard_minor set not null,
    alter column hard_count set not null,
    alter column is_glass set not null;

alter table budget_paths
    add column span text collate "C",                   -- of the limit of this step, as are the next two
    add column currency text collate "C",
    add column hard_minor bigint;
update budget_paths p
set span = l.span,
    currency = l.currency,
    hard_minor = l.hard_minor
from limits l
where l.tenant_id = p.tenant_id and l.limit_id = p.limit_id;
alter table budget_paths
    alter column span set not null,
    alter column currency set not null,
    alter column hard_minor set not null;
