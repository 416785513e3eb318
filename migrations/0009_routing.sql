-- Routing: who is asked when an agent's own authority does not suffice, and how long each of them is waited for.
--
-- Why it is compiled: a question is routed by the first row that matches, as a decision is made by its maxima. What a
-- rule leaves out was filled in before, so a row says all of it and nothing is looked up twice.
--
-- A tenant whose document was applied before this migration has no rows here. Readers then take what the section says
-- of itself where nobody wrote one: 4 hours for each, 72 hours in all, and silence ends the question.

alter table catalog_items
    add column dual_minor bigint,                       -- above it nobody decides alone; null: no such amount
    add constraint catalog_items_need_two_above_an_amount check (dual_minor between 1 and 1000000000000);

-- What holds for every question of the tenant.
create table routings (
    tenant_id uuid not null,
    duty_pool_id text collate "C",                      -- an agent of type POOL, asked last; null: there is none
    duty_member_ids text[] not null,                    -- the people who answer in its authority
    review_within_s int not null,                       -- by when the manager looks at a broken glass
    working_hours jsonb,                                -- [[["09:00","17:00"]], ...], local, Monday first; null: no calendar
    holidays date[] not null,                           -- local days on which nobody works
    primary key (tenant_id),
    constraint routings_name_a_pool_with_members check (
        (duty_pool_id is null) = (cardinality(duty_member_ids) = 0) and cardinality(duty_member_ids) <= 100),
    constraint routings_review_in_time check (review_within_s between 60 and 7776000),
    constraint routings_have_hours_for_seven_days check (
        case when jsonb_typeof(working_hours) = 'array' then jsonb_array_length(working_hours) = 7
            else working_hours is null end),
    constraint routings_close_on_days_of_the_calendar check (
        array_position(holidays, null) is null
        and 'infinity' <> all (holidays)
        and '-infinity' <> all (holidays)
        and cardinality(holidays) <= 1000)
);

-- How long is waited, and what silence means: the first row that matches, by ascending place. The last one, which
-- holds the section's own durations, has no filters; so there always is one.
create table routing_rules (
    tenant_id uuid not null,
    place int not null,                                 -- 1, 2, 3 ... in the order of the document
    kinds text[],                                       -- which gestures it is about; null: all
    segments text[],
    occasions text[],
    answer_within_s int not null,                       -- how long one person is asked before the next is added
    expire_after_s int not null,                        -- how long the question is open
    on_silence text collate "C" not null,               -- EXPIRE, or GRANT: the duty pool gives it, within its own maxima
    clock text collate "C" not null,                    -- which time counts for both: ALWAYS, or that of the calendar
    primary key (tenant_id, place),
    constraint routing_rules_have_an_order check (place >= 1),
    constraint routing_rules_match_something check (
        cardinality(kinds) > 0 and cardinality(segments) > 0 and cardinality(occasions) > 0),
    constraint routing_rules_let_people_answer check (answer_within_s between 60 and 2592000),
    constraint routing_rules_ask_before_they_expire check (expire_after_s between answer_within_s and 7776000),
    constraint routing_rules_know_what_silence_means check (on_silence in ('EXPIRE', 'GRANT')),
    constraint routing_rules_know_which_time_counts check (clock in ('ALWAYS', 'WORKING_HOURS'))
);

-- Steps of their own, so that they can be dropped and added again one by one (see 0003).
alter table routings
    add constraint routings_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
alter table routing_rules
    add constraint routing_rules_belong_to_a_tenant
    foreign key (tenant_id) references tenants (tenant_id);
