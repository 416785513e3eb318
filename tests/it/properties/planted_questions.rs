//! Differences in what was asked and answered, that only a superuser can plant, and the invariants that must name each.

use super::planted::Planted;

/// What is planted, and the invariants that must name it.
pub(super) const PLANTED: &[Planted] = &[
    // 3: who says no decides nothing that would be charged; what waits is not decided
    (
        "update largesse.gestures set decided_by = 'ld-1' where state = 'DECLINED'",
        &[3],
    ),
    (
        "update largesse.gestures set decided_at = created_at where state = 'RETURNED'",
        &[3],
    ),
    // 5: edges that are not drawn, an etag that asking moved, terms and answers of another event
    (
        "update largesse.events set state = 'APPROVED' where type = 'FIRST_YES'",
        &[5],
    ),
    (
        "update largesse.events set state = 'PENDING_APPROVAL' where type = 'RETURNED'",
        &[5],
    ),
    (
        "update largesse.events set facts = replace(facts::text, 'DECISION', 'REVIEW')::json where type = 'ASKED'",
        &[5, 31],
    ),
    (
        "update largesse.gestures set etag = seq where etag <> seq",
        &[5],
    ),
    (
        "update largesse.gestures set terms_seq = 1, decision_seq = 1 where terms_seq <> 1",
        &[5],
    ),
    (
        "update largesse.gestures set decision_seq = terms_seq where decision_seq <> terms_seq",
        &[5],
    ),
    (
        "update largesse.gestures set updated_at = updated_at + interval '1 s'",
        &[5],
    ),
    // 6: a first yes that never was, of the same person, of no person, to another amount, to other terms; one for two
    (
        "delete from largesse.events where type = 'FIRST_YES' and seq = 4",
        &[5, 6],
    ),
    (
        "update largesse.agents set person_id = 'mg-2' where agent_id = 'top-1'",
        &[6],
    ),
    (
        "update largesse.agents set type = 'SOFTWARE' where agent_id = 'mg-2'",
        &[6],
    ),
    (
        "update largesse.events set amount_minor = 24001 where type = 'FIRST_YES' and seq = 4",
        &[6],
    ),
    (
        "update largesse.events set terms_digest = sha256('other') where type = 'FIRST_YES'",
        &[6, 9],
    ),
    (
        "update largesse.configurations set document = jsonb_set(document, '{catalog,0,dual_minor}', '4000')",
        &[6],
    ),
    (
        "update largesse.events set facts = '{\"on_silence\": true}' where facts::text like '%\"first\"%'",
        &[6],
    ),
    // 7: the requester's person as actor and as authority, an own account, a revision by somebody else
    (
        "update largesse.agents set person_id = 'fl-1' where agent_id = 'ld-1'",
        &[7],
    ),
    (
        "update largesse.agents set person_id = 'fl-2' where agent_id = 'pm-1'",
        &[7],
    ),
    (
        "update largesse.agents set own_customer_ids = '{ida}' where agent_id = 'ld-1-second'",
        &[7],
    ),
    (
        "update largesse.agents set own_customer_ids = '{noa}' where agent_id = 'mg-2'",
        &[7],
    ),
    (
        "update largesse.agents set own_customer_ids = '{ida}' where agent_id = 'fl-1-software'",
        &[7],
    ),
    (
        "update largesse.events set actor = 'mg-1' where type = 'REVISED'",
        &[7, 11],
    ),
    // 8: a circle, a chain, lending to oneself, a longer loan; an answer after the end, of another kind, above what was lent
    (
        "insert into largesse.delegations (tenant_id, delegation_id, delegator_id, delegate_id, starts_at, ends_at,
            created_at, created_by)
         select tenant_id, gen_random_uuid(), delegate_id, delegator_id, starts_at, ends_at, created_at, created_by
         from largesse.delegations where delegator_id = 'ld-1'",
        &[8],
    ),
    (
        "update largesse.agents set person_id = 'pm-1' where agent_id = 'mg-1'",
        &[8],
    ),
    (
        "update largesse.agents set type = 'SOFTWARE' where agent_id = 'pm-1'",
        &[8],
    ),
    (
        "update largesse.delegations set ends_at = ends_at + interval '1 day'",
        &[8],
    ),
    (
        "delete from largesse.delegations where delegator_id = 'ld-1'",
        &[8],
    ),
    (
        "update largesse.events set facts = regexp_replace(facts::text, '\"until\": ?\"[^\"]*\"', '\"until\": \"2026-11-27 10:00Z\"')::json
         where type = 'DELEGATION_MADE'",
        &[8],
    ),
    (
        "update largesse.events set facts = replace(facts::text, 'basket', 'flowers')::json where type = 'DELEGATION_MADE'",
        &[8],
    ),
    (
        "update largesse.events set facts = replace(facts::text, '9000', '7999')::json where type = 'DELEGATION_MADE'",
        &[8],
    ),
    (
        "update largesse.configurations set document = jsonb_set(document, '{rates,table,0,rate}', '1.3')",
        &[8, 12],
    ),
    (
        "update largesse.configurations set document = jsonb_set(document, '{routing,duty_members}', '[]')",
        &[8],
    ),
    (
        "update largesse.events set actor = 'top-1' where type = 'APPROVED' and authority = 'mg-1'",
        &[8],
    ),
    // 9: an amount that nobody said yes to, and an approval that hides what was asked
    (
        "update largesse.gestures set amount_minor = 9000 where amount_minor = 6500",
        &[9],
    ),
    (
        "update largesse.events set facts = replace(facts::text, '9000', '6500')::json where amount_minor = 6500",
        &[9],
    ),
    (
        "update largesse.events set amount_minor = 7001 where type = 'ASKED' and amount_minor = 7000",
        &[9],
    ),
    // 10: work for another channel, before its time, without an approval; an authority that nobody had
    (
        "update largesse.tasks set channel = 'florist'",
        &[10],
    ),
    (
        "update largesse.tasks set ready_at = ready_at - interval '1 s'",
        &[10],
    ),
    (
        "insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select tenant_id, gesture_id, 'delicatessen', '2027-01-01Z' from largesse.gestures where state = 'PENDING_APPROVAL'",
        &[10, 16],
    ),
    ("update largesse.maxima set max_minor = 1", &[10]),
    ("update largesse.maxima set grants = false", &[10]),
    // 11: somebody else's counters; an answer of nobody, without a why, or without a reason
    (
        "update largesse.gestures set charged_subjects = array_replace(charged_subjects, 'ld-1', 'fl-1') where authority = 'ld-1'",
        &[2, 11],
    ),
    (
        "update largesse.gestures set decided_by = 'ld-1' where decided_by = 'pm-1'",
        &[11],
    ),
    (
        "update largesse.events set sealed_hash = null where type = 'RETURNED'",
        &[11, 18],
    ),
    (
        "update largesse.events set actor = 'fl-1' where type = 'EXPIRED'",
        &[11],
    ),
    (
        "update largesse.events set facts = '{\"reasons\": []}' where type = 'DECLINED' and authority is null",
        &[11],
    ),
    (
        "update largesse.events set facts = null where type = 'REVIEWED'",
        &[11],
    ),
    (
        "update largesse.events set facts = '{\"break_glass\": false}' where facts ->> 'break_glass' = 'true'",
        &[11, 32],
    ),
    // 16: somebody who is back, and never said so
    ("delete from largesse.absences", &[16]),
    // 21: rows of another tenant, and of nobody
    (
        "update largesse.asks set tenant_id = gen_random_uuid()",
        &[21, 31],
    ),
    (
        "update largesse.timers set tenant_id = gen_random_uuid()",
        &[21, 32],
    ),
    (
        "update largesse.approver_waits set agent_id = 'nobody' where agent_id = 'duty'",
        &[21],
    ),
    // 26: a yes of somebody who was asked, beyond what the authority had left
    (
        "update largesse.gestures set charged_maxima = array_replace(charged_maxima, 50000::bigint, 20000::bigint)
         where authority = 'ld-1'",
        &[26],
    ),
    // 27: an answer by whoever was suspended, as actor, as authority, as requester, in silence, by leaving the roster
    (
        "update largesse.events set facts = '{\"agent\": \"pm-1\"}' where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.events set facts = '{\"agent\": \"ld-1\"}' where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.events set facts = '{\"agent\": \"fl-2\"}' where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.events set facts = '{\"agent\": \"duty\"}' where type = 'AGENT_SUSPENDED'",
        &[27],
    ),
    (
        "update largesse.configurations set agents_changed = jsonb_set(agents_changed, '{suspended}', '[\"ld-1\"]')",
        &[27],
    ),
    (
        "update largesse.events set configuration_version = 2 where type = 'FIRST_YES'",
        &[27],
    ),
    // 31: nobody was asked, somebody else was, it was handed on; an ask that outlives its question; silence too early
    (
        "delete from largesse.asks where agent_id = 'duty'",
        &[31],
    ),
    (
        "delete from largesse.events where type = 'ASKED' and facts::text like '%duty%'",
        &[31],
    ),
    (
        "update largesse.events set actor = 'mg-1', authority = 'mg-1' where type = 'DECLINED' and authority is not null",
        &[31],
    ),
    (
        "update largesse.events e set actor = 'ld-1', authority = 'ld-1'
         where type = 'APPROVED' and exists (
            select from largesse.events x where x.gesture_id = e.gesture_id and x.type = 'REASSIGNED')",
        &[31],
    ),
    (
        "update largesse.asks set closed_at = null",
        &[31],
    ),
    (
        "update largesse.asks set how = 'POOL' where how = 'LINE'",
        &[31],
    ),
    (
        "update largesse.approvals set expires_at = expires_at + interval '1 day' where closed_at is not null",
        &[31],
    ),
    // 32: a question that nobody waits with, that nobody may answer, without its time; a first yes that is another
    (
        "delete from largesse.approvals where purpose = 'REVIEW'",
        &[32],
    ),
    (
        "update largesse.approvals set closed_at = opened_at, closed_seq = 2 where closed_at is null",
        &[31, 32],
    ),
    (
        "update largesse.approvals set closed_at = null, closed_seq = null",
        &[32],
    ),
    (
        "update largesse.approvals set closed_seq = opened_seq where closed_at is not null",
        &[32],
    ),
    (
        "update largesse.approvals set step = 0",
        &[32],
    ),
    ("delete from largesse.timers", &[32]),
    (
        "insert into largesse.timers (tenant_id, gesture_id, purpose, due_at)
         select tenant_id, gesture_id, 'APPROVAL', now() from largesse.gestures where state = 'EXPIRED'",
        &[32],
    ),
    (
        "update largesse.timers set due_at = due_at + interval '1 year'",
        &[32],
    ),
    (
        "update largesse.approvals set first_minor = null where closed_at is null",
        &[32],
    ),
    (
        "update largesse.approvals set first_actor = 'mg-2', first_authority = 'mg-2', first_minor = 1 where first_at is null",
        &[32],
    ),
    (
        "update largesse.gestures set is_glass = not is_glass where state = 'APPROVED'",
        &[32],
    ),
];
