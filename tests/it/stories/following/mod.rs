//! Whoever follows what happens: integrations, the data warehouse, whoever must not miss a gesture.
//!
//! | file | what happens |
//! |---|---|
//! | `reading` | the day of a gesture, read in pages and watched; filters; nothing of people |
//! | `cursors` | places that are none |
//! | `consumers` | places that the service keeps, and who is at them |
//! | `archive` | what is too old to be followed |
//! | `forgetting` | a consumer that nobody needs any more |

mod archive;
mod consumers;
mod cursors;
mod forgetting;
mod reading;
