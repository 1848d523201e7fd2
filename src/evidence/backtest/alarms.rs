//! Alarms judged episode by episode: was a departure seen, how early, and at what price in false alarms.
//!
//! An episode is a use at *s* and the silence after it; the customer has *departed* if the silence lasts for the days C
//! that confirm a departure, else it has *returned*. The alarm of an episode is the first date with a score at or above
//! the threshold; its lead is the days that are then left before the departure is confirmed.

use super::measures::share;
use crate::fraction::Fraction;
use crate::numeric::cast;

/// A use, and the silence after it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Episode {
    /// The own mean interval at the use, shrunk to the book's.
    pub(super) interval: f64,
    pub(super) departed: bool,
    /// Days that confirm a departure.
    pub(super) confirm: i32,
    /// Days since the use and score, date by date, kept only where the score is higher than ever before.
    pub(super) records: Vec<(i32, f64)>,
}

impl Episode {
    /// Takes a date's score; the first date with at least some score is among the rises.
    pub(super) fn push(&mut self, silent_days: i32, score: f64) {
        if self.records.last().is_none_or(|(_, most)| score > *most) {
            self.records.push((silent_days, score));
        }
    }

    fn highest(&self) -> f64 {
        self.records.last().map_or(f64::NEG_INFINITY, |r| r.1)
    }

    /// Days of lead at a threshold; `None` if the alarm never comes.
    fn lead(&self, threshold: f64) -> Option<i32> {
        let alarm = self.records.iter().find(|(_, score)| *score >= threshold)?;
        Some(self.confirm - alarm.0)
    }
}

/// One alarm threshold for each third of own rhythm: fast, middling, slow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Own intervals in days at which the middling and the slow third begin.
    pub from_interval: [f64; 2],
    /// A score at or above this alarms.
    pub score: [f64; 3],
}

impl Thresholds {
    /// The same threshold for all.
    #[must_use]
    pub const fn same(score: f64) -> Self {
        Self {
            from_interval: [0.0; 2],
            score: [score; 3],
        }
    }

    fn third(&self, interval: f64) -> usize {
        self.from_interval
            .iter()
            .filter(|from| interval >= **from)
            .count()
    }

    /// The threshold for a customer of this own interval in days.
    #[must_use]
    pub fn at(&self, interval: f64) -> f64 {
        self.score
            .get(self.third(interval))
            .copied()
            .unwrap_or(f64::INFINITY)
    }

    /// The lowest thresholds at which at most a share of the returned episodes of each third is alarmed.
    pub(super) fn calibrated(episodes: &[Episode], false_share: Fraction) -> Self {
        let mut intervals: Vec<f64> = episodes.iter().map(|e| e.interval).collect();
        intervals.sort_by(f64::total_cmp);
        let mut thresholds = Self {
            from_interval: [
                quantile(&intervals, 1.0 / 3.0),
                quantile(&intervals, 2.0 / 3.0),
            ],
            score: [f64::NEG_INFINITY; 3],
        };
        let thirds = thresholds;
        for (third, score) in (0..).zip(&mut thresholds.score) {
            let mut returned: Vec<f64> = episodes
                .iter()
                .filter(|e| !e.departed && thirds.third(e.interval) == third)
                .map(Episode::highest)
                .collect();
            returned.sort_by(|a, b| b.total_cmp(a));
            let allowed = false_share.get() * cast::f64_of_usize(returned.len());
            let allowed = usize::try_from(cast::i64_clamped(allowed.floor(), 0, i64::MAX));
            if let Some(first_spared) = allowed.ok().and_then(|n| returned.get(n)) {
                *score = just_above(*first_spared);
            }
        }
        thresholds
    }
}

/// The next number above a finite one.
fn just_above(x: f64) -> f64 {
    if x > 0.0 {
        f64::from_bits(x.to_bits() + 1)
    } else if x < 0.0 {
        f64::from_bits(x.to_bits() - 1)
    } else {
        f64::from_bits(1)
    }
}

/// The value below which a share of sorted values lies, interpolated linearly.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = share * cast::f64_of_usize(last);
    let below = usize::try_from(cast::i64_clamped(place.floor(), 0, i64::MAX)).unwrap_or(0);
    let low = sorted.get(below).copied().unwrap_or(0.0);
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (place - place.floor())
}

/// What alarms at some thresholds did.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarms {
    /// The thresholds.
    pub thresholds: Thresholds,
    /// Episodes that ended in a departure, and those that ended in a return.
    pub departed: usize,
    /// Episodes that ended in a return within the days that confirm a departure.
    pub returned: usize,
    /// Returned episodes that had been alarmed.
    pub false_alarms: usize,
    /// Share of departures that were alarmed before they were confirmed.
    pub detected: Option<Fraction>,
    /// Mean days of lead over all departures, 0 for those not seen.
    pub lead_mean: Option<f64>,
    /// Median days of lead over all departures, 0 for those not seen.
    pub lead_median: Option<f64>,
    /// False alarms per year and customer watched.
    pub false_alarms_per_customer_year: Option<f64>,
}

impl Alarms {
    pub(super) fn of(episodes: &[Episode], thresholds: Thresholds, customer_years: f64) -> Self {
        let mut leads = Vec::new();
        let (mut detected, mut returned, mut false_alarms) = (0, 0, 0);
        for episode in episodes {
            let lead = episode.lead(thresholds.at(episode.interval));
            if episode.departed {
                detected += usize::from(lead.is_some());
                leads.push(f64::from(lead.unwrap_or(0)));
            } else {
                returned += 1;
                false_alarms += usize::from(lead.is_some());
            }
        }
        leads.sort_by(f64::total_cmp);
        let some = !leads.is_empty();
        let count = cast::f64_of_usize(leads.len());
        Self {
            thresholds,
            departed: leads.len(),
            returned,
            false_alarms,
            detected: share(detected, leads.len()),
            lead_mean: some.then(|| leads.iter().sum::<f64>() / count),
            lead_median: some.then(|| quantile(&leads, 0.5)),
            false_alarms_per_customer_year: (customer_years > 0.0)
                .then(|| cast::f64_of_usize(false_alarms) / customer_years),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn episode(interval: f64, departed: bool, scores: &[f64]) -> Episode {
        let mut episode = Episode {
            interval,
            departed,
            confirm: 70,
            records: Vec::new(),
        };
        for (week, score) in (0..).zip(scores) {
            episode.push(7 * week, *score);
        }
        episode
    }

    #[test]
    fn the_alarm_is_the_first_date_at_the_threshold() {
        let seen = episode(1.0, true, &[0.1, 0.4, 0.3, 0.5]);
        assert_eq!(seen.lead(0.4), Some(63));
        assert_eq!(seen.lead(0.45), Some(49));
        assert_eq!(seen.lead(0.6), None);
        assert_eq!(episode(1.0, true, &[]).lead(f64::NEG_INFINITY), None);
    }

    #[test]
    fn at_most_the_share_is_alarmed_in_each_third() -> Result<(), Box<dyn std::error::Error>> {
        let mut episodes = Vec::new();
        for i in 0..30_u32 {
            let x = f64::from(i);
            episodes.push(episode(x, false, &[0.01 * x]));
            episodes.push(episode(x, true, &[0.0, 1.0]));
        }
        let thresholds = Thresholds::calibrated(&episodes, Fraction::new(0.2)?);
        let alarms = Alarms::of(&episodes, thresholds, 10.0);
        assert_eq!(
            (alarms.departed, alarms.returned, alarms.false_alarms),
            (30, 30, 6)
        );
        assert_eq!(alarms.detected, Some(Fraction::ONE));
        assert!(
            alarms
                .lead_mean
                .is_some_and(|lead| (lead - 63.0).abs() < 1e-12)
        );
        assert!(
            alarms
                .lead_median
                .is_some_and(|lead| (lead - 63.0).abs() < 1e-12)
        );
        assert!(
            alarms
                .false_alarms_per_customer_year
                .is_some_and(|f| (f - 0.6).abs() < 1e-12)
        );
        let none = Alarms::of(&[], Thresholds::same(0.5), 0.0);
        assert_eq!(
            (
                none.detected,
                none.lead_mean,
                none.false_alarms_per_customer_year
            ),
            (None, None, None)
        );
        Ok(())
    }

    #[test]
    fn the_next_number_above_is_above_by_the_least() {
        for x in [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300] {
            let above = just_above(x);
            assert!(above > x && x.midpoint(above) <= above);
            assert!((above - x).abs() <= x.abs() * f64::EPSILON + f64::MIN_POSITIVE);
        }
    }

    #[test]
    fn quantiles_interpolate() {
        assert!((quantile(&[1.0, 2.0, 4.0], 0.75) - 3.0).abs() < 1e-12);
        assert!((quantile(&[5.0], 0.5) - 5.0).abs() < 1e-12);
        assert!(quantile(&[], 0.5).abs() < 1e-12);
    }
}
