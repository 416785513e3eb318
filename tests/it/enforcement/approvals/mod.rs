//! Attacks on questions and answers, as largesse_app with SQL: whoever has the service's credentials can speak in another
//! agent's name, and cannot answer what that agent could not. Each refusal leaves every row as it was.
//!
//! | file | what is tried |
//! |---|---|
//! | `own_request` | answering one's own request, through whatever door; giving to an account of one's own |
//! | `lending`, `lent` | lending what one does not have, or in a circle; answering with more than was lent |
//! | `stale` | answers to other terms, of nobody who was asked, or too late |
//! | `two_people` | being two people |
//! | `routing`, `silence` | asking whom nobody would ask; granting on a silence that is none |
//! | `limits` | splitting, and limits and people that changed while the question waited |
//! | `revisions` | putting other terms under an answer |
//! | `glass` | breaking more glass than one may, and reviewing it oneself |
//! | `nonsense` | what no entrance can take |

mod glass;
mod lending;
mod lent;
mod limits;
mod mutual;
mod nonsense;
mod own_request;
mod revisions;
mod routing;
mod silence;
mod stale;
mod two_people;

use serde_json::Value;

use crate::support::Desk;
use crate::support::kernel::{Answering, Asked, Seen, Told};

fn basket(agent: &str, customer: &str, amount: i64) -> Asked {
    Asked::of(agent, "basket", customer, amount)
}

/// The document, with other fields for one agent.
fn document_where(agent: &str, change: impl Fn(&mut Value)) -> Value {
    let mut document = Desk::document();
    let agents = document["agents"].as_array_mut().unwrap();
    let agent = agents.iter_mut().find(|other| other["id"] == agent);
    change(agent.unwrap());
    document
}

impl Desk {
    /// fl-1 asks for a basket of 70.00, and these people are asked about it.
    async fn seventy(&mut self, of: &[&str]) -> Seen {
        self.waiting(&basket("fl-1", "ida", 7000), of).await
    }

    /// A yes that is taken, and everything that must hold.
    async fn approves(&mut self, answering: &Answering) {
        let told = self.answers(answering).await;
        assert_eq!(told.outcome, "APPROVED", "{told:?}");
        self.holds().await;
    }

    /// A yes that is refused for these reasons, as whoever looked first was told: the question stays open.
    async fn refuses_for(&mut self, answering: &Answering, codes: &[&str]) -> Told {
        let told = self.refuses(answering, "REFUSED").await;
        assert_eq!(told.codes(), codes, "{told:?}");
        assert_eq!(told.state.as_deref(), Some("PENDING_APPROVAL"));
        if answering.amount.is_none() {
            let authority = told.authority.clone().unwrap();
            let stands = self.stands(answering, &authority).await;
            let codes = codes.iter().map(|code| (*code).to_owned()).collect();
            assert_eq!(stands, ("REFUSED".to_owned(), codes));
        }
        told
    }
}
