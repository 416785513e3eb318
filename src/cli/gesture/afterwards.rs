//! What happens to a gesture after it was given: what the customer said, what it cost, what somebody is to look at.

use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::show;
use crate::cli::amounts;
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::output::{Looks, counted, say};
use crate::pb::{
    AcceptCostRequest, CloseFollowUpRequest, FollowUp, FollowUpPurpose, ListFollowUpsRequest,
    ListFollowUpsResponse, OutcomeWord, RecordOutcomeRequest,
};

/// As many as one page may have.
const PAGE_MAX: i32 = 200;

#[derive(Debug, Clone, Args)]
pub(super) struct OutcomeOptions {
    /// The gesture's id
    #[arg(value_name = "ID")]
    id: Uuid,

    /// What happened
    #[arg(value_name = "WHAT")]
    word: Word,

    /// In the customer's words, or yours
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// The id of this record; repeat it to repeat the call [default: a new one, told before anything is sent]
    #[arg(long, value_name = "UUID")]
    record: Option<Uuid>,
}

/// What a customer can say or do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    Thanked,
    ComplainedAgain,
    SharedPublicly,
    Returned,
    Other,
}

/// What somebody is to look at.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Purpose {
    /// It cost more than was held
    Cost,
    /// What was promised did not happen
    Promise,
}

impl OutcomeOptions {
    pub(super) async fn run(self, client: &Client) -> Result<Exit, Failure> {
        let record = self.record.unwrap_or_else(new_id);
        let request = RecordOutcomeRequest {
            outcome_id: record.to_string(),
            gesture_id: self.id.to_string(),
            word: self.word.of_proto().into(),
            note: self.note.unwrap_or_default(),
            agent_id: client.agent_id.clone(),
        };
        let effect = Effect::writes(format!("largesse gesture get {}", self.id));
        let answer = client.gestures().record_outcome(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        let gesture = answer.gesture.clone().unwrap_or_default();
        client
            .printer
            .answer(&answer, |looks| show::gesture(looks, &gesture))?;
        Ok(Exit::Done)
    }
}

/// Accepts what a gesture cost above its hold.
pub(super) async fn accept_cost(
    client: &Client,
    id: Uuid,
    request_id: Option<Uuid>,
) -> Result<Exit, Failure> {
    let fulfilment = super::read(client, id).await?.fulfilment;
    let rest = fulfilment.and_then(|fulfilment| fulfilment.cost_in_question);
    let request_id = request_id.unwrap_or_else(new_id);
    let effect = Effect::writes(format!("largesse gesture get {request_id}"));
    let request = AcceptCostRequest {
        request_id: request_id.to_string(),
        gesture_id: id.to_string(),
        amount: Some(rest.ok_or_else(|| {
            Failure::Usage(format!(
                "nothing that {id} cost is in question, or not any more"
            ))
        })?),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.gestures().accept_cost(request.clone()).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    let decision = answer.decision.clone().unwrap_or_default();
    client
        .printer
        .answer(&answer, |looks| match &answer.gesture {
            Some(gesture) => show::gesture(looks, gesture),
            None => format!(
                "It does not fit, and stays in question for somebody who can.\n{}",
                super::decision::obstacles(looks, &decision)
            ),
        })?;
    Ok(super::exit(Some(&decision)))
}

/// What somebody is to look at, oldest first.
pub(super) async fn follow_ups(client: &Client) -> Result<Exit, Failure> {
    let mut all = ListFollowUpsResponse::default();
    let mut request = ListFollowUpsRequest {
        agent_id: client.agent_id.clone(),
        page_size: PAGE_MAX,
        page_token: String::new(),
    };
    loop {
        let page = client.gestures().list_follow_ups(request.clone()).await;
        let page = page
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        all.follow_ups.extend(page.follow_ups);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    client.printer.answer(&all, |looks| {
        let count = counted(all.follow_ups.len(), "follow-up");
        format!("{}\n{count}\n", table(looks, &all.follow_ups))
    })?;
    Ok(Exit::Done)
}

/// Says that a follow-up was looked at.
pub(super) async fn close(client: &Client, id: Uuid, purpose: Purpose) -> Result<Exit, Failure> {
    let request = CloseFollowUpRequest {
        gesture_id: id.to_string(),
        purpose: match purpose {
            Purpose::Cost => FollowUpPurpose::Cost,
            Purpose::Promise => FollowUpPurpose::Promise,
        }
        .into(),
        agent_id: client.agent_id.clone(),
    };
    let effect = Effect::writes("largesse gesture follow-ups");
    let answer = client.gestures().close_follow_up(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client
        .printer
        .answer(&answer, |_| "It is closed.\n".to_owned())?;
    Ok(Exit::Done)
}

/// Told before anything is sent: whoever loses the answer repeats the call with it.
fn new_id() -> Uuid {
    let id = Uuid::now_v7();
    say(&format!("id of this call: {id}"));
    id
}

fn table(looks: &Looks, follow_ups: &[FollowUp]) -> String {
    let rows = follow_ups.iter().map(|follow_up| {
        let gesture = follow_up.gesture.clone().unwrap_or_default();
        let what = match follow_up.purpose() {
            FollowUpPurpose::Cost => {
                let rest = amounts::shown(follow_up.cost_in_question.as_ref());
                format!("{rest} above what was held")
            }
            FollowUpPurpose::Promise => "its promise was broken".to_owned(),
            FollowUpPurpose::Unspecified => "needs to be looked at".to_owned(),
        };
        vec![
            looks.time(follow_up.open_time.as_ref()),
            what,
            show::what(&gesture),
            gesture.requested_by.clone(),
            gesture.id.clone(),
        ]
    });
    let titles = ["since", "what", "gesture", "asked for by", "id"];
    looks.table(&titles, rows)
}

impl Word {
    fn of_proto(self) -> OutcomeWord {
        match self {
            Self::Thanked => OutcomeWord::Thanked,
            Self::ComplainedAgain => OutcomeWord::ComplainedAgain,
            Self::SharedPublicly => OutcomeWord::SharedPublicly,
            Self::Returned => OutcomeWord::Returned,
            Self::Other => OutcomeWord::Other,
        }
    }
}
