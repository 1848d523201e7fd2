//! How strong the correction is to be: as strong as served best in the log's own past.
//!
//! The correction is fitted one step ahead; what it is for is whole windows. So customers are ranked on past dates whose
//! windows the log still covers, each by the correction that the other half of the customers gives. Logs that run like
//! clocks or calendars leave little to correct.

use super::{
    LapseModel,
    fit::{Correction, HALVES, Offer, half},
    windows::Windows,
};
use crate::{
    evidence::{backtest::auc, models::Record},
    numeric::cast,
};

/// By how much, in summed merits of two windows, a weaker correction must do better to replace the full one: less is
/// within the noise of a few thousand customers, and the past is shorter than the future.
const PROOF_MARGIN: f64 = 0.02;

/// The same for another share of the regression on windows, and how much more where customers are few: this over the
/// root of their number.
const SHARE_MARGIN: f64 = 0.005;
const SHARE_MARGIN_FEW: f64 = 0.5;

/// Shares of the regression on windows that are tried.
const SHARES: [f64; 2] = [0.25, 0.5];

/// Customers and dates of each that are read for it.
const PROOF_CUSTOMERS_MOST: usize = 4_000;
const PROOF_DATES_MOST: usize = 12;

impl LapseModel {
    /// Takes the first and full correction, or the one that did clearly better.
    pub(super) fn choose_strength(&mut self, offers: Vec<Offer>, past: &[&[i32]], end: i32) {
        let mut full = None;
        let mut best: Option<(f64, Correction)> = None;
        for Offer { whole, without } in offers {
            let halves = without.map(|correction| {
                let mut half = self.clone();
                half.correct(correction);
                half
            });
            let merit = merit_in_the_past(&halves, past, end);
            let least = *full.get_or_insert(merit) + PROOF_MARGIN;
            if best
                .as_ref()
                .is_none_or(|(most, _)| merit > most.max(least))
            {
                best = Some((merit, whole));
            }
        }
        if let Some((_, correction)) = best {
            self.correct(correction);
        }
    }

    /// Gives the regression on windows a share where that did clearly better.
    pub(super) fn choose_share(&mut self, past: &[&[i32]], end: i32) {
        let fit = |without| Windows::fit(past, end, self.horizon, self.book, without);
        let (Some(whole), Some(first), Some(second)) = (fit(None), fit(Some(0)), fit(Some(1)))
        else {
            return;
        };
        let without = [first, second];
        let merit = |share: f64| {
            let halves = without.clone().map(|windows| Self {
                windows: (share > 0.0).then(|| windows.with_share(share)),
                correction: Correction {
                    level: self.correction.level.of_the_past(),
                    ..self.correction.clone()
                },
                ..self.clone()
            });
            merit_in_the_past(&halves, past, end)
        };
        let (mut most, mut chosen) = (merit(0.0) + share_margin(past), 0.0);
        for share in SHARES {
            let found = merit(share);
            if found > most {
                (most, chosen) = (found, share);
            }
        }
        self.windows = (chosen > 0.0).then(|| whole.with_share(chosen));
    }
}

/// By how much a share must do better: more where few customers have a rhythm.
fn share_margin(past: &[&[i32]]) -> f64 {
    let repeaters = past.iter().filter(|days| days.len() > 1).count();
    SHARE_MARGIN + SHARE_MARGIN_FEW / cast::f64_of_usize(repeaters.max(1)).sqrt()
}

/// Area under the curve for silence in the horizon plus that for silence in the own window, less the mean squared error
/// of each, on past dates a quarter horizon apart; each customer is judged by the model of the other half.
fn merit_in_the_past(halves: &[LapseModel; HALVES], past: &[&[i32]], end: i32) -> f64 {
    let horizon = halves[0].horizon;
    let spacing = usize::try_from(cast::i64_clamped(horizon / 4.0, 1, 10_000)).unwrap_or(1);
    let repeaters = past.iter().filter(|days| days.len() > 1);
    let stride = past.len().div_ceil(PROOF_CUSTOMERS_MOST).max(1);
    let last = cast::i64_clamped(
        f64::from(end) - 0.5 * horizon,
        i64::from(i32::MIN),
        i64::from(end),
    );
    let last = i32::try_from(last).unwrap_or(end);
    let mut ahead = Vec::new();
    let mut own = Vec::new();
    for (place, days) in repeaters.enumerate().step_by(stride) {
        let model = &halves[half(place)];
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
            let path = model.path(&record, gap);
            let chances = model.chances(&record, &path);
            for (window, chance, cases) in [
                (horizon, chances.ahead, &mut ahead),
                (chances.window, chances.own, &mut own),
            ] {
                if gap < window && f64::from(date) + window <= f64::from(end) {
                    let silent = next.is_none_or(|day| f64::from(day) > f64::from(date) + window);
                    cases.push((chance, silent));
                }
            }
        }
    }
    [&mut ahead, &mut own]
        .into_iter()
        .map(|cases| {
            let squares: f64 = cases
                .iter()
                .map(|(p, silent)| {
                    let off = if *silent { 1.0 - p } else { *p };
                    off * off
                })
                .sum();
            auc(cases).unwrap_or(0.5) - squares / cast::f64_of_usize(cases.len().max(1))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::models::lapse::fit::COLUMNS;

    /// Customers with gaps of their own, some of whom leave.
    fn log() -> Vec<Vec<i32>> {
        (0..90)
            .map(|who| {
                let (gap, uses) = (6 + who % 13, 4 + (who * 7) % 23);
                (0..uses)
                    .map(|use_| who % 5 + use_ * gap + (use_ * use_ + who) % 4)
                    .take_while(|day| *day <= 200)
                    .collect()
            })
            .collect()
    }

    /// Every customer and date, asked one by one.
    fn plain(halves: &[LapseModel; HALVES], past: &[&[i32]], end: i32) -> f64 {
        let horizon = halves[0].horizon();
        let mut merits = 0.0;
        for of_own in [false, true] {
            let mut cases: Vec<(f64, bool)> = Vec::new();
            for (place, days) in past.iter().filter(|days| days.len() > 1).enumerate() {
                let model = &halves[half(place)];
                let mut date = end - 28;
                let mut read = 0;
                while date >= days[1] && read < 12 {
                    let known: Vec<i32> = days.iter().copied().filter(|day| *day <= date).collect();
                    let record = Record::of_days(&known).unwrap();
                    let said = model.chances(&record, &model.path(&record, record.gap(date)));
                    let (chance, window) = if of_own {
                        (said.own, said.window)
                    } else {
                        (said.ahead, horizon)
                    };
                    let silence = record.gap(date);
                    if silence < window && f64::from(date) + window <= f64::from(end) {
                        let comes = days
                            .iter()
                            .any(|day| *day > date && f64::from(*day) <= f64::from(date) + window);
                        cases.push((chance, !comes));
                    }
                    date -= 14;
                    read += 1;
                }
            }
            let (mut above, mut pairs, mut squares) = (0.0, 0.0, 0.0);
            for (p, silent) in &cases {
                let off = if *silent { 1.0 - p } else { *p };
                squares += off * off;
                for (q, other) in &cases {
                    if *silent && !other {
                        pairs += 1.0;
                        above += if p > q {
                            1.0
                        } else if p < q {
                            0.0
                        } else {
                            0.5
                        };
                    }
                }
            }
            merits += above / pairs - squares / cast::f64_of_usize(cases.len());
        }
        merits
    }

    fn fitted(past: &[&[i32]]) -> LapseModel {
        let mut model = LapseModel::fit(past, 200, 56).unwrap();
        model.correct(Correction::NONE);
        model.windows = None;
        model
    }

    fn leaning(by: f64) -> Correction {
        let mut factors = [0.0; COLUMNS];
        factors[0] = by;
        Correction {
            factors,
            rows: 1,
            ..Correction::NONE
        }
    }

    #[test]
    fn the_merit_in_the_past_is_that_of_every_customer_and_date() {
        let log = log();
        let past: Vec<&[i32]> = log.iter().map(Vec::as_slice).collect();
        let model = fitted(&past);
        let mut other = model.clone();
        other.correct(leaning(0.7));
        for halves in [
            [model.clone(), model.clone()],
            [model.clone(), other.clone()],
            [other, model],
        ] {
            let (found, right) = (
                merit_in_the_past(&halves, &past, 200),
                plain(&halves, &past, 200),
            );
            assert!(
                right.is_finite() && (found - right).abs() < 1e-9,
                "{found} {right}"
            );
        }
    }

    /// .005, and .5 over the root of those who came back: of a hundred .05. Who came once has no rhythm.
    #[test]
    fn a_share_must_do_better_by_more_where_few_came_back() {
        let mut past: Vec<&[i32]> = vec![&[1, 9]; 100];
        past.extend([&[5][..]; 300]);
        assert!((share_margin(&past) - 0.055).abs() < 1e-12);
        assert!((share_margin(&past[100..]) - 0.505).abs() < 1e-12);
    }

    #[test]
    fn the_first_correction_stays_unless_another_does_clearly_better() {
        let log = log();
        let past: Vec<&[i32]> = log.iter().map(Vec::as_slice).collect();
        let model = fitted(&past);
        let offer = |by: f64, dates: usize| {
            let correction = Correction {
                dates,
                ..leaning(by)
            };
            Offer {
                whole: correction.clone(),
                without: [correction.clone(), correction],
            }
        };
        let merit = |by: f64| {
            let halves = [0, 1].map(|_| {
                let mut half = model.clone();
                half.correct(leaning(by));
                half
            });
            merit_in_the_past(&halves, &past, 200)
        };
        let chosen = |offers: Vec<Offer>| {
            let mut model = model.clone();
            model.choose_strength(offers, &past, 200);
            model.correction.dates
        };
        assert!(merit(0.0) > merit(-2.0) + 2.0 * PROOF_MARGIN);
        assert_eq!(chosen(vec![offer(-2.0, 1), offer(0.0, 2)]), 2);
        assert_eq!(chosen(vec![offer(0.0, 1), offer(-2.0, 2)]), 1);
        // The same again is no better, nor is what is better by less than the margin.
        assert_eq!(chosen(vec![offer(0.0, 1), offer(0.0, 2)]), 1);
        assert_eq!(
            chosen(vec![offer(-2.0, 1), offer(0.0, 2), offer(0.0, 3)]),
            2
        );
        let little = (1..100)
            .map(|i| -0.02 * f64::from(i))
            .find(|by| merit(*by) < merit(0.0) - 0.25 * PROOF_MARGIN)
            .unwrap();
        assert!(merit(little) > merit(0.0) - PROOF_MARGIN);
        assert_eq!(chosen(vec![offer(little, 1), offer(0.0, 2)]), 1);
        assert_eq!(
            chosen(vec![offer(-2.0, 1), offer(little, 2), offer(0.0, 3)]),
            3
        );
        assert_eq!(chosen(vec![]), 0);
    }
}
