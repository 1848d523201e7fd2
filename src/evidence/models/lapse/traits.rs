//! What the default model reads of a customer beyond the closed form: twelve traits of its own rhythm.
//!
//! All are logarithms of ratios or shares, so a log in hours and one in years give the same traits.

use super::fit::{COLUMNS, CORRECTION_MOST};
use crate::{evidence::models::Record, numeric::kernels};

/// How many traits.
pub(super) const TRAITS: usize = 12;

/// The traits of a customer that do not change while it stays silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Still {
    ln_uses: f64,
    ln_interval: f64,
    last_gap: f64,
    regular: f64,
    second: f64,
    /// Days from the first use to the last.
    span: f64,
    /// The book's mean interval, in days.
    book: f64,
}

impl Still {
    /// Of a customer with at least two uses; `book` is the book's mean interval in days.
    pub(super) fn of(record: &Record, book: f64) -> Self {
        let uses = f64::from(record.uses());
        let repeats = uses - 1.0;
        let interval = record.mean_interval(book);
        let ln_interval = libm::log(interval);
        let last_gap = record.last_gap().unwrap_or(interval);
        // Mean logarithm of the gaps against the logarithm of their mean: 0 for a clockwork, lower the more bursty;
        // shrunk as if two more gaps had been even.
        let uneven = record.ln_gaps() / repeats - libm::log(record.span() / repeats);
        Self {
            ln_uses: libm::log(uses),
            ln_interval,
            last_gap: libm::log(last_gap + 0.1 * book) - ln_interval,
            regular: uneven * repeats / (repeats + 2.0),
            second: if record.uses() == 2 { 1.0 } else { 0.0 },
            span: record.span(),
            book,
        }
    }

    /// The traits after `gap` days of silence, when the closed form gives `gone` as the probability of having left.
    pub(super) fn after(&self, gap: f64, gone: f64) -> [f64; TRAITS] {
        let age = self.span + gap;
        let against_own = libm::log(gap + 0.15 * self.book) - self.ln_interval;
        [
            self.ln_uses,
            libm::log(age + 0.1 * self.book),
            libm::log(gap + 0.3 * self.book),
            gap / (age + 0.1 * self.book),
            gone,
            self.last_gap,
            self.regular,
            against_own,
            against_own * self.last_gap,
            self.second,
            self.last_gap * self.last_gap,
            self.regular * against_own,
        ]
    }
}

/// The corrections, as logarithms, of several gaps at once: those of `correction` on the traits after each.
impl Still {
    pub(super) fn corrections<const N: usize>(
        &self,
        factors: &[f64; COLUMNS],
        gaps: &[f64; N],
        gone: &[f64; N],
    ) -> [f64; N] {
        let [
            level,
            uses,
            age,
            gap,
            part,
            left,
            last,
            regular,
            own,
            own_last,
            second,
            last_square,
            own_regular,
        ] = *factors;
        let always = level
            + uses * self.ln_uses
            + last * self.last_gap
            + regular * self.regular
            + second * self.second
            + last_square * self.last_gap * self.last_gap;
        let against = own + own_last * self.last_gap + own_regular * self.regular;
        let mut found = [0.0; N];
        for i in 0..N {
            let old = self.span + gaps[i] + 0.1 * self.book;
            let against_own = kernels::ln(gaps[i] + 0.15 * self.book) - self.ln_interval;
            found[i] = always
                + age * kernels::ln(old)
                + gap * kernels::ln(gaps[i] + 0.3 * self.book)
                + part * gaps[i] / old
                + left * gone[i]
                + against * against_own;
        }
        found.map(|ln| ln.clamp(-CORRECTION_MOST, CORRECTION_MOST))
    }
}

/// The own window is this many own mean intervals.
const OWN_WINDOW_INTERVALS: f64 = 3.0;

/// The own window in days: three own intervals, rounded, between half a horizon and two.
pub(super) fn window_of(record: &Record, book: f64, horizon: f64) -> f64 {
    (OWN_WINDOW_INTERVALS * record.mean_interval(book))
        .clamp(0.5 * horizon, 2.0 * horizon)
        .round()
        .max(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::fit::correction;
    use super::*;
    use crate::numeric::Draws;

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-12, "{found}, not {right}");
    }

    #[test]
    fn the_traits_of_a_small_history_are_those_of_the_hand() {
        // Gaps of 10 and 30 days, an own interval of (40 + 20)/3.
        let record = Record::of_days(&[0, 10, 40]).unwrap();
        let traits = Still::of(&record, 20.0).after(5.0, 0.25);
        let last = libm::log(32.0 / 20.0);
        let regular = 0.5 * libm::log(300.0_f64.sqrt() / 20.0);
        let own = libm::log(8.0 / 20.0);
        let right = [
            libm::log(3.0),
            libm::log(47.0),
            libm::log(11.0),
            5.0 / 47.0,
            0.25,
            last,
            regular,
            own,
            own * last,
            0.0,
            last * last,
            regular * own,
        ];
        for (found, right) in traits.iter().zip(right) {
            near(*found, right);
        }
        // After the second use: an interval of (12 + 20)/2, no unevenness to see.
        let second = Record::of_days(&[5, 17]).unwrap();
        let traits = Still::of(&second, 20.0).after(0.0, 0.0);
        near(traits[5], libm::log(14.0 / 16.0));
        near(traits[6], 0.0);
        near(traits[9], 1.0);
    }

    #[test]
    fn columns_of_corrections_are_those_of_each_gap() {
        let draws = Draws::new(4);
        for who in 0..200 {
            let mut own = draws.stream(&[who]);
            let mut days = vec![0];
            for _ in 0..=own.below(5) {
                days.push(days[days.len() - 1] + 1 + i32::try_from(own.below(60)).unwrap());
            }
            let still = Still::of(&Record::of_days(&days).unwrap(), 20.0);
            let mut factors = [0.0; COLUMNS];
            for factor in &mut factors {
                *factor = own.uniform() - 0.5;
            }
            let gaps = [0.0, 1.0, 9.5, 300.0];
            let gone = [0.0, 0.1, own.uniform(), 1.0];
            let found = still.corrections(&factors, &gaps, &gone);
            for i in 0..4 {
                near(
                    found[i],
                    correction(&factors, &still.after(gaps[i], gone[i])),
                );
            }
        }
    }

    #[test]
    fn the_own_window_is_three_intervals_between_half_a_horizon_and_two() {
        let record = Record::of_days(&[0, 10, 40]).unwrap();
        for (book, horizon, window) in [
            (20.0, 91.0, 60.0),
            (21.0, 91.0, 61.0),
            (20.4, 91.0, 60.0),
            (20.0, 150.0, 75.0),
            (20.0, 151.0, 76.0),
            (20.0, 20.0, 40.0),
            (20.0, 0.1, 1.0),
        ] {
            near(window_of(&record, book, horizon), window);
        }
    }
}
