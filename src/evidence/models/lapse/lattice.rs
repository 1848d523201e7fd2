//! Logs in which a use can only come every so often: on the first of a month, or each customer on its own weekday.
//!
//! Between two such days silence says nothing, and a window is worth as many chances as it holds. Two kinds are told
//! apart. In a *common* lattice the whole book shares the dates (a log kept by month). In an *own* one each customer's
//! gaps are near multiples of a week, of two or four, or of a month, which the days of the book do not show.

use super::grid::calendar_step;
use crate::{calendar::Date, numeric::cast};

/// Periods in days that are tried for own lattices; the last is the mean month.
const PERIODS: [f64; 4] = [7.0, 14.0, 28.0, 365.2425 / 12.0];

/// Dates by which a common lattice is carried on; beyond, its mean distance serves.
const DATES_AHEAD: usize = 1_000;

/// Dates on both sides of where even ones would be.
const ABOUT: usize = 4;

/// Distinct dates below which no common lattice is believed, and gaps for an own one.
const DATES_LEAST: usize = 6;
const GAPS_LEAST: usize = 50;

/// Largest share of gaps that may be too short for a period.
const SHORT_MOST: f64 = 0.02;

/// By how much knowing the day of a period must raise the chance of a gap, as a logarithm: a true lattice gives about one;
/// below this it is not worth a second fit.
const GAIN_LEAST: f64 = 0.25;

/// Where uses can come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lattice {
    /// On dates that the book shares, ascending.
    Common {
        /// Those of the log, carried on by its rule.
        dates: Vec<i32>,
        /// Their mean distance in days.
        period: f64,
    },
    /// About whole periods after a customer's last use.
    Own {
        /// In days.
        period: f64,
        /// Share of a period's uses that have come by each of its days, from half a period early on.
        come: Vec<f64>,
    },
}

impl Lattice {
    /// The lattice that the distinct `days` of a log form, if four in five gaps are within a fifth of the usual one.
    pub(super) fn common(days: &[i32], longer_than: f64) -> Option<Self> {
        let period = calendar_step(days).filter(|period| *period > longer_than)?;
        if days.len() < DATES_LEAST {
            return None;
        }
        Some(Self::Common {
            dates: carried_on(days, period),
            period,
        })
    }

    /// The own lattices that `gaps` might lie on: those in whose periods some days are likelier than chance has it, by
    /// the criterion of Schwarz (1978, Annals of Statistics 6, 461–464).
    pub(super) fn own(gaps: &[i32]) -> Vec<Self> {
        if gaps.len() < GAPS_LEAST {
            return Vec::new();
        }
        let mut found = Vec::new();
        for period in PERIODS {
            let phases = usize::try_from(cast::i64_clamped(period.ceil(), 1, 366)).unwrap_or(1);
            // Each day is seen half a time before the log is read, so that none is impossible.
            let mut seen = vec![0.5; phases];
            let mut short = 0.0;
            for gap in gaps {
                match place(f64::from(*gap), period) {
                    (step, _) if step < 1.0 => short += 1.0,
                    (_, phase) => seen[phase.min(phases - 1)] += 1.0,
                }
            }
            if short > SHORT_MOST * cast::f64_of_usize(gaps.len()) {
                continue;
            }
            let all = seen.iter().sum::<f64>();
            let parameters = cast::f64_of_usize(phases) - 1.0;
            let gain: f64 = seen
                .iter()
                .map(|seen| (seen - 0.5) * libm::log(seen / all * period))
                .sum();
            if gain <= 0.5 * parameters * libm::log(all) + GAIN_LEAST * all {
                continue;
            }
            let mut sum = 0.0;
            let come = seen.iter().map(|seen| {
                sum += seen / all;
                sum.min(1.0)
            });
            found.push(Self::Own {
                period,
                come: come.collect(),
            });
        }
        found
    }

    /// Mean days in a period.
    pub(super) const fn period(&self) -> f64 {
        match self {
            Self::Common { period, .. } | Self::Own { period, .. } => *period,
        }
    }

    /// What it adds to the parameters of a form in days: a common lattice nothing, for it is seen and not fitted.
    pub(super) fn parameters(&self) -> f64 {
        match self {
            Self::Common { .. } => 0.0,
            Self::Own { come, .. } => cast::f64_of_usize(come.len()) + 4.0,
        }
    }

    /// Periods from the first use to the last.
    pub(super) fn between(&self, first: i32, last: i32) -> f64 {
        match self {
            Self::Common { .. } => self.nearest(f64::from(last)) - self.nearest(f64::from(first)),
            Self::Own { period, .. } => ((f64::from(last) - f64::from(first)) / period).round(),
        }
    }

    /// Chances to use that a customer last seen on `last` has let pass in `gap` days of silence.
    pub(super) fn passed(&self, last: i32, gap: f64) -> f64 {
        let [passed] = self.all_passed(last, [gap]);
        passed
    }

    /// The same for several silences.
    pub(super) fn all_passed<const N: usize>(&self, last: i32, gaps: [f64; N]) -> [f64; N] {
        match self {
            Self::Common { .. } => {
                let last = f64::from(last);
                let nearest = self.nearest(last);
                gaps.map(|gap| (self.index(last + gap) - nearest).max(0.0))
            }
            Self::Own { period, come } => gaps.map(|gap| {
                let (step, phase) = place(gap, *period);
                if step < 1.0 {
                    0.0
                } else {
                    step - 1.0 + come.get(phase).copied().unwrap_or(1.0)
                }
            }),
        }
    }

    /// Dates up to and on a day, less one; negative before the first.
    fn index(&self, day: f64) -> f64 {
        let Self::Common { dates, period } = self else {
            return 0.0;
        };
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return 0.0;
        };
        let (first, last) = (f64::from(*first), f64::from(*last));
        let known = cast::f64_of_usize(dates.len());
        if day < first {
            ((day - first) / period).floor()
        } else if day >= last {
            known - 1.0 + ((day - last) / period + 0.1).floor()
        } else {
            cast::f64_of_usize(dates_until(dates, *period, day)) - 1.0
        }
    }

    /// The date nearest to a day, by its place.
    fn nearest(&self, day: f64) -> f64 {
        let below = self.index(day);
        let half = 0.5 * self.period();
        // A use a little before its date belongs to it.
        if self.index(day + half) > below {
            below + 1.0
        } else {
            below
        }
    }
}

/// How many of ascending dates lie on or before a day, the first of them among these. Dates are nearly even, so that few
/// about the place where even ones would be need to be looked at.
fn dates_until(dates: &[i32], period: f64, day: f64) -> usize {
    let until = |dates: &[i32]| dates.partition_point(|date| f64::from(*date) <= day);
    let even = dates
        .first()
        .map_or(0.0, |first| (day - f64::from(*first)) / period);
    let place = cast::usize_of_f64(even.floor()).unwrap_or(0);
    let (from, to) = (
        place.saturating_sub(ABOUT),
        place.saturating_add(ABOUT).min(dates.len()),
    );
    let about = dates.get(from..to).unwrap_or_default();
    let found = until(about);
    // Held on both sides by dates that were looked at, or by the end of all.
    if found > 0 && (found < about.len() || to == dates.len()) {
        from + found
    } else {
        until(dates)
    }
}

/// Whole periods in a gap, to the nearest, and the day within the period that ends half a period after.
fn place(gap: f64, period: f64) -> (f64, usize) {
    let early = (0.5 * (period - 1.0)).floor();
    let step = ((gap + early) / period).floor();
    let phase = cast::i64_clamped((gap + early - step * period).floor(), 0, 366);
    (step, usize::try_from(phase).unwrap_or(0))
}

/// The dates, and those that follow by their rule: a day of the month every so many months, or even steps.
fn carried_on(days: &[i32], period: f64) -> Vec<i32> {
    let mut dates = days.to_vec();
    let Some(last) = days.last().copied() else {
        return dates;
    };
    if let Some((every, day)) = monthly(days) {
        let of_last = Date::from_day_number(last).map(Date::year_month_day);
        if let Ok((year, month, _)) = of_last {
            let mut at = i32::from(year) * 12 + i32::from(month) - 1;
            for _ in 0..DATES_AHEAD {
                at += every;
                let Some(next) = day_of(at, day) else { break };
                dates.push(next);
            }
            return dates;
        }
    }
    for ahead in 1..=DATES_AHEAD {
        let next = f64::from(last) + (cast::f64_of_usize(ahead) * period).round();
        let Some(next) = i32::try_from(cast::i64_clamped(next, 0, i64::MAX)).ok() else {
            break;
        };
        dates.push(next);
    }
    dates
}

/// Months between the dates and their day of the month, if nine in ten keep both: 31 for the ends of months.
fn monthly(days: &[i32]) -> Option<(i32, i8)> {
    let civil: Vec<(i32, i8)> = days
        .iter()
        .map(|day| {
            let (year, month, day) = Date::from_day_number(*day).ok()?.year_month_day();
            Some((i32::from(year) * 12 + i32::from(month) - 1, day))
        })
        .collect::<Option<_>>()?;
    let day = civil.iter().map(|(_, day)| *day).max()?;
    let mut apart: Vec<i32> = civil.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    apart.sort_unstable();
    let every = *apart.get(apart.len() / 2)?;
    let kept = civil
        .iter()
        .zip(days)
        .filter(|((at, _), is)| day_of(*at, day) == Some(**is))
        .count();
    let even = apart.iter().filter(|months| **months == every).count();
    let most = |part: usize, of: usize| 10 * part >= 9 * of;
    (every > 0 && most(kept, days.len()) && most(even, apart.len())).then_some((every, day))
}

/// The day of a month, or its last if it has fewer days.
fn day_of(month: i32, day: i8) -> Option<i32> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let month = i8::try_from(month.rem_euclid(12) + 1).ok()?;
    (28..=day.max(28))
        .rev()
        .map(|most| day.min(most))
        .find_map(|day| Date::new(year, month, day).ok())
        .map(Date::day_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16, month: i8, day: i8) -> i32 {
        Date::new(year, month, day).unwrap().day_number()
    }

    fn months(of: core::ops::Range<i32>, at: i8) -> Vec<i32> {
        of.map(|month| day_of(2001 * 12 + month, at).unwrap())
            .collect()
    }

    #[test]
    fn a_log_of_months_knows_the_calendar_to_come() {
        let lattice = Lattice::common(&months(0..12, 1), 7.0).unwrap();
        let passed = |last: i32, until: i32| lattice.passed(last, f64::from(until - last));
        // 91 days after 1 July hold two firsts, after 31 January four; the fit ended in 2001.
        let july = day(2002, 7, 1);
        assert!((passed(july, july + 91) - 2.0).abs() < 1e-12);
        let january = day(2002, 1, 1);
        assert!((passed(january, january + 30 + 91) - 4.0).abs() < 1e-12);
        let late = [day(2030, 3, 1), day(2031, 3, 1)];
        assert!((passed(late[0], late[1]) - 12.0).abs() < 1e-12);
        assert!((passed(late[0], late[1] - 1) - 11.0).abs() < 1e-12);
        assert!((lattice.between(day(2001, 2, 1), day(2003, 2, 1)) - 24.0).abs() < 1e-12);
        assert!((lattice.between(day(1999, 2, 1), day(2001, 2, 1)) - 24.0).abs() < 1.1);
        // Longer than the steps at which the past is read, or it is no help.
        assert_eq!(Lattice::common(&months(0..12, 1), 31.0), None);
        assert_eq!(Lattice::common(&months(0..5, 1), 7.0), None);
    }

    #[test]
    fn ends_of_months_quarters_and_even_steps_are_carried_on() {
        let ends = months(0..12, 31);
        assert_eq!((ends[1], ends[3]), (day(2001, 2, 28), day(2001, 4, 30)));
        assert_eq!(monthly(&ends), Some((1, 31)));
        let carried = carried_on(&ends, 30.4);
        assert_eq!(carried[14], day(2002, 3, 31));
        let quarters: Vec<i32> = months(0..40, 15).into_iter().step_by(3).collect();
        assert_eq!(monthly(&quarters), Some((3, 15)));
        let even: Vec<i32> = (0..10).map(|step| 28 * step).collect();
        assert_eq!(monthly(&even), None);
        assert_eq!(carried_on(&even, 28.0)[20], 560);
        // A use some days before its date belongs to it, and that date is then no chance let pass.
        let lattice = Lattice::common(&ends, 7.0).unwrap();
        let early = day(2002, 3, 29);
        assert!((lattice.between(day(2002, 1, 31), early) - 2.0).abs() < 1e-12);
        assert!(lattice.passed(early, 5.0).abs() < 1e-12);
        assert!((lattice.passed(early, 32.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn dates_are_counted_as_one_by_one() {
        // Of months even dates stray by a day or two; a hole throws them off by more than is looked at.
        let months = months(0..60, 31);
        let mut holed = months.clone();
        holed.drain(10..31);
        for dates in [&months[..], &holed] {
            for day in dates[0]..dates[dates.len() - 1] + 40 {
                for part in [0.0, 0.5] {
                    let day = f64::from(day) + part;
                    let plain = dates.iter().filter(|date| f64::from(**date) <= day).count();
                    assert_eq!(dates_until(dates, 30.4, day), plain, "{day}");
                }
            }
        }
    }

    #[test]
    fn own_weekdays_are_found_and_gaps_of_any_length_are_not() {
        // Three in five gaps are whole weeks, one in five is a day short or long.
        let weekly: Vec<i32> = (0..200)
            .map(|i| 7 * (1 + i % 4) + [0, 0, 0, -1, 1][usize::try_from(i % 5).unwrap()])
            .collect();
        let found = Lattice::own(&weekly);
        assert!((found[0].period() - 7.0).abs() < 1e-12);
        assert!(found[0].passed(0, 3.0).abs() < 1e-12);
        let at = [5.0, 6.0, 7.0, 8.0, 12.0, 13.0].map(|gap| found[0].passed(0, gap));
        let expected = [0.0, 0.2, 0.8, 1.0, 1.0, 1.2];
        for (at, expected) in at.iter().zip(expected) {
            assert!((at - expected).abs() < 0.01, "{at} {expected}");
        }
        assert!((found[0].between(3, 3 + 36) - 5.0).abs() < 1e-12);
        let any: Vec<i32> = (0..200).map(|i| 10 + (i * 37) % 41).collect();
        assert_eq!(Lattice::own(&any), []);
        // Too few to tell, or too many that come within a period.
        assert_eq!(Lattice::own(&weekly[..40]), []);
        let often: Vec<i32> = (0..200).map(|i| if i % 10 == 0 { 2 } else { 7 }).collect();
        assert_eq!(Lattice::own(&often), []);
    }

    /// Six gaps end on each other day of the week and `whole` on the own one. With half a gap more for each of the seven
    /// days the day is worth 36.07 of 44 (33.40 of 42), and six parameters and a quarter a gap cost 34.15 (33.58).
    #[test]
    fn an_own_lattice_must_be_worth_its_days() {
        let believed = |whole: usize| {
            let mut gaps = vec![14; whole];
            for off in [-3, -2, -1, 1, 2, 3] {
                gaps.extend([14 + off; 6]);
            }
            let found = Lattice::own(&gaps);
            found.iter().any(|of| (of.period() - 7.0).abs() < 1e-12)
        };
        assert!(believed(44) && !believed(42));
    }

    #[test]
    fn a_form_pays_for_each_day_of_an_own_period_and_for_its_own_four() {
        let weekly = Lattice::own(&[7; 60]).remove(0);
        assert!((weekly.parameters() - 11.0).abs() < 1e-12);
        let months = Lattice::common(&months(0..12, 1), 7.0).unwrap();
        assert!(months.parameters().abs() < 1e-12);
    }

    #[test]
    fn before_the_first_date_and_after_the_last_dates_are_even() {
        let days = [100, 130, 160, 190, 220, 250];
        let lattice = Lattice::common(&days, 7.0).unwrap();
        let last = 250 + 30 * 1_000;
        for (day, place) in [
            (40, -2),
            (41, -2),
            (99, -1),
            (100, 0),
            (129, 0),
            (130, 1),
            (last - 1, 1_004),
            (last, 1_005),
            (last + 26, 1_005),
            (last + 28, 1_006),
            (last + 89, 1_008),
        ] {
            let found = lattice.index(f64::from(day));
            assert!((found - f64::from(place)).abs() < 1e-12, "{day}: {found}");
        }
    }

    /// Of twenty steps eighteen are quarters: nine in ten, whatever the shortest.
    #[test]
    fn the_usual_months_between_dates_are_those_in_the_middle() {
        let mut at: Vec<i32> = vec![0, 1, 3];
        at.extend((2..20).map(|quarter| 3 * quarter));
        let dates: Vec<i32> = at
            .iter()
            .map(|month| day_of(2001 * 12 + month, 15).unwrap())
            .collect();
        assert_eq!(monthly(&dates), Some((3, 15)));
    }
}
