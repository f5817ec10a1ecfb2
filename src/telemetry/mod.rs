//! What the proxy counts and measures.
//!
//! In: what happened, told where it happens. Out: counters and histograms that are read when somebody
//! asks for them; [`crate::admin`] gives them the names and the form that Prometheus knows. Recording
//! takes no lock, looks nothing up and allocates nothing: whoever records holds the series already,
//! and each thread writes to a stripe of its own.

mod clock;
mod connections;
mod digests;
mod histogram;
mod limits;
mod metrics;
mod stages;
mod statements;
mod stripes;
pub mod traces;
mod verb;

pub use clock::Tick;
pub use connections::ServerSeries;
pub use digests::{DigestOf, DigestSeries, DigestTotals, Digests, MOST_DIGESTS};
pub use histogram::{BOUNDS, Histogram, Times};
pub use limits::{Limit, Refusals, RuleSeries};
pub use metrics::{Metrics, Traffic, Work};
pub use stages::{StageTotals, Stages};
pub use statements::{Outcome, SchemaSeries, ShardSeries, StatementSeries, Totals};
pub use stripes::{Counter, Stripe, Striped};
pub use verb::Verb;

#[cfg(test)]
mod tests;
