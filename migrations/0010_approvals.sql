-- Approvals: the questions that an agent's own authority does not answer, who is asked, and until when.
--
-- Why the asked are rows: only who was asked may answer, for a no as well as for a yes, and Postgres holds every answer
-- against them. Why timers are rows: a deadline then outlives every process, and any replica fires it.
--
-- Why the etag is no longer the number of the last event: asking one more person is an event, and it must not make
-- stale what the people who were asked before are looking at. Nothing that they would decide on has changed.

alter table gestures
    add column etag int not null default 1,             -- the number of the last event that changed the gesture itself
    add column terms_seq int not null default 1,        -- of the event with which the terms in force were asked
    add column decision_seq int not null default 1,     -- of the event that answered them
    add column is_glass boolean not null default false; -- waits for, or was given by, breaking the glass
update gestures set etag = seq;
alter table gestures
    drop constraint gestures_are_in_a_known_state,
    add constraint gestures_are_in_a_known_state check (state in (
        'PENDING_APPROVAL', 'APPROVED', 'DECLINED', 'RETURNED', 'CANCELLED', 'EXPIRED', 'TOMBSTONE')),
    add constraint gestures_number_what_has_happened check (
        etag between 1 and seq and terms_seq between 1 and seq and decision_seq between terms_seq and seq);

alter table events
    drop constraint events_are_of_a_known_type,
    add constraint events_are_of_a_known_type check (type in (
        'APPROVED', 'PENDING_APPROVAL', 'DECLINED', 'CANCELLED', 'TOMBSTONE',
        'ASKED', 'REASSIGNED', 'FIRST_YES', 'RETURNED', 'REVISED', 'EXPIRED', 'REVIEWED',
        'CONFIGURATION_APPLIED', 'AGENTS_PUT', 'AGENT_SUSPENDED', 'AGENT_REINSTATED',
        'GIVING_PAUSED', 'GIVING_RESUMED', 'DELEGATION_MADE', 'DELEGATION_REVOKED', 'AWAY_SET'));

-- A gesture's question: the open one, or the last one. Written when a decision needs approval and when a glass is broken.
create table approvals (
    tenant_id uuid not null,
    gesture_id uuid not null,
    purpose text collate "C" not null,                  -- DECISION: may it be given? REVIEW: was the glass broken rightly?
    opened_at timestamptz not null,
    opened_seq int not null,                            -- the event that opened it
    step int not null default 0,                        -- how often people were asked; 0: nobody was yet
    expires_at timestamptz,                             -- null until somebody is asked; a review does not expire
    -- dual control: the first of two answers, which holds nothing
    first_actor text collate "C",
    first_authority text collate "C",
    first_person_ids text[],                            -- the people behind both: neither may be behind the second answer
    first_minor bigint,                                 -- the amount of the first yes; another amount begins again
    first_promise_by timestamptz,
    first_at timestamptz,
    closed_at timestamptz,                              -- null: open
    closed_seq int,                                     -- the event that closed it
    constraint approvals_are_for_a_purpose check (purpose in ('DECISION', 'REVIEW')),
    constraint approvals_close_with_an_event check ((closed_at is null) = (closed_seq is null)),
    constraint approvals_count_steps check (step >= 0)
) with (fillfactor = 80);
alter table approvals add constraint approvals_are_one_per_gesture primary key (tenant_id, gesture_id);

-- Who was asked, in whose authority the answer is to be given. A delegate or a member of the pool answers for them.
create table asks (
    tenant_id uuid not null,
    gesture_id uuid not null,
    agent_id text collate "C" not null,
    opened_seq int not null,                            -- the question's: who was asked before a revision is asked anew
    how text collate "C" not null,                      -- of the reporting line, as the duty pool, or by a colleague
    asked_at timestamptz not null,
    answer_by timestamptz not null,                     -- when the next person is added; the order of the inbox
    closed_at timestamptz,                              -- null: may answer
    constraint asks_came_about_somehow check (how in ('LINE', 'POOL', 'REASSIGNED'))
) with (fillfactor = 80);

-- An inbox is one range of this index: soonest deadline first, and nothing that is over.
create index asks_open on asks (tenant_id, agent_id, answer_by, gesture_id) where closed_at is null;
alter table asks add constraint asks_ask_once primary key (tenant_id, gesture_id, agent_id);

-- What happens by itself, and when. A row goes when nothing is to happen any more.
create table timers (
    tenant_id uuid not null,
    gesture_id uuid not null,
    purpose text collate "C" not null,
    due_at timestamptz not null,
    claimed_until timestamptz,                          -- a replica is at it; null: nobody is
    constraint timers_are_for_a_purpose check (purpose in ('APPROVAL'))
) with (fillfactor = 70);
create index timers_due on timers (tenant_id, due_at);
alter table timers add constraint timers_are_one_per_purpose primary key (tenant_id, gesture_id, purpose);

-- Lent authority: for a period, one level deep, never to oneself.
create table delegations (
    tenant_id uuid not null,
    delegation_id uuid not null,                        -- the client's: a retry is the same delegation
    delegator_id text collate "C" not null,             -- whose authority
    delegate_id text collate "C" not null,              -- who may answer in it
    starts_at timestamptz not null,
    ends_at timestamptz not null,                       -- not part of it; a revocation moves it here
    kinds text[],                                       -- null: all
    lent_minor bigint,                                  -- at most this per gesture; null: all that the delegator has
    lent_currency text collate "C",
    created_at timestamptz not null,
    created_by text collate "C" not null,
    revoked_at timestamptz,
    revoked_by text collate "C",
    constraint delegations_are_not_to_oneself check (delegator_id <> delegate_id),
    constraint delegations_last check (starts_at < ends_at or revoked_at is not null),
    constraint delegations_lend_an_amount_of_money check (
        (lent_minor is null) = (lent_currency is null) and lent_minor between 1 and 1000000000000)
);
create index delegations_of_a_delegate on delegations (tenant_id, delegate_id, ends_at);
create index delegations_of_a_delegator on delegations (tenant_id, delegator_id, ends_at);
alter table delegations add constraint delegations_have_one_id primary key (tenant_id, delegation_id);

-- Who is away, and until when: at most one absence per agent, the one that was said last.
create table absences (
    tenant_id uuid not null,
    agent_id text collate "C" not null,
    away_from timestamptz not null,
    away_until timestamptz not null,                    -- not part of it
    primary key (tenant_id, agent_id),
    constraint absences_last check (away_from < away_until)
);

-- How long people were waited for, newest last: what "usually takes" is read from.
create table approver_waits (
    tenant_id uuid not null,
    agent_id text collate "C" not null,                 -- who was asked, also where a delegate answered
    waits_s int[] not null,                             -- at most 50
    primary key (tenant_id, agent_id)
) with (fillfactor = 70);

-- Two accounts of one person are one person, wherever it matters. Compiled, as a look-up by person would need an index
-- younger than the key, which the planner would then take for looking up agents in a table that was never analysed.
alter table agents
    add column person_customer_ids text[] not null default '{}';    -- accounts of the person, through any of their agents
update agents a
set person_customer_ids = array(
    select distinct c.id
    from agents x
    cross join unnest(x.own_customer_ids) c (id)
    where x.tenant_id = a.tenant_id and x.person_id = a.person_id
    order by c.id);

-- What a request may say from now on. Nothing was released before this migration: types and signatures change in
-- place here, once. From now on README.md holds: a new type, a new signature.
alter type asked add attribute is_glass boolean;
alter type matched add attribute is_glass boolean;
drop function if exists admit(
    uuid, uuid[], text[], text[], bigint[], text[], text[], text[], text[], text[], text[], text[], timestamptz[], uuid[],
    bytea[], bytea[], bytea[], text[], text[]);
drop function if exists preview(
    uuid, text, text, bigint, text, text, text, text, text, text, text, timestamptz, uuid);
drop function if exists settle(uuid, uuid[], text[], int[], text[], text[], text[]);
