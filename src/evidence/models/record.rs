//! A customer's log in constant space: what the models read, and how tomorrow's use updates it.

use super::{ModelError, Summary};

/// What is kept of a customer's days of use: their number, the first, the last two, and how regular the gaps were.
///
/// Days are numbers since 1970-01-01. The state is 40 bytes; [`Record::observe`] updates it without replay.
///
/// ```
/// use sortie::evidence::models::Record;
/// let mut record = Record::of_days(&[100, 130])?;
/// record.observe(170)?;
/// assert_eq!(record, Record::of_days(&[100, 130, 170])?);
/// assert_eq!((record.uses(), record.first(), record.last()), (3, 100, 170));
/// # Ok::<(), sortie::evidence::models::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    uses: u32,
    first: i32,
    /// The last three days of use, or the first where there are fewer.
    before: i32,
    previous: i32,
    last: i32,
    ln_gaps: f64,
    /// The same without the last gap.
    ln_gaps_before: f64,
}

impl Record {
    /// The record of a customer first seen on `day`.
    #[must_use]
    pub const fn starting(day: i32) -> Self {
        Self {
            uses: 1,
            first: day,
            before: day,
            previous: day,
            last: day,
            ln_gaps: 0.0,
            ln_gaps_before: 0.0,
        }
    }

    /// The record of strictly increasing days of use.
    ///
    /// # Errors
    /// [`ModelError::Days`] if there is none, or one does not come after the one before.
    pub fn of_days(days: &[i32]) -> Result<Self, ModelError> {
        let (first, rest) = days.split_first().ok_or(ModelError::Days { position: 0 })?;
        let mut record = Self::starting(*first);
        for (i, day) in rest.iter().enumerate() {
            if *day <= record.last {
                return Err(ModelError::Days { position: i + 1 });
            }
            record.push(*day);
        }
        Ok(record)
    }

    /// The record of the days up to and including `as_of`, or `None` if there is none: later days are not read.
    ///
    /// The days must be strictly increasing, which [`Record::of_days`] checks.
    #[must_use]
    pub fn until(days: &[i32], as_of: i32) -> Option<Self> {
        let past = &days[..days.partition_point(|day| *day <= as_of)];
        let (first, rest) = past.split_first()?;
        let mut record = Self::starting(*first);
        for day in rest {
            record.push(*day);
        }
        Some(record)
    }

    /// Adds a use on `day`. A second use on the last day is the same customer-day and changes nothing.
    ///
    /// # Errors
    /// [`ModelError::OutOfOrder`] if the day is before the last one.
    pub fn observe(&mut self, day: i32) -> Result<(), ModelError> {
        if day < self.last {
            return Err(ModelError::OutOfOrder {
                day,
                last: self.last,
            });
        }
        if day > self.last {
            self.push(day);
        }
        Ok(())
    }

    /// The record as it was before the last use, or `None` before the second. It answers what was true then, but cannot be
    /// taken back once more: the gap before is not kept.
    pub(crate) fn before_last(&self) -> Option<Self> {
        (self.uses > 1).then_some(Self {
            uses: self.uses - 1,
            previous: self.before,
            last: self.previous,
            ln_gaps: self.ln_gaps_before,
            ..*self
        })
    }

    pub(super) fn push(&mut self, day: i32) {
        let gap = f64::from(day) - f64::from(self.last);
        self.ln_gaps_before = self.ln_gaps;
        self.ln_gaps += libm::log(gap);
        self.uses = self.uses.saturating_add(1);
        self.before = self.previous;
        self.previous = self.last;
        self.last = day;
    }

    /// Days of use so far.
    #[must_use]
    pub const fn uses(&self) -> u32 {
        self.uses
    }

    /// The first day of use.
    #[must_use]
    pub const fn first(&self) -> i32 {
        self.first
    }

    /// The last day of use.
    #[must_use]
    pub const fn last(&self) -> i32 {
        self.last
    }

    /// Days between the last two uses, or `None` before the second.
    #[must_use]
    pub fn last_gap(&self) -> Option<f64> {
        (self.uses > 1).then(|| f64::from(self.last) - f64::from(self.previous))
    }

    /// Sum of the natural logarithms of the gaps, in days.
    #[must_use]
    pub const fn ln_gaps(&self) -> f64 {
        self.ln_gaps
    }

    /// Days from the first use to the last.
    #[must_use]
    pub fn span(&self) -> f64 {
        f64::from(self.last) - f64::from(self.first)
    }

    /// Days from the last use to `as_of`, never below 0.
    #[must_use]
    pub fn gap(&self, as_of: i32) -> f64 {
        (f64::from(as_of) - f64::from(self.last)).max(0.0)
    }

    /// The own mean interval in days, shrunk towards `book_mean` as if by one more gap of that length:
    /// (last − first + `book_mean`) / uses.
    #[must_use]
    pub fn mean_interval(&self, book_mean: f64) -> f64 {
        (self.span() + book_mean) / f64::from(self.uses)
    }

    /// The summary at `as_of` in units of `unit` days.
    #[must_use]
    pub fn summary(&self, as_of: i32, unit: f64) -> Summary {
        let repeats = self.uses - 1;
        Summary::lawful(
            repeats,
            self.span() / unit,
            (self.span() + self.gap(as_of)) / unit,
            self.ln_gaps - f64::from(repeats) * libm::log(unit),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_out_of_order_are_refused_where_they_stand() {
        assert_eq!(Record::of_days(&[]), Err(ModelError::Days { position: 0 }));
        assert_eq!(
            Record::of_days(&[1, 5, 5]),
            Err(ModelError::Days { position: 2 })
        );
        let mut record = Record::starting(9);
        assert_eq!(
            record.observe(8),
            Err(ModelError::OutOfOrder { day: 8, last: 9 })
        );
        assert_eq!(record.observe(9), Ok(()));
        assert_eq!(record, Record::starting(9));
    }

    #[test]
    fn the_record_before_the_last_use_answers_what_was_true_then() {
        assert_eq!(Record::starting(9).before_last(), None);
        let days = [10, 20, 45, 46];
        for uses in 2..=days.len() {
            let before = Record::of_days(&days[..uses])
                .unwrap()
                .before_last()
                .unwrap();
            let then = Record::of_days(&days[..uses - 1]).unwrap();
            assert_eq!(before.summary(50, 7.0), then.summary(50, 7.0));
            assert_eq!(before.last_gap(), then.last_gap());
            assert_eq!((before.uses(), before.last()), (then.uses(), then.last()));
        }
    }

    #[test]
    fn later_days_are_not_read() {
        let days = [10, 20, 40, 41];
        assert_eq!(Record::until(&days, 9), None);
        assert_eq!(Record::until(&days, 40), Record::of_days(&days[..3]).ok());
        let record = Record::of_days(&days[..3]).unwrap();
        assert_eq!(record.last_gap(), Some(20.0));
        assert_eq!((record.uses(), record.first(), record.last()), (3, 10, 40));
        assert!((record.mean_interval(12.0) - 14.0).abs() < 1e-12);
        assert!((record.summary(47, 7.0).age() - 37.0 / 7.0).abs() < 1e-12);
    }
}
