//! Who is asked next: the nearest person who can say yes. Pure, over facts that were read at one instant.
//!
//! A route only *proposes*: Postgres checks again whoever answers (`decide`), so that a wrong one costs time and never
//! money. The rules, from the first to the last resort:
//!
//! 1. the nearest who could say yes, has room for it now and can be reached;
//! 2. the nearest who could say yes and can be reached: room comes back, by another amount or in another month;
//! 3. the nearest who could say yes at all: a question is never left unasked because everybody is away.
//!
//! Near is up the reporting line, step by step, and then the duty pool. Under dual control two people are asked at once,
//! and the pool is none. Nobody is asked twice, whichever of their accounts it would be; nobody is replaced.

use super::How;
use crate::ids::AgentId;

/// What is known of somebody who might be asked. Facts come in the order of nearness: up the line, then the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// Of the line or the pool.
    pub how: How,
    /// The human behind the account.
    pub person: String,
    /// HUMAN: only such count under dual control.
    pub is_human: bool,
    /// Neither suspended nor gone.
    pub is_active: bool,
    /// The requester, or another account of theirs.
    pub is_requester: bool,
    /// Could ever say yes to these terms.
    pub is_able: bool,
    /// And every limit has room now.
    pub fits_now: bool,
    /// Not away, or somebody may answer for them.
    pub is_reachable: bool,
    /// How long they are usually waited for, in seconds; none: too few answers to tell.
    pub typical_wait_s: Option<i32>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<'c> {
    /// These are asked too.
    Ask {
        /// Nearest first; one, or two under dual control.
        these: Vec<&'c Candidate>,
        /// Whether a later step could add somebody else.
        is_somebody_left: bool,
    },
    /// Everybody who could answer was asked; time goes on.
    Wait,
    /// Nobody could ever say yes.
    Nobody,
}

/// Everybody who could ever say yes, in the order in which they would be asked. None where one alone could and two must.
pub fn able(candidates: &[Candidate], needs_two: bool) -> Vec<&Candidate> {
    let able = by_preference(candidates, needs_two);
    if people_of(&able) < needed(needs_two) {
        return Vec::new();
    }
    able
}

fn by_preference(candidates: &[Candidate], needs_two: bool) -> Vec<&Candidate> {
    let counts_as_one = |candidate: &Candidate| candidate.is_human && candidate.how == How::Line;
    let mut able: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| candidate.is_able && (!needs_two || counts_as_one(candidate)))
        .collect();
    // Stable: within a preference the nearest stays first.
    able.sort_by_key(
        |candidate| match (candidate.is_reachable, candidate.fits_now) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        },
    );
    able
}

/// How many different people must say yes.
fn needed(needs_two: bool) -> usize {
    if needs_two { 2 } else { 1 }
}

/// The next step of a question for a decision. `step` is how often people were asked before.
pub fn next_decider<'c>(
    candidates: &'c [Candidate],
    asked: &[AgentId],
    step: i32,
    needs_two: bool,
) -> Next<'c> {
    if step == 0 && able(candidates, needs_two).is_empty() {
        return Next::Nobody;
    }
    // Later, one is enough: a first yes stands, whatever has become of whoever gave it.
    let at_once = if step == 0 { needed(needs_two) } else { 1 };
    let able = by_preference(candidates, needs_two);
    add(able, candidates, asked, at_once)
}

/// The next step of a review: whoever is active above, whether or not they could have given it themselves.
pub fn next_reviewer<'c>(candidates: &'c [Candidate], asked: &[AgentId]) -> Next<'c> {
    let mut by_preference: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| {
            candidate.how == How::Line && candidate.is_active && !candidate.is_requester
        })
        .collect();
    by_preference.sort_by_key(|candidate| !candidate.is_reachable);
    add(by_preference, candidates, asked, 1)
}

/// The first so many people who were not asked yet.
fn add<'c>(
    by_preference: Vec<&'c Candidate>,
    candidates: &'c [Candidate],
    asked: &[AgentId],
    at_once: usize,
) -> Next<'c> {
    let mut people: Vec<&str> = candidates
        .iter()
        .filter(|candidate| asked.contains(&candidate.agent))
        .map(|candidate| candidate.person.as_str())
        .collect();
    let mut fresh = by_preference.into_iter().filter(|candidate| {
        let is_fresh =
            !asked.contains(&candidate.agent) && !people.contains(&candidate.person.as_str());
        if is_fresh {
            people.push(&candidate.person);
        }
        is_fresh
    });
    let these: Vec<&Candidate> = fresh.by_ref().take(at_once).collect();
    if these.is_empty() {
        return Next::Wait;
    }
    let is_somebody_left = fresh.next().is_some();
    Next::Ask {
        these,
        is_somebody_left,
    }
}

/// How many different people these are.
fn people_of(candidates: &[&Candidate]) -> usize {
    let mut people: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.person.as_str())
        .collect();
    people.sort_unstable();
    people.dedup();
    people.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody of the line who can say yes now.
    fn able(name: &str) -> Candidate {
        Candidate {
            agent: AgentId::new(name).unwrap(),
            how: How::Line,
            person: name.into(),
            is_human: true,
            is_active: true,
            is_requester: false,
            is_able: true,
            fits_now: true,
            is_reachable: true,
            typical_wait_s: None,
        }
    }

    fn pool() -> Candidate {
        Candidate {
            how: How::Pool,
            is_human: false,
            ..able("duty")
        }
    }

    fn unable(name: &str) -> Candidate {
        Candidate {
            is_able: false,
            fits_now: false,
            ..able(name)
        }
    }

    fn full(name: &str) -> Candidate {
        Candidate {
            fits_now: false,
            ..able(name)
        }
    }

    fn away(name: &str) -> Candidate {
        Candidate {
            is_reachable: false,
            ..able(name)
        }
    }

    /// Who is asked, "…" where somebody is left; or the word of what happens instead.
    fn said(next: Next<'_>) -> String {
        match next {
            Next::Ask {
                these,
                is_somebody_left,
            } => {
                let names: Vec<&str> = these.iter().map(|one| one.agent.as_str()).collect();
                format!(
                    "{}{}",
                    names.join(" "),
                    if is_somebody_left { " …" } else { "" }
                )
            }
            Next::Wait => "wait".into(),
            Next::Nobody => "nobody".into(),
        }
    }

    fn ids(names: &[&str]) -> Vec<AgentId> {
        names
            .iter()
            .map(|name| AgentId::new(*name).unwrap())
            .collect()
    }

    /// Asked so far, in as many steps.
    fn decides(candidates: &[Candidate], asked: &[&str]) -> String {
        said(next_decider(
            candidates,
            &ids(asked),
            asked.len() as i32,
            false,
        ))
    }

    fn two_decide(candidates: &[Candidate], asked: &[&str], step: i32) -> String {
        said(next_decider(candidates, &ids(asked), step, true))
    }

    #[test]
    fn the_nearest_who_can_say_yes_is_asked_and_later_steps_add_the_next_and_then_the_pool() {
        let line = [unable("lead"), able("head"), able("chief"), pool()];
        assert_eq!(decides(&line, &[]), "head …");
        assert_eq!(decides(&line, &["head"]), "chief …");
        assert_eq!(decides(&line, &["head", "chief"]), "duty");
        assert_eq!(decides(&line, &["head", "chief", "duty"]), "wait");
    }

    #[test]
    fn who_has_no_room_or_cannot_be_reached_is_asked_after_those_who_can_answer() {
        let line = [away("lead"), full("head"), able("chief"), pool()];
        assert_eq!(decides(&line, &[]), "chief …");
        assert_eq!(decides(&line, &["chief"]), "duty …", "the pool before them");
        assert_eq!(decides(&line, &["chief", "duty"]), "head …");
        assert_eq!(decides(&line, &["chief", "duty", "head"]), "lead");
    }

    #[test]
    fn a_question_is_never_left_unasked() {
        let away_and_full = Candidate {
            fits_now: false,
            ..away("lead")
        };
        assert_eq!(decides(&[away_and_full, away("head")], &[]), "lead …");
        assert_eq!(decides(&[full("lead")], &[]), "lead");
    }

    #[test]
    fn where_nobody_could_ever_say_yes_the_answer_is_no_at_once_and_only_at_once() {
        assert_eq!(decides(&[], &[]), "nobody");
        assert_eq!(decides(&[unable("lead"), unable("head")], &[]), "nobody");
        assert_eq!(
            decides(&[unable("lead"), unable("head")], &["lead"]),
            "wait",
            "whoever was asked may still say no"
        );
    }

    #[test]
    fn nobody_is_asked_twice_by_whichever_account() {
        let second_account = Candidate {
            person: "lead".into(),
            ..able("lead-2")
        };
        let line = [able("lead"), second_account, able("head")];
        assert_eq!(decides(&line, &["lead"]), "head");
        assert_eq!(decides(&line, &["lead-2"]), "head");
        assert_eq!(
            decides(&line, &["a-colleague"]),
            "lead …",
            "to whom it was reassigned"
        );
    }

    #[test]
    fn under_dual_control_two_people_are_asked_at_once_and_later_steps_add_one() {
        let second_account = Candidate {
            person: "lead".into(),
            ..able("lead-2")
        };
        let line = [
            able("lead"),
            second_account,
            able("head"),
            able("chief"),
            pool(),
        ];
        assert_eq!(two_decide(&line, &[], 0), "lead head …");
        assert_eq!(
            two_decide(&line, &["lead", "head"], 1),
            "chief",
            "never the pool"
        );
        assert_eq!(two_decide(&line, &["lead", "head", "chief"], 2), "wait");
        let one_away = [able("lead"), away("head"), full("chief")];
        assert_eq!(two_decide(&one_away, &[], 0), "lead chief …");
    }

    #[test]
    fn the_second_of_two_is_added_though_the_first_could_not_say_yes_any_more() {
        let line = [unable("lead"), unable("head"), able("chief")];
        assert_eq!(two_decide(&line, &["lead", "head"], 1), "chief");
        assert!(super::able(&line, true).is_empty());
    }

    #[test]
    fn under_dual_control_one_person_is_nobody() {
        let program = Candidate {
            is_human: false,
            ..able("bot")
        };
        let second_account = Candidate {
            person: "lead".into(),
            ..able("lead-2")
        };
        assert_eq!(
            two_decide(&[able("lead"), second_account, program, pool()], &[], 0),
            "nobody"
        );
    }

    #[test]
    fn a_broken_glass_is_reviewed_by_whoever_stands_above_and_never_by_the_requester() {
        let own_second_account = Candidate {
            is_requester: true,
            ..able("me-2")
        };
        let suspended = Candidate {
            is_active: false,
            ..unable("lead")
        };
        let line = [
            own_second_account,
            suspended,
            away("head"),
            unable("chief"),
            pool(),
        ];
        let reviews = |asked: &[&str]| said(next_reviewer(&line, &ids(asked)));
        assert_eq!(
            reviews(&[]),
            "chief …",
            "though they could not give it themselves"
        );
        assert_eq!(reviews(&["chief"]), "head");
        assert_eq!(reviews(&["chief", "head"]), "wait");
        assert_eq!(said(next_reviewer(&[], &[])), "wait");
    }
}
