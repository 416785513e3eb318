//! What a person decides from, in ten seconds: who asks, for whom, why, what and how much; why it needs them; what the customer
//! already had; what a yes would leave; until when.

use prost_types::Timestamp;

use super::question;
use super::room::Room;
use crate::cli::gesture::{decision, show};
use crate::cli::output::{Looks, Paint, words};
use crate::pb::{Approval, ApprovalPurpose, Gesture, GetApprovalResponse, Money, Standing};

/// All of it.
pub fn view(looks: &Looks, answer: &GetApprovalResponse, rooms: &[Room]) -> String {
    let gesture = answer.gesture.clone().unwrap_or_default();
    let approval = gesture.approval.clone().unwrap_or_default();
    let mut text = headline(looks, &gesture, &approval, &answer.standings);
    text += &facts(looks, &gesture);
    if let Some(decision) = &gesture.decision {
        text += &decision::reasons(looks, "needs approval", &decision.reasons);
    }
    text += &decision::similar(looks, &answer.similar);
    let amount = asked_amount(&gesture, &approval);
    for standing in &answer.standings {
        let room = rooms
            .iter()
            .find(|room| room.authority == standing.authority);
        text += &yes(looks, standing, amount, room);
    }
    text += &question::of_gesture(looks, &gesture);
    text + &commands(&gesture, &approval, &answer.standings)
}

/// What a yes would be to: under dual control to what the first one was to.
fn asked_amount<'a>(gesture: &'a Gesture, approval: &'a Approval) -> Option<&'a Money> {
    let first = approval.first_answer.as_ref();
    first
        .and_then(|first| first.amount.as_ref())
        .or(gesture.amount.as_ref())
}

fn headline(
    looks: &Looks,
    gesture: &Gesture,
    approval: &Approval,
    standings: &[Standing],
) -> String {
    let is_review = approval.purpose() == ApprovalPurpose::Review;
    let (word, paint) = match (approval.is_open, is_review) {
        (true, true) => ("REVIEW OF A BROKEN GLASS", Paint::Yellow),
        (true, false) => (words::state(gesture.state), Paint::Yellow),
        (false, _) => (words::state(gesture.state), Paint::Plain),
    };
    let left = looks.left(answer_by(approval, standings));
    let left = match left.as_str() {
        "" => String::new(),
        late if late.ends_with(" ago") => {
            format!("   {}", looks.painted(&format!("due {late}"), Paint::Red))
        }
        left => format!("   {}", looks.painted(&format!("{left} left"), paint)),
    };
    format!(
        "{}   {}{left}\n\n",
        looks.painted(word, paint),
        show::what(gesture)
    )
}

/// By when the viewer is to answer; where they are not asked, whoever is asked first.
fn answer_by<'a>(approval: &'a Approval, standings: &[Standing]) -> Option<&'a Timestamp> {
    let mine = |agent: &str| {
        let mut asked = standings.iter().filter(|standing| standing.is_asked);
        asked.any(|standing| standing.authority == agent)
    };
    let open = approval.asked.iter().filter(|asked| asked.is_open);
    let first = |asked: &mut dyn Iterator<Item = &'a crate::pb::Asked>| {
        asked
            .filter_map(|asked| asked.answer_by.as_ref())
            .min_by_key(|at| (at.seconds, at.nanos))
    };
    first(&mut open.clone().filter(|asked| mine(&asked.agent_id)))
        .or_else(|| first(&mut open.clone()))
}

fn facts(looks: &Looks, gesture: &Gesture) -> String {
    let customer = gesture.customer.clone().unwrap_or_default();
    let whom = match customer.segment.as_str() {
        "" => customer.id,
        segment => format!("{} ({segment})", customer.id),
    };
    let why = [gesture.occasion.as_str(), &gesture.reason];
    let why: Vec<&str> = why.into_iter().filter(|it| !it.is_empty()).collect();
    let asked = looks.time(gesture.create_time.as_ref());
    let is_glass = if gesture.break_glass { "yes" } else { "" };
    looks.facts([
        ("asked by", format!("{}, {asked}", gesture.requested_by)),
        ("for", whom),
        ("case", gesture.case_id.clone()),
        ("why", why.join(": ")),
        ("waives", gesture.waived_policies.join(", ")),
        ("promised by", looks.deadline(gesture.promise_by.as_ref())),
        ("goes to", show::address(gesture).join(", ")),
        ("message", gesture.message.clone()),
        ("budget", gesture.budget.clone()),
        ("replaces", gesture.replaces.clone()),
        ("break-glass", is_glass.to_owned()),
        ("id", gesture.id.clone()),
        ("etag", gesture.etag.clone()),
    ])
}

/// What a yes in one authority would come to, and what it would leave.
fn yes(looks: &Looks, standing: &Standing, amount: Option<&Money>, room: Option<&Room>) -> String {
    let decision = standing.decision.clone().unwrap_or_default();
    let (word, paint) = match standing.result {
        0 => words::outcome(decision.outcome),
        result => words::answer_result(result),
    };
    let not_asked = if standing.is_asked {
        ""
    } else {
        " (not asked; could be, by reassigning)"
    };
    let mut text = format!(
        "\nA yes in the authority of {} now: {}{not_asked}\n",
        standing.authority,
        looks.painted(&word, paint)
    );
    if !decision.reasons.is_empty() {
        // The table's own blank line would part it from its headline.
        text += decision::reasons(looks, "in the way", &decision.reasons).trim_start();
    } else if let (Some(room), Some(amount)) = (room, amount) {
        text += &room.left(looks, amount);
    }
    text
}

/// What to type to answer what was seen, and nothing newer.
fn commands(gesture: &Gesture, approval: &Approval, standings: &[Standing]) -> String {
    if !approval.is_open {
        return String::new();
    }
    let (id, etag) = (&gesture.id, &gesture.etag);
    if approval.purpose() == ApprovalPurpose::Review {
        return format!(
            "\nTo review it:\n  largesse approval review {id} --etag {etag} --verdict justified\n  \
             largesse approval review {id} --etag {etag} --verdict not-justified --note TEXT\n"
        );
    }
    if !standings.iter().any(|standing| standing.is_asked) {
        return String::new();
    }
    format!(
        "\nTo answer it:\n  largesse approval approve {id} --etag {etag}\n  \
         largesse approval decline {id} --etag {etag} --reason TEXT\n  \
         largesse approval return {id} --etag {etag} --note TEXT\n  \
         largesse approval reassign {id} --etag {etag} --to AGENT\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::approval::samples;
    use crate::cli::output::without_rules;
    use crate::pb::{
        AnswerResult, Decision, DecisionOutcome, GestureState, ItemAuthority, LimitSubject,
        LimitUse, LimitWindow, Reason, SimilarGesture,
    };

    fn limit(
        name: &str,
        window: LimitWindow,
        largest: i64,
        counts: Option<(i32, i32)>,
    ) -> LimitUse {
        LimitUse {
            limit: name.into(),
            subject: LimitSubject::Agent.into(),
            window: window.into(),
            used_count: counts.map(|(used, _)| used),
            ceiling_count: counts.map(|(_, ceiling)| ceiling),
            largest_now: samples::euro(largest),
            ..Default::default()
        }
    }

    fn standing(result: AnswerResult, reasons: Vec<Reason>) -> Standing {
        Standing {
            authority: "ld-201".into(),
            is_asked: true,
            result: result.into(),
            decision: Some(Decision {
                outcome: DecisionOutcome::Approved.into(),
                reasons,
                ..Default::default()
            }),
        }
    }

    fn answer() -> GetApprovalResponse {
        GetApprovalResponse {
            gesture: Some(samples::pending()),
            standings: vec![standing(AnswerResult::Approved, Vec::new())],
            similar: vec![SimilarGesture {
                flags: Vec::new(),
                gesture_id: "0199a3c0-0000-7000-8000-00000000000a".into(),
                kind: "flowers".into(),
                amount: samples::euro(4500),
                state: GestureState::Approved.into(),
                requested_by: "fl-102".into(),
                create_time: samples::at(-3 * 86_400),
            }],
        }
    }

    fn rooms() -> Vec<Room> {
        vec![Room {
            authority: "ld-201".into(),
            item: ItemAuthority {
                limits: vec![
                    limit("agent-gesture", LimitWindow::Gesture, 30_000, None),
                    limit("agent-month", LimitWindow::Month, 96_000, Some((18, 30))),
                ],
                ..Default::default()
            },
        }]
    }

    #[test]
    fn a_person_can_decide_from_it_in_ten_seconds() {
        let text = view(&samples::looks(None), &answer(), &rooms());
        let expected = "\
PENDING APPROVAL   gift-basket, 70.00 EUR, for c-8841   3h 20m left

asked by     fl-101, Fri 2026-11-20 14:06 CET
for          c-8841 (loyal)
case         t-77
why          bereavement: Her mother died; the courier came twice for nothing.
waives       return-window-15-days
promised by  Sat 2026-11-21 23:06 CET (1d 8h)
goes to      Ada, Weg 1, 10115 Berlin, DE
message      With our sympathy
budget       care-berlin
id           0199a3c0-0000-7000-8000-000000000001
etag         1

needs approval  why
─
LIMIT_EXCEEDED  agent-gesture: 70.00 EUR asked, 60.00 EUR left of 60.00 EUR

Lately, for this customer or in this case:
requested                 kind        amount  state     by      id
─
Tue 2026-11-17 14:06 CET  flowers  45.00 EUR  APPROVED  fl-102  0199a3c0-0000-7000-8000-00000000000a

A yes in the authority of ld-201 now: APPROVED
limit          counts, per            fits now      after a yes  resets
─
agent-gesture  agent, gesture       300.00 EUR       300.00 EUR
agent-month    agent, month    960.00 EUR, 12×  890.00 EUR, 11×

asked   how             since                     answers by                         usually in
─
ld-201  reporting line  Fri 2026-11-20 14:06 CET  Fri 2026-11-20 18:06 CET (3h 20m)  about 12m

If nobody answers:
Fri 2026-11-20 18:06 CET (3h 20m)  the next one is asked
Mon 2026-11-23 14:06 CET (2d 23h)  it expires

To answer it:
  largesse approval approve 0199a3c0-0000-7000-8000-000000000001 --etag 1
  largesse approval decline 0199a3c0-0000-7000-8000-000000000001 --etag 1 --reason TEXT
  largesse approval return 0199a3c0-0000-7000-8000-000000000001 --etag 1 --note TEXT
  largesse approval reassign 0199a3c0-0000-7000-8000-000000000001 --etag 1 --to AGENT";
        assert_eq!(without_rules(&text), expected);
    }

    #[test]
    fn a_yes_that_would_not_fit_says_why_instead_of_what_is_left() {
        let mut answer = answer();
        let reason = Reason {
            code: "MORE_THAN_LENT".into(),
            text: "70.00 EUR asked, 50.00 EUR lent per gesture".into(),
            ..Default::default()
        };
        answer.standings = vec![standing(AnswerResult::Refused, vec![reason])];
        let text = view(&samples::looks(None), &answer, &rooms());
        assert!(
            text.contains("now: REFUSED\nin the way      why\n"),
            "{text}"
        );
        assert!(!text.contains("after a yes"), "{text}");
    }

    #[test]
    fn whoever_only_looks_is_not_told_how_to_answer() {
        let mut answer = answer();
        answer.standings.clear();
        let text = view(&samples::looks(None), &answer, &[]);
        assert!(text.contains("3h 20m left"), "{text}");
        assert!(!text.contains("To answer it") && !text.contains("A yes in"));
    }

    #[test]
    fn a_review_is_told_apart_and_may_be_late() {
        let mut answer = answer();
        answer.standings.clear();
        let gesture = answer.gesture.as_mut().unwrap();
        gesture.break_glass = true;
        gesture.state = GestureState::Approved.into();
        let approval = gesture.approval.as_mut().unwrap();
        approval.purpose = ApprovalPurpose::Review.into();
        approval.asked[0].answer_by = samples::at(-3600);
        let text = view(&samples::looks(None), &answer, &[]);
        assert!(
            text.starts_with(
                "REVIEW OF A BROKEN GLASS   gift-basket, 70.00 EUR, for c-8841   due 1h ago\n"
            ),
            "{text}"
        );
        assert!(text.contains("--verdict not-justified --note TEXT"));
    }
}
