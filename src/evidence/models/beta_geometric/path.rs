//! The way ahead of a customer that stays silent: one question, or many at once.

use super::{BetaGeometric, Group};
use crate::numeric::kernels;

/// A customer that stays silent from now on.
#[derive(Clone, Copy, Debug)]
pub(in crate::evidence::models) struct Path {
    pub(super) model: BetaGeometric,
    pub(super) group: Group,
    pub(super) recency: f64,
    pub(super) gap: f64,
    pub(super) ln_sum: f64,
    pub(super) share: f64,
}

impl Path {
    /// Probability of silence for another `window`.
    pub(in crate::evidence::models) fn p_silent(&self, window: f64) -> f64 {
        self.at(window).0
    }

    /// Probability of silence for another `window`, and the probability of having left if it was silent.
    pub(in crate::evidence::models) fn at(&self, window: f64) -> (f64, f64) {
        if window <= 0.0 {
            return (1.0, self.share);
        }
        if window.is_infinite() {
            return (self.share, 1.0);
        }
        let age = self.recency + self.gap + window;
        let alive = self.model.alive(&self.group, self.recency, age);
        let stay = libm::exp(alive - self.ln_sum);
        let silent = (self.share + stay).min(1.0);
        (
            silent,
            if silent > 0.0 {
                self.share / silent
            } else {
                1.0
            },
        )
    }

    /// The probabilities of silence for some windows, all above 0.
    pub(in crate::evidence::models) fn silent_for<const N: usize>(
        &self,
        windows: &[f64; N],
    ) -> [f64; N] {
        let until = self.model.alpha + self.recency + self.gap;
        let shape = self.group.shape;
        let mut sums = [1.0; N];
        let mut terms = [1.0; N];
        for j in 1..self.model.regularity {
            let j = f64::from(j);
            let factor = (shape + j - 1.0) / j;
            for i in 0..N {
                terms[i] *= factor * (self.gap + windows[i]) / (until + windows[i]);
                sums[i] += terms[i];
            }
        }
        let ln_rest = self.group.ln_alive - self.ln_sum;
        let mut found = [0.0; N];
        for i in 0..N {
            let stay = kernels::exp(ln_rest - shape * kernels::ln(until + windows[i]));
            found[i] = (self.share + sums[i] * stay).min(1.0);
        }
        found
    }

    /// The probabilities of having left after so much silence.
    pub(in crate::evidence::models) fn gone_after<const N: usize>(
        &self,
        windows: &[f64; N],
    ) -> [f64; N] {
        let silent = self.silent_for(windows);
        silent.map(|silent| {
            if silent > 0.0 {
                self.share / silent
            } else {
                1.0
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::models::Dropout;

    #[test]
    fn many_windows_at_once_are_asked_as_each_alone() {
        let windows = [1e-3, 0.5, 2.0, 13.0, 52.0, 400.0];
        for regularity in [1, 2, 5, 12] {
            let model = BetaGeometric::new(Dropout::AfterAny, regularity, 0.9, 4.4, 0.8, 2.5);
            let model = model.unwrap();
            for (repeats, recency, gap) in [(0, 0.0, 3.0), (2, 30.38, 8.48), (90, 200.0, 0.0)] {
                let path = model.path(repeats, recency, gap);
                let (forever, left) = path.at(f64::INFINITY);
                assert!((forever - path.at(0.0).1).abs() < 1e-15 && left >= 1.0);
                let (silent, gone) = (path.silent_for(&windows), path.gone_after(&windows));
                for (i, window) in windows.iter().enumerate() {
                    let (one, left) = path.at(*window);
                    assert!(
                        (silent[i] - one).abs() < 1e-12 * one,
                        "{regularity} {window}"
                    );
                    assert!(
                        (gone[i] - left).abs() < 1e-12 * left,
                        "{regularity} {window}"
                    );
                }
            }
        }
    }
}
