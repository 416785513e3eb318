-- Configuration: what a tenant's document says, compiled into the rows that matching reads.
--
-- Why it is compiled: a decision looks up a handful of rows by key and interprets nothing. `apply` and `put_agents`
-- write these tables under the tenant's exclusive configuration lock; every decision holds that lock shared, so no
-- decision ever sees half a configuration. A limit keeps its limit_id, and with it its counters, for as long as it
-- keeps its identity.
--
-- Unbounded is stored as the largest value there is (10^18 minor units, 2147483647 pieces), never as null, so that
-- the kernel compares without asking first. Answers show it as null again.

-- Every configuration that was ever in force: what was meant (document), what was written (source), and by whom.
create table configurations (
    tenant_id uuid not null,
    version int not null,                               -- 1, 2, 3 ... without a gap
    document jsonb not null,                            -- normalised, without the agents
    source text not null,                               -- the YAML as it was given
    agents_changed jsonb,                               -- {"put": [as given], "suspended": [ids]}; null: not said
    applied_by text collate "C" not null,
    applied_at timestamptz not null,
    primary key (tenant_id, version)
);

-- Who may ask and who may answer. Nobody is ever deleted: the trail names them.
create table agents (
    tenant_id uuid not null,
    agent_id text collate "C" not null,
    type text collate "C" not null,                     -- HUMAN, SOFTWARE (acting for one), POOL (the duty pool)
    person_id text collate "C" not null,                -- the human behind the account: two accounts, one person
    level text collate "C" not null,                    -- by name, as the document says it
    authority_id int not null,                          -- what that means in maxima; 0 once out of the roster: nothing
    manager_id text collate "C",                        -- the next step of the reporting line; null: the top
    budget_id text collate "C" not null,                -- charged where a gesture names none
    own_customer_ids text[] not null default '{}',      -- accounts of their own, to which they give nothing
    overrides jsonb not null default '[]',              -- single maxima that replace the level's
    is_listed boolean not null,                         -- is in the roster; `apply` unlists who is missing from it
    is_suspended boolean not null default false,        -- by SuspendAgent; no roster undoes it
    is_active boolean not null generated always as (is_listed and not is_suspended) stored,
    primary key (tenant_id, agent_id),
    constraint agents_can_be_typed check (agent_id ~ '^[!-~]{1,128}$' and person_id ~ '^[!-~]{1,128}$'),
    constraint agents_are_people_programs_or_pools check (type in ('HUMAN', 'SOFTWARE', 'POOL')),
    constraint agents_do_not_manage_themselves check (manager_id <> agent_id)
);

-- What matching needs of a level. An agent with overrides has an authority to themselves.
create table authorities (
    tenant_id uuid not null,
    authority_id int not null,                          -- new with every apply; nothing outside configuration names it
    level text collate "C" not null,
    policies text[] not null,                           -- which rules it may waive
    budgets text[] not null,                            -- which budgets it may draw on, besides the agent's own
    primary key (tenant_id, authority_id)
);

-- What can be given, priced per currency. A kind without a row in a currency is not offered in it.
create table catalog_items (
    tenant_id uuid not null,
    kind text collate "C" not null,
    currency text collate "C" not null,                 -- ISO 4217
    is_offered boolean not null,
    min_minor bigint not null,                          -- the price range of a single gesture, both ends included
    max_minor bigint not null,
    recipient_fields text[] not null,                   -- what must be known of the recipient; the service checks it
    channel text collate "C" not null,                  -- who fulfils it
    lead_time_s int not null,                           -- how long that usually takes
    tolerance_bp int not null,                          -- by how much the cost may exceed the amount, in 1/10,000
    primary key (tenant_id, kind, currency),
    constraint catalog_items_can_be_typed check (kind ~ '^[!-~]{1,128}$' and channel ~ '^[!-~]{1,128}$'),
    constraint catalog_items_name_a_currency check (currency ~ '^[A-Z]{3}$'),
    constraint catalog_items_have_a_price_range check (
        min_minor >= 1 and min_minor <= max_minor and max_minor <= 1000000000000),
    constraint catalog_items_take_time check (lead_time_s >= 0),
    constraint catalog_items_tolerate_at_most_their_price check (tolerance_bp between 0 and 10000)
);

-- WHAT is counted, and the maximum that nobody passes. Budgets compile to limits of subject BUDGET.
-- Ids ascend with sharing, so that the order of keys, which is the order of locks, takes the most shared counter last:
--   1,000,000 AGENT   2,000,000 AGENT_AND_CUSTOMER   3,000,000 CUSTOMER   4,000,000 CASE
--   5,000,000 BUDGET, the deepest first, roots from 5,900,000   6,000,000 TENANT
create table limits (
    tenant_id uuid not null,
    limit_id int not null,
    name text collate "C" not null,                     -- of a budget's limit: the budget's
    subject text collate "C" not null,                  -- whose use is counted
    span text collate "C" not null,                     -- the calendar window in which it is counted
    currency text collate "C" not null,
    kinds text[],                                       -- which gestures it covers; null: all
    segments text[],
    occasions text[],
    hard_minor bigint not null,
    hard_count int not null,
    is_retired boolean not null default false,          -- in no document now; its counters wait for it to come back
    constraint limits_keep_their_counters_by_identity unique (tenant_id, name, subject, span, currency),
    constraint limits_can_be_typed check (name ~ '^[!-~]{1,128}$'),
    constraint limits_count_for_a_subject check (
        subject in ('AGENT', 'AGENT_AND_CUSTOMER', 'CUSTOMER', 'CASE', 'BUDGET', 'TENANT')),
    constraint limits_count_in_a_window check (
        span in ('GESTURE', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'EVER')),
    constraint limits_name_a_currency check (currency ~ '^[A-Z]{3}$'),
    -- 10^18 + 10^18 is still a bigint: no sum of a counter and a request overflows
    constraint limits_leave_room_to_add check (hard_minor between 0 and 1000000000000000000),
    constraint limits_count_upwards check (hard_count >= 0)
);
-- last, because on a table that was never analysed the planner finds all indexes equally cheap and takes the youngest;
-- the other one would read all of the tenant's limits for each limit of each request
alter table limits add constraint limits_have_one_id primary key (tenant_id, limit_id);

-- HOW MUCH of it an authority may use up alone, per kind: one row for every limit that binds.
create table maxima (
    tenant_id uuid not null,
    authority_id int not null,
    kind text collate "C" not null,
    limit_id int not null,
    max_minor bigint not null,                          -- never above the limit's hard_minor
    max_count int not null,
    grants boolean not null,                            -- AGENT, with an amount: what authority is made of
    primary key (tenant_id, authority_id, kind, limit_id)
);

-- Pooled money. A gesture charges its budget and every ancestor.
create table budgets (
    tenant_id uuid not null,
    budget_id text collate "C" not null,                -- its name
    parent_id text collate "C",                         -- null: a root
    currency text collate "C" not null,
    span text collate "C" not null,
    amount_minor bigint not null,                       -- per window; the hard_minor of its limit
    limit_id int not null,
    primary key (tenant_id, budget_id)
);

-- A budget and each of its ancestors, as the limits that they are.
create table budget_paths (
    tenant_id uuid not null,
    budget_id text collate "C" not null,
    limit_id int not null,
    primary key (tenant_id, budget_id, limit_id)
);

-- What one minor unit of a currency costs in minor units of another. Never inverted, never chained.
create table rates (
    tenant_id uuid not null,
    from_currency text collate "C" not null,
    to_currency text collate "C" not null,
    dated date not null,                                -- used from this local day on, until it is too old
    rate numeric not null,
    primary key (tenant_id, from_currency, to_currency, dated),
    constraint rates_name_two_currencies check (
        from_currency ~ '^[A-Z]{3}$' and to_currency ~ '^[A-Z]{3}$' and from_currency <> to_currency),
    constraint rates_are_finite_and_leave_room check (rate > 0 and rate <= 1000000 and dated > '-infinity')
);

-- What nobody gives for the moment. Set and lifted by hand; a new configuration leaves it alone.
create table pauses (
    tenant_id uuid not null,
    scope text collate "C" not null,                    -- all of the tenant's giving, one kind, or one channel
    name text collate "C" not null default '',          -- of the kind or the channel
    primary key (tenant_id, scope, name),
    constraint pauses_name_what_they_stop check (
        scope in ('TENANT', 'KIND', 'CHANNEL') and (scope = 'TENANT') = (name = ''))
);
