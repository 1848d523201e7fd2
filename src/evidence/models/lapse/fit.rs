//! Fitting the correction: which traits make a customer come back sooner or later than the closed form says.
//!
//! Every customer with two uses or more gives one row for each past date of a grid: the traits on that date, the hazard
//! that the closed form expects until the next, and whether a use came. The correction is a log-linear factor on that
//! hazard (complementary log-log regression with the closed form as offset), with a free effect for each date, so that a
//! holiday or a sale is not mistaken for a trait, and a ridge, so that few data leave the closed form alone.

use super::{
    closed::Closed,
    grid::Grid,
    level::Level,
    ridge::{self, FOLDS, Scale, dot},
    traits::{Still, TRAITS},
};
use crate::evidence::models::Record;

/// Columns of the regression: one level and the traits.
pub(super) const COLUMNS: usize = TRAITS + 1;

/// Rows above which customers are thinned evenly.
const ROWS_MOST: usize = 400_000;

/// The same where the level alone is read.
const LEVEL_ROWS_MOST: usize = 40_000;

/// Dates back from which the level is read.
const LEVEL_DATES: usize = 26;

/// Parts of the customers of which one is left out to choose the strength.
pub(super) const HALVES: usize = 2;

/// Strengths at which the correction is offered.
const STRENGTHS: [f64; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];

/// The largest logarithm of a correction, up or down.
pub(super) const CORRECTION_MOST: f64 = 3.0;

/// Fewer expected or observed uses than this and no correction is fitted.
const USES_LEAST: f64 = 30.0;

/// What the rows of the past say.
#[derive(Clone, Debug)]
pub(super) struct Correction {
    /// Level first, then one factor per trait, on the traits as they are.
    pub(super) factors: [f64; COLUMNS],
    /// How much the book's hazard of late departs from the model's, as a logarithm.
    pub(super) level: Level,
    /// Rows and dates read.
    pub(super) rows: usize,
    pub(super) dates: usize,
    /// Days between the dates.
    pub(super) step: f64,
}

impl Correction {
    pub(super) const NONE: Self = Self {
        factors: [0.0; COLUMNS],
        level: Level::NONE,
        rows: 0,
        dates: 0,
        step: 7.0,
    };
}

pub(super) struct Row {
    pub(super) traits: [f64; TRAITS],
    pub(super) expected: f64,
    pub(super) used: bool,
    pub(super) date: usize,
    /// Which tenth of the customers it belongs to.
    pub(super) fold: usize,
    /// And which half.
    pub(super) half: usize,
}

/// The hazard until the next date that was expected, and whether a use came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foretold {
    pub(super) hazard: f64,
    pub(super) used: bool,
}

/// A correction, and what it would be without either half of the customers: by these it is judged.
pub(super) struct Offer {
    pub(super) whole: Correction,
    pub(super) without: [Correction; HALVES],
}

impl Offer {
    fn plain(correction: &Correction) -> Self {
        Self {
            whole: correction.clone(),
            without: [correction.clone(), correction.clone()],
        }
    }
}

/// The half of the repeat customer at a place: the digit of the Thue-Morse sequence, even in any stretch.
pub(super) fn half(place: usize) -> usize {
    usize::from(place.count_ones() % 2 == 1)
}

/// Fits the correction to `base` from histories cut at `end` and sorted: as it is, then weaker and weaker, the last with
/// the level of late alone. One step ahead the first foretells best; for whole windows the caller chooses.
pub(super) fn fit(
    histories: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    base: &Closed,
) -> Vec<Offer> {
    let grid = Grid::of(histories, end, horizon);
    let rows = rows(histories, &grid, ROWS_MOST, 2.0 * horizon, book, base);
    let dates = grid.starts.len();
    let observed: f64 = rows
        .iter()
        .map(|row| if row.used { 1.0 } else { 0.0 })
        .sum();
    let none = Correction {
        step: grid.step,
        ..Correction::NONE
    };
    if observed < USES_LEAST {
        return vec![Offer::plain(&none)];
    }
    let scale = Scale::of(&rows);
    let Some(effects) = ridge::regress(&rows, dates, &scale) else {
        return vec![Offer::plain(&none)];
    };
    let whole = scale.unscaled(&effects.whole);
    let without = effects.without.map(|effects| scale.unscaled(&effects));
    STRENGTHS
        .iter()
        .map(|strength| {
            let weakened = whole.map(|factor| strength * factor);
            let level = Level::learnt(&rows, dates, &weakened, grid.step, horizon);
            let correction = |factors: [f64; COLUMNS]| Correction {
                factors: factors.map(|factor| strength * factor),
                level,
                rows: if *strength > 0.0 { rows.len() } else { 0 },
                dates,
                step: grid.step,
            };
            Offer {
                whole: correction(whole),
                without: without.map(|factors| Correction {
                    level: level.of_the_past(),
                    ..correction(factors)
                }),
            }
        })
        .collect()
}

/// The level on `end` that a correction and histories cut there show.
pub(super) fn level(
    histories: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    base: &Closed,
    correction: &Correction,
) -> Level {
    if !correction.level.drifts() {
        return correction.level;
    }
    let mut grid = Grid::of(histories, end, horizon);
    let late = grid.starts.len().saturating_sub(LEVEL_DATES);
    grid.starts.drain(..late);
    grid.ends.drain(..late);
    let rows = rows(histories, &grid, LEVEL_ROWS_MOST, 2.0 * horizon, book, base);
    Level::followed(
        &rows,
        grid.starts.len(),
        &correction.factors,
        grid.step,
        horizon,
    )
}

/// Of each row of the past, what a closed form foretold on its date.
pub(super) fn foretold(
    histories: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    base: &Closed,
) -> Vec<Foretold> {
    let grid = Grid::of(histories, end, horizon);
    rows(histories, &grid, LEVEL_ROWS_MOST, 2.0 * horizon, book, base)
        .iter()
        .map(|row| Foretold {
            hazard: row.expected,
            used: row.used,
        })
        .collect()
}

/// All rows, customer by customer, each in the order of the dates.
fn rows(
    histories: &[&[i32]],
    grid: &Grid,
    rows_most: usize,
    silence_most: f64,
    book: f64,
    base: &Closed,
) -> Vec<Row> {
    let repeaters = histories.iter().filter(|days| days.len() > 1).count();
    // Two thirds of the dates or so see a customer.
    let stride = (repeaters * grid.starts.len()).div_ceil(rows_most).max(1);
    let mut rows = Vec::new();
    for (customer, days) in histories
        .iter()
        .filter(|days| days.len() > 1)
        .enumerate()
        .step_by(stride)
    {
        for (date, (start, end)) in grid.starts.iter().zip(&grid.ends).enumerate() {
            if days[1] > *start {
                continue;
            }
            let Some(record) = Record::until(days, *start) else {
                continue;
            };
            if record.gap(*start) >= silence_most {
                continue;
            }
            let next = days[days.partition_point(|day| day <= start)..].first();
            let used = next.is_some_and(|day| day <= end);
            let (traits, expected) = read(&record, *start, end - start, book, base);
            rows.push(Row {
                traits,
                expected,
                used,
                date,
                fold: customer / stride % FOLDS,
                half: half(customer),
            });
        }
    }
    rows
}

/// The traits on a date, and the hazard until the next that the closed form expects.
fn read(record: &Record, date: i32, step: i32, book: f64, base: &Closed) -> ([f64; TRAITS], f64) {
    let gap = record.gap(date);
    let path = base.path(record, gap);
    let window = base.window(record, gap, f64::from(step));
    let (silent, _) = path.at(window);
    let gone = path.at(0.0).1;
    (
        Still::of(record, book).after(base.seen(record, gap), gone),
        -libm::log(silent.max(1e-12)),
    )
}

/// The correction of a hazard, as a logarithm.
pub(super) fn correction(factors: &[f64; COLUMNS], traits: &[f64; TRAITS]) -> f64 {
    (factors[0] + dot(&factors[1..], traits)).clamp(-CORRECTION_MOST, CORRECTION_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::models::{BetaGeometric, Dropout};

    fn form() -> Closed {
        Closed::of_days(BetaGeometric::new(Dropout::AfterAny, 1, 0.8, 12.0, 0.9, 2.0).unwrap())
    }

    #[test]
    fn the_halves_are_even_in_any_stretch() {
        let found: Vec<usize> = (0..16).map(half).collect();
        assert_eq!(found, [0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0]);
    }

    /// One row for each date on which a repeat customer is known and not silent for too long.
    #[test]
    fn the_rows_of_a_small_log_are_those_of_the_hand() {
        let grid = Grid {
            starts: vec![3, 10, 17, 24, 31],
            ends: vec![10, 17, 24, 31, 38],
            step: 7.0,
        };
        let log: [&[i32]; 4] = [&[2], &[0, 10, 11, 24], &[5, 30], &[1, 17]];
        let found = rows(&log, &grid, 1_000, 14.0, 9.0, &form());
        let said: Vec<(usize, usize, usize, bool)> = found
            .iter()
            .map(|row| (row.fold, row.half, row.date, row.used))
            .collect();
        assert_eq!(
            said,
            [
                (0, 0, 1, true),
                (0, 0, 2, true),
                (0, 0, 3, false),
                (0, 0, 4, false),
                (1, 1, 4, false),
                (2, 1, 2, false),
                (2, 1, 3, false),
            ]
        );
        // On day 17 the first has uses 0, 10 and 11, and six days of silence.
        let record = Record::of_days(&[0, 10, 11]).unwrap();
        let path = form().path(&record, 6.0);
        assert!((found[1].expected + libm::log(path.at(7.0).0)).abs() < 1e-12);
        let traits = Still::of(&record, 9.0).after(6.0, path.at(0.0).1);
        assert!(
            found[1]
                .traits
                .iter()
                .zip(traits)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        // Half as many rows: every second repeat customer, folds dealt anew.
        let thinned = rows(&log, &grid, 8, 14.0, 9.0, &form());
        let said: Vec<(usize, usize)> = thinned.iter().map(|row| (row.fold, row.half)).collect();
        assert_eq!(said, [(0, 0), (0, 0), (0, 0), (0, 0), (1, 1), (1, 1)]);
    }

    #[test]
    fn what_was_foretold_is_read_until_two_horizons_of_silence() {
        let log: [&[i32]; 1] = [&[0, 7, 14]];
        let found = foretold(&log, 105, 28.0, 7.0, &form());
        // Days 7 to 63: on day 70 the silence is as long as two horizons.
        let uses: Vec<bool> = found.iter().map(|row| row.used).collect();
        assert_eq!(
            uses,
            [true, false, false, false, false, false, false, false, false]
        );
        let path = form().path(&Record::of_days(&[0, 7]).unwrap(), 0.0);
        assert!((found[0].hazard + libm::log(path.at(7.0).0)).abs() < 1e-12);
    }

    #[test]
    fn a_correction_is_held_within_three_logarithms() {
        let mut factors = [0.0; COLUMNS];
        (factors[0], factors[1], factors[12]) = (0.5, 2.0, -1.0);
        let mut traits = [9.0; TRAITS];
        (traits[0], traits[11]) = (0.25, 0.75);
        assert!((correction(&factors, &traits) - 0.25).abs() < 1e-12);
        for (first, held) in [(8.0, 3.0), (-8.0, -3.0)] {
            traits[0] = first;
            assert!((correction(&factors, &traits) - held).abs() < 1e-12);
        }
    }

    /// Customers that come every ten days or so and, every second one, ever more slowly.
    fn slowing() -> Vec<Vec<i32>> {
        (0..120)
            .map(|who| {
                let (mut day, mut gap) = (who % 9, 5 + who % 11);
                let mut days = Vec::new();
                for _ in 0..14 {
                    days.push(day);
                    day += gap;
                    gap += if who % 2 == 0 { 2 } else { 0 };
                }
                days
            })
            .collect()
    }

    #[test]
    fn corrections_are_offered_at_five_strengths_and_none_from_few_uses() {
        let log = slowing();
        let past: Vec<&[i32]> = log.iter().map(Vec::as_slice).collect();
        let offers = fit(&past, 200, 28.0, 15.0, &form());
        assert_eq!(offers.len(), 5);
        for (offer, strength) in offers.iter().zip([1.0, 0.75, 0.5, 0.25, 0.0]) {
            let whole = offers[0].whole.factors;
            for (found, full) in offer.whole.factors.iter().zip(whole) {
                assert!((found - strength * full).abs() < 1e-12);
            }
            for (half, full) in offer.without.iter().zip(&offers[0].without) {
                let factors = half.factors.iter().zip(full.factors);
                assert!(
                    factors
                        .into_iter()
                        .all(|(a, b)| (a - strength * b).abs() < 1e-12)
                );
                assert_eq!(half.level, offer.whole.level.of_the_past());
            }
            assert_eq!(offer.whole.rows > 0, strength > 0.0);
            assert_eq!(offer.whole.dates, 28);
            assert!((offer.whole.step - 7.0).abs() < 1e-12);
        }
        assert!(
            offers[0]
                .whole
                .factors
                .iter()
                .any(|factor| factor.abs() > 0.01)
        );
        // 29 uses are too few, 30 are not.
        for (customers, fitted) in [(29, false), (30, true)] {
            let pairs: Vec<[i32; 3]> = (0..customers)
                .map(|who| [0, 7 + who % 5, 80 + who % 5])
                .collect();
            let past: Vec<&[i32]> = pairs.iter().map(<[i32; 3]>::as_slice).collect();
            let offers = fit(&past, 98, 91.0, 15.0, &form());
            assert_eq!(offers.len() == 5, fitted, "{customers}");
            assert_eq!(offers[0].whole.rows > 0, fitted, "{customers}");
        }
    }
}
