//! Reading what approvers say.

use super::Form;
use super::asked::REASON_CHARACTERS_MAX;
use crate::approval::{Saying, Seen, Verdict};
use crate::pb;
use crate::problem::Wrong;
use crate::vault::Private;

/// 32 bytes in hexadecimal digits.
const DIGEST_CHARACTERS: usize = 64;

impl Form {
    /// What somebody answers to. `prefix` is the path of the message that the fields stand in, with its dot.
    pub fn seen(
        &mut self,
        prefix: &str,
        (gesture_id, etag, authority): (&str, &str, &str),
    ) -> Option<Seen> {
        let id = self.gesture_id(&format!("{prefix}gesture_id"), gesture_id);
        let etag = self.etag(&format!("{prefix}etag"), etag);
        let authority = self.optional_agent(&format!("{prefix}authority"), authority);
        Some(Seen {
            id: id?,
            etag: etag?,
            authority,
        })
    }

    /// A yes.
    pub fn yes(&mut self, prefix: &str, approve: pb::answering::Approve) -> Option<Saying> {
        let field = format!("{prefix}terms_digest");
        let text = approve.terms_digest;
        let is_digest = text.len() == DIGEST_CHARACTERS;
        let terms = hex::decode(&text).ok().filter(|_| is_digest);
        if text.is_empty() {
            self.wrong(
                field,
                Wrong::Required,
                "is needed: the terms_digest of the gesture as you last saw it",
            );
        } else if terms.is_none() {
            self.wrong(
                field,
                Wrong::Malformed,
                "must be the terms_digest of the gesture as you last saw it",
            );
        }
        let asked = approve.amount.as_ref();
        let amount = asked.and_then(|_| self.money(&format!("{prefix}amount"), asked));
        let promise_by = self.instant(&format!("{prefix}promise_by"), approve.promise_by);
        Some(Saying::Approve {
            terms: terms?,
            amount,
            promise_by,
        })
    }

    /// What an approver says with an answer. Blanks say nothing.
    pub fn note(&mut self, field: &str, text: String, is_required: bool) -> Private {
        let note = self.free_text(field, text, REASON_CHARACTERS_MAX, true);
        if is_required && note.is_empty() {
            self.wrong(
                field,
                Wrong::Required,
                "is needed: what the agent who asked should know, 1 to 2000 characters",
            );
        }
        note
    }

    /// What a review found.
    pub fn verdict(&mut self, number: i32) -> Option<Verdict> {
        match pb::ReviewVerdict::try_from(number) {
            Ok(pb::ReviewVerdict::Justified) => Some(Verdict::Justified),
            Ok(pb::ReviewVerdict::NotJustified) => Some(Verdict::NotJustified),
            Ok(pb::ReviewVerdict::Unspecified) => {
                self.wrong(
                    "verdict",
                    Wrong::Required,
                    "is needed: JUSTIFIED or NOT_JUSTIFIED",
                );
                None
            }
            Err(_) => {
                self.wrong(
                    "verdict",
                    Wrong::OutOfRange,
                    "is no verdict: JUSTIFIED or NOT_JUSTIFIED",
                );
                None
            }
        }
    }
}
