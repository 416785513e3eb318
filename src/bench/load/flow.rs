//! One request and what follows it, as a caller would do it.

use std::future::Future;
use std::time::Duration;

use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::Running;
use crate::bench::credentials::Bearer;
use crate::bench::tally::Told;
use crate::bench::tenant;
use crate::bench::workload::{Expected, Then, Wish, wish};
use crate::pb;
use crate::pb::approval_service_client::ApprovalServiceClient;
use crate::pb::gesture_service_client::GestureServiceClient;

/// The longest that a caller waits.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The n-th request, then what follows. Where it is due at a fixed time its latency counts from then.
pub(super) async fn run(running: &Running, n: u64, due: Option<Duration>) {
    let wish = wish(
        running.load.workload,
        &running.load.shape,
        running.load.seed,
        n,
    );
    let Some(credentials) = running.credentials.get(wish.tenant as usize) else {
        return;
    };
    let flow = Flow {
        running,
        n,
        wish,
        id: Uuid::now_v7(),
        bearer: &credentials.agents[wish.agent as usize],
    };
    let Some(gesture) = flow.request(due).await else {
        return;
    };
    match wish.then {
        Then::Nothing => {}
        Then::Replay => drop(flow.request(None).await),
        Then::Cancel => flow.cancel(gesture.etag).await,
        Then::Approve => {
            let lead = &credentials.leads[tenant::lead_of(wish.agent) as usize];
            flow.approve(lead, gesture).await;
        }
    }
}

struct Flow<'r> {
    running: &'r Running,
    n: u64,
    wish: Wish,
    id: Uuid,
    bearer: &'r Bearer,
}

impl Flow<'_> {
    /// Asks. None: it failed, or turned out as it must not.
    async fn request(&self, due: Option<Duration>) -> Option<pb::Gesture> {
        let mut client = GestureServiceClient::new(self.running.channel(self.n));
        let message = message(self.id, &self.wish);
        let expected = self.wish.expected;
        let call = client.request_gesture(with(self.bearer, message));
        self.timed(due, call, |answer| told(expected, answer))
            .await?
            .gesture
    }

    async fn cancel(&self, etag: String) {
        let mut client = GestureServiceClient::new(self.running.channel(self.n));
        let message = pb::CancelGestureRequest {
            gesture_id: self.id.to_string(),
            etag,
            ..Default::default()
        };
        let call = client.cancel_gesture(with(self.bearer, message));
        self.timed(None, call, |_| Ok(Told::Cancelled)).await;
    }

    async fn approve(&self, lead: &Bearer, gesture: pb::Gesture) {
        let mut client = ApprovalServiceClient::new(self.running.channel(self.n));
        let message = pb::ApproveGestureRequest {
            gesture_id: self.id.to_string(),
            etag: gesture.etag,
            terms_digest: gesture.terms_digest,
            ..Default::default()
        };
        let call = client.approve_gesture(with(lead, message));
        let given = |answer: &pb::ApproveGestureResponse| match answer.result() {
            pb::AnswerResult::Approved => Ok(Told::Given),
            other => Err(format!("a lead's yes was answered {}", other.as_str_name())),
        };
        self.timed(None, call, given).await;
    }

    /// Waits for an answer and counts it, or says why it does not count.
    async fn timed<T>(
        &self,
        due: Option<Duration>,
        call: impl Future<Output = Result<Response<T>, Status>>,
        read: impl FnOnce(&T) -> Result<Told, String>,
    ) -> Option<T> {
        let since = due.unwrap_or_else(|| self.running.elapsed());
        let answer = call.await;
        let now = self.running.elapsed();
        let read = match &answer {
            Ok(answer) => read(answer.get_ref()),
            Err(status) => Err(said(status)),
        };
        let is_right = read.is_ok();
        let pause = answer.as_ref().err().and_then(come_back_in);
        self.running.count(self.n, |tally| match read {
            Ok(told) => tally.answered(told, now, now.saturating_sub(since)),
            Err(_) if pause.is_some() => tally.turned_away(),
            Err(why) => tally.failed(why),
        });
        // In an open loop nobody comes back: the next one is due by itself.
        if let Some(pause) = pause.filter(|_| due.is_none()) {
            tokio::time::sleep(pause).await;
        }
        answer.ok().filter(|_| is_right).map(Response::into_inner)
    }
}

/// What an answer tells, where it is one that the wish allows.
fn told(expected: Expected, answer: &pb::RequestGestureResponse) -> Result<Told, String> {
    if answer.replayed {
        return Ok(Told::Replayed);
    }
    let decision = answer
        .gesture
        .as_ref()
        .and_then(|gesture| gesture.decision.as_ref());
    let outcome = decision.map(pb::Decision::outcome).unwrap_or_default();
    use pb::DecisionOutcome::{Approved, Declined, NeedsApproval};
    let told = match outcome {
        Approved => Told::Approved,
        NeedsApproval => Told::Asked,
        Declined => Told::Declined,
        _ => return Err("an answer without an outcome".into()),
    };
    let is_right = match expected {
        Expected::Approved => told == Told::Approved,
        Expected::Asked => told == Told::Asked,
        Expected::Refused => told == Told::Declined,
        Expected::ApprovedOrRefused => told != Told::Asked,
    };
    if is_right {
        return Ok(told);
    }
    let reasons = decision
        .map(|decision| decision.reasons.as_slice())
        .unwrap_or_default();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    Err(format!(
        "expected {expected:?}, was told {told:?} {codes:?}"
    ))
}

/// After how long a caller is to come back who was turned away because too much waits; none: it was not that.
fn come_back_in(status: &Status) -> Option<Duration> {
    if status.code() != Code::ResourceExhausted {
        return None;
    }
    status.get_details_retry_info()?.retry_delay
}

/// A status as it is counted: its code, and the reason that it gives.
fn said(status: &Status) -> String {
    let reason = status.get_details_error_info().map(|info| info.reason);
    match reason {
        Some(reason) => format!("{:?} {reason}", status.code()),
        None => format!("{:?} {}", status.code(), status.message()),
    }
}

fn with<T>(bearer: &Bearer, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", bearer.clone());
    request.set_timeout(WAIT_MAX);
    request
}

/// About 300 bytes: what an agent types while the customer is on the telephone.
fn message(id: Uuid, wish: &Wish) -> pb::RequestGestureRequest {
    let budget = if wish.is_from_spent_budget {
        tenant::SPENT
    } else {
        ""
    };
    pb::RequestGestureRequest {
        request_id: id.to_string(),
        gesture: Some(pb::Gesture {
            kind: tenant::KIND.into(),
            amount: Some(pb::Money {
                minor_units: wish.minor,
                currency: "EUR".into(),
            }),
            customer: Some(pb::Customer {
                id: tenant::customer(wish.customer),
                segment: String::new(),
            }),
            reason: "Her mother has died; the shoes go back by courier, and we send flowers."
                .into(),
            message: "With our condolences. Your customer care.".into(),
            recipient: Some(pb::Recipient {
                full_name: "Ida Sommer".into(),
                address_lines: vec!["Lindenweg 4".into()],
                locality: "Potsdam".into(),
                postal_code: "14467".into(),
                country: "DE".into(),
                ..Default::default()
            }),
            budget: budget.into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}
