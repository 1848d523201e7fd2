//! The way ahead of a customer that stays silent, and its chances of silence in two windows at once.

use super::{
    Assessment, LapseModel,
    closed::Path,
    fit::correction,
    pieces::{NEAR, Near, Piece},
    traits::Still,
};
use crate::{evidence::models::Record, numeric::kernels};

/// A customer that stays silent from the as-of date on.
pub(super) struct Ahead {
    path: Path,
    pub(super) gone: f64,
    /// Days of silence that the log could have seen end.
    gap: f64,
    /// Days of silence.
    elapsed: f64,
    still: Option<Still>,
}

/// Chances of silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chances {
    /// In the horizon.
    pub(super) ahead: f64,
    /// In the own window.
    pub(super) own: f64,
    /// The own window, in days.
    pub(super) window: f64,
}

/// A customer on a date.
pub(super) struct Sight<'m> {
    pub(super) model: &'m LapseModel,
    pub(super) gone: f64,
    pub(super) chances: Chances,
    pub(super) gap: f64,
    pub(super) interval: f64,
    pub(super) alarm: f64,
}

impl Sight<'_> {
    pub(super) fn assessment(&self) -> Assessment {
        Assessment {
            alarm: self.alarm,
            p_silent: self.chances.ahead,
            p_silent_own: self.chances.own,
            p_gone: self.gone,
            gap: self.gap,
            interval: self.interval,
            window: self.chances.window,
            overdue: self.gap >= self.chances.window || self.model.overdue.has_come(self.gap),
        }
    }
}

impl LapseModel {
    pub(super) fn path(&self, record: &Record, gap: f64) -> Ahead {
        let path = self.closed.path(record, gap);
        // With one use there is no rhythm to read.
        let corrected = record.uses() > 1 && self.correction.rows > 0;
        Ahead {
            gone: path.at(0.0).1,
            path,
            gap: self.closed.seen(record, gap),
            elapsed: gap,
            still: corrected.then(|| Still::of(record, self.book)),
        }
    }

    /// The chances of silence in the horizon and in the own window, the second opinion heard.
    pub(super) fn chances(&self, record: &Record, path: &Ahead) -> Chances {
        let window = self.own_window(record);
        let [ahead, own] = self.silent_in(record, path, [self.horizon, window]);
        let mut chances = Chances { ahead, own, window };
        if let Some(windows) = &self.windows {
            chances.ahead = windows.ahead(ahead, record, path.elapsed, self.book);
            chances.own = windows.own(own, record, path.elapsed, self.book);
        }
        chances
    }

    /// P(silent) for two windows: e^(−Σ hazards), by the near pieces where these hold both.
    pub(super) fn silent_in(&self, record: &Record, ahead: &Ahead, windows: [f64; 2]) -> [f64; 2] {
        let seen = self.closed.both_windows(record, ahead.elapsed, windows);
        let near = &self.near;
        match &ahead.still {
            Some(still)
                if seen
                    .iter()
                    .all(|window| *window > 0.0 && *window <= near.most) =>
            {
                self.silent_near(ahead, still, near, seen)
            }
            _ => seen.map(|window| self.silent(ahead, window)),
        }
    }

    /// P(silent for a `window` of seen days): the hazards of the pieces in it, each corrected by the traits in its middle.
    pub(super) fn silent(&self, ahead: &Ahead, window: f64) -> f64 {
        let level = &self.correction.level;
        let hazard_until = |days: f64| -libm::log(ahead.path.at(days).0.max(1e-300));
        if ahead.still.is_none() && !level.fades() {
            return libm::exp(-libm::exp(level.now()) * hazard_until(window));
        }
        let mut hazard = 0.0;
        let mut before = 0.0;
        for (i, piece) in Piece::all(self.horizon).enumerate() {
            let after = hazard_until(window.min(piece.end));
            let middle = piece.middle(self.correction.step);
            let mut factor = level.over(piece);
            if let Some(still) = &ahead.still {
                let gone = if i == 0 {
                    ahead.gone
                } else {
                    ahead.path.at(middle).1
                };
                let traits = still.after(ahead.gap + middle, gone);
                factor += correction(&self.correction.factors, &traits);
            }
            hazard += (after - before).max(0.0) * libm::exp(factor);
            before = after;
            if window <= piece.end {
                break;
            }
        }
        libm::exp(-hazard)
    }

    /// The same for two windows that end in the near pieces, all logarithms and exponentials in columns.
    fn silent_near(
        &self,
        ahead: &Ahead,
        still: &Still,
        near: &Near,
        windows: [f64; 2],
    ) -> [f64; 2] {
        const LAST: usize = NEAR - 1;
        let mut days = [0.0; NEAR + 1];
        days[..LAST].copy_from_slice(&near.ends);
        days[LAST..].copy_from_slice(&windows);
        let until = ahead.path.hazards_until(&days);
        let mut gone = ahead.path.gone_after(&near.middles);
        gone[0] = ahead.gone;
        let gaps = near.middles.map(|middle| ahead.gap + middle);
        let mut factors = still.corrections(&self.correction.factors, &gaps, &gone);
        for (factor, level) in factors.iter_mut().zip(self.correction.level.near()) {
            *factor = kernels::exp(*factor + level);
        }
        let mut hazards = [0.0; 2];
        for ((window, after), hazard) in windows.iter().zip(&until[LAST..]).zip(&mut hazards) {
            let mut before = 0.0;
            for (i, factor) in factors.iter().enumerate() {
                let ends = near.ends.get(i).is_none_or(|end| window <= end);
                let now = if ends { *after } else { until[i] };
                *hazard += (now - before).max(0.0) * factor;
                before = now;
                if ends {
                    break;
                }
            }
        }
        hazards.map(|hazard| libm::exp(-hazard))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{COLUMNS, Correction, belief};
    use super::*;

    /// Weekly customers of all lengths.
    fn model(customers: i32) -> LapseModel {
        let histories: Vec<Vec<i32>> = (0..customers)
            .map(|who| (0..6 + who).map(|week| 7 * week + who).collect())
            .collect();
        LapseModel::fit(&histories, 140, 28).unwrap()
    }

    #[test]
    fn a_customer_is_overdue_by_its_window_or_by_the_calendar() {
        let model = model(12);
        // A window of 21 days, and a calendar of one and a half horizons: 42 days.
        let weekly = Record::of_days(&(0..12).map(|week| 7 * week).collect::<Vec<_>>()).unwrap();
        assert!((model.own_window(&weekly) - 21.0).abs() < 0.5);
        let overdue = |record: &Record, gap: i32| model.assess(record, record.last() + gap).overdue;
        assert_eq!(
            [20, 21, 22, 41, 42].map(|gap| overdue(&weekly, gap)),
            [false, true, true, true, true]
        );
        // A window of 56 days: the calendar comes first.
        let slow = Record::of_days(&[0, 30, 60, 90]).unwrap();
        assert!((model.own_window(&slow) - 56.0).abs() < 0.5);
        assert_eq!(
            [41, 42, 55, 56].map(|gap| overdue(&slow, gap)),
            [false, true, true, true]
        );
    }

    #[test]
    fn a_model_says_what_it_rests_on() {
        let mut fitted = model(60);
        assert!(fitted.is_fitted());
        let (rows, dates) = fitted.rows_and_dates();
        assert!(rows > dates && dates > 10, "{rows} {dates}");
        assert_eq!(fitted.factors().len(), COLUMNS);
        let mut factors = [0.0; COLUMNS];
        factors[4] = 0.25;
        fitted.correct(Correction {
            factors,
            rows: 7,
            dates: 3,
            ..Correction::NONE
        });
        assert_eq!(fitted.rows_and_dates(), (7, 3));
        assert!(fitted.factors().iter().eq(&factors));
        let of_nothing = LapseModel::fit(&[[5]], 30, 28).unwrap();
        assert!(!of_nothing.is_fitted());
        assert_eq!(of_nothing.rows_and_dates(), (0, 0));
        assert!((of_nothing.book_interval() - 28.0).abs() < 1e-12);
        // The belief: a rate whose mean gap is α/r, a third leaving after a use.
        let [r, alpha, a, b] = belief(28.0).centre.map(libm::exp);
        for (found, right) in [(r, 0.7), (alpha, 30.8), (a, 0.8), (b, 1.6)] {
            assert!((found - right).abs() < 1e-12, "{found} {right}");
        }
        for (found, right) in of_nothing.base().parameters().iter().zip([r, alpha, a, b]) {
            assert!((found - right).abs() < 1e-12, "{found} {right}");
        }
        assert!((belief(0.0).centre[1] - libm::log(1.1e-3)).abs() < 1e-12);
    }
}
