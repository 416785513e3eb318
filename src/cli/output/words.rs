//! The words for enum values. A value that is newer than this program is shown by its number, never guessed at.

use super::Paint;
use crate::pb::{
    AgentType, AnswerEvent, AnswerResult, ApprovalPurpose, AskedHow, ConfigurationChangeType,
    DecisionOutcome, GestureState, LimitSubject, LimitWindow, OutcomeWord, PauseScope,
    PromiseState, ReviewVerdict,
};

/// The outcome of a decision, and its colour.
pub fn outcome(value: i32) -> (String, Paint) {
    let known = |outcome| match outcome {
        DecisionOutcome::Unspecified => ("UNDECIDED", Paint::Plain),
        DecisionOutcome::Approved => ("APPROVED", Paint::Green),
        DecisionOutcome::NeedsApproval => ("NEEDS APPROVAL", Paint::Yellow),
        DecisionOutcome::Declined => ("DECLINED", Paint::Red),
    };
    DecisionOutcome::try_from(value).map_or_else(
        |_| (unknown(value), Paint::Plain),
        |outcome| (known(outcome).0.to_owned(), known(outcome).1),
    )
}

/// Where a gesture is in its life. What is not known yet is "in progress", as the protos ask.
pub fn state(value: i32) -> &'static str {
    match GestureState::try_from(value) {
        Ok(GestureState::Approved) => "APPROVED",
        Ok(GestureState::PendingApproval) => "PENDING APPROVAL",
        Ok(GestureState::Declined) => "DECLINED",
        Ok(GestureState::Cancelled) => "CANCELLED",
        Ok(GestureState::Returned) => "RETURNED",
        Ok(GestureState::Expired) => "EXPIRED",
        Ok(GestureState::Dispatched) => "DISPATCHED",
        Ok(GestureState::Delivered) => "DELIVERED",
        Ok(GestureState::Failed) => "FAILED",
        Ok(GestureState::Unspecified) | Err(_) => "in progress",
    }
}

/// What has become of a promise; empty where there is none.
pub fn promise(value: i32) -> String {
    let known = |state| match state {
        PromiseState::Unspecified => "",
        PromiseState::Pending => "pending",
        PromiseState::AtRisk => "AT RISK",
        PromiseState::Late => "LATE",
        PromiseState::Kept => "kept",
        PromiseState::Broken => "BROKEN",
    };
    PromiseState::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What a customer said or did.
pub fn customer_did(value: i32) -> String {
    let known = |word| match word {
        OutcomeWord::Unspecified => "the customer did something",
        OutcomeWord::Thanked => "the customer said thank you",
        OutcomeWord::ComplainedAgain => "the customer complained again",
        OutcomeWord::SharedPublicly => "the customer told others",
        OutcomeWord::Returned => "the customer sent it back",
        OutcomeWord::Other => "something was said",
    };
    OutcomeWord::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What a question is about.
pub fn purpose(value: i32) -> String {
    let known = |purpose| match purpose {
        ApprovalPurpose::Unspecified => "",
        ApprovalPurpose::Decision => "decision",
        ApprovalPurpose::Review => "review",
    };
    ApprovalPurpose::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// How somebody came to be asked.
pub fn asked_how(value: i32) -> String {
    let known = |how| match how {
        AskedHow::Unspecified => "",
        AskedHow::Line => "reporting line",
        AskedHow::Pool => "duty pool",
        AskedHow::Reassigned => "reassigned",
    };
    AskedHow::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What closed a question.
pub fn answer_event(value: i32) -> String {
    let known = |event| match event {
        AnswerEvent::Unspecified => "",
        AnswerEvent::Approved => "approved",
        AnswerEvent::Declined => "declined",
        AnswerEvent::Returned => "returned",
        AnswerEvent::Expired => "expired",
        AnswerEvent::Cancelled => "cancelled",
        AnswerEvent::Revised => "revised",
        AnswerEvent::Reviewed => "reviewed",
    };
    AnswerEvent::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What a review found.
pub fn verdict(value: i32) -> String {
    let known = |verdict| match verdict {
        ReviewVerdict::Unspecified => "",
        ReviewVerdict::Justified => "JUSTIFIED",
        ReviewVerdict::NotJustified => "NOT JUSTIFIED",
    };
    ReviewVerdict::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What an answer came to, or would, and its colour.
pub fn answer_result(value: i32) -> (String, Paint) {
    let known = |result| match result {
        AnswerResult::Unspecified => ("UNDECIDED", Paint::Plain),
        AnswerResult::Approved => ("APPROVED", Paint::Green),
        AnswerResult::FirstYes => ("FIRST YES", Paint::Yellow),
        AnswerResult::Refused => ("REFUSED", Paint::Red),
        AnswerResult::Declined => ("DECLINED", Paint::Red),
        AnswerResult::Returned => ("RETURNED", Paint::Yellow),
    };
    AnswerResult::try_from(value).map_or_else(
        |_| (unknown(value), Paint::Plain),
        |result| (known(result).0.to_owned(), known(result).1),
    )
}

/// Who did something, and in whose authority where that is somebody else's; nothing where nobody did.
pub fn acting(actor: &str, authority: &str) -> String {
    match (actor, authority) {
        ("", _) => String::new(),
        (actor, "") => actor.to_owned(),
        (actor, authority) if actor == authority => actor.to_owned(),
        (actor, authority) => format!("{actor}, in the authority of {authority}"),
    }
}

/// Whose use a limit counts.
pub fn subject(value: i32) -> String {
    let known = |subject| match subject {
        LimitSubject::Unspecified => "",
        LimitSubject::Agent => "agent",
        LimitSubject::AgentAndCustomer => "agent and customer",
        LimitSubject::Customer => "customer",
        LimitSubject::Case => "case",
        LimitSubject::Budget => "budget",
        LimitSubject::Tenant => "tenant",
    };
    LimitSubject::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// Over which stretch of time a limit counts.
pub fn window(value: i32) -> String {
    let known = |window| match window {
        LimitWindow::Unspecified => "",
        LimitWindow::Gesture => "gesture",
        LimitWindow::Day => "day",
        LimitWindow::Week => "week",
        LimitWindow::Month => "month",
        LimitWindow::Quarter => "quarter",
        LimitWindow::Year => "year",
        LimitWindow::Ever => "ever",
    };
    LimitWindow::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What kind of principal an agent is.
pub fn agent_type(value: i32) -> String {
    let known = |agent| match agent {
        AgentType::Unspecified => "",
        AgentType::Human => "human",
        AgentType::Software => "software",
        AgentType::Pool => "pool",
    };
    AgentType::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// What a pause stops.
pub fn pause(value: i32) -> String {
    let known = |scope| match scope {
        PauseScope::Unspecified => "",
        PauseScope::Tenant => "tenant",
        PauseScope::Kind => "kind",
        PauseScope::Channel => "channel",
    };
    PauseScope::try_from(value).map_or_else(|_| unknown(value), |it| known(it).to_owned())
}

/// The sign in front of a line of a plan, and its colour.
pub fn change(value: i32) -> (&'static str, Paint) {
    match ConfigurationChangeType::try_from(value) {
        Ok(ConfigurationChangeType::Added) => ("+", Paint::Green),
        Ok(ConfigurationChangeType::Removed) => ("-", Paint::Red),
        Ok(ConfigurationChangeType::Changed) => ("~", Paint::Yellow),
        Ok(ConfigurationChangeType::Unspecified) | Err(_) => ("?", Paint::Plain),
    }
}

fn unknown(value: i32) -> String {
    format!("no. {value}")
}
