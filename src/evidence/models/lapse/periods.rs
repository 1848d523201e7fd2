//! The closed form of a log whose uses come on a lattice: months, weeks, visits.
//!
//! In each period that a customer could use, it does with a chance of its own that is beta(α, β) over customers; after any
//! use, also the first, it leaves with a chance that is beta(γ, δ). This is the BG/BB model (Fader, Hardie & Shang 2010,
//! Marketing Science 29, 1086–1108) with the moment of leaving of MBG/NBD (Batislam, Denizel & Filiztekin 2007). With x
//! repeats, the last tₓ periods after the first use, seen for n periods, the likelihood is the sum of
//!
//! ```text
//! gone  = B(α+x, β+tₓ−x)/B(α,β) · B(γ+1, δ+x)/B(γ,δ)
//! alive = B(α+x, β+n−x)/B(α,β) · B(γ, δ+x+1)/B(γ,δ)
//! ```
//!
//! and P(silent for m more periods) is the ratio of that sum at n + m to that at n. Parts of a period are allowed: where
//! the lattice is blurred, n counts the share of a period's uses that would have come by then.

use crate::{
    evidence::models::beta_geometric::Prior,
    numeric::{
        kernels,
        minimise::bfgs,
        special::{digamma, ln_beta},
    },
};

/// Parameters are kept within e^±8 of one: beyond, customers are alike.
const LN_PARAMETER_MOST: f64 = 8.0;

/// Longer silences are as good as for ever.
const PERIODS_MOST: f64 = 1e9;

/// Largest slope, relative to 1 + |value|, at which the fit ends.
const TOLERANCE: f64 = 1e-9;

/// Customers that share repeats, recency and age, both in periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) repeats: f64,
    pub(super) recency: f64,
    pub(super) age: f64,
    pub(super) count: f64,
}

/// The fitted form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Periods {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl Periods {
    /// The fit by maximum likelihood under a belief of the weight `weight`: customers that differ widely, use as often as
    /// the book does, and of whom a third leave after a use. `None` without a repeat.
    pub(super) fn fit(mut seen: Vec<Seen>, weight: f64) -> Option<Self> {
        merge(&mut seen);
        let total = |of: fn(&Seen) -> f64| seen.iter().map(|s| s.count * of(s)).sum::<f64>();
        let (repeats, chances) = (total(|s| s.repeats), total(|s| s.recency));
        if repeats <= 0.0 {
            return None;
        }
        let often = (repeats / chances).clamp(0.02, 0.98);
        let belief = Prior {
            centre: [2.0 * often, 2.0 * (1.0 - often), 0.8, 1.6].map(libm::log),
            weight,
        };
        let found = bfgs(&belief.centre, TOLERANCE, |point, slope| {
            if point.iter().any(|x| x.abs() > LN_PARAMETER_MOST) {
                return f64::INFINITY;
            }
            let model = Self::at(point);
            let (value, gradient) = model.likelihood(&seen);
            let scales = [model.alpha, model.beta, model.gamma, model.delta];
            let mut price = -value;
            for i in 0..4 {
                let off = point[i] - belief.centre[i];
                price += 0.5 * belief.weight * off * off;
                slope[i] = belief.weight * off - gradient[i] * scales[i];
            }
            price
        })
        .ok()?;
        Some(Self::at(&found.point))
    }

    fn at(point: &[f64]) -> Self {
        let one = |i: usize| point.get(i).map_or(1.0, |x| libm::exp(*x));
        Self {
            alpha: one(0),
            beta: one(1),
            gamma: one(2),
            delta: one(3),
        }
    }

    /// (α, β, γ, δ).
    const fn parameters(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    fn likelihood(&self, seen: &[Seen]) -> (f64, [f64; 4]) {
        let [alpha, beta, gamma, delta] = self.parameters();
        let of_use = digamma(alpha + beta);
        let of_leaving = digamma(gamma + delta);
        let [psi_alpha, psi_beta, psi_delta] = [alpha, beta, delta].map(digamma);
        let mut value = 0.0;
        let mut gradient = [0.0; 4];
        for one in seen {
            let x = one.repeats;
            let (gone, alive) = (self.gone(one), self.alive(x, one.age));
            let high = gone.max(alive);
            let sum = libm::exp(gone - high) + libm::exp(alive - high);
            value += one.count * (high + libm::log(sum));
            let share = libm::exp(gone - high) / sum;
            let used = digamma(alpha + x) - psi_alpha + of_use;
            let over = |chances: f64| digamma(alpha + beta + chances);
            let not = |chances: f64| digamma(beta + chances - x) - psi_beta + of_use;
            let mix = |gone: f64, alive: f64| share * gone + (1.0 - share) * alive;
            let (over_gone, over_alive) = (over(one.recency), over(one.age));
            let all = digamma(gamma + delta + x + 1.0);
            gradient[0] += one.count * (used - mix(over_gone, over_alive));
            gradient[1] += one.count * mix(not(one.recency) - over_gone, not(one.age) - over_alive);
            gradient[2] += one.count * (of_leaving - all + share / gamma);
            let stayed = |times: f64| digamma(delta + times) - psi_delta;
            gradient[3] += one.count * (of_leaving - all + mix(stayed(x), stayed(x + 1.0)));
        }
        (value, gradient)
    }

    fn gone(&self, one: &Seen) -> f64 {
        let x = one.repeats;
        ln_beta(self.alpha + x, self.beta + one.recency - x) - ln_beta(self.alpha, self.beta)
            + ln_beta(self.gamma + 1.0, self.delta + x)
            - ln_beta(self.gamma, self.delta)
    }

    fn alive(&self, x: f64, chances: f64) -> f64 {
        ln_beta(self.alpha + x, self.beta + chances - x) - ln_beta(self.alpha, self.beta)
            + ln_beta(self.gamma, self.delta + x + 1.0)
            - ln_beta(self.gamma, self.delta)
    }

    /// The way ahead of a customer that stays silent. O(1): most of the factors of *gone* and *alive* are the same.
    pub(super) fn path(&self, repeats: f64, recency: f64, silent: f64) -> PeriodPath {
        let recency = recency.max(repeats);
        let misses = self.beta + recency - repeats;
        let chances = self.alpha + self.beta + recency;
        let then = ln_gamma_ratio(misses, chances);
        let now = if silent > 0.0 {
            ln_gamma_ratio(misses + silent, chances + silent)
        } else {
            then
        };
        // B(γ, δ+x+1)/B(γ+1, δ+x) = (δ+x)/γ.
        let ln_odds = now - then + libm::log((self.delta + repeats) / self.gamma);
        PeriodPath {
            misses: misses + silent,
            chances: chances + silent,
            missed: now,
            gone: 1.0 / (1.0 + libm::exp(ln_odds)),
        }
    }
}

/// The chance that one who is alive has missed all it did miss, as a logarithm, but for a constant: ln Γ(x)/Γ(y).
///
/// Both arguments are moved up by eight with Γ(x + 1) = xΓ(x); then Stirling's series (Abramowitz & Stegun 6.1.40), whose
/// rest is below 10⁻¹⁴ there.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "only a loop that holds it whole becomes vector code"
)]
fn ln_gamma_ratio(x: f64, y: f64) -> f64 {
    let rising = |x: f64| {
        let far = x * (x + 7.0);
        // Pairs from both ends: (x + j)(x + 7 − j) = x(x + 7) + j(7 − j).
        (far * (far + 6.0)) * ((far + 10.0) * (far + 12.0))
    };
    let rest = |z: f64| {
        let inverse = 1.0 / z;
        let square = inverse * inverse;
        let far = 1.0 / 1_680.0 - square * (1.0 / 1_188.0 - square * (691.0 / 360_360.0));
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1_260.0 - square * far)))
    };
    let (up, over) = (x + 8.0, y + 8.0);
    (up - 0.5) * kernels::ln(up / over) + (y - x) * (1.0 - kernels::ln(over)) + rest(up)
        - rest(over)
        - kernels::ln(rising(x) / rising(y))
}

/// A customer that stays silent from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PeriodPath {
    /// β and the chances that it let pass; α, β and all that it had.
    misses: f64,
    chances: f64,
    /// `ln_gamma_ratio` of both.
    missed: f64,
    gone: f64,
}

impl PeriodPath {
    /// Probability of silence for another `periods`, and the probability of having left if it was silent.
    pub(super) fn at(&self, periods: f64) -> (f64, f64) {
        if periods <= 0.0 {
            return (1.0, self.gone);
        }
        let periods = periods.min(PERIODS_MOST);
        let stay = ln_gamma_ratio(self.misses + periods, self.chances + periods) - self.missed;
        let stay = libm::exp(stay);
        let silent = (self.gone + (1.0 - self.gone) * stay).min(1.0);
        (
            silent,
            if silent > 0.0 {
                self.gone / silent
            } else {
                1.0
            },
        )
    }

    /// The probabilities of silence for some numbers of periods, all above 0.
    pub(super) fn silent_for<const N: usize>(&self, periods: &[f64; N]) -> [f64; N] {
        let mut found = [0.0; N];
        for i in 0..N {
            let stay = ln_gamma_ratio(self.misses + periods[i], self.chances + periods[i]);
            let stay = kernels::exp(stay - self.missed);
            found[i] = (self.gone + (1.0 - self.gone) * stay).min(1.0);
        }
        found
    }

    /// The probabilities of having left after so much silence.
    pub(super) fn gone_after<const N: usize>(&self, periods: &[f64; N]) -> [f64; N] {
        let silent = self.silent_for(periods);
        silent.map(|silent| {
            if silent > 0.0 {
                self.gone / silent
            } else {
                1.0
            }
        })
    }
}

/// Equal customers are counted once, in a fixed order.
fn merge(seen: &mut Vec<Seen>) {
    seen.sort_by(|a, b| {
        (a.repeats.total_cmp(&b.repeats))
            .then(a.recency.total_cmp(&b.recency))
            .then(a.age.total_cmp(&b.age))
    });
    seen.dedup_by(|next, kept| {
        let same = next.repeats.to_bits() == kept.repeats.to_bits()
            && next.recency.to_bits() == kept.recency.to_bits()
            && next.age.to_bits() == kept.age.to_bits();
        if same {
            kept.count += next.count;
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::{Draws, special::ln_gamma};

    const FORM: Periods = Periods {
        alpha: 4.0,
        beta: 2.0,
        gamma: 0.8,
        delta: 8.0,
    };

    fn seen(repeats: f64, recency: f64, age: f64) -> Seen {
        Seen {
            repeats,
            recency,
            age,
            count: 1.0,
        }
    }

    #[test]
    fn one_period_by_hand() {
        // All chances uniform: half leave at once; of the others half let the one period pass: 1/2 against 1/4.
        let uniform = Periods::at(&[0.0; 4]);
        let path = uniform.path(0.0, 0.0, 1.0);
        let (silent, gone) = path.at(0.0);
        assert!((silent - 1.0).abs() < 1e-15 && (gone - 2.0 / 3.0).abs() < 1e-12);
        // After one miss the chance of another is 2/3.
        let (silent, gone) = path.at(1.0);
        assert!((silent - 8.0 / 9.0).abs() < 1e-12 && (gone - 0.75).abs() < 1e-12);
    }

    #[test]
    fn silence_ahead_is_a_ratio_of_likelihoods() {
        for (repeats, recency, missed) in [(0.0, 0.0, 3.0), (5.0, 8.0, 0.0), (5.0, 5.0, 2.4)] {
            let path = FORM.path(repeats, recency, missed);
            for ahead in [0.5, 1.0, 6.0] {
                let at = |age: f64| FORM.likelihood(&[seen(repeats, recency, age)]).0;
                let ratio = libm::exp(at(recency + missed + ahead) - at(recency + missed));
                assert!((path.at(ahead).0 - ratio).abs() < 1e-12);
                assert!(path.at(ahead).1 > path.at(0.0).1);
            }
        }
        // More uses than periods cannot be; they count as one in each.
        assert_eq!(
            FORM.path(3.0, 1.0, 0.0).at(2.0),
            FORM.path(3.0, 3.0, 0.0).at(2.0)
        );
    }

    #[test]
    fn many_windows_at_once_are_asked_as_each_alone_and_the_ratio_is_of_gammas() {
        let windows = [0.02, 0.5, 1.0, 6.0, 40.0];
        for (repeats, recency, missed) in [(0.0, 0.0, 3.0), (5.0, 8.0, 0.0), (90.0, 700.0, 2.4)] {
            let path = FORM.path(repeats, recency, missed);
            let (silent, gone) = (path.silent_for(&windows), path.gone_after(&windows));
            for (i, window) in windows.iter().enumerate() {
                let (one, left) = path.at(*window);
                assert!((silent[i] - one).abs() < 1e-12 * one);
                assert!((gone[i] - left).abs() < 1e-12 * left);
            }
        }
        for x in [4e-4, 0.3, 1.0, 5.5, 40.0, 3e3] {
            for more in [4e-4, 0.7, 3.0, 2e3] {
                let plain = ln_gamma(x) - ln_gamma(x + more);
                let found = ln_gamma_ratio(x, x + more);
                let size = ln_gamma(x).abs().max(ln_gamma(x + more).abs()).max(1.0);
                assert!((found - plain).abs() < 1e-13 * size, "{x} {more}");
            }
        }
        let (forever, gone) = FORM.path(5.0, 8.0, 1.0).at(f64::INFINITY);
        assert!(forever > 0.0 && forever < 0.3 && gone > 0.999);
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let log = [
            seen(3.0, 5.0, 9.0),
            seen(0.0, 0.0, 4.0),
            seen(7.0, 7.0, 7.3),
        ];
        let at = |point: [f64; 4]| {
            let [alpha, beta, gamma, delta] = point;
            Periods {
                alpha,
                beta,
                gamma,
                delta,
            }
            .likelihood(&log)
        };
        let (_, gradient) = at(FORM.parameters());
        for (i, slope) in gradient.iter().enumerate() {
            let [mut up, mut down] = [FORM.parameters(); 2];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            let found = (at(up).0 - at(down).0) / 2e-5;
            assert!((found - slope).abs() < 1e-7, "{i}: {found} {slope}");
        }
    }

    #[test]
    fn what_made_a_log_is_found_in_it() {
        let draws = Draws::new(5);
        let log: Vec<Seen> = (0..4_000)
            .map(|who| {
                let mut own = draws.stream(&[who]);
                // Uses in 3 of 4 periods or in 1 of 4; one in ten leaves after a use.
                let often = if own.happens(0.5) { 0.75 } else { 0.25 };
                let mut here = !own.happens(0.1);
                let (mut repeats, mut recency) = (0.0, 0.0);
                for period in 1..=24_u8 {
                    if here && own.happens(often) {
                        repeats += 1.0;
                        recency = f64::from(period);
                        here = !own.happens(0.1);
                    }
                }
                seen(repeats, recency, 24.0)
            })
            .collect();
        let found = Periods::fit(log.clone(), 0.4).unwrap();
        let [alpha, beta, gamma, delta] = found.parameters();
        assert!((alpha / (alpha + beta) - 0.5).abs() < 0.03, "{found:?}");
        assert!((gamma / (gamma + delta) - 0.1).abs() < 0.02, "{found:?}");
        let spread = alpha * beta / ((alpha + beta) * (alpha + beta) * (alpha + beta + 1.0));
        assert!((spread - 0.0625).abs() < 0.015, "{found:?}");
        // Order does not matter, nor does it who is counted with whom.
        let back = Periods::fit(log.into_iter().rev().collect(), 0.4);
        assert_eq!(back, Some(found));
        assert_eq!(Periods::fit(vec![seen(0.0, 0.0, 9.0)], 0.4), None);
    }

    /// Of uses in one period of four, and a third of customers leaving after a use.
    #[test]
    fn where_the_log_says_next_to_nothing_the_fit_is_the_belief() {
        let hardly = Seen {
            count: 1e-9,
            ..seen(1.0, 4.0, 4.0)
        };
        let found = Periods::fit(vec![hardly], 0.4).unwrap().parameters();
        for (found, right) in found.iter().zip([0.5, 1.5, 0.8, 1.6]) {
            assert!((found - right).abs() < 1e-6, "{found} {right}");
        }
    }
}
