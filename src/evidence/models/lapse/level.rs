//! Where the book as a whole stands of late: a slow season, a campaign, a shock that moves all customers at once.

use super::fit::{COLUMNS, Row, correction};

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
    /// Days in which it fades to 1/e.
    fade: f64,
    /// Whether the dates of the log showed that it drifts.
    drifts: bool,
}

impl Level {
    pub(super) const NONE: Self = Self {
        now: 0.0,
        fade: 1.0,
        drifts: false,
    };

    /// Where it stands on the last date.
    pub(super) const fn now(self) -> f64 {
        self.now
    }

    /// The factor on the hazard of the next `window` days: that of the level's mean over them.
    pub(super) fn factor(self, window: f64) -> f64 {
        let fades = (window / self.fade).max(1e-9);
        libm::exp(self.now * -libm::expm1(-fades) / fades)
    }

    /// As far as it speaks of the past: the level of the end alone says nothing of what came before.
    pub(super) fn of_the_past(self) -> Self {
        if self.drifts { self } else { Self::NONE }
    }

    /// Whether the dates of the log showed that it drifts.
    pub(super) const fn drifts(self) -> bool {
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
        let filtered = |fade, drift| Self::filtered(rows, dates, factors, step, fade, drift);
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
            ..Self::filtered(rows, dates, factors, step, FADES_IN * horizon, DRIFT).0
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
        fade: f64,
        drift: f64,
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
        let level = Self {
            now,
            fade,
            drifts: false,
        };
        (level, ln_likelihood)
    }
}
