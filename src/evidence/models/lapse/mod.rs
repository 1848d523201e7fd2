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
    fit::{COLUMNS, Correction, correction},
    traits::Still,
};
use super::{
    BetaGeometric, Dropout, ModelError, Record, Sample,
    beta_geometric::{Group, Prior},
};
use crate::{evidence::backtest::auc, numeric::cast};

/// Pieces into which a window is cut; the correction is read once in each.
const PIECES: u32 = 4;

/// By how much, in summed merits of two windows, a weaker correction must do better to replace the full one: less is
/// within the noise of a few thousand customers.
const PROOF_MARGIN: f64 = 0.02;

/// Customers and dates of each that are read for it.
const PROOF_CUSTOMERS_MOST: usize = 4_000;
const PROOF_DATES_MOST: usize = 12;

/// The own window is this many own mean intervals.
const OWN_WINDOW_INTERVALS: f64 = 3.0;

/// How much of the alarm comes from how far into its own window a customer is.
const PROGRESS_WEIGHT: f64 = 0.1;

/// The alarm from which a customer is overdue: above what all but a few of those who come back ever reach, yet no
/// higher than that, for among the very silent the likelihood ranks better than the calendar.
const OVERDUE_FROM: f64 = 0.8;

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
    overdue_after: f64,
    groups: Vec<Group>,
    fitted: bool,
}

/// What the model says of a customer on a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// The alarm score, for ranking and thresholds, from 0 to 1: higher is more alarming. It is the chance that the
    /// customer stays silent for its own window, weighted a little by how much of that window has already passed; for a
    /// customer that is overdue that chance is squeezed into the fifth from 0.8 up.
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
        let corrections = fit::fit(&past, end, horizon, book, &base);
        let mut model = Self::assemble(base, Correction::NONE, book, horizon, true);
        model.correction = model.choose(corrections, &past, end);
        Ok(model)
    }

    /// The first and full correction, or the one that did clearly better in the log's own past.
    ///
    /// The correction is fitted one step ahead; what it is for is whole windows. So customers are ranked on past dates
    /// whose windows the log still covers. Logs that run like clocks or calendars leave little to correct.
    fn choose(&self, mut corrections: Vec<Correction>, past: &[&[i32]], end: i32) -> Correction {
        let merits: Vec<f64> = corrections
            .iter()
            .map(|correction| {
                let model = Self {
                    correction: correction.clone(),
                    ..self.clone()
                };
                model.merit_in_the_past(past, end)
            })
            .collect();
        let better = |a: usize, b: usize| merits.get(a) > merits.get(b);
        let best = (1..merits.len()).fold(0, |best, i| if better(i, best) { i } else { best });
        let full = merits.first().copied().unwrap_or(0.0);
        let clearly = merits
            .get(best)
            .is_some_and(|merit| *merit > full + PROOF_MARGIN);
        let chosen = if clearly { best } else { 0 };
        corrections.swap_remove(chosen)
    }

    /// Area under the curve for silence in the horizon plus that for silence in the own window, less the mean squared
    /// error of each, on past dates a quarter horizon apart.
    fn merit_in_the_past(&self, past: &[&[i32]], end: i32) -> f64 {
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
        let mut merit = 0.0;
        for cases in [&mut ahead, &mut own] {
            let squares: f64 = cases
                .iter()
                .map(|(p, silent)| {
                    if *silent {
                        (1.0 - p) * (1.0 - p)
                    } else {
                        p * p
                    }
                })
                .sum();
            merit -= squares / cast::f64_of_usize(cases.len().max(1));
            merit += auc(cases).unwrap_or(0.5);
        }
        merit
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
        let mut alarm = self.lifted(Self::weighted(p_silent_own, gap, window), gap, window);
        if let Some(before) = record.before_last().filter(|_| gap <= 0.0) {
            // One more use today must never raise the alarm: so it is at most what it would be without it.
            let gap = before.gap(as_of.max(record.last()));
            let (plain, window) = self.plain_alarm(&before, gap);
            alarm = alarm.min(self.lifted(plain, gap, window));
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

    /// The alarm before it is lifted, and the own window.
    fn plain_alarm(&self, record: &Record, gap: f64) -> (f64, f64) {
        let (p_silent_own, window) = self.own(record, &self.path(record, gap));
        (Self::weighted(p_silent_own, gap, window), window)
    }

    fn weighted(p_silent_own: f64, gap: f64, window: f64) -> f64 {
        let progress = (gap / window).min(1.0);
        p_silent_own * (1.0 + PROGRESS_WEIGHT * progress) / (1.0 + PROGRESS_WEIGHT)
    }

    fn lifted(&self, alarm: f64, gap: f64, window: f64) -> f64 {
        if self.is_overdue(gap, window) {
            OVERDUE_FROM + (1.0 - OVERDUE_FROM) * alarm
        } else {
            alarm
        }
    }

    fn path(&self, record: &Record, gap: f64) -> Ahead {
        let (elapsed, gap) = (gap, self.correction.whole_steps(gap));
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
            elapsed,
            still: corrected.then(|| Still::of(record, self.book)),
        }
    }

    /// P(silent for `window`): e^(−Σ hazards), each piece corrected by the traits in its middle.
    fn silent(&self, ahead: &Ahead, window: f64) -> f64 {
        let until = self.correction.whole_steps(ahead.elapsed + window);
        let window = if self.correction.calendar {
            (until - ahead.gap).max(self.correction.step)
        } else {
            window
        };
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
            let middle = (start + 0.5 * (width - self.correction.step)).max(start * 0.5);
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

/// A customer that stays silent from the as-of date on.
struct Ahead {
    path: super::beta_geometric::Path,
    gone: f64,
    /// Days of silence that the log could have seen end.
    gap: f64,
    /// Days of silence.
    elapsed: f64,
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
