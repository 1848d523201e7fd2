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

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::EvidenceError;
use crate::calendar::Date;
use crate::numeric::cast::f64_of_u64;
use crate::numeric::special::{digamma, trigamma};
use crate::numeric::{ExactSum, find_root};

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

/// The rhythm of a whole book, to which the rhythms of its customers are shrunk: the fit and what it
/// rests on.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::evidence::{BookRhythm, Rhythm};
///
/// let day = Date::from_day_number;
/// let weekly = (0..20).map(|week| day(7 * week)).collect::<Result<Vec<_>, _>>()?;
/// let monthly = (0..20).map(|month| day(30 * month)).collect::<Result<Vec<_>, _>>()?;
/// let rhythms = [Rhythm::of(&weekly)?, Rhythm::of(&monthly)?];
/// let book = BookRhythm::fit(&rhythms);
///
/// // A long history speaks for itself; none at all speaks for the book.
/// assert!((book.gap_days(&rhythms[0]) - 7.0).abs() < 1.0);
/// let newcomer = Rhythm::start(day(0)?);
/// assert_eq!(book.gap_days(&newcomer), book.gap_days_typical());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BookRhythmFields", into = "BookRhythmFields")]
pub struct BookRhythm {
    regularity: f64,
    shape: f64,
    rate: f64,
    repeaters: u64,
    gaps: u64,
}

/// Regularities outside this range say nothing more: near 0 the gaps are bursts, above the upper
/// bound they are a calendar.
const REGULARITY_RANGE: (f64, f64) = (0.1, 100.0);

/// Shapes outside this range say nothing more: below it customers have nothing in common, above it
/// they are all alike.
const SHAPE_RANGE: (f64, f64) = (0.05, 1_000.0);

/// The largest variance of ln(rate) between customers: that of the least shape, about 400.
const SPREAD_MOST: f64 = 500.0;

/// How closely the parameters are solved for.
const ROOT_TOLERANCE: f64 = 1e-12;

/// The gap assumed when no customer of the book has ever come back, in days.
const GAP_DAYS_UNKNOWN: f64 = 30.0;

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

impl BookRhythm {
    /// A book's rhythm from its parameters: the regularity κ of gaps, and the shape `r` and the rate
    /// `α` in days of the spread of rates over customers.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`] for a parameter that is not finite and above 0.
    pub fn new(regularity: f64, shape: f64, rate: f64) -> Result<Self, EvidenceError> {
        for (name, value) in [("regularity", regularity), ("shape", shape), ("rate", rate)] {
            EvidenceError::check(name, value, value > 0.0, "finite and above 0")?;
        }
        Ok(Self {
            regularity,
            shape,
            rate,
            repeaters: 0,
            gaps: 0,
        })
    }

    /// Fits the parameters to the customers of a book, in any order.
    ///
    /// It is defined for every book: where nobody has come back the typical gap is taken to be 30
    /// days with hardly any weight, and [`repeaters`](Self::repeaters) says so. O(customers), plus a
    /// root search over the distinct numbers of gaps.
    #[must_use]
    pub fn fit<'a>(rhythms: impl IntoIterator<Item = &'a Rhythm>) -> Self {
        let sums = GapSums::over(rhythms);
        let repeaters = sums.repeaters();
        if repeaters == 0 {
            return Self {
                regularity: 1.0,
                shape: SHAPE_RANGE.0,
                rate: SHAPE_RANGE.0 * GAP_DAYS_UNKNOWN,
                repeaters: 0,
                gaps: 0,
            };
        }
        let regularity = sums.regularity();
        let (location, spread) = sums.between(regularity);
        let shape = shape_of(spread);
        // ln S − ψ(κk) estimates −ln(rate of the customer), whose mean over the book is ln α − ψ(r).
        let rate = libm::exp(location + digamma(shape));
        Self {
            regularity,
            shape,
            rate,
            repeaters,
            gaps: sums.gaps(),
        }
    }

    /// κ: 1 for gaps as irregular as chance, more for a steadier beat, less for bursts.
    #[must_use]
    pub const fn regularity(&self) -> f64 {
        self.regularity
    }

    /// `r`: how alike the customers are.
    #[must_use]
    pub const fn shape(&self) -> f64 {
        self.shape
    }

    /// `α`, in days.
    #[must_use]
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    /// Customers with at least two occasions: those the fit rests on.
    #[must_use]
    pub const fn repeaters(&self) -> u64 {
        self.repeaters
    }

    /// Gaps that the fit rests on.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// The gap expected of a customer of whom nothing is known, in days: κα/r.
    #[must_use]
    pub fn gap_days_typical(&self) -> f64 {
        self.regularity * self.rate / self.shape
    }

    /// How many own gaps weigh as much as the book: r/κ.
    #[must_use]
    pub fn weight_in_gaps(&self) -> f64 {
        self.shape / self.regularity
    }

    /// The expected gap of a customer in days: its own rhythm shrunk to the book's.
    #[must_use]
    pub fn gap_days(&self, own: &Rhythm) -> f64 {
        let (gaps, span) = (f64_of_u64(own.gaps()), f64_of_u64(own.span_days()));
        self.regularity * (span + self.rate) / (self.regularity * gaps + self.shape)
    }
}

/// What the fit needs of the book, summed in one pass: by number of gaps.
#[derive(Default)]
struct GapSums {
    by_gaps: BTreeMap<u64, GapGroup>,
}

/// The customers with one number of gaps.
#[derive(Default)]
struct GapGroup {
    customers: u64,
    /// Σ of the sample variance of the gaps over their squared mean.
    variation: ExactSum,
    /// Σ ln S.
    log: ExactSum,
    /// Σ (ln S)².
    log_square: ExactSum,
}

/// A group's part in the spread between customers: of z = ln S − ψ(κk), the estimate of −ln(rate).
struct Estimate {
    count: f64,
    mean: f64,
    /// Σ (z − mean)² within the group.
    scatter: f64,
    /// ψ′(κk): the variance of z that chance alone makes.
    chance: f64,
}

impl GapSums {
    fn over<'a>(rhythms: impl IntoIterator<Item = &'a Rhythm>) -> Self {
        let mut sums = Self::default();
        for rhythm in rhythms {
            if rhythm.gaps() > 0 {
                let group = sums.by_gaps.entry(rhythm.gaps()).or_default();
                group.add(rhythm);
            }
        }
        sums
    }

    fn repeaters(&self) -> u64 {
        self.by_gaps.values().map(|group| group.customers).sum()
    }

    fn gaps(&self) -> u64 {
        let gaps = self.by_gaps.iter();
        gaps.map(|(gaps, group)| gaps * group.customers).sum()
    }

    /// κ, from the spread of gaps within customers. Of `k` gamma gaps the sample variance over the
    /// squared mean is expected to be `k/(kκ + 1)`; κ equates the sums, each customer weighted by its
    /// `k − 1` degrees of freedom.
    fn regularity(&self) -> f64 {
        let (least, most) = REGULARITY_RANGE;
        let groups: Vec<(f64, f64, f64)> = self
            .by_gaps
            .iter()
            .filter(|(gaps, _)| **gaps > 1)
            .map(|(gaps, group)| {
                let customers = f64_of_u64(group.customers);
                (f64_of_u64(*gaps), customers, group.variation.value())
            })
            .collect();
        if groups.is_empty() {
            return 1.0;
        }
        let excess = |regularity: f64| -> f64 {
            let expected = |gaps: f64| gaps / (gaps * regularity + 1.0);
            let parts = groups.iter().map(|(gaps, customers, variation)| {
                (gaps - 1.0) * (variation - customers * expected(*gaps))
            });
            parts.sum()
        };
        if excess(least) >= 0.0 {
            return least;
        }
        find_root(least, most, ROOT_TOLERANCE, excess).map_or(most, |bracket| bracket.low)
    }

    /// Mean and variance over customers of −ln(rate), the variance less what chance puts there: the
    /// estimator of Paule and Mandel (1982), which weighs each customer by what its history says.
    fn between(&self, regularity: f64) -> (f64, f64) {
        let estimates: Vec<Estimate> = self
            .by_gaps
            .iter()
            .map(|(gaps, group)| group.estimate(regularity * f64_of_u64(*gaps)))
            .collect();
        let expected = f64_of_u64(self.repeaters()) - 1.0;
        let excess = |between: f64| weighted(&estimates, between).1 - expected;
        let spread = if excess(0.0) > 0.0 {
            find_root(0.0, SPREAD_MOST, ROOT_TOLERANCE, excess)
                .map_or(SPREAD_MOST, |bracket| bracket.low)
        } else {
            0.0
        };
        (weighted(&estimates, spread).0, spread)
    }
}

impl GapGroup {
    fn add(&mut self, rhythm: &Rhythm) {
        let (count, span) = (f64_of_u64(rhythm.gaps()), f64_of_u64(rhythm.span_days()));
        self.customers += 1;
        if rhythm.gaps() > 1 {
            let mean = span / count;
            let around = (f64_of_u64(rhythm.gap_squares) - count * mean * mean).max(0.0);
            self.variation.add(around / (count - 1.0) / (mean * mean));
        }
        let log = libm::log(span);
        self.log.add(log);
        self.log_square.add(log * log);
    }

    fn estimate(&self, shape: f64) -> Estimate {
        let count = f64_of_u64(self.customers);
        let mean = self.log.value() / count;
        Estimate {
            count,
            mean: mean - digamma(shape),
            scatter: (self.log_square.value() - count * mean * mean).max(0.0),
            chance: trigamma(shape),
        }
    }
}

/// The weighted mean of the estimates, each weighted by the inverse of its variance, and their
/// weighted scatter around it. The scatter falls as the variance between customers rises.
fn weighted(estimates: &[Estimate], between: f64) -> (f64, f64) {
    let weight = |estimate: &Estimate| 1.0 / (between + estimate.chance);
    let total: f64 = estimates.iter().map(|one| weight(one) * one.count).sum();
    let sum: f64 = estimates
        .iter()
        .map(|one| weight(one) * one.count * one.mean)
        .sum();
    let mean = sum / total;
    let scatter = estimates
        .iter()
        .map(|one| {
            let off = one.mean - mean;
            weight(one) * (one.scatter + one.count * off * off)
        })
        .sum();
    (mean, scatter)
}

/// The shape whose ψ′ is the variance of ln(rate) between customers.
fn shape_of(spread: f64) -> f64 {
    let (least, most) = SHAPE_RANGE;
    if spread <= trigamma(most) {
        return most;
    }
    find_root(least, most, ROOT_TOLERANCE, |shape| {
        trigamma(shape) - spread
    })
    .map_or(least, |bracket| bracket.low)
}

/// The parameters as they stand in a document, before they are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BookRhythmFields {
    regularity: f64,
    shape: f64,
    rate: f64,
    repeaters: u64,
    gaps: u64,
}

impl TryFrom<BookRhythmFields> for BookRhythm {
    type Error = EvidenceError;

    fn try_from(fields: BookRhythmFields) -> Result<Self, EvidenceError> {
        let parameters = Self::new(fields.regularity, fields.shape, fields.rate)?;
        Ok(Self {
            repeaters: fields.repeaters,
            gaps: fields.gaps,
            ..parameters
        })
    }
}

impl From<BookRhythm> for BookRhythmFields {
    fn from(book: BookRhythm) -> Self {
        Self {
            regularity: book.regularity,
            shape: book.shape,
            rate: book.rate,
            repeaters: book.repeaters,
            gaps: book.gaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Draws;
    use crate::numeric::cast::i64_of_f64;
    use proptest::prelude::*;

    fn day(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    fn dates(gaps: &[i32]) -> Vec<Date> {
        let mut at = 0;
        let mut dates = vec![day(0)];
        for gap in gaps {
            at += gap;
            dates.push(day(at));
        }
        dates
    }

    /// A book drawn from the model itself: gaps are gamma with a whole shape κ and the customer's own
    /// rate, and rates are gamma with a whole shape r, such that κα/r is the typical gap.
    fn drawn(customers: u64, regularity: u32, shape: u32, typical: f64) -> Vec<Rhythm> {
        let draws = Draws::new(7);
        let alpha = typical * f64::from(shape) / f64::from(regularity);
        (0..customers)
            .map(|customer| {
                let mut stream = draws.stream(&[customer]);
                let mut gamma = |shape: u32, rate: f64| -> f64 {
                    (0..shape).map(|_| stream.exponential(rate)).sum()
                };
                let own = gamma(shape, alpha);
                let gaps: Vec<i32> = (0..=customer % 12)
                    .map(|_| {
                        let gap = i64_of_f64(gamma(regularity, own).round()).unwrap();
                        i32::try_from(gap).unwrap().max(1)
                    })
                    .collect();
                Rhythm::of(&dates(&gaps)).unwrap()
            })
            .collect()
    }

    #[test]
    fn the_fit_finds_the_parameters_that_made_the_book() {
        // Long gaps, so that whole days hardly matter. Bounds are about four standard errors.
        for (regularity, shape) in [(1, 2), (3, 4), (2, 8)] {
            let book = BookRhythm::fit(&drawn(20_000, regularity, shape, 400.0));
            let off = |found: f64, made: u32| found / f64::from(made) - 1.0;
            assert!(off(book.regularity(), regularity).abs() < 0.04, "{book:?}");
            assert!(off(book.shape(), shape).abs() < 0.08, "{book:?}");
            assert!(
                (book.gap_days_typical() / 400.0 - 1.0).abs() < 0.04,
                "{book:?}"
            );
            assert_eq!(book.repeaters(), 20_000);
        }
    }

    #[test]
    fn shrinking_predicts_better_than_the_own_mean_or_the_book() {
        // The next gap of each customer, predicted from the one before it.
        let book = BookRhythm::fit(&drawn(20_000, 1, 3, 400.0));
        let draws = Draws::new(11);
        let (mut shrunk, mut own, mut typical) = (0.0, 0.0, 0.0);
        for customer in 0..5_000 {
            let mut stream = draws.stream(&[customer]);
            let rate: f64 = (0..3).map(|_| stream.exponential(1_200.0)).sum();
            let gap = i64_of_f64(stream.exponential(rate).round()).unwrap();
            let seen = Rhythm::of(&dates(&[i32::try_from(gap).unwrap().max(1)])).unwrap();
            let miss = |gap: f64| {
                let off = libm::log(gap) + libm::log(rate);
                off * off
            };
            shrunk += miss(book.gap_days(&seen));
            own += miss(seen.gap_days_mean().unwrap());
            typical += miss(book.gap_days_typical());
        }
        assert!(
            shrunk < 0.9 * typical && shrunk < 0.5 * own,
            "{shrunk} {typical} {own}"
        );
    }

    proptest! {
        #[test]
        fn joining_adjacent_stretches_is_reading_the_whole(
            gaps in prop::collection::vec(0..400, 1..40),
            cuts in prop::collection::vec(0_usize..40, 2),
        ) {
            let dates = dates(&gaps);
            let whole = Rhythm::of(&dates).unwrap();
            // Cuts fall between days, as stretches do.
            let mut cuts: Vec<usize> = cuts
                .into_iter()
                .filter(|cut| *cut > 0 && *cut < dates.len() && dates[*cut] > dates[cut - 1])
                .collect();
            cuts.sort_unstable();
            cuts.dedup();
            let mut ends = cuts.clone();
            ends.push(dates.len());
            let mut start = 0;
            let mut parts = vec![];
            for end in ends {
                parts.push(Rhythm::of(&dates[start..end]).unwrap());
                start = end;
            }
            let left = parts[1..].iter().fold(parts[0], |sum, part| sum.join(part).unwrap());
            let last = parts[parts.len() - 1];
            let right = parts[..parts.len() - 1]
                .iter()
                .rev()
                .fold(last, |sum, part| part.join(&sum).unwrap());
            prop_assert_eq!(left, whole);
            prop_assert_eq!(right, whole);
            prop_assert_eq!(
                Rhythm::from_sums(
                    (whole.first, whole.last),
                    whole.occasions,
                    whole.gap_squares,
                    whole.gap_most
                ),
                Some(whole)
            );
        }

        #[test]
        fn the_fit_does_not_depend_on_order_and_is_always_usable(
            books in prop::collection::vec(prop::collection::vec(1..2_000, 0..6), 0..12),
        ) {
            let mut rhythms: Vec<Rhythm> =
                books.iter().map(|gaps| Rhythm::of(&dates(gaps)).unwrap()).collect();
            let book = BookRhythm::fit(&rhythms);
            rhythms.reverse();
            prop_assert_eq!(BookRhythm::fit(&rhythms), book);
            prop_assert!(book.gap_days_typical().is_finite() && book.gap_days_typical() > 0.0);
            for rhythm in &rhythms {
                let gap = book.gap_days(rhythm);
                // Shrunk: between the own mean and the book's typical gap.
                let own = rhythm.gap_days_mean().unwrap_or(book.gap_days_typical());
                let (low, high) = (own.min(book.gap_days_typical()), own.max(book.gap_days_typical()));
                prop_assert!(gap >= low * (1.0 - 1e-12) && gap <= high * (1.0 + 1e-12));
            }
            let text = serde_json::to_string(&book).unwrap();
            prop_assert_eq!(serde_json::from_str::<BookRhythm>(&text).unwrap(), book);
        }
    }

    #[test]
    fn books_that_say_nothing_are_lawful() {
        let nobody = BookRhythm::fit(&[]);
        assert_eq!((nobody.repeaters(), nobody.gaps()), (0, 0));
        assert!((nobody.gap_days_typical() - 30.0).abs() < 1e-12);
        let once = Rhythm::start(day(3));
        assert_eq!(BookRhythm::fit(&[once, once]), nobody);
        // One customer with one gap: the book is that customer.
        let single = BookRhythm::fit(&[Rhythm::of(&dates(&[10])).unwrap()]);
        assert_eq!((single.repeaters(), single.gaps()), (1, 1));
        assert!(
            single.gap_days_typical() > 5.0 && single.gap_days_typical() < 20.0,
            "{single:?}"
        );
    }

    #[test]
    fn bad_dates_and_parameters_are_refused() {
        assert_eq!(
            Rhythm::of(&[]).unwrap_err().to_string(),
            "no dates: a rhythm starts with one occasion"
        );
        assert!(Rhythm::of(&[day(2), day(1)]).is_err());
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(BookRhythm::new(bad, 1.0, 1.0).is_err());
            assert!(BookRhythm::new(1.0, bad, 1.0).is_err());
            assert!(BookRhythm::new(1.0, 1.0, bad).is_err());
        }
        let later = Rhythm::start(day(5));
        assert_eq!(later.join(&Rhythm::start(day(5))), None);
        assert_eq!(later.join(&Rhythm::start(day(4))), None);
        assert_eq!(Rhythm::from_sums((day(0), day(10)), 3, 10, 5), None);
        assert_eq!(Rhythm::from_sums((day(0), day(10)), 1, 0, 0), None);
        assert!(Rhythm::from_sums((day(0), day(10)), 3, 50, 5).is_some());
    }
}
