//! The lead of a range of counts, against every count.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::numeric::cast::f64_of_u64;
use crate::response::strategies::{Stairs, any_curve};
use crate::response::{Adbudg, Power};

proptest! {
    #[test]
    fn a_lead_is_that_of_the_best_count(
        curve in any_curve(0.0), step in 1..400_i64, low in 0..60_i64, room in 0..300_i64, from in 0.0..1.0, part in 0.05..2.0,
    ) {
        let formula = Formula { curve: &curve, step, scale: 100 };
        let range = Range { low, high: low + room };
        let from = low + i64_clamped(from * f64_of_i64(room), 0, room);
        let price = part * formula.rise(0, range.high.max(1)) / formula.units(range.high.max(1));
        let over = |to: i64| formula.value(to) - formula.value(from) - price * formula.units(to - from);
        let most = (range.low..=range.high).map(over).fold(f64::NEG_INFINITY, f64::max);
        let lead = formula.lead(range, from, price);
        let accuracy = 1e-12 * (formula.value(range.high) + price * formula.units(range.high));
        prop_assert!((lead - most).abs() <= accuracy, "{}, not {}", lead, most);
    }

    /// Too many counts to try each: never less than the best, and not far above it.
    #[test]
    fn a_lead_of_an_unknown_curve_holds(size in 3.0..500.0, low in 0..5_000_i64, part in 0.05..2.0, from in 0..9_000_i64) {
        let curve = Curve::Custom(std::sync::Arc::new(Stairs(size, 2.0 * size)));
        let formula = Formula { curve: &curve, step: 7, scale: 100 };
        let range = Range { low, high: low + 9_000 };
        let price = part * formula.rise(0, range.high) / formula.units(range.high);
        let over = |to: i64| formula.rise(from, to) - price * formula.units(to - from);
        let most = (range.low..=range.high).map(over).fold(f64::NEG_INFINITY, f64::max);
        let lead = formula.lead(range, from, price);
        prop_assert!(lead >= most - 1e-12 * formula.value(range.high), "{}, not {}", lead, most);
        prop_assert!(lead <= most + price * formula.units(40), "{}, not {}", lead, most);
    }
}

fn steps(curve: &Curve, step: i64) -> Formula<'_> {
    Formula {
        curve,
        step,
        scale: 100,
    }
}

/// Far up a curve a step of a cent is less than the rounding of the values around it. To the next order the rise is
/// width·f'(x + width/2), here of a root and of a hill of exponent 2, far above its half of 1: scale·2·half²/x³.
#[test]
fn a_small_rise_keeps_its_digits() {
    let root: Curve = Power::new(3.0, 0.5).unwrap().into();
    let hill: Curve = Adbudg::new(5.0, 2.0, 1.0).unwrap().into();
    let (from, middle) = (100_000_000, 1_000_000.005_f64);
    let wanted = 0.01 * 1.5 / middle.sqrt();
    let found = steps(&root, 1).rise(from, from + 1);
    assert!(
        (found / wanted - 1.0).abs() < 1e-12,
        "{found}, not {wanted}"
    );
    let wanted = 0.01 * 10.0 / (middle * middle * middle);
    let found = steps(&hill, 1).rise(from, from + 1);
    assert!(
        (found / wanted - 1.0).abs() < 1e-11,
        "{found}, not {wanted}"
    );
    assert!((steps(&hill, 1).rise(from + 1, from) + found).abs() <= 0.0);
}

/// From nothing, and from where the odds against are beyond f64, a rise is the value itself: at its half a hill is worth
/// half of its scale.
#[test]
fn a_rise_from_next_to_nothing_is_the_value() {
    for exponent in [0.5, 2.0, 40.0] {
        let hill: Curve = Adbudg::new(8.0, exponent, 1e6).unwrap().into();
        let formula = steps(&hill, 1);
        let rise = formula.rise(0, 100_000_000);
        assert!((rise - 4.0).abs() < 1e-12, "{rise}");
    }
    // (10⁸)⁴⁰ is more than f64 holds.
    let hill: Curve = Adbudg::new(8.0, 40.0, 1e6).unwrap().into();
    let rise = steps(&hill, 1).rise(1, 100_000_000);
    assert!((rise - 4.0).abs() < 1e-12, "{rise}");
}

/// Slopes rise before the turn and fall after it.
#[test]
fn a_hill_turns_where_its_slope_is_greatest() {
    for (exponent, half) in [(1.2, 40.0), (2.0, 30.0), (3.7, 50.0), (6.0, 20.0)] {
        let hill: Curve = Adbudg::new(9.0, exponent, half).unwrap().into();
        let formula = steps(&hill, 1);
        let Shape::SShaped { inflection } = formula.shape() else {
            panic!("a hill of exponent {exponent} is S-shaped");
        };
        let bend = |part: f64| {
            let x = part * inflection;
            let width = 0.01 * inflection;
            let slope = |x: f64| hill_rise(9.0, exponent, half, x, width);
            slope(x) - slope(x - width)
        };
        assert!(bend(0.97) > 0.0, "{exponent}");
        assert!(bend(1.03) < 0.0, "{exponent}");
    }
}

/// Up to an exponent of 1 a hill is concave, above it is not: of 70 steps, 65 net most at 1.2 each (11.1 of f(x) - 1.2·x),
/// though at the middle a step gains less than that.
#[test]
fn a_steep_hill_is_not_taken_for_concave() {
    let concave = |exponent: f64| {
        let hill: Curve = Adbudg::new(100.0, exponent, 50.0).unwrap().into();
        matches!(steps(&hill, 100).shape(), Shape::Concave)
    };
    assert!(concave(0.4) && concave(1.0) && !concave(1.01) && !concave(8.0));
    let hill: Curve = Adbudg::new(100.0, 8.0, 50.0).unwrap().into();
    let formula = steps(&hill, 100);
    let net = |count: i64| formula.value(count) - 1.2 * f64_of_i64(count);
    let most = (0..=70).map(net).fold(f64::NEG_INFINITY, f64::max);
    let lead = formula.lead(Range { low: 0, high: 70 }, 0, 1.2);
    assert!(
        (most - 11.1).abs() < 0.05 && (lead - most).abs() < 1e-9,
        "{lead}, not {most}"
    );
}

/// A curve that jumps at counts of whole dollars and counts how often it is asked.
#[derive(Debug)]
struct Jumps {
    at: Vec<(u64, f64)>,
    asked: AtomicU64,
}

impl Response for Jumps {
    fn value(&self, spend: f64) -> f64 {
        let reached = self.at.iter().filter(|(at, _)| f64_of_u64(*at) <= spend);
        reached.map(|(_, by)| by).sum()
    }

    fn gain(&self, from: u64, to: u64, _: f64) -> f64 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let reached = |count: u64| -> f64 {
            let jumps = self.at.iter().filter(|(at, _)| *at <= count);
            jumps.map(|(_, by)| by).sum()
        };
        reached(to) - reached(from)
    }

    fn shape(&self) -> Shape {
        Shape::Monotone
    }
}

/// The lead of a curve of jumps over a range from its beginning, at a price of 10 a step, and how often it was asked.
fn lead_of_jumps(at: &[(u64, f64)], low: i64, high: i64) -> (f64, u64) {
    let jumps = Arc::new(Jumps {
        at: at.to_vec(),
        asked: AtomicU64::new(0),
    });
    let shared: Arc<dyn Response> = Arc::<Jumps>::clone(&jumps);
    let curve = Curve::Custom(shared);
    let lead = steps(&curve, 100).lead(Range { low, high }, low, 10.0);
    (lead, jumps.asked.load(Ordering::Relaxed))
}

/// A short range is tried count by count; a long one takes no more than its cuts, however long it is.
#[test]
fn an_unknown_curve_is_asked_no_more_than_it_must() {
    for (low, high) in [(0, 10), (5_000, 5_010), (0, 2_000)] {
        let (lead, asked) = lead_of_jumps(&[(3, 50.0)], low, high);
        let counts = u64::try_from(high - low + 1).unwrap();
        // 50 at a cost of three steps.
        let wanted = if low == 0 { 20.0 } else { 0.0 };
        assert!(
            (lead - wanted).abs() < 1e-9 && asked == counts,
            "{lead} in {asked}"
        );
    }
    for (low, high) in [(0, 1_000_000_000_000), (1_000, 100_000)] {
        let (lead, asked) = lead_of_jumps(&[(2_003, 50_000.0)], low, high);
        let cost = 10.0 * f64_of_i64(2_003 - low);
        assert!(
            (lead - (50_000.0 - cost)).abs() < 1e-9,
            "{lead} of {low}..{high}"
        );
        assert!(asked <= 2 * 4_000 + 1, "{asked}");
    }
}

/// Of a long range: 35000 at count 2500 net 10000, and 6000 more a step later 15990; nothing else comes near.
#[test]
fn the_best_of_a_long_range_of_jumps_is_exact() {
    let (lead, _) = lead_of_jumps(&[(2_500, 35_000.0), (2_501, 6_000.0)], 0, 5_000);
    assert!((lead - 15_990.0).abs() < 1e-9, "{lead}");
}

/// A heap of ceilings needs them equal only where neither goes before the other.
#[test]
fn ceilings_are_equal_where_height_and_start_are() {
    let ceiling = |height: f64, low: i64| Ceiling {
        height,
        range: Range { low, high: 9 },
    };
    assert!(ceiling(1.0, 2) == ceiling(1.0, 2));
    assert!(ceiling(1.0, 2) != ceiling(1.5, 2));
    assert!(ceiling(1.0, 2) != ceiling(1.0, 3));
    assert!(ceiling(1.5, 2) > ceiling(1.0, 3));
}
