//! Gas of named scenarios on any bundle, against recorded figures.
//!
//! FVM gas is exact: it repeats from run to run.
//!
//! * [`scenario`]: scenarios as JSON, and what may stand in their fields
//! * [`chain`]: the small chain that a scenario runs on
//! * [`run`]: the steps of scenarios, and what each of them cost
//! * [`figures`]: recorded figures, ratios, means
//! * [`groups`]: steps of a kind
//! * [`page`]: the page of the documentation
//! * [`profile`]: flame graphs of gas
//! * [`table`]: results as text
//! * [`json`]: results as JSON

pub mod chain;
pub mod figures;
pub mod groups;
pub mod json;
pub mod page;
pub mod profile;
pub mod run;
pub mod scenario;
pub mod table;
