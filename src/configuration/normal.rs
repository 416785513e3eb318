//! The normal form as JSON: what Postgres compiles and keeps.
//!
//! The shape is the one of the types in [`document`](super::document): amounts in minor units, rates
//! per minor unit, everything that the YAML may leave out written down. Two documents mean the same
//! if their JSON is equal.

use serde_json::Value;

use super::document::{Agent, Normalised};

impl Normalised {
    /// The JSON for the database.
    #[must_use]
    pub fn to_json(&self) -> Value {
        in_json(self)
    }

    /// Reads what the database kept; without `agents` where it keeps none.
    ///
    /// # Errors
    /// The JSON has another shape: somebody else wrote it, or a newer version of this service.
    pub fn from_json(json: &Value) -> Result<Self, serde_json::Error> {
        serde::Deserialize::deserialize(json)
    }
}

impl Agent {
    /// The JSON of several agents, for putting them without a document.
    #[must_use]
    pub fn to_json(agents: &[Self]) -> Value {
        in_json(agents)
    }
}

fn in_json<T: serde::Serialize + ?Sized>(value: &T) -> Value {
    // Serialising fails for maps with odd keys and for failing writers; here is neither.
    serde_json::to_value(value)
        .unwrap_or_else(|defect| unreachable!("plain values have a JSON form: {defect}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Routing, read};
    use super::*;
    use serde_json::json;

    /// Everything that can be written, once.
    const YAML: &str = r#"
tenant: demo
time_zone: Europe/Berlin
week_starts_on: SUNDAY
rates: {max_age_days: 3, table: [{from: USD, to: JPY, on: 2026-11-20, rate: "150.50"}]}
segments: [loyal]
occasions: [apology]
policies: [return-window]
catalog:
- {kind: flowers, currency: EUR, min: "15.00", max: "120", recipient: [full_name], channel: florist, lead_time: 24h, tolerance_percent: 12.5, dual_control_above: "100.00", late_cancel_percent: 50}
budgets:
- {name: care, currency: JPY, window: QUARTER, amount: "50000"}
- {name: berlin, parent: care, currency: EUR, window: MONTH, amount: "5000.00"}
limits:
- {name: month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "3000.00", count: 100}}
- {name: sorry, subject: CASE, window: EVER, currency: EUR, kinds: [flowers], segments: [loyal], occasions: [apology], hard_max: {count: 2}}
levels:
- {name: frontline, may_waive: [return-window], budgets: [care], maxima: [{limit: month, amount: "300.00", count: 10, kinds: [flowers]}, {limit: sorry}]}
routing:
  answer_within: 1h
  expire_after: 2d
  clock: WORKING_HOURS
  review_within: 1d
  duty_pool: {agent: a3, members: [a1]}
  rules: [{kinds: [flowers], segments: [loyal], occasions: [apology], answer_within: 30m, on_silence: GRANT, clock: ALWAYS}, {kinds: [flowers], expire_after: 3h}]
calendar:
  working_hours: {MONDAY: ["09:00-12:30", "13:30-17:00"], SUNDAY: ["22:00-24:00"]}
  holidays: [2026-12-25]
agents:
- {id: a1, type: HUMAN, person: p1, level: frontline, manager: a2, budget: berlin, own_customers: [c9], overrides: [{limit: month, amount: "400.00"}]}
- {id: a2, type: SOFTWARE, level: frontline, budget: care}
- {id: a3, type: POOL, level: frontline, budget: care}
"#;

    #[test]
    fn the_normal_form_is_what_the_database_compiles() {
        let expected = json!({
            "time_zone": "Europe/Berlin", "week_starts_on": 7,
            "rates": {"max_age_days": 3, "table": [{"from": "USD", "to": "JPY", "on": "2026-11-20", "rate": "1.505"}]},
            "segments": ["loyal"], "occasions": ["apology"], "policies": ["return-window"],
            "catalog": [{"kind": "flowers", "offered": true, "currency": "EUR", "min_minor": 1500, "max_minor": 12000,
                "recipient": ["full_name"], "channel": "florist", "lead_time_s": 86400, "tolerance_bp": 1250, "dual_minor": 10000, "late_cancel_bp": 5000}],
            "budgets": [{"name": "care", "parent": null, "currency": "JPY", "window": "QUARTER", "amount_minor": 50000},
                {"name": "berlin", "parent": "care", "currency": "EUR", "window": "MONTH", "amount_minor": 500_000}],
            "limits": [{"name": "month", "subject": "AGENT", "window": "MONTH", "currency": "EUR",
                    "kinds": null, "segments": null, "occasions": null, "hard_minor": 300_000, "hard_count": 100},
                {"name": "sorry", "subject": "CASE", "window": "EVER", "currency": "EUR",
                    "kinds": ["flowers"], "segments": ["loyal"], "occasions": ["apology"], "hard_minor": null, "hard_count": 2}],
            "levels": [{"name": "frontline", "may_waive": ["return-window"], "budgets": ["care"], "maxima": [
                {"limit": "month", "amount_minor": 30000, "count": 10, "kinds": ["flowers"]},
                {"limit": "sorry", "amount_minor": null, "count": null, "kinds": null}]}],
            "routing": {"answer_within_s": 3600, "expire_after_s": 172_800, "on_silence": "EXPIRE", "clock": "WORKING_HOURS",
                "review_within_s": 86400, "duty_pool": "a3", "duty_members": ["a1"], "rules": [
                {"kinds": ["flowers"], "segments": ["loyal"], "occasions": ["apology"],
                    "answer_within_s": 1800, "expire_after_s": 172_800, "on_silence": "GRANT", "clock": "ALWAYS"},
                {"kinds": ["flowers"], "segments": null, "occasions": null,
                    "answer_within_s": 3600, "expire_after_s": 10800, "on_silence": "EXPIRE", "clock": "WORKING_HOURS"}]},
            "calendar": {"working_hours": [[["09:00", "12:30"], ["13:30", "17:00"]], [], [], [], [], [], [["22:00", "24:00"]]],
                "holidays": ["2026-12-25"]},
            "agents": [{"id": "a1", "type": "HUMAN", "person": "p1", "level": "frontline", "manager": "a2", "budget": "berlin",
                    "own_customers": ["c9"], "overrides": [{"limit": "month", "amount_minor": 40000, "count": null, "kinds": null}]},
                {"id": "a2", "type": "SOFTWARE", "person": null, "level": "frontline", "manager": null, "budget": "care",
                    "own_customers": [], "overrides": []},
                {"id": "a3", "type": "POOL", "person": null, "level": "frontline", "manager": null, "budget": "care",
                    "own_customers": [], "overrides": []}],
        });
        let document = read(YAML).unwrap();
        assert_eq!(document.tenant, "demo");
        assert_eq!(document.normalised.to_json(), expected);
        assert_eq!(
            Normalised::from_json(&expected).unwrap(),
            document.normalised
        );
    }

    #[test]
    fn a_document_that_was_kept_before_there_were_approvals_is_read() {
        let mut kept = read(YAML).unwrap().normalised.to_json();
        for key in ["routing", "calendar"] {
            kept.as_object_mut().unwrap().remove(key);
        }
        kept["catalog"][0]
            .as_object_mut()
            .unwrap()
            .remove("dual_minor");
        let read = Normalised::from_json(&kept).unwrap();
        assert_eq!(read.routing, Routing::default());
        assert_eq!((read.calendar, read.catalog[0].dual_minor), (None, None));
    }

    #[test]
    fn a_kept_document_without_agents_is_read_and_a_foreign_key_is_not() {
        let mut kept = read(YAML).unwrap().normalised.to_json();
        kept.as_object_mut().unwrap().remove("agents");
        assert_eq!(Normalised::from_json(&kept).unwrap().agents, None);
        kept["surprise"] = json!(1);
        assert!(Normalised::from_json(&kept).is_err());
    }
}
