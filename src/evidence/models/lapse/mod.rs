//! The default of the crate: a closed form, corrected by what the log itself says.
//!
//! 1. MBG/CNBD-k is fitted to the log up to its end, with a belief about its parameters that is worth about one customer,
//!    so that a dozen customers give a model and thousands are not swayed. Where uses can only come every so often (a log
//!    kept by month, customers with a weekday of their own), a closed form that counts such chances, in the manner of
//!    BG/BB (Fader, Hardie & Shang 2010), takes its place as far as it foretells the log better (`closed.rs`).
//! 2. While a customer stays silent, everything about it is known in advance; so P(silent in a window) is the product of
//!    its daily hazards along that one path. The hazards of step 1 are corrected by a regression on traits of the own
//!    rhythm, fitted on the same log (`fit.rs`), with a ridge that leaves step 1 alone where data are few.
//! 3. Where whole windows of the past say that the hazards mislead (rhythms that no renewal process has), a plain logistic
//!    regression on seven traits gets a share of the answer.
//! 4. The book's own level of late (a slow season, a campaign) is filtered from the past dates. If these differ by more
//!    than chance, it is read anew on each later date and fades within a horizon; else that of the log's end is kept.
//!
//! Nothing after the end of the log enters; nothing after the as-of date is read.

mod ahead;
mod alarm;
mod choice;
mod closed;
mod fit;
mod grid;
mod lattice;
mod level;
mod periods;
mod pieces;
mod ridge;
mod traits;
mod windows;

use self::{
    ahead::Sight,
    alarm::Overdue,
    closed::Closed,
    fit::{COLUMNS, Correction},
    pieces::Near,
    traits::window_of,
    windows::Windows,
};
use super::{BetaGeometric, Dropout, ModelError, Record, Sample, beta_geometric::Prior};

/// Longest horizon: a century.
const HORIZON_DAYS_MOST: i32 = 36_500;

/// Numbers of repeats whose constants are kept in a table.
const GROUPS_KEPT: u32 = 1_024;

/// Weight of the belief about ln(r, α/mean gap, a, b): one over its variance.
const PRIOR_WEIGHT: f64 = 0.4;

/// The fitted model.
///
/// ```
/// use sortie::evidence::models::{Record, lapse::LapseModel};
/// let weekly: Vec<i32> = (0..20).map(|week| 7 * week).collect();
/// let stopped: Vec<i32> = (0..10).map(|week| 7 * week).collect();
/// let model = LapseModel::fit(&[weekly.clone(), stopped.clone()], 140, 28)?;
/// let on = model.assess(&Record::of_days(&weekly)?, 140);
/// let off = model.assess(&Record::of_days(&stopped)?, 140);
/// assert!(off.alarm > on.alarm && off.p_silent > on.p_silent);
/// # Ok::<(), sortie::evidence::models::ModelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LapseModel {
    closed: Closed,
    correction: Correction,
    book: f64,
    horizon: f64,
    near: Near,
    overdue: Overdue,
    /// A second opinion, where it helped.
    windows: Option<Windows>,
    fitted: bool,
}

/// What the model says of a customer on a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// The alarm score, for ranking and thresholds, from 0 to 1: higher is more alarming. It is the chance that the
    /// customer stays silent for its own window; in the week after one and a half horizons of silence at least what hardly
    /// a customer of like rhythm that came back ever reached, and near two horizons at least 0.9.
    pub alarm: f64,
    /// Probability of no use in the model's horizon after the as-of date.
    pub p_silent: f64,
    /// Probability of no use in the customer's own window after the as-of date.
    pub p_silent_own: f64,
    /// Probability of having left for good, by the closed form.
    pub p_gone: f64,
    /// Days since the last use.
    pub gap: f64,
    /// Own mean interval in days, shrunk to the book's.
    pub interval: f64,
    /// Own window in days: three own intervals, from half a horizon to two.
    pub window: f64,
    /// Whether the own window, or one and a half horizons, has passed in silence.
    pub overdue: bool,
}

impl LapseModel {
    /// Fits the model to histories of strictly increasing days, reading nothing after `end`, for decisions that look
    /// `horizon` days ahead.
    ///
    /// The order of the histories does not matter. A log without a single repeat gives the belief itself. Time: about a
    /// second per million customer-weeks, never more than 400,000 of which are read for the correction.
    ///
    /// # Errors
    /// [`ModelError::Horizon`] outside 1..=36500, [`ModelError::Days`] if a history is not increasing.
    pub fn fit<H: AsRef<[i32]>>(
        histories: &[H],
        end: i32,
        horizon: i32,
    ) -> Result<Self, ModelError> {
        if !(1..=HORIZON_DAYS_MOST).contains(&horizon) {
            return Err(ModelError::Horizon { days: horizon });
        }
        let past = past_of(histories, end)?;
        let horizon = f64::from(horizon);
        let summaries = past
            .iter()
            .filter_map(|days| Record::until(days, end))
            .map(|record| record.summary(end, 1.0));
        let Ok(sample) = Sample::new(summaries) else {
            return Self::believed(horizon);
        };
        let book = sample.mean_gap();
        let days = BetaGeometric::fit_regular_with(&sample, Some(belief(book)))?;
        let closed = Closed::fit(days, &past, end, horizon, book);
        let offers = fit::fit(&past, end, horizon, book, &closed);
        let mut model = Self::assemble(closed, Correction::NONE, book, horizon, true);
        model.choose_strength(offers, &past, end);
        model.choose_share(&past, end);
        model.overdue = Overdue::learnt(&model, &past);
        Ok(model)
    }

    /// The same model with the book's level of late read anew from `histories` on `as_of`: a season or a shock since the
    /// fit shows in all customers at once. A model of a log whose dates did not differ by more than chance stays as it is.
    /// Later days are not read; the order of the histories does not matter. Time: that of reading some 40,000
    /// customer-dates.
    ///
    /// # Errors
    /// [`ModelError::Days`] if a history is not increasing.
    pub fn on<H: AsRef<[i32]>>(&self, histories: &[H], as_of: i32) -> Result<Self, ModelError> {
        let past = past_of(histories, as_of)?;
        let mut model = self.clone();
        model.correction.level = fit::level(
            &past,
            as_of,
            self.horizon,
            self.book,
            &self.closed,
            &self.correction,
        );
        Ok(model)
    }

    /// The model of a log without repeats: the belief, with the horizon for a mean interval.
    fn believed(horizon: f64) -> Result<Self, ModelError> {
        let [r, alpha, a, b] = belief(horizon).centre.map(libm::exp);
        let base = BetaGeometric::new(Dropout::AfterAny, 1, r, alpha, a, b)?;
        Ok(Self::assemble(
            Closed::of_days(base),
            Correction::NONE,
            horizon,
            horizon,
            false,
        ))
    }

    fn assemble(
        closed: Closed,
        correction: Correction,
        book: f64,
        horizon: f64,
        fitted: bool,
    ) -> Self {
        Self {
            near: Near::of(horizon, correction.step),
            closed,
            correction,
            book,
            horizon,
            overdue: Overdue::after(horizon),
            windows: None,
            fitted,
        }
    }

    /// Takes a correction, and reads it where its step says.
    fn correct(&mut self, correction: Correction) {
        self.near = Near::of(self.horizon, correction.step);
        self.correction = correction;
    }

    /// MBG/CNBD-k as fitted to the log: the closed form underneath, but for [`LapseModel::share_of_periods`].
    #[must_use]
    pub const fn base(&self) -> &BetaGeometric {
        &self.closed.days
    }

    /// The share of the hazard that follows the form of periods, from 0.1 to 1, and the mean days in a period; `None`
    /// where uses come on no lattice, or it foretells the log no better.
    #[must_use]
    pub fn share_of_periods(&self) -> Option<(f64, f64)> {
        self.closed.share_of_periods()
    }

    /// The book's mean interval in days.
    #[must_use]
    pub const fn book_interval(&self) -> f64 {
        self.book
    }

    /// The horizon in days.
    #[must_use]
    pub const fn horizon(&self) -> f64 {
        self.horizon
    }

    /// Whether the log had any repeat to fit from.
    #[must_use]
    pub const fn is_fitted(&self) -> bool {
        self.fitted
    }

    /// The log-linear factors of the correction: the level, then the traits in the order of `traits.rs`.
    #[must_use]
    pub const fn factors(&self) -> &[f64] {
        &self.correction.factors
    }

    /// How far the book's hazard of late stands from the model's, as a logarithm.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.correction.level.now()
    }

    /// Whether the log showed that its level drifts: only then does [`LapseModel::on`] change anything.
    #[must_use]
    pub const fn level_drifts(&self) -> bool {
        self.correction.level.drifts()
    }

    /// The share of the answer that the regression on whole windows has, from 0 to 1/2.
    #[must_use]
    pub fn share_of_windows(&self) -> f64 {
        self.windows.as_ref().map_or(0.0, Windows::share)
    }

    /// Customer-dates and dates from which the correction was fitted; 0 if the data were too few.
    #[must_use]
    pub const fn rows_and_dates(&self) -> (usize, usize) {
        (self.correction.rows, self.correction.dates)
    }

    /// What the record says on `as_of`, which must not be before its last use (an earlier one counts as that day).
    #[must_use]
    pub fn assess(&self, record: &Record, as_of: i32) -> Assessment {
        let mut sight = self.sight(record, as_of);
        sight.alarm = sight.alarm.min(self.most_alarm(record, as_of));
        sight.assessment()
    }

    /// The same, if the alarm is at least what `least` says for the own interval: most customers are quiet, and of these
    /// the rest is not asked for.
    pub(in crate::evidence) fn assess_if_alarming(
        &self,
        record: &Record,
        as_of: i32,
        least: impl FnOnce(f64) -> f64,
    ) -> Option<Assessment> {
        let mut sight = self.sight(record, as_of);
        let least = least(sight.interval);
        if sight.alarm < least {
            return None;
        }
        sight.alarm = sight.alarm.min(self.most_alarm(record, as_of));
        (sight.alarm >= least).then(|| sight.assessment())
    }

    /// The record on a date, its alarm not yet held to the most that it may be.
    fn sight(&self, record: &Record, as_of: i32) -> Sight<'_> {
        let gap = record.gap(as_of);
        let path = self.path(record, gap);
        let chances = self.chances(record, &path);
        let interval = record.mean_interval(self.book);
        Sight {
            model: self,
            gone: path.gone,
            chances,
            gap,
            interval,
            alarm: self.overdue.lifted(chances.own, gap, interval),
        }
    }

    /// One more use today must never raise the alarm: so it is at most what it would be without it.
    fn most_alarm(&self, record: &Record, as_of: i32) -> f64 {
        let today = record.gap(as_of) <= 0.0;
        record
            .before_last()
            .filter(|_| today)
            .map_or(f64::INFINITY, |before| {
                self.sight(&before, as_of.max(record.last())).alarm
            })
    }

    /// Probability of no use in the `window` days after `as_of`, by the hazards alone; 1 for a window of no days.
    ///
    /// A longer window is never likelier to stay silent, but for rounding: the hazards are summed over pieces that do not
    /// depend on it.
    #[must_use]
    pub fn p_silent(&self, record: &Record, as_of: i32, window: f64) -> f64 {
        if window.is_nan() || window <= 0.0 {
            return 1.0;
        }
        let path = self.path(record, record.gap(as_of));
        self.silent_in(record, &path, [self.horizon, window])[1]
    }

    /// The own window in days: three own intervals, rounded, between half a horizon and two.
    #[must_use]
    pub fn own_window(&self, record: &Record) -> f64 {
        window_of(record, self.book, self.horizon)
    }
}

/// The histories up to `end`, those without a day left out, in a fixed order, so that no sum depends on the order given.
fn past_of<H: AsRef<[i32]>>(histories: &[H], end: i32) -> Result<Vec<&[i32]>, ModelError> {
    let mut past: Vec<&[i32]> = Vec::with_capacity(histories.len());
    for history in histories {
        let days = history.as_ref();
        if let Some(i) = days.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(ModelError::Days { position: i + 1 });
        }
        let days = &days[..days.partition_point(|day| *day <= end)];
        if !days.is_empty() {
            past.push(days);
        }
    }
    past.sort_unstable();
    Ok(past)
}

/// The belief about ln(r, α, a, b), with α in mean gaps: rates that differ by about their mean, a third of customers
/// leaving after an event. Its weight is that of one or two customers.
fn belief(mean_gap: f64) -> Prior {
    Prior {
        centre: [0.7, 1.1 * mean_gap.max(1e-3), 0.8, 1.6].map(libm::log),
        weight: PRIOR_WEIGHT,
    }
}

/// Columns of the correction are fixed by the traits.
const _: () = assert!(
    COLUMNS == 13,
    "the factors are documented as a level and twelve traits"
);

#[cfg(test)]
mod tests;
