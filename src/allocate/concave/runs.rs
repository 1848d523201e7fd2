//! The steps of a straight-line curve, as runs of one gain each.
//!
//! All steps within one piece gain the same, and a step across a kink is a run of its own: so a curve of `k` pieces
//! has at most `2k` runs, each gain computed once, with 31 digits.

use crate::numeric::cast::{f64_of_i64, i64_clamped};
use crate::numeric::double_double::DoubleDouble;
use crate::response::PiecewiseLinear;

use super::step_curve::Unit;

/// Steps of one gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::allocate) struct Run {
    /// One past its last step.
    pub(super) end: i64,
    /// The gain of each of its steps, exact and rounded once.
    pub(super) gain: f64,
}

/// How many steps gain at least `price > 0`.
pub(super) fn count_of(runs: &[Run], price: f64) -> i64 {
    let reaching = runs.partition_point(|run| run.gain >= price);
    let last = reaching.checked_sub(1).and_then(|at| runs.get(at));
    last.map_or(0, |run| run.end)
}

/// The gain of step `n`; nothing after the last run.
pub(super) fn gain_of(runs: &[Run], n: i64) -> f64 {
    let at = runs.partition_point(|run| run.end <= n);
    runs.get(at).map_or(0.0, |run| run.gain)
}

/// The runs of a concave curve.
pub(super) fn runs_of(curve: &PiecewiseLinear, unit: Unit) -> Vec<Run> {
    let pieces = falling_pieces(curve, unit);
    let mut runs: Vec<Run> = Vec::with_capacity(2 * pieces.len());
    let mut start = 0;
    for &(right, _) in &pieces {
        let whole = whole_steps(right, unit);
        // The steps that end within this piece, and then the one that crosses its end, if one does.
        for end in [whole, whole.saturating_add(1)] {
            let crosses = end > whole;
            if end <= start || crosses && (unit.exact_spend(whole) - right).rounded() >= 0.0 {
                continue;
            }
            let gain = gain_in(&pieces, start, unit);
            match runs.last_mut() {
                Some(last) if last.gain.to_bits() == gain.to_bits() => last.end = end,
                _ => runs.push(Run { end, gain }),
            }
            start = end;
        }
    }
    runs
}

/// How many whole steps end at or before a spend.
fn whole_steps(spend: DoubleDouble, unit: Unit) -> i64 {
    let most = i64::MAX / unit.minor.max(1);
    let mut steps = i64_clamped((spend / unit.exact()).rounded(), 0, most);
    while steps > 0 && (unit.exact_spend(steps) - spend).rounded() > 0.0 {
        steps -= 1;
    }
    while steps < most && (unit.exact_spend(steps + 1) - spend).rounded() <= 0.0 {
        steps += 1;
    }
    steps
}

/// The pieces of a concave curve; slopes that rounding of the points has lifted are taken down again.
fn falling_pieces(curve: &PiecewiseLinear, unit: Unit) -> Vec<(DoubleDouble, DoubleDouble)> {
    let mut pieces: Vec<(DoubleDouble, DoubleDouble)> = Vec::with_capacity(curve.points().len());
    for pair in curve.points().windows(2) {
        if let [(x, y), (next_x, next_y)] = *pair {
            let (x, next_x) = (point_spend(x, unit), point_spend(next_x, unit));
            let rise = DoubleDouble::of(next_y) - DoubleDouble::of(y);
            let mut slope = rise / (next_x - x);
            if let Some(&(_, before)) = pieces.last() {
                if (slope - before).rounded() > 0.0 {
                    slope = before;
                }
            }
            pieces.push((next_x, slope));
        }
    }
    pieces
}

/// Where a point lies. A spend that is the nearest `f64` to a whole number of minor units means that number: a
/// kink at 0.01 ends with the first cent, though the nearest `f64` to 0.01 lies a hair beyond it.
fn point_spend(x: f64, unit: Unit) -> DoubleDouble {
    let minor = i64_clamped(libm::round(x * f64_of_i64(unit.per_unit)), 0, 1 << 53);
    if (f64_of_i64(minor) / f64_of_i64(unit.per_unit)).to_bits() == x.to_bits() {
        unit.exact_minor(minor)
    } else {
        DoubleDouble::of(x)
    }
}

/// The gain of step `n`, rounded once.
fn gain_in(pieces: &[(DoubleDouble, DoubleDouble)], n: i64, unit: Unit) -> f64 {
    // Both by the same division as the kinks, so that a step ends at a kink or does not.
    let (start, end) = (unit.exact_spend(n), unit.exact_spend(n.saturating_add(1)));
    let first = pieces.partition_point(|&(x, _)| (x - start).rounded() <= 0.0);
    let mut total = DoubleDouble::of(0.0);
    let mut left = start;
    for &(right, slope) in pieces.iter().skip(first) {
        if (right - end).rounded() >= 0.0 {
            // A step within one piece: its width is the unit, whatever `end − start` rounds to.
            let inside = (left - start).rounded() <= 0.0;
            let width = if inside { unit.exact() } else { end - left };
            return (total + slope * width).rounded();
        }
        total = total + slope * (right - left);
        left = right;
    }
    total.rounded()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn concave() -> impl Strategy<Value = PiecewiseLinear> {
        let cents = prop::collection::vec((1_i64..400, 0_u32..1000), 1..8);
        (cents, any::<bool>()).prop_map(|(mut pieces, off_grid)| {
            pieces.sort_by_key(|piece| core::cmp::Reverse(piece.1));
            let mut points = vec![(0.0, 0.0)];
            let (mut cents, mut value) = (0, 0.0);
            for (width, slope) in pieces {
                cents += width;
                value += f64_of_i64(width) * f64::from(slope);
                let nudge = if off_grid { 1.0 / 3.0 } else { 1.0 };
                points.push((f64_of_i64(cents) / 100.0 * nudge, value));
            }
            PiecewiseLinear::new(&points).unwrap()
        })
    }

    /// A hair on either side of a whole number of steps, by less than an `f64` can tell.
    #[test]
    fn whole_steps_are_told_by_all_digits() {
        for minor in [1, 7, 250] {
            let unit = Unit {
                minor,
                per_unit: 100,
            };
            for steps in [1, 2, 99, 12_345_678_901] {
                let spend = unit.exact_spend(steps);
                let hair = DoubleDouble::of(spend.rounded() * 1e-24);
                assert_eq!(whole_steps(spend, unit), steps);
                assert_eq!(whole_steps(spend + hair, unit), steps);
                assert_eq!(whole_steps(spend - hair, unit), steps - 1);
            }
            assert_eq!(whole_steps(DoubleDouble::of(0.0), unit), 0);
        }
        // Beyond 2^53 the nearest quotient may be a step too few; beyond all amounts there are as many as fit.
        for minor in [1, 1_000] {
            let unit = Unit {
                minor,
                per_unit: 100,
            };
            for steps in [(1 << 53) + 1, (1 << 53) + 3] {
                assert_eq!(whole_steps(unit.exact_spend(steps), unit), steps);
            }
        }
        let cent = Unit {
            minor: 1,
            per_unit: 100,
        };
        assert_eq!(whole_steps(DoubleDouble::of(1e30), cent), i64::MAX);
    }

    /// Kinks after ten cents, and then after ten and a half: there the step that crosses it gains half of either.
    #[test]
    fn a_run_ends_with_each_kink_and_with_the_curve() {
        let unit = Unit {
            minor: 1,
            per_unit: 100,
        };
        let of = |points: &[(f64, f64)]| {
            let runs = runs_of(&PiecewiseLinear::new(points).unwrap(), unit);
            let ends: Vec<i64> = runs.iter().map(|run| run.end).collect();
            let gains: Vec<f64> = runs.iter().map(|run| run.gain).collect();
            (ends, gains)
        };
        let (ends, gains) = of(&[(0.0, 0.0), (0.1, 20.0), (0.3, 40.0)]);
        assert_eq!((ends, gains), (vec![10, 30], vec![2.0, 1.0]));
        let (ends, gains) = of(&[(0.0, 0.0), (0.105, 21.0), (0.3, 40.5)]);
        assert_eq!(ends, [10, 11, 30]);
        for (gain, expected) in gains.iter().zip([2.0, 1.5, 1.0]) {
            assert!((gain - expected).abs() < 1e-12, "{gain}");
        }
        // Two kinks within a step, which ends before the curve does.
        let (ends, _) = of(&[(0.0, 0.0), (0.102, 21.0), (0.104, 21.2), (0.3, 30.0)]);
        assert_eq!(ends, [10, 11, 30]);
    }

    /// However far along the piece: to 2^62 cents, where the ends of a step no longer have all the digits of its width.
    #[test]
    fn every_step_of_a_piece_gains_the_same() {
        let unit = Unit {
            minor: 1,
            per_unit: 100,
        };
        let end = f64_of_i64(1 << 62) / 100.0;
        for rate in 1..60 {
            let points = [(0.0, 0.0), (end, end * f64::from(rate) / 61.0)];
            let pieces = falling_pieces(&PiecewiseLinear::new(&points).unwrap(), unit);
            let first = gain_in(&pieces, 0, unit);
            for back in 2..30 {
                let gain = gain_in(&pieces, (1 << 62) - 4_096 * back, unit);
                assert_eq!(gain.to_bits(), first.to_bits(), "{rate} {back}");
            }
        }
    }

    /// The nearest numbers to 0.3 and 0.4 rise by a hair more over the last tenth than over the first three.
    #[test]
    fn slopes_that_rounding_lifts_are_taken_down() {
        let curve = PiecewiseLinear::new(&[(0.0, 0.0), (0.3, 0.3), (0.4, 0.4)]).unwrap();
        let unit = Unit {
            minor: 1,
            per_unit: 100,
        };
        let tenth = DoubleDouble::of(0.1);
        let of = DoubleDouble::of;
        assert!(((of(0.4) - of(0.3)) / tenth - of(0.3) / (tenth * of(3.0))).rounded() > 0.0);
        let pieces = falling_pieces(&curve, unit);
        assert_eq!(pieces.len(), 2);
        assert!((pieces[1].1 - pieces[0].1).rounded() <= 0.0);
        // One gain, as if there were no kink.
        assert_eq!(runs_of(&curve, unit).len(), 1);
    }

    proptest! {
        /// Each run has the gain that each of its steps has by itself, and counts are those of a plain walk.
        #[test]
        fn runs_are_the_steps_one_by_one(
            curve in concave(),
            minor in 1_i64..60,
            price in 0.0..60_000.0_f64,
        ) {
            prop_assume!(curve.is_concave());
            let unit = Unit { minor, per_unit: 100 };
            let pieces = falling_pieces(&curve, unit);
            let runs = runs_of(&curve, unit);
            prop_assert!(runs.len() <= 2 * pieces.len());
            let steps = runs.last().map_or(0, |run| run.end) + 3;
            let gains: Vec<f64> = (0..steps).map(|n| gain_in(&pieces, n, unit)).collect();
            for (n, gain) in (0..).zip(&gains) {
                prop_assert_eq!(gain_of(&runs, n).to_bits(), gain.to_bits(), "step {}", n);
            }
            let plain = gains.iter().take_while(|gain| **gain >= price).count();
            prop_assume!(price > 0.0);
            prop_assert_eq!(usize::try_from(count_of(&runs, price)).unwrap(), plain);
        }
    }
}
