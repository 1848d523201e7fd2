//! The two rules of thumb that every model is measured against.

use super::Record;

/// Alarm by the days since the last use alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedHiatus;

impl FixedHiatus {
    /// Days since the last use.
    #[must_use]
    pub fn alarm(self, record: &Record, as_of: i32) -> f64 {
        record.gap(as_of)
    }
}

/// Alarm by the days since the last use, as a multiple of the customer's own mean interval.
///
/// It looks obvious and ranks worse than the plain hiatus on every log tried, shrunk or not: it forgets that a customer
/// with a high rate who has stopped for three of its own short intervals is still likelier to return than a slow one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnMultiple;

impl OwnMultiple {
    /// Gap ÷ own mean interval (not shrunk); 0 before the second use, where there is no interval.
    #[must_use]
    pub fn alarm(self, record: &Record, as_of: i32) -> f64 {
        if record.uses() < 2 {
            return 0.0;
        }
        record.gap(as_of) / (record.span() / f64::from(record.uses() - 1))
    }
}
