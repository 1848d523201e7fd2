//! The default of the crate: the closed form of MBG/CNBD-k, corrected by what the log itself says.
//!
//! 1. MBG/CNBD-k is fitted to the log up to its end, with a belief about its parameters that is worth about one customer,
//!    so that a dozen customers give a model and thousands are not swayed.
//! 2. While a customer stays silent, everything about it is known in advance; so P(silent in a window) is the product of
//!    its daily hazards along that one path. The hazards of step 1 are corrected by a regression on traits of the own
//!    rhythm, fitted on the same log (`fit.rs`), with a ridge that leaves step 1 alone where data are few.
//! 3. The book's own level of late (a slow season, a campaign) is filtered from the last dates.
//!
//! Nothing after the end of the log enters; nothing after the as-of date is read.

mod fit;
mod traits;

use self::{
    fit::{COLUMNS, Correction, correction, grid_step},
    traits::Still,
};
use super::{
    BetaGeometric, Dropout, ModelError, Record, Sample,
    beta_geometric::{Group, Prior},
};
use crate::numeric::cast;

/// Pieces into which a window is cut; the correction is read once in each.
const PIECES: u32 = 4;

/// By how much, in summed areas under two curves, the closed form must rank better to replace the correction.
const PROOF_MARGIN: f64 = 0.01;

/// Customers and dates of each that are read for it.
const PROOF_CUSTOMERS_MOST: usize = 8_000;
const PROOF_DATES_MOST: usize = 12;

/// The own window is this many own mean intervals.
const OWN_WINDOW_INTERVALS: f64 = 3.0;

/// How much of the alarm comes from how far into its own window a customer is.
const PROGRESS_WEIGHT: f64 = 0.3;

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
    base: BetaGeometric,
    correction: Correction,
    book: f64,
    horizon: f64,
    step: f64,
    overdue_after: f64,
    groups: Vec<Group>,
    fitted: bool,
}

/// What the model says of a customer on a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// The alarm score, for ranking and thresholds, from 0 to 2: higher is more alarming. Below 1 it is the chance that
    /// the customer stays silent for its own window, weighted by how much of that window has already passed; from 1 on
    /// the customer is overdue: its own window (or one and a half horizons) has passed in silence.
    pub alarm: f64,
    /// Probability of no use in the model's horizon after the as-of date.
    pub p_silent: f64,
    /// Probability of no use in the customer's own window after the as-of date.
    pub p_silent_own: f64,
    /// Probability of having left for good, by the closed form of MBG/CNBD-k.
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
        // A fixed order makes the sums below independent of the order given.
        past.sort_unstable();
        let horizon = f64::from(horizon);
        let summaries = past
            .iter()
            .filter_map(|days| Record::until(days, end))
            .map(|record| record.summary(end, 1.0));
        let Ok(sample) = Sample::new(summaries) else {
            return Self::believed(horizon);
        };
        let book = sample.mean_gap();
        let base = BetaGeometric::fit_regular_with(&sample, Some(belief(book)))?;
        let correction = fit::fit(&past, end, horizon, book, &base);
        let corrected = Self::assemble(base, correction, book, horizon, true);
        Ok(corrected.proved(&past, end))
    }

    /// The model without its correction, if that ranked better in the log's own past.
    ///
    /// The correction is fitted one step ahead; what it is for is whole windows. So customers are ranked on past dates
    /// whose windows the log still covers, and clearly worse than the closed form is not kept.
    fn proved(self, past: &[&[i32]], end: i32) -> Self {
        if self.correction.rows == 0 {
            return self;
        }
        let mut plain = self.clone();
        plain.correction = self.correction.without_traits();
        if plain.rank_in_the_past(past, end) > self.rank_in_the_past(past, end) + PROOF_MARGIN {
            plain
        } else {
            self
        }
    }

    /// Area under the curve for silence in the horizon plus that for silence in the own window, on past dates a quarter
    /// horizon apart.
    fn rank_in_the_past(&self, past: &[&[i32]], end: i32) -> f64 {
        let spacing =
            usize::try_from(cast::i64_clamped(self.horizon / 4.0, 1, 10_000)).unwrap_or(1);
        let stride = past.len().div_ceil(PROOF_CUSTOMERS_MOST).max(1);
        let mut ahead = Vec::new();
        let mut own = Vec::new();
        for days in past.iter().step_by(stride).filter(|days| days.len() > 1) {
            let last = cast::i64_clamped(
                f64::from(end) - 0.5 * self.horizon,
                i64::from(i32::MIN),
                i64::from(end),
            );
            let last = i32::try_from(last).unwrap_or(end);
            for date in (days[1]..=last)
                .rev()
                .step_by(spacing)
                .take(PROOF_DATES_MOST)
            {
                let Some(record) = Record::until(days, date) else {
                    continue;
                };
                let gap = record.gap(date);
                let next = days.get(days.partition_point(|day| *day <= date)).copied();
                let path = self.path(&record, gap);
                let window = self.own_window(&record);
                for (window, cases) in [(self.horizon, &mut ahead), (window, &mut own)] {
                    if gap < window && f64::from(date) + window <= f64::from(end) {
                        let silent =
                            next.is_none_or(|day| f64::from(day) > f64::from(date) + window);
                        cases.push((self.silent(&path, window), silent));
                    }
                }
            }
        }
        crate::evidence::backtest::auc(&mut ahead).unwrap_or(0.5)
            + crate::evidence::backtest::auc(&mut own).unwrap_or(0.5)
    }

    /// The model of a log without repeats: the belief, with the horizon for a mean interval.
    fn believed(horizon: f64) -> Result<Self, ModelError> {
        let [r, alpha, a, b] = belief(horizon).centre.map(libm::exp);
        let base = BetaGeometric::new(Dropout::AfterAny, 1, r, alpha, a, b)?;
        Ok(Self::assemble(
            base,
            Correction::NONE,
            horizon,
            horizon,
            false,
        ))
    }

    fn assemble(
        base: BetaGeometric,
        correction: Correction,
        book: f64,
        horizon: f64,
        fitted: bool,
    ) -> Self {
        let groups = (0..GROUPS_KEPT)
            .map(|repeats| base.group_of(repeats))
            .collect();
        // One and a half horizons (more where the book's rhythm is slower than the horizon), but early enough for a
        // weekly reader to meet it within two horizons, and never before the horizon itself.
        let factor = if book > horizon { 1.75 } else { 1.5 };
        let overdue_after = (factor * horizon).min(2.0 * horizon - 7.0).max(horizon);
        Self {
            base,
            correction,
            book,
            horizon,
            step: f64::from(grid_step(horizon)),
            overdue_after,
            groups,
            fitted,
        }
    }

    /// The closed form underneath.
    #[must_use]
    pub const fn base(&self) -> &BetaGeometric {
        &self.base
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
        self.correction.level
    }

    /// Customer-dates and dates from which the correction was fitted; 0 if the data were too few.
    #[must_use]
    pub const fn rows_and_dates(&self) -> (usize, usize) {
        (self.correction.rows, self.correction.dates)
    }

    /// What the record says on `as_of`, which must not be before its last use (an earlier one counts as that day).
    #[must_use]
    pub fn assess(&self, record: &Record, as_of: i32) -> Assessment {
        let gap = record.gap(as_of);
        let path = self.path(record, gap);
        let (p_silent_own, window) = self.own(record, &path);
        let mut alarm = self.raw_alarm(p_silent_own, gap, window);
        if gap > 0.0 && alarm < 1.0 {
            // One more use today must never raise the alarm: so without it the alarm is at least what it would be with it.
            let used = record.with_use_on(as_of);
            let (p_own, own_window) = self.own(&used, &self.path(&used, 0.0));
            alarm = alarm.max(self.raw_alarm(p_own, 0.0, own_window));
        }
        Assessment {
            alarm,
            p_silent: self.silent(&path, self.horizon),
            p_silent_own,
            p_gone: path.gone,
            gap,
            interval: record.mean_interval(self.book),
            window,
            overdue: self.is_overdue(gap, window),
        }
    }

    /// Probability of no use in the `window` days after `as_of`.
    #[must_use]
    pub fn p_silent(&self, record: &Record, as_of: i32, window: f64) -> f64 {
        self.silent(&self.path(record, record.gap(as_of)), window)
    }

    /// The own window in days: three own intervals, rounded, between half a horizon and two.
    #[must_use]
    pub fn own_window(&self, record: &Record) -> f64 {
        (OWN_WINDOW_INTERVALS * record.mean_interval(self.book))
            .clamp(0.5 * self.horizon, 2.0 * self.horizon)
            .round()
            .max(1.0)
    }

    fn own(&self, record: &Record, path: &Ahead) -> (f64, f64) {
        let window = self.own_window(record);
        (self.silent(path, window), window)
    }

    fn is_overdue(&self, gap: f64, window: f64) -> bool {
        gap >= window.min(self.overdue_after)
    }

    fn raw_alarm(&self, p_silent_own: f64, gap: f64, window: f64) -> f64 {
        let progress = (gap / window).min(1.0);
        let alarm = p_silent_own * (1.0 + PROGRESS_WEIGHT * progress) / (1.0 + PROGRESS_WEIGHT);
        if self.is_overdue(gap, window) {
            1.0 + alarm
        } else {
            alarm.min(BELOW_ONE)
        }
    }

    fn path(&self, record: &Record, gap: f64) -> Ahead {
        let repeats = record.uses() - 1;
        let path = match self.groups.get(cast::usize_of_u32(repeats)) {
            Some(group) => self.base.path_of(group, record.span(), gap),
            None => self.base.path(repeats, record.span(), gap),
        };
        // With one use there is no rhythm to read.
        let corrected = repeats > 0 && self.correction.rows > 0;
        Ahead {
            gone: path.at(0.0).1,
            path,
            gap,
            still: corrected.then(|| Still::of(record, self.book)),
        }
    }

    /// P(silent for `window`): e^(−Σ hazards), each piece corrected by the traits in its middle.
    fn silent(&self, ahead: &Ahead, window: f64) -> f64 {
        let level = libm::exp(self.correction.level);
        let Some(still) = &ahead.still else {
            return libm::exp(-level * -libm::log(ahead.path.at(window).0.max(1e-300)));
        };
        let pieces = f64::from(PIECES);
        let width = window / pieces;
        let mut hazard = 0.0;
        let mut before = 0.0;
        for i in 0..PIECES {
            let start = width * f64::from(i);
            let (silent, _) = ahead.path.at(start + width);
            let after = -libm::log(silent.max(1e-300));
            // The fit reads the traits at the start of a step, which on average lies half a step before the middle.
            let middle = (start + 0.5 * (width - self.step)).max(start * 0.5);
            let gone = if i == 0 {
                ahead.gone
            } else {
                ahead.path.at(middle).1
            };
            let traits = still.after(ahead.gap + middle, gone);
            hazard += (after - before) * libm::exp(correction(&self.correction.factors, &traits));
            before = after;
        }
        libm::exp(-level * hazard)
    }
}

/// The largest number below 1: an alarm of a customer that is not overdue.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON;

/// A customer that stays silent from the as-of date on.
struct Ahead {
    path: super::beta_geometric::Path,
    gone: f64,
    gap: f64,
    still: Option<Still>,
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
