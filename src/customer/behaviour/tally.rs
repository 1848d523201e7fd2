//! Counts over doubts: how many are open, and how fast they are answered.

use super::{Doubt, DoubtState};
use crate::calendar::Date;

/// The doubts of any number of customers, counted on a date \[B1\].
///
/// Nothing after the date is counted: a doubt raised later does not exist yet, and an answer given
/// later has not been given.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::behaviour::{Doubt, DoubtTally};
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
///
/// let day = |day| Date::new(2026, 3, day);
/// let one = Doubt::raise(Id::new("one")?, day(1)?, Fraction::new(0.2)?).answer(day(4)?)?;
/// let two = Doubt::raise(Id::new("two")?, day(2)?, Fraction::new(0.2)?);
/// let tally = DoubtTally::count([&one, &two], day(10)?);
/// assert_eq!((tally.open(), tally.unanswered()), (2, 1));
/// assert_eq!(tally.response_days_median(), Some(3));
/// assert_eq!(tally.waiting_days_most(), Some(8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DoubtTally {
    unanswered: u64,
    answered: u64,
    settled: u64,
    left: u64,
    passed_on: u64,
    waiting_days_most: Option<i32>,
    response_days: Vec<i32>,
}

impl DoubtTally {
    /// Counts doubts as they were known on a date, in any order.
    #[must_use]
    pub fn count<'a>(doubts: impl IntoIterator<Item = &'a Doubt>, as_of: Date) -> Self {
        let mut tally = Self::default();
        for doubt in doubts.into_iter().filter_map(|doubt| doubt.as_of(as_of)) {
            tally.add(&doubt, as_of);
        }
        tally.response_days.sort_unstable();
        tally
    }

    /// Doubts that can still be cared for, answered or not.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.unanswered + self.answered
    }

    /// Open doubts that nobody has answered.
    #[must_use]
    pub const fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// Open doubts that are answered and not yet settled.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// Doubts that are settled.
    #[must_use]
    pub const fn settled(&self) -> u64 {
        self.settled
    }

    /// Doubts that were left without being settled.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Doubts that were left without ever being answered: those that were passed on. The rule is that
    /// there are none.
    #[must_use]
    pub const fn passed_on(&self) -> u64 {
        self.passed_on
    }

    /// The longest that an unanswered doubt has been waiting, in days.
    #[must_use]
    pub const fn waiting_days_most(&self) -> Option<i32> {
        self.waiting_days_most
    }

    /// Days from each doubt to its answer, ascending, for every doubt that was ever answered.
    #[must_use]
    pub fn response_days(&self) -> &[i32] {
        &self.response_days
    }

    /// The median of the response times in days; of an even number, the lesser of the middle two.
    #[must_use]
    pub fn response_days_median(&self) -> Option<i32> {
        let middle = self.response_days.len().checked_sub(1)? / 2;
        self.response_days.get(middle).copied()
    }

    /// The slowest answer, in days.
    #[must_use]
    pub fn response_days_most(&self) -> Option<i32> {
        self.response_days.last().copied()
    }

    /// Counts one doubt, already as of the date.
    fn add(&mut self, doubt: &Doubt, as_of: Date) {
        match doubt.state() {
            DoubtState::Raised => {
                self.unanswered += 1;
                self.waiting_days_most = self.waiting_days_most.max(Some(doubt.age_days(as_of)));
            }
            DoubtState::Answered { .. } => self.answered += 1,
            DoubtState::Settled { .. } => self.settled += 1,
            DoubtState::Left { answered, .. } => {
                self.left += 1;
                self.passed_on += u64::from(answered.is_none());
            }
        }
        self.response_days.extend(doubt.response_days());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraction::Fraction;
    use crate::id::Id;

    fn day(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    fn raised(name: &str, on: i32) -> Doubt {
        Doubt::raise(Id::new(name).unwrap(), day(on), Fraction::clamped(0.25))
    }

    #[test]
    fn each_life_is_counted_once_and_as_of_the_date() {
        let doubts = [
            raised("waits", 4),
            raised("answered", 1).answer(day(3)).unwrap(),
            raised("settled", 1)
                .answer(day(6))
                .and_then(|doubt| doubt.settle(day(8)))
                .unwrap(),
            raised("left", 2)
                .answer(day(3))
                .and_then(|doubt| doubt.leave(day(9)))
                .unwrap(),
            raised("passed on", 2).leave(day(7)).unwrap(),
            raised("later", 50),
        ];
        let tally = DoubtTally::count(&doubts, day(10));
        assert_eq!(
            (tally.unanswered(), tally.answered(), tally.open()),
            (1, 1, 2)
        );
        assert_eq!(
            (tally.settled(), tally.left(), tally.passed_on()),
            (1, 2, 1)
        );
        assert_eq!(tally.waiting_days_most(), Some(6));
        assert_eq!(tally.response_days(), [1, 2, 5]);
        assert_eq!(tally.response_days_median(), Some(2));
        assert_eq!(tally.response_days_most(), Some(5));

        // On day 5 nothing is settled or left yet, and "settled" still waits for its answer.
        let then = DoubtTally::count(&doubts, day(5));
        assert_eq!((then.unanswered(), then.answered()), (3, 2));
        assert_eq!((then.settled(), then.left(), then.passed_on()), (0, 0, 0));
        assert_eq!(then.waiting_days_most(), Some(4));
        assert_eq!(then.response_days(), [1, 2]);
        assert_eq!(then.response_days_median(), Some(1));

        // Order does not matter.
        let mut turned = doubts.to_vec();
        turned.reverse();
        assert_eq!(DoubtTally::count(&turned, day(10)), tally);
    }

    #[test]
    fn an_empty_tally_is_lawful() {
        let tally = DoubtTally::count([], day(0));
        assert_eq!(tally, DoubtTally::default());
        assert_eq!(tally.response_days_median(), None);
        assert_eq!(tally.waiting_days_most(), None);
    }
}
