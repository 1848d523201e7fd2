//! The rhythm of a book: fitted in one pass, and what it makes of a short history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rhythm;
use crate::evidence::EvidenceError;
use crate::numeric::cast::f64_of_u64;
use crate::numeric::special::{digamma, trigamma};
use crate::numeric::{ExactSum, find_root};

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
