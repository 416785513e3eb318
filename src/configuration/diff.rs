//! stub
use super::*;
use crate::money::Currency;
#[derive(Debug)]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}
#[derive(Debug)]
pub struct Change {
    pub path: String,
    pub kind: ChangeKind,
    pub before: Option<String>,
    pub after: Option<String>,
}
impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitIdentity {
    pub name: String,
    pub subject: Subject,
    pub window: Window,
    pub currency: Currency,
}
pub fn diff(_: Option<&Normalised>, _: &Normalised) -> Vec<Change> {
    vec![]
}
pub fn abandoned(_: &Normalised, _: &Normalised) -> Vec<LimitIdentity> {
    vec![]
}
