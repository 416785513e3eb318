//! Answers but for a yes. A person types an id; what the answer is bound to (etag, digest of the terms) is read, unless it is given.

use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::question;
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::gesture::{self, show};
use crate::cli::output::{Looks, words};
use crate::pb::{
    DeclineGestureRequest, Gesture, ReassignApprovalRequest, ReturnGestureRequest,
    ReviewGestureRequest, ReviewVerdict,
};

/// What is answered, and in whose authority.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// The gesture's id
    #[arg(value_name = "ID")]
    id: Uuid,

    /// The version that you have seen; unset: the one that it has now
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,

    /// In whose authority; unset: your own where you were asked, else what is lent to you, else the duty pool's
    #[arg(long, value_name = "AGENT")]
    authority: Option<String>,
}

/// What a review found.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Verdict {
    Justified,
    NotJustified,
}

/// Says no.
pub(super) async fn decline(
    client: &Client,
    target: Target,
    reason: String,
) -> Result<Exit, Failure> {
    let etag = target.etag(client).await?;
    let effect = repeat("decline", target.id, &etag, " --reason TEXT");
    let request = DeclineGestureRequest {
        gesture_id: target.id.to_string(),
        etag,
        reason,
        authority: target.authority.unwrap_or_default(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().decline_gesture(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        done(looks, answer.gesture.as_ref(), answer.replayed)
    })?;
    Ok(Exit::Done)
}

/// Sends it back: `return` is a word of the language.
pub(super) async fn send_back(
    client: &Client,
    target: Target,
    note: String,
) -> Result<Exit, Failure> {
    let etag = target.etag(client).await?;
    let effect = repeat("return", target.id, &etag, " --note TEXT");
    let request = ReturnGestureRequest {
        gesture_id: target.id.to_string(),
        etag,
        note,
        authority: target.authority.unwrap_or_default(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().return_gesture(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        done(looks, answer.gesture.as_ref(), answer.replayed)
    })?;
    Ok(Exit::Done)
}

/// Hands the question on.
pub(super) async fn reassign(client: &Client, target: Target, to: String) -> Result<Exit, Failure> {
    let etag = target.etag(client).await?;
    let effect = repeat("reassign", target.id, &etag, &format!(" --to {to}"));
    let request = ReassignApprovalRequest {
        gesture_id: target.id.to_string(),
        etag,
        to_agent_id: to,
        authority: target.authority.unwrap_or_default(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().reassign_approval(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        done(looks, answer.gesture.as_ref(), answer.replayed)
    })?;
    Ok(Exit::Done)
}

/// Reviews a broken glass.
pub(super) async fn review(
    client: &Client,
    target: Target,
    verdict: Verdict,
    note: String,
) -> Result<Exit, Failure> {
    let etag = target.etag(client).await?;
    let effect = repeat("review", target.id, &etag, " --verdict VERDICT");
    let verdict = match verdict {
        Verdict::Justified => ReviewVerdict::Justified,
        Verdict::NotJustified => ReviewVerdict::NotJustified,
    };
    let request = ReviewGestureRequest {
        gesture_id: target.id.to_string(),
        etag,
        verdict: verdict.into(),
        note,
        authority: target.authority.unwrap_or_default(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().review_gesture(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        done(looks, answer.gesture.as_ref(), answer.replayed)
    })?;
    Ok(Exit::Done)
}

impl Target {
    async fn etag(&self, client: &Client) -> Result<String, Failure> {
        match &self.etag {
            Some(etag) => Ok(etag.clone()),
            None => Ok(gesture::read(client, self.id).await?.etag),
        }
    }
}

/// What to type where an answer was lost. The same call again is answered as a replay, which a call with a newer etag would not be.
pub(super) fn repeat(verb: &str, id: Uuid, etag: &str, rest: &str) -> Effect {
    Effect::writes(format!(
        "largesse approval {verb} {id} --etag {etag}{rest}, the same again"
    ))
}

/// What the gesture is after an answer that has no outcomes but one.
fn done(looks: &Looks, gesture: Option<&Gesture>, is_replay: bool) -> String {
    let gesture = gesture.cloned().unwrap_or_default();
    format!(
        "{}   {}\n{}{}",
        words::state(gesture.state),
        show::what(&gesture),
        question::of_gesture(looks, &gesture),
        replay(is_replay)
    )
}

pub(super) fn replay(is_replay: bool) -> &'static str {
    if is_replay {
        "\nThis very answer had been given before; nothing was done twice.\n"
    } else {
        ""
    }
}
