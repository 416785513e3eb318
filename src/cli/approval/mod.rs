//! `largesse approval …`: the questions that wait for somebody, and answering them.

mod answer;
mod approve;
mod list;
pub(super) mod question;
mod room;
#[cfg(test)]
mod samples;
mod show;

use std::path::Path;

use clap::{Args, Subcommand};
use uuid::Uuid;

use self::answer::{Target, Verdict};
use self::approve::ApproveOptions;
use self::list::ListOptions;
use self::room::Room;
use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use crate::identity::Role;
use crate::pb::{
    AnswerResult, Gesture, GetApprovalRequest, GetApprovalResponse, GetAuthorityRequest, Standing,
};

/// `largesse approval …`.
#[derive(Debug, Clone, Args)]
pub struct ApprovalVerbs {
    #[command(subcommand)]
    verb: ApprovalVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum ApprovalVerb {
    /// List what waits for you, soonest deadline first
    List(ListOptions),
    /// Show a question with all that is needed to decide it
    Show {
        /// The gesture's id
        #[arg(value_name = "ID")]
        id: Uuid,
    },
    /// Say yes; of several gestures each is answered by itself [exit code 3 or 4: a yes does not fit, and nothing changed]
    Approve(ApproveOptions),
    /// Say no
    Decline {
        #[command(flatten)]
        target: Target,
        /// Why, for the agent who asked
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Send it back to the agent who asked
    Return {
        #[command(flatten)]
        target: Target,
        /// What to change
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Hand the question on to somebody who can say yes
    Reassign {
        #[command(flatten)]
        target: Target,
        /// The agent who is asked instead
        #[arg(long, value_name = "AGENT")]
        to: String,
    },
    /// Say whether the glass was broken rightly
    Review {
        #[command(flatten)]
        target: Target,
        /// What was found
        #[arg(long, value_name = "VERDICT")]
        verdict: Verdict,
        /// Why; needed for not-justified
        #[arg(long, value_name = "TEXT", required_if_eq("verdict", "not-justified"))]
        note: Option<String>,
    },
}

impl ApprovalVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Approver).await?;
        match self.verb {
            ApprovalVerb::List(options) => options.run(&client, self.client.agent.as_deref()).await,
            ApprovalVerb::Show { id } => show(&client, id).await,
            ApprovalVerb::Approve(options) => options.run(&client).await,
            ApprovalVerb::Decline { target, reason } => {
                answer::decline(&client, target, reason).await
            }
            ApprovalVerb::Return { target, note } => answer::send_back(&client, target, note).await,
            ApprovalVerb::Reassign { target, to } => answer::reassign(&client, target, to).await,
            ApprovalVerb::Review {
                target,
                verdict,
                note,
            } => answer::review(&client, target, verdict, note.unwrap_or_default()).await,
        }
    }
}

async fn show(client: &Client, id: Uuid) -> Result<Exit, Failure> {
    let request = GetApprovalRequest {
        gesture_id: id.to_string(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().get_approval(request).await;
    let answer = answer
        .map_err(|status| Effect::Reads.failed(&status))?
        .into_inner();
    let rooms = rooms(client, &answer).await;
    client
        .printer
        .answer(&answer, |looks| show::view(looks, &answer, &rooms))?;
    Ok(Exit::Done)
}

/// What is left in each authority in which a yes would be one.
async fn rooms(client: &Client, answer: &GetApprovalResponse) -> Vec<Room> {
    let mut rooms = Vec::new();
    let Some(gesture) = answer.gesture.as_ref() else {
        return rooms;
    };
    for standing in &answer.standings {
        if standing.is_asked && standing.result() != AnswerResult::Refused {
            rooms.extend(room(client, gesture, standing).await);
        }
    }
    rooms
}

/// Nothing where it may not be read: the question is shown without it.
async fn room(client: &Client, gesture: &Gesture, standing: &Standing) -> Option<Room> {
    let customer = gesture.customer.clone().unwrap_or_default();
    let request = GetAuthorityRequest {
        agent_id: standing.authority.clone(),
        customer_id: customer.id,
        case_id: gesture.case_id.clone(),
        segment: customer.segment,
        occasion: gesture.occasion.clone(),
        budget: gesture.budget.clone(),
        at: None,
    };
    let answer = client.authority().get_authority(request).await.ok()?;
    let currency = &gesture.amount.as_ref()?.currency;
    let mut items = answer.into_inner().items.into_iter();
    let item = items.find(|item| item.kind == gesture.kind && &item.currency == currency)?;
    Some(Room {
        authority: standing.authority.clone(),
        item,
    })
}
