//! Where the book as a whole stands of late: a slow season, a campaign, a shock that moves all customers at once.

use super::{
    fit::{COLUMNS, Row, correction},
    pieces::{NEAR, Piece},
};

/// Deviation of the level's drift in a week, where it drifts.
const DRIFT: f64 = 0.04;

/// The same where drift is not proved: the level of the log's end then stands for good.
const DRIFT_UNPROVED: f64 = 0.08;

/// By how much a drifting level must be likelier than none, as a logarithm, to be believed.
const PROOF: f64 = 2.0;

/// Variance of a date's own whim.
const WHIM: f64 = 0.04;

/// Horizons in which a level fades to 1/e: seasons end.
const FADES_IN: f64 = 1.0;

/// A logarithm on the book's hazard, filtered from its past dates, and how it fades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    now: f64,
    near: [f64; NEAR],
    /// Days in which it fades to 1/e.
    fade: f64,
    /// Whether the dates of the log showed that it drifts.
    drifts: bool,
}

impl Level {
    pub(super) const NONE: Self = Self {
        now: 0.0,
        near: [0.0; NEAR],
        fade: f64::INFINITY,
        drifts: false,
    };

    /// One that stands at `now` and fades to 1/e in `fade` days, for good if that is infinite.
    fn at(now: f64, fade: f64, horizon: f64) -> Self {
        let mut level = Self {
            now,
            fade,
            ..Self::NONE
        };
        let mut near = [0.0; NEAR];
        for (factor, piece) in near.iter_mut().zip(Piece::all(horizon)) {
            *factor = level.over(piece);
        }
        level.near = near;
        level
    }

    /// Where it stands on the last date.
    pub(super) const fn now(&self) -> f64 {
        self.now
    }

    /// Whether it fades: then a silence meets it piece by piece.
    pub(super) fn fades(&self) -> bool {
        self.fade < f64::INFINITY && self.now.abs() > 0.0
    }

    /// The logarithm of the factor on the hazard of a piece: the level's mean over it.
    pub(super) fn over(&self, piece: Piece) -> f64 {
        if !self.fades() {
            return self.now;
        }
        let kept = |days: f64| libm::exp(-days / self.fade);
        self.now * self.fade * (kept(piece.start) - kept(piece.end)) / (piece.end - piece.start)
    }

    /// That of the near pieces.
    pub(super) const fn near(&self) -> &[f64; NEAR] {
        &self.near
    }

    /// As far as it speaks of the past: the level of the end alone says nothing of what came before.
    pub(super) fn of_the_past(self) -> Self {
        if self.drifts { self } else { Self::NONE }
    }

    /// Whether the dates of the log showed that it drifts.
    pub(super) const fn drifts(&self) -> bool {
        self.drifts
    }

    /// The level that the dates show; it is followed and fades if they differ by more than chance and their own whims.
    pub(super) fn learnt(
        rows: &[Row],
        dates: usize,
        factors: &[f64; COLUMNS],
        step: f64,
        horizon: f64,
    ) -> Self {
        let filtered =
            |fade, drift| Self::filtered(rows, dates, factors, step, horizon, (fade, drift));
        let fade = FADES_IN * horizon;
        let (_, plain) = filtered(fade, 0.0);
        let (level, likelier) = filtered(fade, DRIFT);
        if likelier > plain + PROOF {
            Self {
                drifts: true,
                ..level
            }
        } else {
            filtered(f64::INFINITY, DRIFT_UNPROVED).0
        }
    }

    /// The level on a later date, of a log whose level drifts.
    pub(super) fn followed(
        rows: &[Row],
        dates: usize,
        factors: &[f64; COLUMNS],
        step: f64,
        horizon: f64,
    ) -> Self {
        Self {
            drifts: true,
            ..Self::filtered(
                rows,
                dates,
                factors,
                step,
                horizon,
                (FADES_IN * horizon, DRIFT),
            )
            .0
        }
    }

    /// A level filtered through the dates (Kalman 1960), which returns to none as it fades.
    ///
    /// Each date says ln(observed/expected) with the noise of its count and of its own whim; the level drifts
    /// slowly. Returns the log-likelihood too.
    fn filtered(
        rows: &[Row],
        dates: usize,
        factors: &[f64; COLUMNS],
        step: f64,
        horizon: f64,
        (fade, drift): (f64, f64),
    ) -> (Self, f64) {
        let mut observed = vec![0.0; dates];
        let mut expected = vec![0.0; dates];
        for row in rows {
            let hazard = row.expected * libm::exp(correction(factors, &row.traits));
            expected[row.date] -= libm::expm1(-hazard);
            observed[row.date] += if row.used { 1.0 } else { 0.0 };
        }
        let kept = libm::exp(-step / fade);
        let (mut now, mut variance) = (0.0, (10.0 * drift * drift).min(0.01));
        let mut ln_likelihood = 0.0;
        for (seen, foreseen) in observed.iter().zip(&expected) {
            now *= kept;
            variance = kept * kept * variance + drift * drift * step / 7.0;
            let noise = WHIM + 1.0 / (foreseen + 1.0);
            let gain = variance / (variance + noise);
            let off = libm::log((seen + 1.0) / (foreseen + 1.0)) - now;
            ln_likelihood -= 0.5 * (off * off / (variance + noise) + libm::log(variance + noise));
            now += gain * off;
            variance *= 1.0 - gain;
        }
        (Self::at(now, fade, horizon), ln_likelihood)
    }
}

#[cfg(test)]
mod tests {
    use super::super::traits::TRAITS;
    use super::*;

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-12, "{found}, not {right}");
    }

    /// On each date so many customers are expected with a hazard of ln 2, of whom so many came.
    fn rows(dates: &[(usize, usize)]) -> Vec<Row> {
        let mut rows = Vec::new();
        for (date, (expected, came)) in dates.iter().enumerate() {
            rows.extend((0..*expected).map(|i| Row {
                traits: [0.5; TRAITS],
                expected: core::f64::consts::LN_2,
                used: i < *came,
                date,
                fold: 0,
                half: 0,
            }));
        }
        rows
    }

    #[test]
    fn one_date_and_two_by_hand() {
        // Of 40 customers half are expected on each date; 30 came on the first and 10 on the second. The step is a
        // fortnight, after which a level that fades in 28 days keeps e^(−1/2).
        let none = [0.0; COLUMNS];
        let log = rows(&[(40, 30), (40, 10)]);
        let fade = 28.0;
        let (level, ln_likelihood) = Level::filtered(&log, 2, &none, 14.0, 28.0, (fade, 0.03));
        let noise = 0.04 + 1.0 / 21.0;
        let kept = libm::exp(-0.5);
        let one = kept * kept * 0.009 + 0.0018;
        let off = libm::log(31.0 / 21.0);
        let now = one / (one + noise) * off;
        let then = one * noise / (one + noise);
        let two = kept * kept * then + 0.0018;
        let off_two = libm::log(11.0 / 21.0) - kept * now;
        near(level.now(), kept * now + two / (two + noise) * off_two);
        let part = |off: f64, spread: f64| 0.5 * (off * off / spread + libm::log(spread));
        near(
            ln_likelihood,
            -part(off, one + noise) - part(off_two, two + noise),
        );
        assert!(level.fades() && !level.drifts());
        // A first uncertainty of a tenth at most; a level for good keeps all.
        let (level, _) = Level::filtered(
            &rows(&[(40, 30)]),
            1,
            &none,
            7.0,
            28.0,
            (f64::INFINITY, 0.08),
        );
        let spread = 0.01 + 0.0064;
        near(level.now(), spread / (spread + noise) * off);
        assert!(!level.fades());
        // A factor of two on the hazard: three in four are expected.
        let mut twice = none;
        twice[0] = core::f64::consts::LN_2;
        let (level, _) = Level::filtered(&rows(&[(40, 30)]), 1, &twice, 7.0, 28.0, (28.0, 0.08));
        assert!(level.now().abs() < 1e-12);
    }

    #[test]
    fn a_level_drifts_where_dates_differ_by_more_than_chance_and_their_whims() {
        let none = [0.0; COLUMNS];
        let even = rows(&[(400, 200); 20]);
        let level = Level::learnt(&even, 20, &none, 7.0, 56.0);
        assert!(!level.drifts() && !level.fades() && level.now().abs() < 1e-9);
        let mut dates = [(400, 200); 20];
        for date in &mut dates[8..] {
            date.1 = 60;
        }
        let shock = Level::learnt(&rows(&dates), 20, &none, 7.0, 56.0);
        assert!(shock.drifts() && shock.now() < -0.5);
        near(shock.fade, 56.0);
        let (filtered, _) = Level::filtered(&rows(&dates), 20, &none, 7.0, 56.0, (56.0, 0.04));
        near(shock.now(), filtered.now());
        let followed = Level::followed(&rows(&dates), 20, &none, 7.0, 56.0);
        assert_eq!(followed, shock);
        assert_eq!(shock.of_the_past(), shock);
        let short = Level::learnt(&rows(&dates[..9]), 9, &none, 7.0, 56.0);
        assert!(!short.drifts());
        near(
            short.now(),
            Level::filtered(
                &rows(&dates[..9]),
                9,
                &none,
                7.0,
                56.0,
                (f64::INFINITY, 0.08),
            )
            .0
            .now(),
        );
        assert_eq!(short.of_the_past(), Level::NONE);
    }

    #[test]
    fn over_a_piece_it_is_its_mean() {
        let level = Level::at(-0.8, 56.0, 56.0);
        for (piece, near_) in Piece::all(56.0).zip(level.near()) {
            let width = (piece.end - piece.start) / 10_000.0;
            let sum: f64 = (0..10_000)
                .map(|i| -0.8 * libm::exp(-(piece.start + width * (f64::from(i) + 0.5)) / 56.0))
                .sum();
            assert!((level.over(piece) - sum / 10_000.0).abs() < 1e-7);
            near(*near_, level.over(piece));
        }
        let last = Piece::all(56.0).last().unwrap();
        assert!(level.over(last).abs() < 1e-12);
        let for_good = Level::at(0.3, f64::INFINITY, 56.0);
        for (piece, near_) in Piece::all(56.0).zip(for_good.near()) {
            near(for_good.over(piece), 0.3);
            near(*near_, 0.3);
        }
        assert!(!Level::at(0.0, 56.0, 56.0).fades());
    }
}
