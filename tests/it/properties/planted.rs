//! Differences that only a superuser can plant, and the invariants that must name each.

/// A difference, as SQL, and the invariants that must name it.
pub(super) type Planted = (&'static str, &'static [u8]);

/// What is planted, and the invariants that must name it.
pub(super) const PLANTED: &[Planted] = &[
    // 1: a ceiling without its CHECK; a ceiling that nobody had; a maximum above what the version allows
    (
        "alter table largesse.counters drop constraint counters_within_ceiling;
         update largesse.counters set held_minor = ceiling_minor + 1 where limit_id >= 6000000",
        &[1, 2],
    ),
    (
        "update largesse.counters set ceiling_minor = ceiling_minor + 1 where limit_id >= 6000000",
        &[1],
    ),
    (
        "update largesse.gestures set charged_maxima[1] = 99999999 where state = 'APPROVED'",
        &[1],
    ),
    (
        "alter table largesse.counters drop constraint counters_never_negative;
         update largesse.counters set used_count = -1 where used_count > 0",
        &[1, 2],
    ),
    // 2: a write that passed a counter by; a counter that is gone; a hold rewritten
    (
        "update largesse.counters set held_minor = held_minor - 1 where limit_id >= 6000000",
        &[2],
    ),
    (
        "update largesse.counters set used_count = used_count + 1 where limit_id >= 6000000",
        &[2],
    ),
    ("delete from largesse.counters where limit_id >= 6000000", &[2]),
    (
        "update largesse.gestures set charged_minor[cardinality(charged_minor)] = 1 where state = 'APPROVED'",
        &[2, 12],
    ),
    // 3: who holds nothing, who holds twice, and who should not hold
    (
        "alter table largesse.gestures drop constraint gestures_hold_what_they_name;
         update largesse.gestures set charged_limits = null where state = 'APPROVED'",
        &[2, 3],
    ),
    (
        "update largesse.gestures set charged_limits[2] = charged_limits[1] where state = 'APPROVED'",
        &[2, 3],
    ),
    (
        "update largesse.gestures set settled_at = null where state = 'CANCELLED' and hold_minor is not null",
        &[3, 4],
    ),
    (
        "update largesse.gestures set captured_minor = 0 where state = 'APPROVED'",
        &[3],
    ),
    // 4: a hold that is not the amount and its tolerance; a capture that nobody reported
    (
        "update largesse.gestures set hold_minor = hold_minor + 1 where state = 'APPROVED'",
        &[4, 12],
    ),
    (
        "update largesse.gestures set settled_at = settled_at + interval '1 s' where settled_at is not null",
        &[4],
    ),
    (
        "update largesse.gestures set captured_minor = 1, actual_minor = 1 where state = 'CANCELLED' and hold_minor is not null",
        &[2],
    ),
    // 5: an edge that is not drawn; a gap; a row that stands elsewhere
    (
        "update largesse.events set type = 'DECLINED', state = 'DECLINED' where type = 'CANCELLED'",
        &[5],
    ),
    (
        "update largesse.events set seq = 3 where seq = 2",
        &[5],
    ),
    (
        "update largesse.gestures set state = 'DECLINED' where state = 'PENDING_APPROVAL'",
        &[5],
    ),
    // 9: other terms under an old decision
    (
        "update largesse.gestures set request_digest = sha256('other') where state = 'APPROVED'",
        &[9],
    ),
    (
        "update largesse.gestures set amount_minor = amount_minor + 1 where state = 'PENDING_APPROVAL'",
        &[9],
    ),
    // 11: a decision without an authority or with another version; a refusal without its reasons
    (
        "update largesse.gestures set authority = null where state = 'APPROVED'",
        &[11],
    ),
    (
        "update largesse.gestures set configuration_version = 7 where state = 'PENDING_APPROVAL'",
        &[11],
    ),
    (
        "update largesse.events set facts = null where type = 'PENDING_APPROVAL'",
        &[11, 18],
    ),
    (
        "update largesse.events set facts = replace(facts::text, '\"used\"', '\"spent\"')::json
         where type = 'PENDING_APPROVAL'",
        &[11, 18],
    ),
    // 12: an amount that is none; a conversion that was none
    (
        "update largesse.gestures set currency = 'euro' where state = 'PENDING_APPROVAL'",
        &[12],
    ),
    (
        "update largesse.gestures set charged_rates = array_fill(1::numeric, array[cardinality(charged_limits)])
         where state = 'APPROVED'",
        &[12],
    ),
    // 13: the wrong window, the day before
    (
        "update largesse.gestures set decided_at = decided_at - interval '400 days' where state = 'APPROVED'",
        &[13],
    ),
    // 14: an id that became free again; a primary key that is none
    (
        "delete from largesse.gestures where state = 'TOMBSTONE'",
        &[14],
    ),
    (
        "alter table largesse.gestures drop constraint gestures_answer_an_id_once",
        &[14],
    ),
    (
        "update largesse.gestures set digest_version = null where state = 'PENDING_APPROVAL'",
        &[14],
    ),
    // 16: a change without an event; a promise without its task; a task without a promise
    (
        "delete from largesse.events where type = 'CANCELLED'",
        &[5, 16, 17, 18],
    ),
    ("delete from largesse.tasks", &[16]),
    (
        "insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select tenant_id, gesture_id, 'florist', now() from largesse.gestures where state = 'DECLINED'",
        &[16],
    ),
    // 17: a batch that is gone, from the middle and from the end; a number twice the step
    (
        "delete from largesse.batches where batch_no = 2",
        &[16, 17, 18],
    ),
    (
        "delete from largesse.batches where batch_no = (select max(batch_no) from largesse.batches)",
        &[16, 17, 18],
    ),
    ("update largesse.heads set batch_no = batch_no + 1", &[17]),
    ("delete from largesse.heads", &[17]),
    (
        "update largesse.events set ordinal = 99 where ordinal = 1",
        &[17],
    ),
    // 18: a word rewritten, and with its hash; a seal; a head; a sealed part
    (
        "update largesse.events set actor = 'nobody' where type = 'DECLINED'",
        &[11, 18],
    ),
    (
        "update largesse.events set session_role = 'postgres'",
        &[18],
    ),
    (
        "update largesse.events set hash = sha256('another') where ordinal = 1",
        &[18],
    ),
    (
        "update largesse.batches set head = sha256('another') where batch_no = 2",
        &[18],
    ),
    ("update largesse.heads set head = sha256('another')", &[18]),
    (
        "update largesse.personal set sealed = 'another'",
        &[18],
    ),
    // 19: a grant, of a table and of a column
    (
        "grant insert on largesse.events to largesse_app",
        &[19],
    ),
    (
        "grant update (held_minor) on largesse.counters to largesse_app",
        &[19],
    ),
    (
        "grant truncate on largesse.batches to public",
        &[19],
    ),
    // 21: a key without the tenant; rows that speak of another tenant's
    (
        "alter table largesse.budgets add constraint b unique (budget_id)",
        &[21],
    ),
    (
        "create unique index on largesse.agents (agent_id)",
        &[21],
    ),
    (
        "update largesse.personal set tenant_id = gen_random_uuid()",
        &[21],
    ),
    (
        "update largesse.gestures set replaces = gen_random_uuid() where state = 'DECLINED'",
        &[21],
    ),
    // 22: every fence, taken down
    ("alter role largesse_app bypassrls", &[22]),
    ("alter role largesse_app createrole", &[22]),
    ("grant largesse_owner to largesse_app", &[22, 19]),
    (
        "alter table largesse.counters no force row level security",
        &[22],
    ),
    (
        "create policy open on largesse.gestures for select to public using (true)",
        &[22],
    ),
    (
        "alter function largesse.customer_keys reset search_path",
        &[22],
    ),
    (
        "alter function largesse.customer_keys set search_path = largesse",
        &[22],
    ),
    (
        "grant execute on function largesse.charge to public",
        &[22],
    ),
    ("grant create on schema public to public", &[22]),
    (
        "create table public.mine (); alter table public.mine owner to largesse_app",
        &[22],
    ),
    // 26: an increase that passed its maximum; a refusal that names what was not so, and one that would have fitted
    (
        "update largesse.gestures set charged_maxima[cardinality(charged_maxima)] = charged_minor[1]
         where state = 'APPROVED' and customer_id = 'ida'",
        &[26],
    ),
    (
        "update largesse.events set facts = regexp_replace(facts::text, '\"used\": ?\\d+', '\"used\": 1')::json
         where facts::text like '%customer-year%'",
        &[26],
    ),
    (
        "update largesse.events set facts = regexp_replace(facts::text, '\"ceiling\": ?\\d+', '\"ceiling\": 900000')::json
         where facts::text like '%customer-year%'",
        &[26],
    ),
    // 27: a yes to who was suspended, a yes to what was paused, a decision by yesterday's rules
    (
        "update largesse.events set facts = '{\"agent\": \"fl-101\"}' where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.events set type = 'GIVING_PAUSED', facts = '{\"scope\": \"KIND\", \"name\": \"flowers\"}'
         where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.events set configuration_version = 1 where type = 'APPROVED'",
        &[27],
    ),
];
