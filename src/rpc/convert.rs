//! Values of the domain as messages. Nothing is decided here.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use prost_types::Timestamp;

use crate::admission::{Decision, Outcome, Reason, Reported, SimilarGesture};
use crate::approval::{Answer, AnswerEvent, Approval, Asked, How, Purpose, Silence, Verdict};
use crate::fulfilment::Task;
use crate::gesture::{self, FollowUp, FollowUpPurpose, Fulfilment, Gesture, Promise};
use crate::money::Currency;
use crate::pb;
use crate::vault::{Personal, Private, Recipient};

/// An instant.
pub fn instant(at: DateTime<Utc>) -> Timestamp {
    // Below a thousand million always: chrono's own invariant but for leap seconds, which Postgres does not have.
    Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// A length of time, in whole seconds.
fn seconds(seconds: i32) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::from(seconds),
        nanos: 0,
    }
}

/// An amount.
pub fn money(minor_units: i64, currency: &str) -> pb::Money {
    pb::Money {
        minor_units,
        currency: currency.to_owned(),
    }
}

/// The state's name in the design and in the database.
pub fn state_name(state: pb::GestureState) -> &'static str {
    state.as_str_name().trim_start_matches("GESTURE_STATE_")
}

fn state(name: &str) -> i32 {
    pb::GestureState::from_str_name(&format!("GESTURE_STATE_{name}"))
        .unwrap_or_default()
        .into()
}

/// What a limit counts for, by its name in the database; empty is unspecified.
pub fn subject(name: &str) -> i32 {
    pb::LimitSubject::from_str_name(&format!("LIMIT_SUBJECT_{name}"))
        .unwrap_or_default()
        .into()
}

/// A limit's window, by its name in the database; empty is unspecified.
pub fn window(name: &str) -> i32 {
    pb::LimitWindow::from_str_name(&format!("LIMIT_WINDOW_{name}"))
        .unwrap_or_default()
        .into()
}

/// A gesture.
pub fn gesture(gesture: Gesture) -> pb::Gesture {
    let currency = gesture.terms.amount.currency();
    let Personal {
        reason,
        message,
        recipient,
    } = gesture.personal.unwrap_or_default();
    pb::Gesture {
        id: gesture.id.to_string(),
        kind: gesture.terms.kind,
        amount: Some(money(gesture.terms.amount.minor(), currency.code())),
        customer: Some(pb::Customer {
            id: gesture.terms.customer.to_string(),
            segment: gesture.terms.segment.unwrap_or_default(),
        }),
        case_id: gesture.terms.case_id.unwrap_or_default(),
        occasion: gesture.terms.occasion.unwrap_or_default(),
        reason: text(&reason),
        recipient: recipient.map(recipient_message),
        message: text(&message),
        promise_by: gesture.terms.promise_by.map(instant),
        waived_policies: gesture.terms.waived,
        budget: gesture.terms.budget.unwrap_or_default(),
        replaces: gesture
            .terms
            .replaces
            .map(|id| id.to_string())
            .unwrap_or_default(),
        state: state(&gesture.state),
        requested_by: gesture.requested_by.to_string(),
        decision: Some(decision(gesture.decision, currency, gesture.zone)),
        etag: gesture.etag.to_string(),
        create_time: Some(instant(gesture.created_at)),
        update_time: Some(instant(gesture.updated_at)),
        approval: gesture.approval.map(|found| approval(found, currency)),
        break_glass: gesture.terms.is_glass,
        terms_digest: hex::encode(gesture.terms_digest),
        promise: gesture.promise.map(promise).unwrap_or_default(),
        fulfilment: gesture.fulfilment.map(|found| fulfilment(found, currency)),
        outcomes: gesture.outcomes.into_iter().map(outcome).collect(),
        about: gesture.about.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// What has become of a promise.
fn promise(promise: Promise) -> i32 {
    promise_named(promise.name())
}

/// The same by its name in the database.
pub fn promise_named(name: &str) -> i32 {
    pb::PromiseState::from_str_name(&format!("PROMISE_STATE_{name}"))
        .unwrap_or_default()
        .into()
}

fn fulfilment(fulfilment: Fulfilment, currency: Currency) -> pb::Fulfilment {
    let in_currency = |minor: i64| money(minor, currency.code());
    pb::Fulfilment {
        channel: fulfilment.channel,
        fulfiller: fulfilment.fulfiller.unwrap_or_default(),
        failed_tries: fulfilment.failed_tries,
        last_failure: fulfilment.last_failure.unwrap_or_default(),
        next_try_time: fulfilment.next_try_at.map(instant),
        order_reference: fulfilment.order.unwrap_or_default(),
        proof_reference: fulfilment.proof.unwrap_or_default(),
        dispatch_time: fulfilment.dispatched_at.map(instant),
        deliver_time: fulfilment.delivered_at.map(instant),
        actual_cost: fulfilment.actual_minor.map(in_currency),
        captured: fulfilment.captured_minor.map(in_currency),
        cost_in_question: fulfilment.in_question_minor.map(in_currency),
    }
}

fn outcome(outcome: gesture::Outcome) -> pb::Outcome {
    let word = format!("OUTCOME_WORD_{}", outcome.word.name());
    pb::Outcome {
        outcome_id: outcome.id.to_string(),
        word: pb::OutcomeWord::from_str_name(&word)
            .unwrap_or_default()
            .into(),
        note: outcome.note.as_ref().map(text).unwrap_or_default(),
        recorded_by: outcome.recorded_by,
        record_time: Some(instant(outcome.recorded_at)),
    }
}

/// Something that somebody is to look at.
pub fn follow_up(follow_up: FollowUp) -> pb::FollowUp {
    let currency = follow_up.gesture.terms.amount.currency();
    pb::FollowUp {
        purpose: match follow_up.purpose {
            FollowUpPurpose::Cost => pb::FollowUpPurpose::Cost,
            FollowUpPurpose::Promise => pb::FollowUpPurpose::Promise,
        }
        .into(),
        agent_id: follow_up.agent.to_string(),
        open_time: Some(instant(follow_up.opened_at)),
        cost_in_question: follow_up
            .rest_minor
            .map(|minor| money(minor, currency.code())),
        gesture: Some(gesture(follow_up.gesture)),
    }
}

/// Some work, leased.
pub fn task(task: Task) -> pb::Task {
    let currency = task.amount.currency();
    pb::Task {
        task_id: task.id.to_string(),
        fencing_token: task.token.into(),
        lease_expire_time: Some(instant(task.leased_until)),
        failed_tries: task.failed_tries,
        kind: task.kind,
        amount: Some(money(task.amount.minor(), currency.code())),
        hold: Some(money(task.hold_minor, currency.code())),
        customer_id: task.customer.to_string(),
        promise_by: task.promise_by.map(instant),
        recipient: task.recipient.map(recipient_message),
        message: text(&task.message),
        order_reference: task.order.unwrap_or_default(),
    }
}

/// What a report did.
pub fn report(reported: Reported) -> pb::ReportResult {
    let currency = reported.currency;
    let amount = |minor: Option<i64>| minor.and_then(|minor| Some(money(minor, currency?.code())));
    pb::ReportResult {
        state: state(&reported.state),
        promise: reported
            .promise
            .as_deref()
            .map(promise_named)
            .unwrap_or_default(),
        captured: amount(reported.captured_minor),
        released: amount(reported.released_minor),
        cost_in_question: amount(reported.rest_minor),
        next_try_time: reported.again_at.map(instant),
        replayed: reported.is_replay,
    }
}

/// A question and what became of it. Amounts are in the currency of its gesture.
fn approval(approval: Approval, currency: Currency) -> pb::Approval {
    let in_currency = |minor: i64| money(minor, currency.code());
    let first_answer = approval.first.map(|first| pb::FirstAnswer {
        actor: first.actor,
        authority: first.authority,
        amount: Some(in_currency(first.amount_minor)),
        time: Some(instant(first.at)),
        promise_by: first.promise_by.map(instant),
    });
    pb::Approval {
        purpose: purpose(approval.purpose).into(),
        is_open: approval.answer.is_none(),
        open_time: Some(instant(approval.opened_at)),
        asked: approval.asked.into_iter().map(asked).collect(),
        next_step_time: approval.next_step_at.map(instant),
        expire_time: approval.expires_at.map(instant),
        on_silence: match approval.on_silence {
            None => pb::SilenceRule::Unspecified,
            Some(Silence::Expire) => pb::SilenceRule::Expire,
            Some(Silence::Grant) => pb::SilenceRule::Grant,
        }
        .into(),
        first_answer,
        answer: approval.answer.map(|found| answer(found, currency)),
        asked_amount: approval.asked_minor.map(in_currency),
    }
}

/// What a question is about.
pub fn purpose(purpose: Purpose) -> pb::ApprovalPurpose {
    match purpose {
        Purpose::Decision => pb::ApprovalPurpose::Decision,
        Purpose::Review => pb::ApprovalPurpose::Review,
    }
}

fn asked(asked: Asked) -> pb::Asked {
    let how = match asked.how {
        How::Line => pb::AskedHow::Line,
        How::Pool => pb::AskedHow::Pool,
        How::Reassigned => pb::AskedHow::Reassigned,
    };
    pb::Asked {
        agent_id: asked.agent.to_string(),
        how: how.into(),
        ask_time: Some(instant(asked.asked_at)),
        answer_by: Some(instant(asked.answer_by)),
        is_open: asked.is_open,
        delegate_id: asked
            .delegate
            .map(|agent| agent.to_string())
            .unwrap_or_default(),
        typical_wait: asked.typical_wait_s.map(seconds),
    }
}

fn answer(answer: Answer, currency: Currency) -> pb::Answer {
    let event = match answer.event {
        AnswerEvent::Approved => pb::AnswerEvent::Approved,
        AnswerEvent::Declined => pb::AnswerEvent::Declined,
        AnswerEvent::Returned => pb::AnswerEvent::Returned,
        AnswerEvent::Expired => pb::AnswerEvent::Expired,
        AnswerEvent::Cancelled => pb::AnswerEvent::Cancelled,
        AnswerEvent::Revised => pb::AnswerEvent::Revised,
        AnswerEvent::Reviewed => pb::AnswerEvent::Reviewed,
    };
    let verdict = match answer.verdict {
        None => pb::ReviewVerdict::Unspecified,
        Some(Verdict::Justified) => pb::ReviewVerdict::Justified,
        Some(Verdict::NotJustified) => pb::ReviewVerdict::NotJustified,
    };
    pb::Answer {
        event: event.into(),
        actor: answer.actor,
        authority: answer.authority.unwrap_or_default(),
        time: Some(instant(answer.at)),
        amount: answer
            .amount_minor
            .map(|minor| money(minor, currency.code())),
        on_silence: answer.on_silence,
        verdict: verdict.into(),
        note: answer.note.as_ref().map(text).unwrap_or_default(),
        flags: flags(answer.is_reciprocal, pb::Flag::Reciprocal),
    }
}

/// A flag where it is so.
fn flags(is_so: bool, flag: pb::Flag) -> Vec<i32> {
    is_so.then_some(flag.into()).into_iter().collect()
}

fn text(private: &Private) -> String {
    private.reveal().to_owned()
}

fn recipient_message(recipient: Recipient) -> pb::Recipient {
    pb::Recipient {
        full_name: text(&recipient.full_name),
        address_lines: recipient.address_lines.iter().map(text).collect(),
        locality: text(&recipient.locality),
        region: text(&recipient.region),
        postal_code: text(&recipient.postal_code),
        country: text(&recipient.country),
        email: text(&recipient.email),
        phone: text(&recipient.phone),
    }
}

/// A decision, with the words of its reasons.
pub fn decision(decision: Decision, currency: Currency, zone: Tz) -> pb::Decision {
    let outcome = match decision.outcome {
        Outcome::Approved => pb::DecisionOutcome::Approved,
        Outcome::NeedsApproval => pb::DecisionOutcome::NeedsApproval,
        Outcome::Declined => pb::DecisionOutcome::Declined,
    };
    pb::Decision {
        outcome: outcome.into(),
        decided_by: decision.decided_by.unwrap_or_default(),
        authority: decision.authority.unwrap_or_default(),
        decide_time: decision.decided_at.map(instant),
        configuration_version: decision.configuration_version,
        reasons: decision
            .reasons
            .into_iter()
            .map(|found| reason(found, currency, zone))
            .collect(),
        similar: decision.similar.into_iter().map(similar).collect(),
        approvers: decision
            .approvers
            .into_iter()
            .map(|approver| pb::Approver {
                agent_id: approver.agent.to_string(),
                typical_wait: approver.typical_wait_s.map(seconds),
            })
            .collect(),
    }
}

fn reason(reason: Reason, gesture_currency: Currency, zone: Tz) -> pb::Reason {
    let own = gesture_currency.code();
    let code = reason.currency.clone().unwrap_or_else(|| own.to_owned());
    let amount = |minor: Option<i64>| minor.map(|minor| money(minor, &code));
    // A limit that bounds only a number says nothing of amounts.
    let bounds_amount = reason.limit.is_none() || reason.ceiling.is_some();
    let of_amount = |minor: Option<i64>| amount(minor.filter(|_| bounds_amount));
    let price_range = reason
        .min_minor
        .zip(reason.max_minor)
        .map(|(min, max)| pb::PriceRange {
            min: Some(money(min, own)),
            max: Some(money(max, own)),
        });
    // A budget's limit bears the budget's name.
    let of_budget = reason
        .limit
        .clone()
        .filter(|_| reason.subject.as_deref() == Some("BUDGET"));
    pb::Reason {
        text: reason.text(gesture_currency, zone),
        asked: of_amount(reason.asked),
        used: of_amount(reason.used),
        ceiling: amount(reason.ceiling),
        remaining: of_amount(reason.left),
        used_count: reason.used_count.filter(|_| reason.ceiling_count.is_some()),
        ceiling_count: reason.ceiling_count,
        is_hard: reason.is_hard,
        window_start: reason.window_start.map(instant),
        window_reset_time: reason.resets.map(instant),
        largest_now: reason.largest_now.map(|minor| money(minor, own)),
        price_range,
        subject: reason.subject.as_deref().map(subject).unwrap_or_default(),
        window: reason.span.as_deref().map(window).unwrap_or_default(),
        code: reason.code,
        limit: reason.limit.unwrap_or_default(),
        policy: reason.policy.unwrap_or_default(),
        budget: reason.budget.or(of_budget).unwrap_or_default(),
        kind: reason.kind.unwrap_or_default(),
    }
}

/// What was lately given, as a message.
pub fn similar(similar: SimilarGesture) -> pb::SimilarGesture {
    pb::SimilarGesture {
        flags: flags(similar.is_structuring(), pb::Flag::Structuring),
        gesture_id: similar.id.to_string(),
        kind: similar.kind,
        amount: Some(money(similar.amount_minor, &similar.currency)),
        state: state(&similar.state),
        requested_by: similar.requested_by,
        create_time: Some(instant(similar.created_at)),
    }
}
