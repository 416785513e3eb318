//! The pure parts, one call at a time: `cargo bench --bench pure`. What a whole request takes is `largesse bench`.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be prepared should stop where it is"
)]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use largesse::admission::{Terms, plain_digest};
use largesse::approval::How;
use largesse::approval::deadline::Rule;
use largesse::approval::routing::{Candidate, next_decider};
use largesse::calendar::{Calendar, Clock, WorkingTime};
use largesse::identity::{AUDIENCE, Audience, Claims, KeySet, SigningKey, Verifier};
use largesse::ids::{AgentId, CustomerId, GestureId, TenantId};
use largesse::money::{Money, Rate};
use largesse::trail::hash::{StoredEvent, event_hash, seal};
use largesse::vault::{CustomerKey, SealedPlace};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

fn agent(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

fn routing(criterion: &mut Criterion) {
    let candidates: Vec<Candidate> = (0..10)
        .map(|n| Candidate {
            agent: agent(&format!("lead-{n}")),
            how: How::Line,
            person: format!("person-{n}"),
            is_human: true,
            is_active: true,
            is_requester: false,
            is_able: n > 2,
            fits_now: n > 4,
            is_reachable: n > 6,
            typical_wait_s: Some(600),
        })
        .collect();
    let asked = [agent("lead-7")];
    criterion.bench_function("routing: who is next of a line of ten", |bench| {
        bench.iter(|| next_decider(black_box(&candidates), black_box(&asked), 1, false));
    });
}

fn calendar() -> Calendar {
    let working_time: WorkingTime = serde_json::from_str(
        r#"{"working_hours": [[["09:00","17:00"]],[["09:00","17:00"]],[["09:00","17:00"]],[["09:00","17:00"]],
            [["09:00","17:00"]],[],[]], "holidays": ["2026-12-25"]}"#,
    )
    .unwrap();
    Calendar::new(Some(working_time), chrono_tz::Europe::Berlin)
}

fn deadlines(criterion: &mut Criterion) {
    let rule = Rule {
        answer_within: TimeDelta::hours(4),
        expire_after: TimeDelta::hours(48),
        review_within: TimeDelta::days(7),
        clock: Clock::WorkingHours,
        calendar: calendar(),
    };
    criterion.bench_function("deadlines: 4 h and 48 h of working time", |bench| {
        bench.iter(|| rule.of_decision(black_box(now()), None, true));
    });
    let calendar = calendar();
    criterion.bench_function("working time: 40 h from a Friday", |bench| {
        bench.iter(|| calendar.after(black_box(now()), TimeDelta::hours(40), Clock::WorkingHours));
    });
}

fn digests(criterion: &mut Criterion) {
    let terms = Terms {
        kind: "flowers".into(),
        amount: Money::new(4500, "EUR".parse().unwrap()).unwrap(),
        customer: CustomerId::new("customer-000001").unwrap(),
        segment: None,
        case_id: Some("case-77".into()),
        occasion: Some("bereavement".into()),
        promise_by: Some(now()),
        waived: vec!["return-window-15-days".into()],
        budget: None,
        replaces: None,
        is_glass: false,
    };
    let asking = agent("fl-101");
    criterion.bench_function("digest of a request", |bench| {
        bench.iter(|| plain_digest(black_box(&asking), black_box(&terms)));
    });
    let event = StoredEvent {
        tenant_id: Uuid::now_v7(),
        gesture_id: Some(Uuid::now_v7()),
        seq: Some(1),
        r#type: "APPROVED".into(),
        state: Some("APPROVED".into()),
        actor: "fl-101".into(),
        authority: Some("fl-101".into()),
        credential_id: Some(Uuid::now_v7().to_string()),
        via: None,
        session_role: "largesse_app".into(),
        session_address: String::new(),
        at: now(),
        configuration_version: Some(1),
        amount_minor: Some(4500),
        terms_digest: Some(vec![1; 32]),
        sealed_hash: Some(vec![2; 32]),
        facts: None,
        hash: vec![3; 32],
    };
    criterion.bench_function("hash of an event", |bench| {
        bench.iter(|| event_hash(black_box(&event)))
    });
    let hashes = vec![5; 32 * 256];
    criterion.bench_function("seal of a batch of 256", |bench| {
        bench.iter(|| seal(black_box(&[4; 32]), black_box(&hashes)));
    });
}

fn sealing(criterion: &mut Criterion) {
    let key = CustomerKey::new(&[7; 32]).unwrap();
    let place = SealedPlace {
        tenant: TenantId(Uuid::now_v7()),
        gesture: GestureId(Uuid::now_v7()),
        seq: 1,
    };
    let text = [b'x'; 300];
    criterion.bench_function("seal 300 bytes of personal data", |bench| {
        bench.iter(|| key.seal(black_box(&place), black_box(&text)));
    });
    let sealed = key.seal(&place, &text).unwrap();
    criterion.bench_function("open 300 bytes of personal data", |bench| {
        bench.iter(|| key.open(black_box(&place), black_box(&sealed)));
    });
    criterion.bench_function("keyed digest of 300 bytes", |bench| {
        bench.iter(|| key.digest(black_box(&text)))
    });
}

fn money(criterion: &mut Criterion) {
    let (dollar, euro) = ("USD".parse().unwrap(), "EUR".parse().unwrap());
    let rate = Rate::parse("0.9217", dollar, euro).unwrap();
    criterion.bench_function("convert an amount, rounding up", |bench| {
        bench.iter(|| rate.convert_rounding_up(black_box(4599)));
    });
}

fn tokens(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::find_or_make(folder.path()).unwrap();
    let verifier = Verifier::new(
        KeySet::read(&SigningKey::key_set_path(folder.path())).unwrap(),
        None,
    );
    let issued = Utc::now().timestamp();
    let claims = Claims {
        iss: "largesse".into(),
        aud: Audience::One(AUDIENCE.into()),
        sub: "fl-101".into(),
        tenant: "demo".into(),
        roles: vec!["requester".into()],
        exp: issued + 24 * 60 * 60,
        iat: issued,
        jti: Uuid::now_v7().to_string(),
        channels: Vec::new(),
        agents: None,
        act: None,
    };
    let token = key.sign(&claims).unwrap();
    criterion.bench_function("verify a token (EdDSA)", |bench| {
        bench.iter(|| verifier.verify(black_box(&token)).unwrap());
    });
}

criterion_group!(pure, routing, deadlines, digests, sealing, money, tokens);
criterion_main!(pure);
