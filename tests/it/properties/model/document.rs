//! A normalised document, as `apply` takes it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    pub time_zone: String,
    pub week_starts_on: u32,
    pub rates: Rates,
    pub segments: Vec<String>,
    pub occasions: Vec<String>,
    pub policies: Vec<String>,
    pub catalog: Vec<Item>,
    pub budgets: Vec<Budget>,
    pub limits: Vec<Limit>,
    pub levels: Vec<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Routing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<Agent>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rates {
    pub max_age_days: i64,
    pub table: Vec<Rate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rate {
    pub from: String,
    pub to: String,
    pub on: chrono::NaiveDate,
    pub rate: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    pub kind: String,
    pub offered: bool,
    pub currency: String,
    pub min_minor: i64,
    pub max_minor: i64,
    pub recipient: Vec<String>,
    pub channel: String,
    pub lead_time_s: i32,
    pub tolerance_bp: i64,
    /// Above it nobody decides alone.
    #[serde(default)]
    pub dual_minor: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Budget {
    pub name: String,
    pub parent: Option<String>,
    pub currency: String,
    pub window: String,
    pub amount_minor: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limit {
    pub name: String,
    pub subject: String,
    pub window: String,
    pub currency: String,
    pub kinds: Option<Vec<String>>,
    pub segments: Option<Vec<String>>,
    pub occasions: Option<Vec<String>>,
    pub hard_minor: Option<i64>,
    pub hard_count: Option<i32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Level {
    pub name: String,
    #[serde(default)]
    pub may_waive: Vec<String>,
    #[serde(default)]
    pub budgets: Vec<String>,
    pub maxima: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub limit: String,
    pub amount_minor: Option<i64>,
    pub count: Option<i32>,
    pub kinds: Option<Vec<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Agent {
    pub id: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub person: Option<String>,
    pub level: String,
    pub manager: Option<String>,
    pub budget: String,
    #[serde(default)]
    pub own_customers: Vec<String>,
    #[serde(default)]
    pub overrides: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Routing {
    pub answer_within_s: i64,
    pub expire_after_s: i64,
    pub on_silence: String,
    pub clock: String,
    pub review_within_s: i64,
    pub duty_pool: Option<String>,
    pub duty_members: Vec<String>,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    pub kinds: Option<Vec<String>>,
    pub segments: Option<Vec<String>>,
    pub occasions: Option<Vec<String>>,
    pub answer_within_s: i64,
    pub expire_after_s: i64,
    pub on_silence: String,
    pub clock: String,
}

impl Agent {
    /// The human behind it.
    pub fn person(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.id)
    }
}
