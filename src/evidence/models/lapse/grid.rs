//! The dates at which the past of a log is read.

use crate::numeric::cast;

/// Dates of the grid, the most recent ones.
const DATES_MOST: i32 = 80;

/// The dates at which the past is read, ascending, each with where its step ends.
pub(super) struct Grid {
    pub(super) starts: Vec<i32>,
    pub(super) ends: Vec<i32>,
    /// Days in a step.
    pub(super) step: f64,
}

impl Grid {
    /// Even steps back from `end`; or, where the log itself knows only every so many days and these are longer than such
    /// a step (months, quarters), the log's own dates, for between them nothing can happen.
    pub(super) fn of(histories: &[&[i32]], end: i32, horizon: f64) -> Self {
        let step = even_step(horizon);
        let mut days: Vec<i32> = histories
            .iter()
            .flat_map(|days| days.iter().copied())
            .collect();
        days.sort_unstable();
        days.dedup();
        if let Some(step) = calendar_step(&days).filter(|own| *own > f64::from(step)) {
            let most = usize::try_from(DATES_MOST).unwrap_or(usize::MAX);
            let starts = &days[(days.len() - 1).saturating_sub(most)..];
            return Self {
                ends: starts[1..].to_vec(),
                starts: starts[..starts.len() - 1].to_vec(),
                step,
            };
        }
        let earliest = days.first().copied().unwrap_or(end);
        let dates = ((end - earliest) / step).clamp(0, DATES_MOST);
        Self {
            starts: (1..=dates).rev().map(|back| end - back * step).collect(),
            ends: (0..dates).rev().map(|back| end - back * step).collect(),
            step: f64::from(step),
        }
    }
}

/// Days in an even step: whole weeks from a fortnight on, so that weekdays cannot matter (a habit of Mondays would be
/// mistaken for a trait of the gap).
pub(super) fn even_step(horizon: f64) -> i32 {
    let step = if horizon >= 42.0 {
        7.0 * (horizon / 182.0).round().max(1.0)
    } else if horizon >= 14.0 {
        7.0
    } else {
        (horizon / 7.0).round().max(1.0)
    };
    i32::try_from(cast::i64_clamped(step, 1, 365)).unwrap_or(7)
}

/// The mean distance of a log's distinct days, if four in five are within a fifth of the median.
pub(super) fn calendar_step(days: &[i32]) -> Option<f64> {
    let mut gaps: Vec<i32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    let usual = f64::from(*gaps.get(gaps.len() / 2)?);
    let near = gaps
        .iter()
        .filter(|gap| (f64::from(**gap) - usual).abs() <= 0.2 * usual)
        .count();
    let mean = f64::from(days.last()? - days.first()?) / cast::f64_of_usize(gaps.len());
    (5 * near >= 4 * gaps.len() && (mean - usual).abs() <= 0.2 * usual).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_step_is_whole_weeks_from_a_fortnight_on() {
        for (horizon, step) in [
            (1.0, 1),
            (3.0, 1),
            (7.0, 1),
            (10.0, 1),
            (11.0, 2),
            (13.0, 2),
            (14.0, 7),
            (41.0, 7),
            (42.0, 7),
            (91.0, 7),
            (272.0, 7),
            (273.0, 14),
            (455.0, 21),
            (36_500.0, 365),
        ] {
            assert_eq!(even_step(horizon), step, "{horizon}");
        }
    }

    #[test]
    fn even_steps_go_back_from_the_end_without_a_gap() {
        let grid = Grid::of(&[&[3, 18, 19, 60], &[40, 57]], 100, 91.0);
        let starts: Vec<i32> = (0..13).map(|step| 9 + 7 * step).collect();
        let ends: Vec<i32> = starts.iter().map(|start| start + 7).collect();
        assert_eq!((grid.starts, grid.ends), (starts, ends));
        assert!((grid.step - 7.0).abs() < 1e-12);
        let long = Grid::of(&[&[-10_000, 4, 19, 99]], 100, 91.0);
        assert_eq!((long.starts.len(), long.starts[0]), (80, 100 - 560));
        assert_eq!(long.ends[79], 100);
        // Nothing before the end, nothing to read.
        assert_eq!(Grid::of(&[&[100]], 100, 91.0).starts.len(), 0);
        assert_eq!(Grid::of(&[], 100, 91.0).ends.len(), 0);
    }

    #[test]
    fn a_log_of_months_is_read_on_its_own_dates() {
        let days: Vec<i32> = (0..100).map(|month| 30 * month).collect();
        let grid = Grid::of(&[&days[..60], &days[50..]], 2_980, 91.0);
        assert_eq!(grid.starts, &days[19..99]);
        assert_eq!(grid.ends, &days[20..100]);
        assert!((grid.step - 30.0).abs() < 1e-12);
        let few = Grid::of(&[&days[..5]], 130, 91.0);
        assert_eq!(
            (few.starts, few.ends),
            (days[..4].to_vec(), days[1..5].to_vec())
        );
        // Steps of 28 days are no shorter than those of a horizon of two years.
        assert_eq!(Grid::of(&[&[0, 28, 56, 84]], 90, 728.0).starts, [6, 34, 62]);
    }

    #[test]
    fn a_calendar_keeps_four_gaps_in_five_and_its_mean() {
        let of = |gaps: &[i32]| {
            let mut days = vec![5];
            for gap in gaps {
                days.push(days[days.len() - 1] + gap);
            }
            calendar_step(&days)
        };
        let near = |found: Option<f64>, right: f64| (found.unwrap() - right).abs() < 1e-12;
        assert!(near(of(&[10, 10, 13, 10, 10]), 10.6));
        assert!(near(of(&[12, 8, 10]), 10.0));
        let mut with_two_short = [10; 11];
        (with_two_short[3], with_two_short[8]) = (4, 4);
        assert!(near(of(&with_two_short), 98.0 / 11.0));
        assert_eq!(of(&[10, 13, 13, 10, 10]), None);
        assert_eq!(of(&[10, 10, 10, 10, 10, 40, 10, 40, 10, 10]), None);
        assert_eq!(of(&[]), None);
    }
}
