//! Walking a log forward: warn from the past, judge by the future.
//!
//! On every date of a grid each customer is judged from its uses up to that date, and the judgement is held against what
//! came after. Looking ahead is impossible by construction: a [`Foresight`] is handed a [`Sight`], whose record was built
//! one use at a time and has not met the later ones, and the function that fits it is handed histories cut at the date.
//!
//! Three questions are put, each in its own terms:
//!
//! - *ahead*: will the customer be silent for the next H days? Cases: two uses or more, not silent for H already.
//! - *own*: will it be silent for three of its own mean intervals (between H/2 and C)? With a fixed H slow customers are
//!   "silent" by nature.
//! - *departures*: of the silences that lasted C days, how many were alarmed, and how many days before? ([`Alarms`])

mod alarms;
mod foresight;
mod measures;

pub use alarms::{Alarms, Thresholds};
pub use foresight::{Foresight, Gone, ParetoGone, Said, Sight, Silent};
pub use measures::{AtThreshold, Band, auc, brier, calibration};

use core::ops::ControlFlow;

use self::alarms::Episode;
use super::EvidenceError;
use super::event::EventLog;
use super::models::{ModelError, Record};
use crate::calendar::Date;
use crate::fraction::Fraction;
use crate::numeric::cast;

/// Days in a year, on average.
const YEAR: f64 = 365.25;

/// The own window is this many own mean intervals.
const OWN_WINDOW_INTERVALS: f64 = 3.0;

/// When to warn, and what counts.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::evidence::backtest::BackTest;
/// use sortie::evidence::models::{ModelError, lapse::LapseModel};
///
/// // Nine customers, one use a week each; two of them stop in the third month.
/// let histories: Vec<Vec<i32>> = (0..9)
///     .map(|who| (0..if who < 2 { 12 } else { 40 }).map(|week| 20_000 + 7 * week + who).collect())
///     .collect();
/// let day = Date::from_day_number;
/// let test = BackTest::new(day(20_070)?, day(20_280)?, 7, 28, 56)?;
/// let report = test.walk(&histories, |past, as_of| LapseModel::fit(past, as_of.day_number(), 28))?;
/// let alarms = report.alarms_at(1.0);
/// assert_eq!((alarms.departed, alarms.false_alarms), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackTest {
    opening: Date,
    /// The opening as a day number.
    first: i32,
    end: i32,
    step: i32,
    horizon: i32,
    confirm: i32,
    /// Dates between two fits; `None`: only once.
    refit_every: Option<u32>,
    book_interval: Option<f64>,
}

impl BackTest {
    /// Warnings every `step_days` from `first` on, judged by what is known up to `end`, the last day that the log covers.
    ///
    /// `horizon_days` is H; a silence of `confirm_days`, C, counts as a departure.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`] unless `end` is after `first`, the step is at least 1, H is in 1..=36500 and
    /// H ≤ C ≤ 36500.
    pub fn new(
        first: Date,
        end: Date,
        step_days: i32,
        horizon_days: i32,
        confirm_days: i32,
    ) -> Result<Self, EvidenceError> {
        let check = |name, value: i32, lawful, rule| {
            EvidenceError::check(name, f64::from(value), lawful, rule)
        };
        let days = end.days_since(first);
        check("days from first to end", days, days > 0, "at least 1")?;
        check("step_days", step_days, step_days > 0, "at least 1")?;
        let lawful = (1..=36_500).contains(&horizon_days);
        check("horizon_days", horizon_days, lawful, "from 1 to 36500")?;
        let lawful = (horizon_days..=36_500).contains(&confirm_days);
        check(
            "confirm_days",
            confirm_days,
            lawful,
            "from the horizon to 36500",
        )?;
        Ok(Self {
            opening: first,
            first: first.day_number(),
            end: end.day_number(),
            step: step_days,
            horizon: horizon_days,
            confirm: confirm_days,
            refit_every: None,
            book_interval: None,
        })
    }

    /// Fits anew on every so many dates, each time from what has happened by then; without this only on the first.
    #[must_use]
    pub const fn refitting_every(mut self, dates: u32) -> Self {
        self.refit_every = Some(if dates == 0 { 1 } else { dates });
        self
    }

    /// The book's mean interval in days, to which own intervals are shrunk where cases are told apart; without this it
    /// is that of the histories up to the first date.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`] unless it is above 0.
    pub fn with_book_interval(mut self, days: f64) -> Result<Self, EvidenceError> {
        EvidenceError::check("book interval", days, days > 0.0, "above 0")?;
        self.book_interval = Some(days);
        Ok(self)
    }

    /// Walks forward. See [`BackTest::walk_telling`].
    ///
    /// # Errors
    /// As there.
    pub fn walk<H, F, Fit>(&self, histories: &[H], fit: Fit) -> Result<Report, ModelError>
    where
        H: AsRef<[i32]>,
        F: Foresight,
        Fit: FnMut(&[&[i32]], Date) -> Result<F, ModelError>,
    {
        self.walk_telling(histories, fit, |_, _| ControlFlow::Continue(()))
    }

    /// Walks forward over the strictly increasing days of use of each customer, telling after each date how many of how
    /// many are done; a break ends the walk there, and [`Report::dates`] says how far it came.
    ///
    /// `fit` is given every history cut at the date of the fit. Time: one judgement per customer and date; space: one
    /// case per customer and date.
    ///
    /// # Errors
    /// [`ModelError::Days`] if a history is not increasing, or what `fit` returns.
    pub fn walk_telling<H, F, Fit, Tell>(
        &self,
        histories: &[H],
        mut fit: Fit,
        mut tell: Tell,
    ) -> Result<Report, ModelError>
    where
        H: AsRef<[i32]>,
        F: Foresight,
        Fit: FnMut(&[&[i32]], Date) -> Result<F, ModelError>,
        Tell: FnMut(usize, usize) -> ControlFlow<()>,
    {
        let mut watched = Vec::with_capacity(histories.len());
        for history in histories {
            watched.push(watch(history.as_ref())?);
        }
        let book = self
            .book_interval
            .unwrap_or_else(|| self.interval_by_first(&watched));
        let total = cast::usize_of_u32((self.end - self.first).unsigned_abs())
            / cast::usize_of_u32(self.step.unsigned_abs())
            + 1;
        let mut report = Report::empty();
        let mut foresight = None;
        for (date, number) in (self.first..=self.end)
            .step_by(cast::usize_of_u32(self.step.unsigned_abs()))
            .zip(0_u32..)
        {
            let due = self.refit_every.is_some_and(|every| number % every == 0);
            if foresight.is_none() || due {
                foresight = Some(fit(&cut(&watched, date), self.day(date))?);
            }
            if let Some(foresight) = &mut foresight {
                foresight.follow(&cut(&watched, date), date);
                for (customer, one) in watched.iter_mut().enumerate() {
                    self.judge(customer, one, date, book, foresight, &mut report);
                }
            }
            report.dates += 1;
            if tell(report.dates, total).is_break() {
                break;
            }
        }
        report.customer_years *= f64::from(self.step) / YEAR;
        report.episodes = watched.into_iter().flat_map(|one| one.episodes).collect();
        Ok(report)
    }

    fn interval_by_first(&self, watched: &[Watched<'_>]) -> f64 {
        let (mut days, mut gaps) = (0.0, 0.0);
        for one in watched {
            if let Some(record) = Record::until(one.days, self.first) {
                days += record.span();
                gaps += f64::from(record.uses() - 1);
            }
        }
        if gaps > 0.0 {
            days / gaps
        } else {
            f64::from(self.horizon)
        }
    }

    /// One customer on one date.
    fn judge<F: Foresight>(
        &self,
        customer: usize,
        one: &mut Watched<'_>,
        date: i32,
        book: f64,
        foresight: &F,
        report: &mut Report,
    ) {
        self.advance(one, date, book);
        let Some(record) = one.record.filter(|record| record.uses() > 1) else {
            return;
        };
        let silent_days = date - record.last();
        let (horizon, confirm) = (f64::from(self.horizon), f64::from(self.confirm));
        let own_window = (OWN_WINDOW_INTERVALS * record.mean_interval(book))
            .clamp(0.5 * horizon, confirm)
            .round();
        let gap = f64::from(silent_days);
        let in_episode = self.is_episode(record.last()) && silent_days < self.confirm;
        if gap >= horizon.max(own_window) && !in_episode {
            return;
        }
        let said = foresight.say(&Sight {
            record: &record,
            as_of: date,
            horizon,
            own_window,
        });
        // From here on the future is read, to judge.
        if in_episode {
            report.customer_years += 1.0;
            if let Some(episode) = one.episodes.last_mut() {
                episode.push(silent_days, said.alarm);
            }
        }
        let next = one.days.get(one.seen).map(|next| f64::from(*next));
        let silent = |window: f64| {
            let until = f64::from(date) + window;
            let known = gap < window && until <= f64::from(self.end);
            known.then(|| next.is_none_or(|next| next > until))
        };
        report.cases.push(Case {
            customer,
            as_of: self.day(date),
            uses: record.uses(),
            said,
            silent_ahead: silent(horizon),
            silent_own: silent(own_window),
        });
    }

    /// Takes in the uses up to a date.
    fn advance(&self, one: &mut Watched<'_>, date: i32, book: f64) {
        while let Some(used) = one.days.get(one.seen).filter(|used| **used <= date) {
            one.seen += 1;
            let record = match one.record.as_mut() {
                Some(record) => {
                    // Days are increasing, so that this cannot be refused.
                    let _ = record.observe(*used);
                    *record
                }
                None => *one.record.insert(Record::starting(*used)),
            };
            if record.uses() > 1 && self.is_episode(*used) {
                let next = one.days.get(one.seen);
                one.episodes.push(Episode {
                    interval: record.mean_interval(book),
                    departed: next.is_none_or(|next| next - used > self.confirm),
                    confirm: self.confirm,
                    records: Vec::new(),
                });
            }
        }
    }

    /// The date of a day number between the opening and the end.
    fn day(&self, number: i32) -> Date {
        self.opening
            .plus_days(number - self.first)
            .unwrap_or(self.opening)
    }

    /// Whether a use starts a silence by which alarms are judged: after the first date, and its end is known.
    const fn is_episode(&self, used: i32) -> bool {
        used > self.first && used <= self.end - self.confirm
    }
}

/// A customer of whom nothing has been seen yet.
fn watch(days: &[i32]) -> Result<Watched<'_>, ModelError> {
    if !days.is_empty() {
        Record::of_days(days)?;
    }
    Ok(Watched {
        days,
        seen: 0,
        record: None,
        episodes: Vec::new(),
    })
}

/// Every history up to a date.
fn cut<'h>(watched: &[Watched<'h>], date: i32) -> Vec<&'h [i32]> {
    watched
        .iter()
        .map(|one| &one.days[..one.days.partition_point(|used| *used <= date)])
        .filter(|past| !past.is_empty())
        .collect()
}

struct Watched<'h> {
    days: &'h [i32],
    /// Days met so far.
    seen: usize,
    record: Option<Record>,
    episodes: Vec<Episode>,
}

/// A judgement, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// The customer's place among the histories.
    pub customer: usize,
    /// The date of the judgement.
    pub as_of: Date,
    /// Uses so far, at least two.
    pub uses: u32,
    /// What was said.
    pub said: Said,
    /// Whether the customer was silent for the horizon; `None` if the log ends before, or it was silent for as long already.
    pub silent_ahead: Option<bool>,
    /// The same for its own window.
    pub silent_own: Option<bool>,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    cases: Vec<Case>,
    episodes: Vec<Episode>,
    customer_years: f64,
    dates: usize,
}

impl Report {
    const fn empty() -> Self {
        Self {
            cases: Vec::new(),
            episodes: Vec::new(),
            customer_years: 0.0,
            dates: 0,
        }
    }

    /// Every judgement, by date and then in the order of the histories.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Dates walked.
    #[must_use]
    pub const fn dates(&self) -> usize {
        self.dates
    }

    /// Scores for silence ahead with what happened.
    #[must_use]
    pub fn ahead(&self) -> Vec<(f64, bool)> {
        let pair = |case: &Case| Some((case.said.silence, case.silent_ahead?));
        self.cases.iter().filter_map(pair).collect()
    }

    /// Alarm scores with whether the own window passed in silence.
    #[must_use]
    pub fn own(&self) -> Vec<(f64, bool)> {
        let pair = |case: &Case| Some((case.said.alarm, case.silent_own?));
        self.cases.iter().filter_map(pair).collect()
    }

    /// Area under the curve for silence ahead; `None` unless both outcomes occurred.
    #[must_use]
    pub fn auc_ahead(&self) -> Option<f64> {
        auc(&mut self.ahead())
    }

    /// Area under the curve of the alarm for silence in the own window.
    #[must_use]
    pub fn auc_own(&self) -> Option<f64> {
        auc(&mut self.own())
    }

    /// Brier score of the probabilities of silence ahead; `None` if the foresight gives no probabilities.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        let probable = self.cases.iter().all(|case| case.said.probable);
        brier(&self.ahead()).filter(|_| probable)
    }

    /// What alarms at one threshold for all would have done.
    #[must_use]
    pub fn alarms_at(&self, threshold: f64) -> Alarms {
        self.alarms(Thresholds::same(threshold))
    }

    /// What alarms at given thresholds would have done.
    #[must_use]
    pub fn alarms(&self, thresholds: Thresholds) -> Alarms {
        Alarms::of(&self.episodes, thresholds, self.customer_years)
    }

    /// The lowest thresholds at which at most a share of the returned silences in each third of own rhythm is alarmed.
    ///
    /// They are read from the outcomes of this very walk: fair for comparing foresights at equal false alarms, and ready to
    /// be used on later dates; [`Report::alarms`] with them on the same walk says nothing about the future.
    #[must_use]
    pub fn thresholds(&self, false_share: Fraction) -> Thresholds {
        Thresholds::calibrated(&self.episodes, false_share)
    }
}

/// The days of use of each customer of a log, in the order of its ids: what a walk or a fit reads.
#[must_use]
pub fn days_of_use(log: &EventLog) -> Vec<Vec<i32>> {
    log.iter()
        .map(|(_, events)| {
            let mut days: Vec<i32> = events.iter().map(|event| event.date.day_number()).collect();
            days.dedup();
            days
        })
        .collect()
}

#[cfg(test)]
mod tests;
