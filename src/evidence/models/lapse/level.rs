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
