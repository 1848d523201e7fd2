//! How far two lists of prices can differ that both bound the problem well.
//!
//! A bound exceeds the value of any spends within the constraints by the sum of what each activity would rather have
//! at the prices, its regret, and of the price of what each limit leaves over. None is negative, so each is at most
//! the excess. That leaves an activity's full price an interval, and the price of a limit with room next to nothing.
//! Where the activities determine the prices of the other limits, the intervals carry over to them.

use crate::optimum::Optimum;

/// How far the full price of each activity can be off at prices whose bound exceeds the optimum's value by `excess`.
pub(crate) fn of_activities(optimum: &Optimum<'_>, excess: f64) -> Vec<f64> {
    (0..optimum.spends.len())
        .map(|at| of_activity(optimum, at, excess))
        .collect()
}

fn of_activity(optimum: &Optimum<'_>, at: usize, excess: f64) -> f64 {
    let frame = optimum.dual.frame;
    let (curve, spend) = (&frame.plain.offers[at].curve, optimum.spends[at]);
    let regret = |price: f64| {
        let best = curve.demand(price, frame.ranges[at]);
        curve.value(best) - price * best - (curve.value(spend) - price * spend)
    };
    let full = optimum.dual.full(at);
    let reach = |sign: f64| {
        let allowed = |off: f64| regret(full + sign * off) <= excess;
        let mut high = 1e-9;
        while allowed(high) {
            high *= 4.0;
            if high > 1e9 {
                return f64::INFINITY;
            }
        }
        let mut low = 0.0;
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if allowed(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    };
    reach(1.0).max(reach(-1.0))
}

/// How far the price of each limit can be off; infinite where the activities do not determine it.
pub(crate) fn of_limits(optimum: &Optimum<'_>, excess: f64, activities: &[f64]) -> Vec<f64> {
    let limits = &optimum.dual.frame.limits;
    let with_room = limits.iter().map(|limit| {
        let terms = limit.weights.iter().zip(&optimum.spends);
        let used: f64 = terms.map(|(weight, spend)| weight * spend).sum();
        let above = limit
            .most
            .map_or(0.0, |most| excess / (most - used).max(0.0));
        let below = limit
            .least
            .map_or(0.0, |least| excess / (used - least).max(0.0));
        above.max(below)
    });
    let mut off: Vec<f64> = with_room.collect();
    // Limits of which the room says little, and what the activities say of their prices.
    let open: Vec<usize> = (0..off.len()).filter(|at| off[*at] > SMALL).collect();
    let closed = |at: usize| -> f64 {
        let known = (0..off.len()).filter(|limit| !open.contains(limit));
        known
            .map(|limit| limits[limit].weights[at] * off[limit])
            .sum()
    };
    let mut said: Vec<(Vec<f64>, f64)> = (activities.iter().enumerate())
        .filter(|(_, off)| off.is_finite())
        .map(|(at, off)| {
            let weights = open.iter().map(|limit| limits[*limit].weights[at]);
            (weights.collect(), off + closed(at))
        })
        .collect();
    said.sort_by(|a, b| a.1.total_cmp(&b.1));
    let solved = solved(&open, said);
    for (place, limit) in open.into_iter().enumerate() {
        off[limit] = off[limit].min(solved.get(place).copied().unwrap_or(f64::INFINITY));
    }
    off
}

/// A price with room that can be off by no more than this is taken for known.
const SMALL: f64 = 1e-3;

/// How far unknowns can be off by equations whose right sides can be off by so much; empty if they are not determined.
///
/// Gauss and Jordan's elimination, the surest equations first; each keeps the share that it has of the first ones.
fn solved(unknowns: &[usize], said: Vec<(Vec<f64>, f64)>) -> Vec<f64> {
    struct Row {
        left: Vec<f64>,
        shares: Vec<f64>,
        pivot: usize,
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut off = Vec::new();
    for (mut left, by) in said {
        let mut shares = vec![0.0; unknowns.len()];
        for row in &rows {
            let factor = left[row.pivot];
            subtract(&mut left, &row.left, factor);
            subtract(&mut shares, &row.shares, factor);
        }
        let pivots = 0..left.len();
        let pivot = pivots.max_by(|a, b| left[*a].abs().total_cmp(&left[*b].abs()));
        let Some(pivot) = pivot.filter(|pivot| left[*pivot].abs() > 1e-3) else {
            continue;
        };
        shares[rows.len()] = 1.0;
        let scale = 1.0 / left[pivot];
        left.iter_mut().chain(&mut shares).for_each(|x| *x *= scale);
        for row in &mut rows {
            let factor = row.left[pivot];
            subtract(&mut row.left, &left, factor);
            subtract(&mut row.shares, &shares, factor);
        }
        rows.push(Row {
            left,
            shares,
            pivot,
        });
        off.push(by);
    }
    if rows.len() < unknowns.len() {
        return Vec::new();
    }
    rows.sort_by_key(|row| row.pivot);
    let most = |row: &Row| {
        (row.shares.iter().zip(&off))
            .map(|(share, off)| share.abs() * off)
            .sum()
    };
    rows.iter().map(most).collect()
}

fn subtract(from: &mut [f64], row: &[f64], factor: f64) {
    for (target, value) in from.iter_mut().zip(row) {
        *target -= factor * value;
    }
}
