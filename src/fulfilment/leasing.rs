//! Leasing: tasks now, or as they come.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Fulfilments, store};
use crate::identity::Caller;
use crate::ids::{CustomerId, GestureId};
use crate::money::Money;
use crate::problem::Problem;
use crate::vault::{Personal, Private, Recipient};

/// What a fulfiller asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of which channel.
    pub channel: String,
    /// How many at most.
    pub count: i32,
    /// How long each lease lasts, whole seconds.
    pub lasting: Duration,
    /// How long to wait where there are fewer; zero: not at all.
    pub wait: Duration,
}

/// One piece of work, leased.
#[derive(Debug, Clone)]
pub struct Task {
    /// The gesture.
    pub id: GestureId,
    /// Higher than that of every lease of it before.
    pub token: i32,
    /// When the lease ends.
    pub leased_until: DateTime<Utc>,
    /// How often it was tried in vain.
    pub failed_tries: i32,
    /// What is given.
    pub kind: String,
    /// What it was approved at.
    pub amount: Money,
    /// What is held for it, in minor units of the amount's currency: up to twice the largest amount.
    pub hold_minor: i64,
    /// For whom.
    pub customer: CustomerId,
    /// By when the customer was told it would be there.
    pub promise_by: Option<DateTime<Utc>>,
    /// Where it goes, as far as the kind demands it.
    pub recipient: Option<Recipient>,
    /// What goes with it.
    pub message: Private,
    /// The order under which it was dispatched; none: it is to be ordered.
    pub order: Option<String>,
}

/// Tasks as they are leased, in groups.
pub type TaskStream = mpsc::Receiver<Result<Vec<Task>, Problem>>;

impl Fulfilments {
    /// LeaseTasks: what there is now, and more as it comes, until so many were handed out or the waiting is over. A call that does
    /// not wait is answered once, even where there is nothing.
    ///
    /// # Errors
    /// [`Problem::ChannelNotCovered`]; later ones come through the stream and end it.
    pub fn lease(&self, caller: Caller, wanted: Wanted) -> Result<TaskStream, Problem> {
        caller.tenant()?;
        caller.works_for(&wanted.channel)?;
        // One group waits for the client at most: what is leased while it does not read would run out unseen.
        let (sender, receiver) = mpsc::channel(1);
        let fulfilments = self.clone();
        tokio::spawn(async move {
            if let Err(problem) = fulfilments.hand_out(&caller, wanted, &sender).await {
                // Whoever went away does not mind.
                let _ = sender.send(Err(problem)).await;
            }
        });
        Ok(receiver)
    }

    async fn hand_out(
        &self,
        caller: &Caller,
        wanted: Wanted,
        sender: &mpsc::Sender<Result<Vec<Task>, Problem>>,
    ) -> Result<(), Problem> {
        let tenant = caller.tenant()?;
        let until = Instant::now() + wanted.wait;
        let mut stopping = self.stopping.clone();
        let place = self.waiting.place(tenant, &wanted.channel);
        let mut left = wanted.count;
        loop {
            // There is room before anything is leased.
            let Ok(room) = sender.reserve().await else {
                return Ok(());
            };
            let tasks = self.lease_now(caller, &wanted, left).await?;
            left -= i32::try_from(tasks.len()).unwrap_or(left);
            if !tasks.is_empty() || wanted.wait.is_zero() {
                room.send(Ok(tasks));
            }
            if left <= 0 || wanted.wait.is_zero() {
                return Ok(());
            }
            tokio::select! {
                () = place.called() => {}
                () = tokio::time::sleep_until(until) => return Ok(()),
                () = sender.closed() => return Ok(()),
                // An error means that the sender is gone, which is a stop as well.
                _ = stopping.wait_for(|stop| *stop) => return Ok(()),
            }
        }
    }

    async fn lease_now(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        count: i32,
    ) -> Result<Vec<Task>, Problem> {
        let tenant = caller.tenant()?;
        let (database, holder) = (&self.database, &caller.subject);
        let leases = store::lease(database, tenant, wanted, holder, count).await?;
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<GestureId> = leases.iter().map(|lease| lease.id).collect();
        let mut reading = self.database.read(tenant).await?;
        let mut works = store::works(&mut reading, tenant, &ids).await?;
        let mut said = self.vault.open(&mut reading, tenant, ids).await?;
        drop(reading);
        let tasks = leases.into_iter().map(|lease| {
            let work = works
                .remove(&lease.id)
                .ok_or_else(|| Problem::defect("a task is of no gesture"))?;
            let place = said.iter().position(|(id, _)| *id == lease.id);
            let personal = place.map(|place| said.swap_remove(place).1);
            let (recipient, message) = shown(personal, &work.recipient_fields);
            Ok(Task {
                id: lease.id,
                token: lease.token,
                leased_until: lease.until,
                failed_tries: lease.failed_tries,
                kind: work.kind,
                amount: work.amount,
                hold_minor: work.hold_minor,
                customer: work.customer,
                promise_by: work.promise_by,
                recipient,
                message,
                order: lease.order,
            })
        });
        tasks.collect()
    }
}

/// Of what was said of people, what a channel needs: the fields of the recipient that the kind demands; the message where it
/// demands any, because it then goes to somebody. Never the reason.
fn shown(personal: Option<Personal>, fields: &[String]) -> (Option<Recipient>, Private) {
    let Some(personal) = personal.filter(|_| !fields.is_empty()) else {
        return (None, Private::default());
    };
    let recipient = personal
        .recipient
        .map(|recipient| recipient.only(|field| fields.iter().any(|name| name == field)));
    (recipient, personal.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn personal() -> Personal {
        Personal {
            reason: Private::new("her mother has died"),
            message: Private::new("With our sympathy"),
            recipient: Some(Recipient {
                full_name: Private::new("Ada Example"),
                phone: Private::new("+49301234567"),
                ..Recipient::default()
            }),
        }
    }

    #[test]
    fn a_channel_sees_what_the_kind_demands_and_no_more() {
        let (recipient, message) = shown(Some(personal()), &["full_name".into()]);
        let recipient = recipient.unwrap();
        assert_eq!(recipient.full_name.reveal(), "Ada Example");
        assert!(recipient.phone.is_empty());
        assert_eq!(message.reveal(), "With our sympathy");
    }

    #[test]
    fn what_goes_to_nobody_says_nothing_of_anybody() {
        let (recipient, message) = shown(Some(personal()), &[]);
        assert!(recipient.is_none() && message.is_empty());
    }
}
