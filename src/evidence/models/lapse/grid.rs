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
