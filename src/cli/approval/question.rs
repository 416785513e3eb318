//! A question in words: who is asked, until when, what happens on silence, and what became of it.

use crate::cli::amounts;
use crate::cli::gesture::decision::wait;
use crate::cli::output::{Looks, words};
use crate::pb::{
    Answer, AnswerEvent, Approval, ApprovalPurpose, Asked, Flag, Gesture, GestureState, SilenceRule,
};

/// Who acts where the service itself does.
const SERVICE: &str = "largesse";

/// The question of a gesture, open or not; nothing where nobody was ever asked.
pub fn of_gesture(looks: &Looks, gesture: &Gesture) -> String {
    match &gesture.approval {
        None => String::new(),
        Some(approval) => match &approval.answer {
            Some(answer) if !approval.is_open => closed(looks, gesture, approval, answer),
            Some(_) | None => open(looks, approval),
        },
    }
}

/// What became of it, and what the agent may do now.
fn closed(looks: &Looks, gesture: &Gesture, approval: &Approval, answer: &Answer) -> String {
    let mut text = format!("\n{}.\n", became(looks, approval, answer));
    text += &looks.facts([("note", answer.note.clone())]);
    if gesture.state() == GestureState::Returned {
        let until = match &approval.expire_time {
            Some(_) => format!(", until {}", looks.deadline(approval.expire_time.as_ref())),
            None => String::new(),
        };
        text += &format!(
            "\nTo revise it{until}:\n  largesse gesture revise {}\n",
            gesture.id
        );
    }
    text
}

fn became(looks: &Looks, approval: &Approval, answer: &Answer) -> String {
    let when = looks.time(answer.time.as_ref());
    let by = words::acting(&answer.actor, &answer.authority);
    match answer.event() {
        AnswerEvent::Approved if answer.on_silence => {
            format!(
                "Nobody answered in time: {} gave it, {when}",
                answer.authority
            )
        }
        AnswerEvent::Approved => {
            let mutual = if answer.flags().any(|flag| flag == Flag::Reciprocal) {
                "; the requester lately said yes to them: look at it"
            } else {
                ""
            };
            let amount = other_amount(approval, answer);
            format!("Approved by {by}, {when}{amount}{mutual}")
        }
        AnswerEvent::Declined if answer.actor == SERVICE => {
            format!("Declined at once, {when}: nobody could ever say yes")
        }
        AnswerEvent::Declined => format!("Declined by {by}, {when}"),
        AnswerEvent::Returned => format!("Returned by {by}, {when}"),
        AnswerEvent::Expired => format!("It expired without an answer, {when}"),
        AnswerEvent::Cancelled => format!("Withdrawn by {by}, {when}"),
        AnswerEvent::Revised => format!("Revised by {by}, {when}"),
        AnswerEvent::Reviewed => format!(
            "Reviewed by {by}, {when}: breaking the glass was {}",
            words::verdict(answer.verdict)
        ),
        AnswerEvent::Unspecified => {
            format!("{} by {by}, {when}", words::answer_event(answer.event))
        }
    }
}

/// Where a yes was to another amount than was asked.
fn other_amount(approval: &Approval, answer: &Answer) -> String {
    match (&answer.amount, &approval.asked_amount) {
        (Some(given), Some(asked)) if given != asked => format!(
            ": {} instead of {}",
            amounts::shown(Some(given)),
            amounts::shown(Some(asked))
        ),
        _ => String::new(),
    }
}

/// Who is asked, and what happens if they do not answer.
pub fn open(looks: &Looks, approval: &Approval) -> String {
    if approval.asked.is_empty() {
        return "\nSomebody is about to be asked.\n".to_owned();
    }
    let rows = approval.asked.iter().map(|asked| {
        vec![
            asked.agent_id.clone(),
            asked.delegate_id.clone(),
            words::asked_how(asked.how),
            looks.time(asked.ask_time.as_ref()),
            answer_by(looks, asked),
            wait(asked.typical_wait.as_ref()),
        ]
    });
    // An empty column would only take room: most people are not away.
    let is_shown = [
        true,
        approval.asked.iter().any(|it| !it.delegate_id.is_empty()),
        true,
        true,
        true,
        approval.asked.iter().any(|it| it.typical_wait.is_some()),
    ];
    let titles = [
        "asked",
        "delegate",
        "how",
        "since",
        "answers by",
        "usually in",
    ];
    let titles: Vec<&str> = kept(titles, is_shown).collect();
    let rows = rows.map(|row| kept(row, is_shown).collect());
    let mut text = format!("\n{}", looks.table(&titles, rows));
    if let Some(first) = &approval.first_answer {
        text += &format!(
            "\nThe first of two yeses: {}, to {}, {}. Another person must say yes to the same amount.\n",
            words::acting(&first.actor, &first.authority),
            amounts::shown(first.amount.as_ref()),
            looks.time(first.time.as_ref())
        );
    }
    text + &silence(looks, approval)
}

fn kept<T>(all: impl IntoIterator<Item = T>, is_shown: [bool; 6]) -> impl Iterator<Item = T> {
    all.into_iter()
        .zip(is_shown)
        .filter_map(|(it, is_shown)| is_shown.then_some(it))
}

fn answer_by(looks: &Looks, asked: &Asked) -> String {
    if asked.is_open {
        looks.deadline(asked.answer_by.as_ref())
    } else {
        "handed on".to_owned()
    }
}

/// What happens by itself, and when.
fn silence(looks: &Looks, approval: &Approval) -> String {
    if approval.purpose() == ApprovalPurpose::Review {
        return "It stays listed until it is reviewed.\n".to_owned();
    }
    let next = looks.deadline(approval.next_step_time.as_ref());
    let last = looks.deadline(approval.expire_time.as_ref());
    let ends = match approval.on_silence() {
        SilenceRule::Grant => "the duty pool gives it, if it can; else it expires",
        SilenceRule::Expire | SilenceRule::Unspecified => "it expires",
    };
    let mut steps = vec![("the next one is asked", next), (ends, last)];
    steps.retain(|(_, when)| !when.is_empty());
    if approval.next_step_time == approval.expire_time {
        steps.drain(..steps.len().saturating_sub(1));
    }
    if steps.is_empty() {
        return String::new();
    }
    let steps = steps
        .iter()
        .map(|(what, when)| (when.as_str(), (*what).to_owned()));
    format!("\nIf nobody answers:\n{}", looks.facts(steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::approval::samples;
    use crate::cli::output::without_rules;
    use crate::pb::{FirstAnswer, ReviewVerdict};

    fn answered(state: GestureState, answer: Answer) -> String {
        let mut gesture = samples::pending();
        gesture.state = state.into();
        let approval = gesture.approval.as_mut().unwrap();
        approval.is_open = false;
        approval.answer = Some(Answer {
            time: samples::at(3600),
            ..answer
        });
        of_gesture(&samples::looks(None), &gesture)
    }

    fn by(event: AnswerEvent, actor: &str, authority: &str) -> Answer {
        Answer {
            event: event.into(),
            actor: actor.into(),
            authority: authority.into(),
            ..Default::default()
        }
    }

    #[test]
    fn who_is_asked_is_told_with_what_happens_on_silence() {
        let text = of_gesture(&samples::looks(None), &samples::pending());
        let expected = "
asked   how             since                     answers by                         usually in
─
ld-201  reporting line  Fri 2026-11-20 14:06 CET  Fri 2026-11-20 18:06 CET (3h 20m)  about 12m

If nobody answers:
Fri 2026-11-20 18:06 CET (3h 20m)  the next one is asked
Mon 2026-11-23 14:06 CET (2d 23h)  it expires";
        assert_eq!(without_rules(&text), expected);
    }

    #[test]
    fn a_delegate_and_a_first_yes_are_named() {
        let mut gesture = samples::pending();
        let approval = gesture.approval.as_mut().unwrap();
        approval.asked[0].delegate_id = "ld-202".into();
        approval.on_silence = SilenceRule::Grant.into();
        approval.next_step_time = approval.expire_time;
        approval.first_answer = Some(FirstAnswer {
            actor: "ld-202".into(),
            authority: "ld-201".into(),
            amount: samples::euro(7000),
            time: samples::at(600),
            promise_by: None,
        });
        let text = of_gesture(&samples::looks(None), &gesture);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("asked   delegate  how"), "{text}");
        assert!(lines[3].starts_with("ld-201  ld-202"), "{text}");
        assert_eq!(
            lines[5],
            "The first of two yeses: ld-202, in the authority of ld-201, to 70.00 EUR, Fri 2026-11-20 14:16 CET. \
             Another person must say yes to the same amount."
        );
        assert_eq!(
            lines[7..],
            [
                "If nobody answers:",
                "Mon 2026-11-23 14:06 CET (2d 23h)  the duty pool gives it, if it can; else it expires"
            ]
        );
    }

    #[test]
    fn what_became_of_it_is_a_sentence() {
        let approved = Answer {
            amount: samples::euro(6000),
            ..by(AnswerEvent::Approved, "ld-202", "ld-201")
        };
        let mut gesture = samples::pending();
        let approval = gesture.approval.as_mut().unwrap();
        approval.asked_amount = samples::euro(7000);
        assert_eq!(
            became(
                &samples::looks(None),
                approval,
                &Answer {
                    time: samples::at(3600),
                    ..approved
                }
            ),
            "Approved by ld-202, in the authority of ld-201, Fri 2026-11-20 15:06 CET: 60.00 EUR instead of 70.00 EUR"
        );
        let mutual = Answer {
            flags: vec![Flag::Reciprocal.into()],
            ..by(AnswerEvent::Approved, "ld-201", "ld-201")
        };
        assert!(
            answered(GestureState::Approved, mutual)
                .contains("CET; the requester lately said yes to them: look at it")
        );
        let granted = Answer {
            on_silence: true,
            ..by(AnswerEvent::Approved, "duty", "duty")
        };
        assert_eq!(
            answered(GestureState::Approved, granted),
            "\nNobody answered in time: duty gave it, Fri 2026-11-20 15:06 CET.\n"
        );
        assert_eq!(
            answered(
                GestureState::Declined,
                by(AnswerEvent::Declined, "largesse", "")
            ),
            "\nDeclined at once, Fri 2026-11-20 15:06 CET: nobody could ever say yes.\n"
        );
        let reviewed = Answer {
            verdict: ReviewVerdict::NotJustified.into(),
            ..by(AnswerEvent::Reviewed, "ld-201", "ld-201")
        };
        assert!(
            answered(GestureState::Approved, reviewed)
                .contains("breaking the glass was NOT JUSTIFIED")
        );
    }

    #[test]
    fn what_was_returned_says_why_and_how_to_go_on() {
        let returned = Answer {
            note: "Without the card, please.".into(),
            ..by(AnswerEvent::Returned, "ld-201", "ld-201")
        };
        let expected = "
Returned by ld-201, Fri 2026-11-20 15:06 CET.
note  Without the card, please.

To revise it, until Mon 2026-11-23 14:06 CET (2d 23h):
  largesse gesture revise 0199a3c0-0000-7000-8000-000000000001
";
        assert_eq!(answered(GestureState::Returned, returned), expected);
    }
}
