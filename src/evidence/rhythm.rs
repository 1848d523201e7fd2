//! The rhythm of use: a customer's own, and the book's, to which short histories are shrunk.
//!
//! A use occasion is a day with at least one event. The gaps between a customer's occasions are
//! taken to be gamma distributed with a regularity κ that the book shares and a rate of the
//! customer's own, itself gamma distributed over the book with shape `r` and rate `α`. After `k`
//! gaps that add up to `S` days the expected gap is then
//!
//! ```text
//! m = κ·(S + α) / (κ·k + r)
//! ```
//!
//! which is the own mean gap when `k` is large and the book's typical gap, `κα/r`, when there is
//! none. The parameters come from the book itself ([`BookRhythm::fit`]): κ from the spread of the
//! gaps within customers, `r` and `α` from the spread of ln S between them, less what chance alone
//! puts there. Nothing is iterated over customers, so the fit costs one pass, and its sums are exact,
//! so that it is the same in any order.

mod book;

pub use book::BookRhythm;

use super::EvidenceError;
use crate::calendar::Date;
use crate::numeric::cast::f64_of_u64;

/// A customer's own rhythm: the sums over the gaps between its use occasions.
///
/// Integers only, so that adjacent stretches of time [`join`](Self::join) exactly, in any grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rhythm {
    first: Date,
    last: Date,
    occasions: u64,
    gap_squares: u64,
    gap_most: u32,
}

impl Rhythm {
    /// The rhythm of a single occasion.
    #[must_use]
    pub const fn start(first: Date) -> Self {
        Self {
            first,
            last: first,
            occasions: 1,
            gap_squares: 0,
            gap_most: 0,
        }
    }

    /// A rhythm from its sums, as they stand in a document; none if they contradict each other.
    pub(super) fn from_sums(
        (first, last): (Date, Date),
        occasions: u64,
        gap_squares: u64,
        gap_most: u32,
    ) -> Option<Self> {
        let span = u64::try_from(last.days_since(first)).ok()?;
        let most = u64::from(gap_most);
        let gaps = occasions.checked_sub(1)?;
        let lawful = if gaps == 0 {
            span == 0 && gap_squares == 0 && most == 0
        } else {
            // Each gap is a day or more and none exceeds the longest; the squares lie between those of
            // equal gaps and those of gaps that are all as long as the longest.
            gaps <= span
                && most <= span
                && most.saturating_mul(gaps) >= span
                && gap_squares >= most.saturating_mul(most).max(span)
                && gap_squares <= most.saturating_mul(span)
        };
        lawful.then_some(Self {
            first,
            last,
            occasions,
            gap_squares,
            gap_most,
        })
    }

    /// The first occasion.
    #[must_use]
    pub const fn first(&self) -> Date {
        self.first
    }

    /// The last occasion.
    #[must_use]
    pub const fn last(&self) -> Date {
        self.last
    }

    /// Days with use.
    #[must_use]
    pub const fn occasions(&self) -> u64 {
        self.occasions
    }

    /// Gaps between them: one fewer.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.occasions - 1
    }

    /// Days from the first occasion to the last: the sum of the gaps.
    #[must_use]
    pub fn span_days(&self) -> u64 {
        u64::from(self.last.days_since(self.first).unsigned_abs())
    }

    /// The sum of the squared gaps, in days².
    #[must_use]
    pub const fn gap_squares(&self) -> u64 {
        self.gap_squares
    }

    /// The longest gap, in days.
    #[must_use]
    pub const fn gap_days_most(&self) -> u32 {
        self.gap_most
    }

    /// The own mean gap in days; none before the second occasion.
    #[must_use]
    pub fn gap_days_mean(&self) -> Option<f64> {
        (self.gaps() > 0).then(|| f64_of_u64(self.span_days()) / f64_of_u64(self.gaps()))
    }

    /// Takes in an occasion and returns the gap before it in days: 0 for a further use on the last
    /// day, which is no new occasion. The date must not be before the last.
    pub(super) fn push(&mut self, date: Date) -> u32 {
        let gap = date.days_since(self.last).unsigned_abs();
        if gap > 0 {
            self.last = date;
            self.occasions += 1;
            self.gap_squares += u64::from(gap) * u64::from(gap);
            self.gap_most = self.gap_most.max(gap);
        }
        gap
    }

    /// This stretch followed by a later one; none unless every day of the other is later.
    #[must_use]
    pub fn join(&self, later: &Self) -> Option<Self> {
        let gap = u32::try_from(later.first.days_since(self.last)).ok()?;
        (gap > 0).then(|| Self {
            first: self.first,
            last: later.last,
            occasions: self.occasions + later.occasions,
            gap_squares: self.gap_squares + later.gap_squares + u64::from(gap) * u64::from(gap),
            gap_most: self.gap_most.max(later.gap_most).max(gap),
        })
    }
}

impl Rhythm {
    /// The rhythm of a list of dates in order; several on one day are one occasion.
    ///
    /// # Errors
    /// [`EvidenceError::NoOccasion`] for an empty list; [`EvidenceError::DatesOutOfOrder`] for dates
    /// that run backwards.
    pub fn of(dates: &[Date]) -> Result<Self, EvidenceError> {
        let (first, rest) = dates.split_first().ok_or(EvidenceError::NoOccasion)?;
        rest.iter()
            .try_fold(Self::start(*first), |mut rhythm, date| {
                if *date < rhythm.last {
                    return Err(EvidenceError::DatesOutOfOrder {
                        date: *date,
                        last: rhythm.last,
                    });
                }
                rhythm.push(*date);
                Ok(rhythm)
            })
    }
}

#[cfg(test)]
mod tests;
