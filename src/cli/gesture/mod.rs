//! `largesse gesture …`: asking for gestures, looking at them, revising and withdrawing them.

mod afterwards;
pub(super) mod decision;
mod list;
mod revise;
pub(super) mod show;
mod terms;

use std::path::Path;

use clap::{Args, Subcommand};
use uuid::Uuid;

use self::afterwards::{OutcomeOptions, Purpose};
use self::list::ListOptions;
use self::revise::ReviseOptions;
pub(super) use self::terms::Terms;
use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::say;
use crate::identity::Role;
use crate::pb::{
    BatchGetGesturesRequest, CancelGestureRequest, Decision, DecisionOutcome, Gesture,
    GetGestureRequest, PreviewGestureRequest, PreviewGestureResponse, RequestGestureRequest,
    RequestResolution, ResolveRequestRequest,
};

/// `largesse gesture …`.
#[derive(Debug, Clone, Args)]
pub struct GestureVerbs {
    #[command(subcommand)]
    verb: GestureVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum GestureVerb {
    /// Say what the answer would be, and change nothing [exit code 0, 3 or 4, as request]
    Preview(PreviewOptions),
    /// Ask for a gesture [exit code 0 APPROVED, 3 NEEDS_APPROVAL, 4 DECLINED]
    Request(RequestOptions),
    /// Show gestures by their ids, and what became of their questions
    #[command(visible_alias = "show")]
    Get {
        /// Their ids, at most 100
        #[arg(value_name = "ID", required = true, num_args = 1..=100)]
        ids: Vec<Uuid>,
    },
    /// List gestures, newest first
    List(ListOptions),
    /// Ask again on other terms, where it waits for an answer or was returned [exit code as request]
    Revise(ReviseOptions),
    /// Withdraw a gesture and give back what it held
    Cancel {
        /// Its id
        #[arg(value_name = "ID")]
        id: Uuid,
        /// The version that you have seen; unset: the one that it has now
        #[arg(long, value_name = "ETAG")]
        etag: Option<String>,
    },
    /// Record what the customer said or did
    Outcome(OutcomeOptions),
    /// Accept what a gesture cost above its hold, in your own authority [exit code as request]
    AcceptCost {
        /// The gesture's id
        #[arg(value_name = "ID")]
        id: Uuid,
        /// The id of this call; repeat it to repeat the call [default: a new one, told before anything is sent]
        #[arg(long = "id", value_name = "UUID")]
        request_id: Option<Uuid>,
    },
    /// List what you are to look at: costs above what was held, promises that were broken
    FollowUps,
    /// Say that a follow-up was looked at, and that nothing more is given for it
    CloseFollowUp {
        /// The gesture's id
        #[arg(value_name = "ID")]
        id: Uuid,
        /// Which of its follow-ups
        #[arg(value_name = "WHICH")]
        purpose: Purpose,
    },
    /// Learn what became of a request whose answer was lost [exit code as request; 6: it never arrived, and never will]
    Resolve {
        /// The id that the request was given
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

#[derive(Debug, Clone, Args)]
struct PreviewOptions {
    /// As if the glass were broken
    #[arg(long)]
    break_glass: bool,

    #[command(flatten)]
    terms: Terms,
}

#[derive(Debug, Clone, Args)]
struct RequestOptions {
    /// The id of this request; repeat it to repeat the request [default: a new one, told before anything is sent]
    #[arg(long, value_name = "UUID")]
    id: Option<Uuid>,

    /// Break the glass: beyond your own maxima, at once, and reviewed afterwards
    #[arg(long)]
    break_glass: bool,

    #[command(flatten)]
    terms: Terms,
}

impl GestureVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Requester);
        match self.verb {
            GestureVerb::Preview(options) => {
                let gesture = options.terms.gesture()?;
                preview(&client.await?, gesture, options.break_glass).await
            }
            GestureVerb::Request(options) => {
                let gesture = options.terms.gesture()?;
                request(&client.await?, options.id, gesture, options.break_glass).await
            }
            GestureVerb::Get { ids } => get(&client.await?, ids).await,
            GestureVerb::List(options) => options.run(&client.await?).await,
            GestureVerb::Revise(options) => options.run(&client.await?).await,
            GestureVerb::Cancel { id, etag } => cancel(&client.await?, id, etag).await,
            GestureVerb::Outcome(options) => options.run(&client.await?).await,
            GestureVerb::AcceptCost { id, request_id } => {
                afterwards::accept_cost(&client.await?, id, request_id).await
            }
            GestureVerb::FollowUps => afterwards::follow_ups(&client.await?).await,
            GestureVerb::CloseFollowUp { id, purpose } => {
                afterwards::close(&client.await?, id, purpose).await
            }
            GestureVerb::Resolve { id } => resolve(&client.await?, id).await,
        }
    }
}

async fn preview(client: &Client, gesture: Gesture, break_glass: bool) -> Result<Exit, Failure> {
    let answer = previewed(client, gesture.clone(), break_glass).await?;
    let decision = answer.decision.clone().unwrap_or_default();
    client
        .printer
        .answer(&answer, |looks| show::preview(looks, &gesture, &decision))?;
    Ok(exit(Some(&decision)))
}

/// What would be decided now.
pub(super) async fn previewed(
    client: &Client,
    gesture: Gesture,
    break_glass: bool,
) -> Result<PreviewGestureResponse, Failure> {
    let request = PreviewGestureRequest {
        gesture: Some(gesture),
        agent_id: client.agent_id.clone(),
        break_glass,
    };
    let answer = client.gestures().preview_gesture(request).await;
    Ok(answer
        .map_err(|status| Effect::Reads.failed(&status))?
        .into_inner())
}

/// The id is told before anything is sent: whoever loses the answer can still resolve it.
async fn request(
    client: &Client,
    id: Option<Uuid>,
    gesture: Gesture,
    break_glass: bool,
) -> Result<Exit, Failure> {
    let id = id.unwrap_or_else(|| {
        let id = Uuid::now_v7();
        say(&format!("request id: {id}"));
        id
    });
    let effect = Effect::writes(format!("largesse gesture resolve {id}"));
    let request = RequestGestureRequest {
        request_id: id.to_string(),
        gesture: Some(gesture),
        agent_id: client.agent_id.clone(),
        break_glass,
    };
    let answer = client.gestures().request_gesture(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    let gesture = answer.gesture.clone().unwrap_or_default();
    client.printer.answer(&answer, |looks| {
        show::request(looks, &gesture, answer.replayed)
    })?;
    Ok(exit(gesture.decision.as_ref()))
}

async fn get(client: &Client, ids: Vec<Uuid>) -> Result<Exit, Failure> {
    let failed = |status| Effect::Reads.failed(&status);
    if let [id] = ids.as_slice() {
        let request = GetGestureRequest {
            gesture_id: id.to_string(),
        };
        let answer = client
            .gestures()
            .get_gesture(request)
            .await
            .map_err(failed)?
            .into_inner();
        let gesture = answer.gesture.clone().unwrap_or_default();
        client
            .printer
            .answer(&answer, |looks| show::gesture(looks, &gesture))?;
        return Ok(Exit::Done);
    }
    let request = BatchGetGesturesRequest {
        gesture_ids: ids.iter().map(Uuid::to_string).collect(),
    };
    let answer = client
        .gestures()
        .batch_get_gestures(request)
        .await
        .map_err(failed)?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        let gestures: Vec<String> = answer
            .gestures
            .iter()
            .map(|gesture| show::gesture(looks, gesture))
            .collect();
        gestures.join("\n")
    })?;
    if answer.missing_ids.is_empty() {
        return Ok(Exit::Done);
    }
    say(&format!(
        "error: there is no gesture {}",
        answer.missing_ids.join(", ")
    ));
    Ok(Exit::Unanswered)
}

/// A gesture as it is now, for calls that name what was seen.
pub(super) async fn read(client: &Client, id: Uuid) -> Result<Gesture, Failure> {
    let request = GetGestureRequest {
        gesture_id: id.to_string(),
    };
    let answer = client.gestures().get_gesture(request).await;
    let answer = answer
        .map_err(|status| Effect::Reads.failed(&status))?
        .into_inner();
    Ok(answer.gesture.unwrap_or_default())
}

async fn cancel(client: &Client, id: Uuid, etag: Option<String>) -> Result<Exit, Failure> {
    let etag = match etag {
        Some(etag) => etag,
        None => read(client, id).await?.etag,
    };
    // The same call again is answered as a replay, which a call with a newer etag would not be.
    let effect = Effect::writes(format!("largesse gesture cancel {id} --etag {etag}"));
    let request = CancelGestureRequest {
        gesture_id: id.to_string(),
        etag,
        agent_id: client.agent_id.clone(),
    };
    let answer = client.gestures().cancel_gesture(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    let gesture = answer.gesture.clone().unwrap_or_default();
    client.printer.answer(&answer, |looks| {
        let note = if answer.replayed {
            "\nIt had been cancelled before, by this very call.\n"
        } else {
            ""
        };
        format!("{}{note}", show::gesture(looks, &gesture))
    })?;
    Ok(Exit::Done)
}

async fn resolve(client: &Client, id: Uuid) -> Result<Exit, Failure> {
    let effect = Effect::writes(format!("largesse gesture resolve {id}"));
    let request = ResolveRequestRequest {
        request_id: id.to_string(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.gestures().resolve_request(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client
        .printer
        .answer(&answer, |looks| show::resolution(looks, &answer))?;
    match RequestResolution::try_from(answer.resolution) {
        Ok(RequestResolution::Done) => Ok(exit(
            answer.gesture.and_then(|gesture| gesture.decision).as_ref(),
        )),
        Ok(RequestResolution::NeverHappened) => Ok(Exit::NeverHappened),
        Ok(RequestResolution::Unspecified) | Err(_) => Ok(Exit::Unanswered),
    }
}

/// A "no" is an answer; that it has an exit code of its own is for scripts.
pub(super) fn exit(decision: Option<&Decision>) -> Exit {
    match decision.map(Decision::outcome) {
        Some(DecisionOutcome::Approved) => Exit::Done,
        Some(DecisionOutcome::NeedsApproval) => Exit::NeedsApproval,
        Some(DecisionOutcome::Declined) => Exit::Declined,
        Some(DecisionOutcome::Unspecified) | None => Exit::Unanswered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_has_its_exit_code() {
        let of = |outcome: DecisionOutcome| {
            exit(Some(&Decision {
                outcome: outcome.into(),
                ..Default::default()
            }))
        };
        assert_eq!(of(DecisionOutcome::Approved), Exit::Done);
        assert_eq!(of(DecisionOutcome::NeedsApproval), Exit::NeedsApproval);
        assert_eq!(of(DecisionOutcome::Declined), Exit::Declined);
        assert_eq!(exit(None), Exit::Unanswered);
    }
}
