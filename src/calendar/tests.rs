use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Nine to five from Monday to Friday, with a lunch break on Monday.
const OFFICE: [&[&str]; 7] = [
    &["09:00-12:30", "13:30-17:00"],
    &["09:00-17:00"],
    &["09:00-17:00"],
    &["09:00-17:00"],
    &["09:00-17:00"],
    &[],
    &[],
];

/// Whoever works at night meets the hours that are skipped and repeated.
const NIGHTS: [&[&str]; 7] = [&["00:00-06:00", "22:00-24:00"]; 7];

fn hours(days: [&[&str]; 7]) -> WorkingHours {
    WorkingHours::new(days.map(|day| {
        day.iter()
            .map(|span| Span::parse(span).unwrap())
            .collect::<Vec<_>>()
    }))
    .unwrap()
}

fn calendar(days: [&[&str]; 7], holidays: &[&str], zone: &str) -> Calendar {
    let working_time = WorkingTime {
        working_hours: hours(days),
        holidays: holidays.iter().map(|day| day.parse().unwrap()).collect(),
    };
    Calendar::new(Some(working_time), zone.parse().unwrap())
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Working minutes after a local time with its offset; told as local time with its offset.
fn told(calendar: &Calendar, from: &str, minutes: i64) -> String {
    let due = calendar.after(at(from), TimeDelta::minutes(minutes), Clock::WorkingHours);
    due.with_timezone(&calendar.zone)
        .format("%a %m-%dT%H:%M%:z")
        .to_string()
}

#[test]
fn working_time_passes_while_people_work() {
    let office = calendar(OFFICE, &["2026-12-25", "2027-01-01"], "Europe/Berlin");
    for (from, minutes, expected) in [
        ("2026-11-16T10:00:00+01:00", 60, "Mon 11-16T11:00+01:00"),
        // the earliest instant: the end of a span, not the beginning of the next
        ("2026-11-16T10:00:00+01:00", 150, "Mon 11-16T12:30+01:00"),
        ("2026-11-16T10:00:00+01:00", 151, "Mon 11-16T13:31+01:00"),
        ("2026-11-16T12:45:00+01:00", 1, "Mon 11-16T13:31+01:00"),
        ("2026-11-16T06:00:00+01:00", 240, "Mon 11-16T14:00+01:00"),
        ("2026-11-16T16:00:00+01:00", 120, "Tue 11-17T10:00+01:00"),
        ("2026-11-16T23:59:00+01:00", 1, "Tue 11-17T09:01+01:00"),
        // a weekend, and a week
        ("2026-11-20T16:59:00+01:00", 2, "Mon 11-23T09:01+01:00"),
        ("2026-11-21T12:00:00+01:00", 30, "Mon 11-23T09:30+01:00"),
        ("2026-11-20T17:00:00+01:00", 2_340, "Fri 11-27T17:00+01:00"),
        // a holiday on a Friday is a long weekend
        ("2026-12-24T16:30:00+01:00", 60, "Mon 12-28T09:30+01:00"),
        ("2026-12-31T17:00:00+01:00", 1, "Mon 01-04T09:01+01:00"),
    ] {
        assert_eq!(
            told(&office, from, minutes),
            expected,
            "{minutes} m after {from}"
        );
    }
}

#[test]
fn an_hour_that_is_skipped_counts_nothing_and_one_that_is_repeated_counts_twice() {
    for (zone, from, minutes, expected) in [
        // 02:00 is 03:00: of the six hours until 06:00 five are there
        (
            "Europe/Berlin",
            "2027-03-28T00:00:00+01:00",
            120,
            "Sun 03-28T03:00+02:00",
        ),
        (
            "Europe/Berlin",
            "2027-03-28T00:00:00+01:00",
            121,
            "Sun 03-28T03:01+02:00",
        ),
        (
            "Europe/Berlin",
            "2027-03-28T00:00:00+01:00",
            301,
            "Sun 03-28T22:01+02:00",
        ),
        // 03:00 is 02:00: there are seven
        (
            "Europe/Berlin",
            "2026-10-25T00:00:00+02:00",
            180,
            "Sun 10-25T02:00+01:00",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T00:00:00+02:00",
            420,
            "Sun 10-25T06:00+01:00",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T00:00:00+02:00",
            421,
            "Sun 10-25T22:01+01:00",
        ),
        // half an hour only
        (
            "Australia/Lord_Howe",
            "2027-04-04T00:00:00+11:00",
            390,
            "Sun 04-04T06:00+10:30",
        ),
        // 01:00 is 00:00: a day with two midnights and seven hours until 06:00
        (
            "America/Havana",
            "2026-11-01T00:00:00-04:00",
            60,
            "Sun 11-01T00:00-05:00",
        ),
        (
            "America/Havana",
            "2026-11-01T00:00:00-04:00",
            420,
            "Sun 11-01T06:00-05:00",
        ),
        (
            "America/Havana",
            "2026-10-31T23:59:00-04:00",
            62,
            "Sun 11-01T00:01-05:00",
        ),
        // 00:00 is 01:00: a day without a midnight
        (
            "America/Havana",
            "2027-03-13T23:00:00-05:00",
            61,
            "Sun 03-14T01:01-04:00",
        ),
        // 24:00 is 23:00: the evening is repeated, and the day ends an hour late
        (
            "America/Santiago",
            "2026-04-04T22:00:00-03:00",
            180,
            "Sun 04-05T00:00-04:00",
        ),
    ] {
        assert_eq!(
            told(&calendar(NIGHTS, &[], zone), from, minutes),
            expected,
            "{minutes} m after {from}"
        );
    }
}

#[test]
fn a_holiday_is_a_local_day_however_long_it_is() {
    let nights = calendar(NIGHTS, &["2026-11-01"], "America/Havana");
    assert_eq!(
        told(&nights, "2026-10-31T23:00:00-04:00", 60),
        "Sun 11-01T00:00-04:00"
    );
    assert_eq!(
        told(&nights, "2026-10-31T23:00:00-04:00", 61),
        "Mon 11-02T00:01-05:00"
    );
    // the same instant is another day elsewhere
    let far = calendar([&["00:00-24:00"]; 7], &["2026-11-02"], "Pacific/Kiritimati");
    assert_eq!(
        told(&far, "2026-11-01T09:59:00Z", 2),
        "Tue 11-03T00:01+14:00"
    );
}

#[test]
fn days_that_touch_at_midnight_are_one() {
    let always = calendar([&["00:00-24:00"]; 7], &[], "Africa/Cairo");
    let from = at("2026-04-20T11:11:11.5Z");
    for minutes in [1, 1_440, 20_000] {
        let duration = TimeDelta::minutes(minutes);
        assert_eq!(
            always.after(from, duration, Clock::WorkingHours),
            from + duration
        );
    }
}

#[test]
fn nothing_has_passed_at_once_and_all_time_counts_where_no_other_is_said() {
    let office = calendar(OFFICE, &[], "Europe/Berlin");
    let night = at("2026-11-16T02:00:00.123456Z");
    for clock in Clock::ALL {
        for nothing in [0, -5] {
            assert_eq!(
                office.after(night, TimeDelta::minutes(nothing), *clock),
                night
            );
        }
    }
    let hour = TimeDelta::hours(1);
    assert_eq!(office.after(night, hour, Clock::Always), night + hour);
    let without = Calendar::new(None, "Europe/Berlin".parse().unwrap());
    assert_eq!(
        without.after(night, hour, Clock::WorkingHours),
        night + hour
    );
}

#[test]
fn no_deadline_is_further_away_than_four_hundred_days() {
    let from = at("2026-11-16T12:00:00Z");
    let furthest = from + TimeDelta::days(FURTHEST_DAYS);
    let an_hour_a_week = [&["10:00-11:00"][..], &[], &[], &[], &[], &[], &[]];
    let seldom = calendar(an_hour_a_week, &[], "Europe/Berlin");
    let worked = |calendar: &Calendar, hours| {
        calendar.after(from, TimeDelta::hours(hours), Clock::WorkingHours)
    };
    assert_eq!(
        worked(&seldom, 57),
        at("2027-12-20T10:00:00Z"),
        "57 Mondays"
    );
    assert_eq!(worked(&seldom, 58), furthest);
    let every_day: Vec<String> = from
        .date_naive()
        .iter_days()
        .take(500)
        .map(|day| day.to_string())
        .collect();
    let every_day: Vec<&str> = every_day.iter().map(String::as_str).collect();
    assert_eq!(
        worked(&calendar(OFFICE, &every_day, "Europe/Berlin"), 1),
        furthest
    );
    let office = calendar(OFFICE, &[], "Europe/Berlin");
    assert_eq!(
        office.after(from, TimeDelta::days(1_000), Clock::Always),
        furthest
    );
    let last = DateTime::<Utc>::MAX_UTC;
    for clock in Clock::ALL {
        assert_eq!(office.after(last, TimeDelta::days(90), *clock), last);
    }
}

#[test]
fn what_the_database_keeps_is_read_and_written() {
    let kept = json!({
        "working_hours": [[["09:00", "12:30"], ["13:30", "24:00"]], [], [], [], [], [], [["00:00", "01:05"]]],
        "holidays": ["2026-12-25"],
    });
    let read: WorkingTime = serde_json::from_value(kept.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), kept);
    assert_eq!(
        read.working_hours.week_s(),
        15 * 3_600 + 5 * 60,
        "3:30, 10:30 and 1:05 hours, in seconds"
    );
    for (clock, word) in [
        (Clock::Always, "ALWAYS"),
        (Clock::WorkingHours, "WORKING_HOURS"),
    ] {
        assert_eq!(Clock::of_word(word), Some(clock));
        assert_eq!(serde_json::to_value(clock).unwrap(), json!(word));
    }
    assert_eq!(Clock::of_word("SOMETIMES"), None);
}

#[test]
fn hours_that_make_no_sense_are_not_read() {
    let day = |spans: serde_json::Value| json!([spans, [], [], [], [], [], []]);
    for (kept, says) in [
        (json!([[], [], [], [], [], [], []]), "does anybody work"),
        (json!([[["09:00", "17:00"]]]), "length"),
        (day(json!([["09:00", "17:00", "18:00"]])), "length"),
        (day(json!([["9:00", "17:00"]])), "no span of hours"),
        (day(json!([["+9:00", "17:00"]])), "no span of hours"),
        (day(json!([["09:60", "17:00"]])), "no span of hours"),
        (day(json!([["09:00", "24:01"]])), "no span of hours"),
        (day(json!([["24:00", "24:00"]])), "no span of hours"),
        (day(json!([["17:00", "09:00"]])), "ends before"),
        (day(json!([["09:00", "09:00"]])), "ends before"),
        (
            day(json!([["09:00", "12:00"], ["11:59", "17:00"]])),
            "begins before",
        ),
        (
            day(json!([["13:00", "17:00"], ["09:00", "12:00"]])),
            "begins before",
        ),
    ] {
        let told = serde_json::from_value::<WorkingHours>(kept.clone()).unwrap_err();
        assert!(told.to_string().contains(says), "{kept}: {told}");
    }
}

/// Minute by minute, on the clock on the wall.
fn naive(
    days: &[Vec<(u32, u32)>; 7],
    holidays: &[NaiveDate],
    zone: Tz,
    from: DateTime<Utc>,
    minutes: i64,
) -> DateTime<Utc> {
    let (mut now, mut passed) = (from, 0);
    while passed < minutes && now < from + TimeDelta::days(FURTHEST_DAYS) {
        let wall = now.with_timezone(&zone);
        let minute = wall.hour() * 60 + wall.minute();
        let spans = &days[wall.weekday().num_days_from_monday() as usize];
        let is_open = spans
            .iter()
            .any(|(from, until)| (*from..*until).contains(&minute));
        if is_open && !holidays.contains(&wall.date_naive()) {
            passed += 1;
        }
        now += TimeDelta::minutes(1);
    }
    now
}

/// Some spans of a day, in order: pairs of sorted minutes.
fn a_day() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::btree_set(0_u32..=1_440, 0..7).prop_map(|minutes| {
        let minutes: Vec<u32> = minutes.into_iter().collect();
        minutes
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect()
    })
}

/// Zones and days on which something happens to their clocks, and one on which nothing does.
const ODD: [(&str, &str); 14] = [
    ("Europe/Berlin", "2027-03-28"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-11-01"),
    ("America/St_Johns", "2010-11-07"),
    ("America/Havana", "2026-11-01"),
    ("America/Havana", "2027-03-14"),
    ("America/Santiago", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Africa/Cairo", "2026-10-30"),
    ("Asia/Beirut", "2027-03-28"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Chatham", "2027-04-04"),
    ("Asia/Kathmandu", "2026-11-20"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn working_time_is_what_the_clock_on_the_wall_shows(
        odd in prop::sample::select(ODD.to_vec()),
        days in [a_day(), a_day(), a_day(), a_day(), a_day(), a_day(), a_day()],
        closed in prop::collection::vec(-1_i64..8, 0..3),
        since in -3_000_i64..1_500,
        minutes in prop_oneof![1_i64..300, 1_i64..4_000],
    ) {
        let zone: Tz = odd.0.parse().unwrap();
        let day: NaiveDate = odd.1.parse().unwrap();
        prop_assume!(days.iter().flatten().map(|(from, until)| until - from).sum::<u32>() > 300);
        let holidays: Vec<NaiveDate> = closed.iter().map(|later| day + TimeDelta::days(*later)).collect();
        let from = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(since);

        let written = |minute: &u32| format!("{:0>2}:{:0>2}", minute / 60, minute % 60);
        let spans = days.each_ref().map(|day| {
            day.iter().map(|(from, until)| Span::new(&written(from), &written(until)).unwrap()).collect::<Vec<_>>()
        });
        let working_time = WorkingTime { working_hours: WorkingHours::new(spans).unwrap(), holidays: holidays.clone() };
        let due = Calendar::new(Some(working_time), zone).after(from, TimeDelta::minutes(minutes), Clock::WorkingHours);
        let expected = naive(&days, &holidays, zone, from, minutes);
        prop_assert_eq!(due, expected, "{:?} {:?} from {} {} m", odd, days, from, minutes);
    }

    /// What has passed in two parts has passed in one.
    #[test]
    fn waiting_twice_is_waiting_once(
        odd in prop::sample::select(ODD.to_vec()), first_s in 0_i64..200_000, second_s in 1_i64..200_000,
    ) {
        let from = odd.1.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN).and_utc() - TimeDelta::milliseconds(first_s);
        for days in [OFFICE, NIGHTS] {
            let calendar = calendar(days, &[], odd.0);
            let after = |from, seconds| calendar.after(from, TimeDelta::seconds(seconds), Clock::WorkingHours);
            prop_assert_eq!(after(after(from, first_s), second_s), after(from, first_s + second_s));
        }
    }
}
