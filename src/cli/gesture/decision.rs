//! What a decision comes with: what stands in the way, who could say yes, and what was given lately.

use prost_types::Duration;

use crate::cli::output::{Looks, words};
use crate::cli::{amounts, times};
use crate::pb::{Decision, Flag, Reason, SimilarGesture};

/// All of it; nothing where nothing stands in the way.
pub fn obstacles(looks: &Looks, decision: &Decision) -> String {
    let mut text = reasons(looks, "in the way", &decision.reasons);
    if !decision.approvers.is_empty() {
        let rows = decision
            .approvers
            .iter()
            .map(|it| vec![it.agent_id.clone(), wait(it.typical_wait.as_ref())]);
        text += &format!(
            "\n{}",
            looks.table(&["could say yes", "usually answers in"], rows)
        );
    }
    text + &similar(looks, &decision.similar)
}

/// Reasons, one a line, under a title; nothing where there are none.
pub fn reasons(looks: &Looks, title: &str, reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let rows = reasons
        .iter()
        .map(|it| vec![it.code.clone(), it.text.clone()]);
    format!("\n{}", looks.table(&[title, "why"], rows))
}

/// What was given lately; nothing where nothing was.
pub fn similar(looks: &Looks, gestures: &[SimilarGesture]) -> String {
    if gestures.is_empty() {
        return String::new();
    }
    let rows = gestures.iter().map(|it| {
        vec![
            looks.time(it.create_time.as_ref()),
            it.kind.clone(),
            amounts::shown(it.amount.as_ref()),
            state_and_flag(it),
            it.requested_by.clone(),
            it.gesture_id.clone(),
        ]
    });
    let titles = ["requested", "kind", " amount", "state", "by", "id"];
    format!(
        "\nLately, for this customer or in this case:\n{}",
        looks.table(&titles, rows)
    )
}

/// Where it is now; authority that came back and is asked for again is to be looked at.
fn state_and_flag(gesture: &SimilarGesture) -> String {
    let state = words::state(gesture.state);
    if gesture.flags().any(|flag| flag == Flag::Structuring) {
        format!("{state} (look at it)")
    } else {
        state.to_owned()
    }
}

/// How long somebody usually takes, rounded up to a minute; nothing where it is not known.
pub fn wait(typical: Option<&Duration>) -> String {
    typical
        .map(|wait| format!("about {}", times::stretch(wait.seconds + 59, 2)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::without_rules;
    use crate::pb::Approver;

    #[test]
    fn who_could_say_yes_is_told_with_how_long_they_take() {
        let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
        let approver = |agent_id: &str, typical_wait| Approver {
            agent_id: agent_id.into(),
            typical_wait,
        };
        let decision = Decision {
            approvers: vec![
                approver("ld-201", seconds(700)),
                approver("mg-301", seconds(3 * 3600)),
                approver("duty", None),
            ],
            ..Default::default()
        };
        let expected = "
could say yes  usually answers in
─
ld-201         about 12m
mg-301         about 3h
duty";
        assert_eq!(
            without_rules(&obstacles(&Looks::default(), &decision)),
            expected
        );
    }
}
