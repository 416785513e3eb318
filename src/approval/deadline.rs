//! Until when: the instants of a step, from the rule, the calendar and the database's clock. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::calendar::{Calendar, Clock};

/// The rule by which a gesture's question is asked, and what its durations are counted by.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// How long one person is asked before the next is added.
    pub answer_within: TimeDelta,
    /// How long the question waits at most.
    pub expire_after: TimeDelta,
    /// By when a broken glass is reviewed; all of the time counts for it.
    pub review_within: TimeDelta,
    /// Which time counts for the two durations of a decision.
    pub clock: Clock,
    /// Working time and holidays of the tenant.
    pub calendar: Calendar,
}

/// The instants of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// By when those who are asked now are to answer.
    pub answer_by: DateTime<Utc>,
    /// When something happens next by itself; none: nothing does.
    pub due_at: Option<DateTime<Utc>>,
    /// When the question is over; none: never, as for a review.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Rule {
    /// The instants of a step that is taken now. `kept` is what an earlier step said of the end: a question does not live
    /// longer because more people are asked.
    pub fn of_decision(
        &self,
        now: DateTime<Utc>,
        kept: Option<DateTime<Utc>>,
        is_somebody_left: bool,
    ) -> Deadlines {
        let end = kept.unwrap_or_else(|| self.calendar.after(now, self.expire_after, self.clock));
        let answer_by = self.answer_by(now).min(end);
        Deadlines {
            answer_by,
            due_at: Some(if is_somebody_left { answer_by } else { end }),
            expires_at: Some(end),
        }
    }

    /// The instants of a step of a review that is taken now.
    pub fn of_review(&self, now: DateTime<Utc>, is_somebody_left: bool) -> Deadlines {
        let answer_by = self.calendar.after(now, self.review_within, Clock::Always);
        Deadlines {
            answer_by,
            due_at: is_somebody_left.then_some(answer_by),
            expires_at: None,
        }
    }

    /// By when somebody who is asked now is to answer.
    pub fn answer_by(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.calendar.after(now, self.answer_within, self.clock)
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn rule(clock: Clock) -> Rule {
        let working_time = serde_json::from_str(
            r#"{"working_hours": [[["09:00","17:00"]],[["09:00","17:00"]],[["09:00","17:00"]],[["09:00","17:00"]],
                [["09:00","17:00"]],[],[]], "holidays": []}"#,
        );
        Rule {
            answer_within: TimeDelta::hours(4),
            expire_after: TimeDelta::hours(10),
            review_within: TimeDelta::hours(72),
            clock,
            calendar: Calendar::new(Some(working_time.unwrap()), Berlin),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn one_step_follows_the_other_and_nobody_is_asked_beyond_the_end() {
        let (rule, now) = (rule(Clock::Always), at("2026-11-27T20:00:00Z"));
        let first = rule.of_decision(now, None, true);
        assert_eq!(first.answer_by, at("2026-11-28T00:00:00Z"));
        assert_eq!(
            first.due_at,
            Some(first.answer_by),
            "the next is added then"
        );
        assert_eq!(first.expires_at, Some(at("2026-11-28T06:00:00Z")));
        let third = rule.of_decision(at("2026-11-28T04:00:00Z"), first.expires_at, true);
        assert_eq!(
            third.answer_by,
            at("2026-11-28T06:00:00Z"),
            "less than four hours are left"
        );
        assert_eq!(
            third.expires_at, first.expires_at,
            "asking on does not prolong it"
        );
    }

    #[test]
    fn where_nobody_is_left_it_waits_until_it_is_over() {
        let now = at("2026-11-27T20:00:00Z");
        let last = rule(Clock::Always).of_decision(now, None, false);
        assert_eq!(last.answer_by, at("2026-11-28T00:00:00Z"));
        assert_eq!(
            (last.due_at, last.expires_at),
            (Some(at("2026-11-28T06:00:00Z")), last.due_at)
        );
    }

    #[test]
    fn working_time_goes_by_while_people_work() {
        // Friday, 16:00 in Berlin.
        let steps = rule(Clock::WorkingHours).of_decision(at("2026-11-27T15:00:00Z"), None, true);
        assert_eq!(
            steps.answer_by,
            at("2026-11-30T11:00:00Z"),
            "Monday at noon"
        );
        assert_eq!(steps.expires_at, Some(at("2026-12-01T09:00:00Z")));
    }

    #[test]
    fn a_review_does_not_expire_and_its_days_are_days() {
        let now = at("2026-11-27T15:00:00Z");
        let rule = rule(Clock::WorkingHours);
        let asked = rule.of_review(now, true);
        assert_eq!(asked.answer_by, at("2026-11-30T15:00:00Z"));
        assert_eq!(
            (asked.due_at, asked.expires_at),
            (Some(asked.answer_by), None)
        );
        assert_eq!(rule.of_review(now, false).due_at, None, "it stays listed");
    }
}
