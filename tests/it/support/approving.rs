//! Asking others, and answering, in few words.

use std::future::Future;
use std::time::Duration;

use largesse::pb;
use prost_types::Timestamp;
use tonic::Status;
use uuid::Uuid;

use super::{Client, World, money};

/// How long a story waits for what a timer does: a look at the clock is about a second away, on a busy machine more.
const PATIENCE: Duration = Duration::from_secs(20);

impl Client {
    /// Says yes to a gesture as it was seen.
    pub async fn approve(
        &mut self,
        seen: &pb::Gesture,
    ) -> Result<pb::ApproveGestureResponse, Status> {
        self.approve_as(seen, None, "").await
    }

    /// Says yes to another amount, in minor units of a euro.
    pub async fn approve_amount(
        &mut self,
        seen: &pb::Gesture,
        minor_units: i64,
    ) -> Result<pb::ApproveGestureResponse, Status> {
        self.approve_as(seen, money(minor_units, "EUR"), "").await
    }

    /// Says yes in this authority.
    pub async fn approve_as(
        &mut self,
        seen: &pb::Gesture,
        amount: Option<pb::Money>,
        authority: &str,
    ) -> Result<pb::ApproveGestureResponse, Status> {
        let request = pb::ApproveGestureRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            terms_digest: seen.terms_digest.clone(),
            authority: authority.into(),
            amount,
            ..Default::default()
        };
        Ok(self.approvals.approve_gesture(request).await?.into_inner())
    }

    /// Says no, and why.
    pub async fn decline(
        &mut self,
        seen: &pb::Gesture,
        reason: &str,
    ) -> Result<pb::Gesture, Status> {
        let request = pb::DeclineGestureRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            reason: reason.into(),
            ..Default::default()
        };
        let answer = self.approvals.decline_gesture(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// Sends a gesture back to who asked, with a note.
    pub async fn send_back(
        &mut self,
        seen: &pb::Gesture,
        note: &str,
    ) -> Result<pb::Gesture, Status> {
        let request = pb::ReturnGestureRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            note: note.into(),
            ..Default::default()
        };
        let answer = self.approvals.return_gesture(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// Hands a question to somebody else.
    pub async fn reassign(&mut self, seen: &pb::Gesture, to: &str) -> Result<pb::Gesture, Status> {
        let request = pb::ReassignApprovalRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            to_agent_id: to.into(),
            ..Default::default()
        };
        let answer = self.approvals.reassign_approval(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// Puts other terms to a gesture as it was seen.
    pub async fn revise(
        &mut self,
        seen: &pb::Gesture,
        terms: pb::Gesture,
    ) -> Result<pb::Gesture, Status> {
        self.revise_with(seen, terms, false).await
    }

    /// Puts other terms to a gesture, or the same ones and breaks the glass for it.
    pub async fn revise_with(
        &mut self,
        seen: &pb::Gesture,
        terms: pb::Gesture,
        break_glass: bool,
    ) -> Result<pb::Gesture, Status> {
        let request = pb::ReviseGestureRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            gesture: Some(terms),
            break_glass,
            ..Default::default()
        };
        let answer = self.gestures.revise_gesture(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// Asks and breaks the glass for it.
    pub async fn break_glass(&mut self, gesture: pb::Gesture) -> Result<pb::Gesture, Status> {
        let request = pb::RequestGestureRequest {
            request_id: Uuid::now_v7().to_string(),
            gesture: Some(gesture),
            break_glass: true,
            ..Default::default()
        };
        let answer = self.gestures.request_gesture(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// Reviews a broken glass.
    pub async fn review(
        &mut self,
        seen: &pb::Gesture,
        verdict: pb::ReviewVerdict,
        note: &str,
    ) -> Result<pb::Gesture, Status> {
        let request = pb::ReviewGestureRequest {
            gesture_id: seen.id.clone(),
            etag: seen.etag.clone(),
            verdict: verdict.into(),
            note: note.into(),
            ..Default::default()
        };
        let answer = self.approvals.review_gesture(request).await?;
        Ok(answer.into_inner().gesture.unwrap())
    }

    /// What waits for this agent, soonest deadline first.
    pub async fn inbox(&mut self) -> Vec<pb::ApprovalItem> {
        let request = pb::ListApprovalsRequest {
            page_size: 200,
            ..Default::default()
        };
        let answer = self.approvals.list_approvals(request).await.unwrap();
        answer.into_inner().items
    }

    /// The ids of what waits for this agent.
    pub async fn waiting(&mut self) -> Vec<String> {
        let items = self.inbox().await.into_iter();
        items.map(|item| item.gesture.unwrap().id).collect()
    }

    /// One question, as it is decided from.
    pub async fn approval(&mut self, id: &str) -> Result<pb::GetApprovalResponse, Status> {
        let request = pb::GetApprovalRequest {
            gesture_id: id.into(),
            ..Default::default()
        };
        Ok(self.approvals.get_approval(request).await?.into_inner())
    }

    /// Lends everything until an instant (RFC 3339).
    pub async fn lend(&mut self, to: &str, until: &str) -> Result<pb::Delegation, Status> {
        self.lend_some(to, until, &[], None).await
    }

    /// Lends some kinds, up to an amount per gesture.
    pub async fn lend_some(
        &mut self,
        to: &str,
        until: &str,
        kinds: &[&str],
        lent_max: Option<pb::Money>,
    ) -> Result<pb::Delegation, Status> {
        let request = pb::CreateDelegationRequest {
            delegation_id: Uuid::now_v7().to_string(),
            delegate_id: to.into(),
            end_time: Some(instant(until)),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            lent_max,
            ..Default::default()
        };
        let answer = self.approvals.create_delegation(request).await?;
        Ok(answer.into_inner().delegation.unwrap())
    }

    /// Takes lent authority back.
    pub async fn take_back(&mut self, delegation: &pb::Delegation) -> Result<(), Status> {
        let request = pb::RevokeDelegationRequest {
            delegation_id: delegation.id.clone(),
            ..Default::default()
        };
        self.approvals.revoke_delegation(request).await.map(|_| ())
    }

    /// Is away from now until an instant (RFC 3339); none: is back.
    pub async fn away(&mut self, until: Option<&str>) -> Result<(), Status> {
        let request = pb::SetAwayRequest {
            end_time: until.map(instant),
            ..Default::default()
        };
        self.approvals.set_away(request).await.map(|_| ())
    }
}

impl World {
    /// Moves the clock, and waits until a gesture is as the timers should leave it.
    pub async fn later(
        &self,
        at: &str,
        client: &mut Client,
        id: &str,
        is_there: impl Fn(&pb::Gesture) -> bool,
    ) -> pb::Gesture {
        self.set_clock(at).await;
        let reading = client.clone();
        until(
            || {
                let (mut reading, id) = (reading.clone(), id.to_owned());
                async move { reading.get(&id).await.unwrap() }
            },
            is_there,
        )
        .await
    }
}

/// What a look finds, once it is as it should be.
pub async fn until<T, F>(look: impl Fn() -> F, is_there: impl Fn(&T) -> bool) -> T
where
    T: std::fmt::Debug,
    F: Future<Output = T>,
{
    let ends = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = look().await;
        if is_there(&found) {
            return found;
        }
        assert!(
            tokio::time::Instant::now() < ends,
            "still not so: {found:#?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Who is asked about a gesture and may answer now, in the order in which they were asked.
pub fn asked_of(gesture: &pb::Gesture) -> Vec<&str> {
    let approval = gesture.approval.as_ref();
    approval
        .iter()
        .flat_map(|approval| &approval.asked)
        .filter(|asked| asked.is_open)
        .map(|asked| asked.agent_id.as_str())
        .collect()
}

fn instant(text: &str) -> Timestamp {
    let at: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
    Timestamp {
        seconds: at.timestamp(),
        nanos: 0,
    }
}
