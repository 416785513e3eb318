//! The benchmark: how fast the service is, beside what people would otherwise write, on one machine and in one run.
//!
//! `largesse bench` makes a Postgres of its own ([`home`]), loads tenants as everybody loads theirs ([`template`]), starts
//! servers ([`servers`]), sends requests over gRPC ([`load`]), and looks at what is left behind ([`check`]). Everything that it made is
//! removed again. The page that explains the figures is `benches/README.md`.
//!
//! | file | what |
//! |---|---|
//! | [`workload`], [`tenant`], [`schedule`], [`figures`], [`tally`] | pure: what the n-th request is, who there is, when it is due, what came of it |
//! | [`alternative`] | what is measured beside the service, and how each is started |
//! | [`transaction`], [`serve`] | what most teams would write, and the server that it is served by |
//! | [`run`] | one run: a fresh database, servers, load, verification |
//! | [`series`] | several runs of several plans, their medians and ratios |
//! | [`floors`], [`reads`] | what Postgres needs by itself; what reading costs where there is much |
//! | `collector` | takes what a server tells, and keeps nothing |
//! | [`machine`] | processor time and memory, from `/proc` |
//!
//! **Invariant:** a run whose calls failed, or that left something behind which does not hold, has no throughput. Speed is a
//! ratio of two things in one run, never a number that a test asserts.

pub mod alternative;
pub mod check;
mod collector;
pub mod credentials;
pub mod figures;
pub mod floors;
pub mod home;
pub mod load;
pub mod machine;
pub mod reads;
pub mod run;
pub mod schedule;
pub mod series;
pub mod serve;
pub mod servers;
pub mod store;
pub mod tally;
pub mod template;
pub mod tenant;
pub mod transaction;
pub mod url;
pub mod workload;
