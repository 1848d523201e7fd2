//! The best count of steps against every count, and how few looks find it.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::response::strategies::Stairs;
use crate::response::{Adbudg, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

/// A curve by its value that counts what is asked of it: S-shaped with a bend, or of no known shape.
#[derive(Debug)]
struct Counted {
    of: fn(f64) -> f64,
    bend: Option<f64>,
    looks: AtomicU64,
}

impl Counted {
    fn new(of: fn(f64) -> f64, bend: Option<f64>) -> Arc<Self> {
        let looks = AtomicU64::new(0);
        Arc::new(Self { of, bend, looks })
    }

    /// A search that goes on for ever is stopped.
    fn look(&self) {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        assert!(looks < 100_000, "looks again and again");
    }

    fn looks(&self) -> u64 {
        self.looks.swap(0, Ordering::Relaxed)
    }
}

impl Response for Counted {
    fn value(&self, spend: f64) -> f64 {
        self.look();
        (self.of)(spend)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.look();
        let at = |steps| (self.of)(cast::f64_of_u64(steps) * unit);
        at(to) - at(from)
    }

    fn shape(&self) -> Shape {
        self.bend
            .map_or(Shape::Monotone, |inflection| Shape::SShaped { inflection })
    }
}

fn steps(curve: &Curve, step: i64) -> Steps<'_> {
    Steps::new(curve, step, 100, Vec::new())
}

/// The cheapest of the best places, by looking at all.
fn plain(steps: &Steps<'_>, low: i64, high: i64, price: f64) -> (i64, f64) {
    let mut best = steps.scored(low, price);
    for at in low + 1..=high {
        let scored = steps.scored(at, price);
        if scored.1 > best.1 {
            best = scored;
        }
    }
    best
}

#[test]
fn straight_pieces_and_one_bend_are_exact_and_stairs_are_not() {
    let convex = PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 0.0), (2.0, 5.0)]).unwrap();
    for (curve, exact) in [
        (Logarithmic::new(2.0, 1.0).unwrap().into(), true),
        (Adbudg::new(2.0, 3.0, 1.0).unwrap().into(), true),
        (convex.into(), true),
        (Curve::Custom(Arc::new(Stairs(0.3, 1.0))), false),
    ] {
        assert_eq!(steps(&curve, 10).is_exact(), exact, "{curve:?}");
    }
}

/// Returns rise to a spend of 3.02 and end there: with steps of 1 the last that gains much is the third, the one before
/// the bend. Values and prices are short binary fractions, so that scores that are equal are seen to be.
#[test]
fn the_best_place_of_a_ramp_is_the_cheapest_of_the_best_of_all() {
    let of = |spend: f64| spend.min(3.02) * spend.min(3.02);
    let ramp = Counted::new(of, Some(3.02));
    let curve = Curve::Custom(ramp.clone());
    for step in [25, 50, 100] {
        let steps = steps(&curve, step);
        for low in 0..6 {
            for high in low..12 {
                for price in (0..160).map(|price| f64::from(price) / 16.0) {
                    ramp.looks();
                    let found = steps.best(low, high, price, None);
                    let known = plain(&steps, low, high, price);
                    assert_eq!(found.0, known.0, "{step}: {low} to {high} at {price}");
                    assert!((found.1 - known.1).abs() < 1e-12);
                }
            }
        }
    }
}

/// Falling: slopes of 8, 4 and 1, then nothing. A step that gains just the price is not taken.
#[test]
fn what_gains_no_more_than_the_price_is_not_taken() {
    let points = [
        (0.0, 0.0),
        (2.0, 16.0),
        (5.0, 28.0),
        (6.0, 29.0),
        (9.0, 29.0),
    ];
    let curve = Curve::from(PiecewiseLinear::new(&points).unwrap());
    let steps = steps(&curve, 100);
    for (price, most) in [
        (9.0, 0),
        (8.0, 0),
        (4.0, 2),
        (3.0, 5),
        (1.0, 5),
        (0.5, 6),
        (0.0, 6),
    ] {
        for near in [None, Some(0), Some(2), Some(5), Some(9)] {
            assert_eq!(steps.top(0, 9, price, near), most, "{price} near {near:?}");
        }
    }
}

/// What returns rise by falls from step to step: the price at which `count` steps are taken lies between two of them.
fn price_of(count: i64) -> f64 {
    1.0 / (cast::f64_of_i64(count) + 0.5)
}

/// The `n`-th step of 1 gains `1 / n`; only its sum is a curve, so it is made of whole steps.
fn harmonic(spend: f64) -> f64 {
    (1..=cast::i64_clamped(spend, 0, 10_000))
        .map(|n| 1.0 / cast::f64_of_i64(n))
        .sum()
}

#[test]
fn a_count_is_found_in_few_looks_and_where_it_is() {
    let counted = Counted::new(harmonic, Some(0.0));
    let curve = Curve::Custom(counted.clone());
    let steps = steps(&curve, 100);
    counted.looks();
    let find = |low, high, count, near| {
        let found = steps.top(low, high, price_of(count), near);
        assert_eq!(
            found,
            count.clamp(low, high),
            "{low} to {high} near {near:?}"
        );
        counted.looks()
    };
    for low in [0, 3, 40] {
        let high = low + 33;
        assert_eq!(find(low, high, low, None), 1);
        assert_eq!(find(low, high, high, None), 2);
        for count in low + 1..high {
            // Both ends, then 32 places are halved to one.
            assert_eq!(find(low, high, count, None), 2 + 5, "{count}");
            // A guess that is right, or one off, is shown to be by its neighbour; an end is known already.
            let known = |at: i64| u64::from(at != low && at != high - 1);
            let (right, over) = (
                find(low, high, count, Some(count - 1)),
                find(low, high, count, Some(count)),
            );
            assert_eq!(right, 3 + known(count), "{low} {count}");
            assert_eq!(over, 3 + known(count - 1), "{low} {count}");
            // A guess outside counts as the end.
            assert_eq!(
                find(low, high, count, Some(9_999)),
                find(low, high, count, Some(high - 1))
            );
            assert_eq!(
                find(low, high, count, Some(-9)),
                find(low, high, count, Some(low))
            );
            for near in low..=high {
                let away = (near - count).unsigned_abs() + 2;
                let looks = find(low, high, count, Some(near));
                assert!(
                    looks <= 4 + 2 * u64::from(away.ilog2()),
                    "{looks} {away} away"
                );
            }
        }
    }
}

proptest! {
    /// The last step that gains the price and the first that does not lie around where the slope is the price.
    #[test]
    fn the_inverse_is_within_a_step_of_the_count(
        family in 0..4, size in 1.0..50.0, shape in 0.1..0.9, step in 2..400_i64, count in 5..400_i64, part in 0.0..1.0,
    ) {
        let curve: Curve = match family {
            0 => Power::new(size, shape).unwrap().into(),
            1 => Logarithmic::new(size, 1.0 + 10.0 * shape).unwrap().into(),
            2 => ModifiedExponential::new(size, 0.02 * shape).unwrap().into(),
            _ => Adbudg::new(size, 1.0 + shape, 0.5 + shape).unwrap().into(),
        };
        let steps = steps(&curve, step);
        // Past the bend, a price between the gains of two steps.
        let count = count + steps.bend().unwrap();
        let (last, next) = (steps.gain(count - 1, count), steps.gain(count, count + 1));
        let price = next + (last - next) * (0.25 + part / 2.0);
        prop_assume!(last > next * (1.0 + 1e-9));
        prop_assert_eq!(steps.top(steps.bend().unwrap(), 1_000_000, price, None), count);
        let guess = steps.inverse(price).unwrap();
        prop_assert!((guess - count).abs() <= 1, "{} for {}", guess, count);
    }

    /// Slopes and prices are whole, and spends are quarters of steps, so that scores that are equal are seen to be.
    #[test]
    fn the_best_of_straight_pieces_is_the_cheapest_of_the_best_of_all(
        pieces in prop::collection::vec((1..9_i32, 0..4_i32), 1..6), low in 0..9_i64, room in 0..40_i64, price in 0..12_i32,
        step in prop::sample::select(vec![50_i64, 100, 200]),
    ) {
        let mut points = vec![(0.0, 0.0)];
        for (quarters, slope) in pieces {
            let &(x, y) = points.last().unwrap();
            let more = f64::from(quarters) / 4.0;
            points.push((x + more, y + more * f64::from(slope)));
        }
        let curve = Curve::from(PiecewiseLinear::new(&points).unwrap());
        let steps = steps(&curve, step);
        let (high, price) = (low + room, f64::from(price) / 2.0);
        prop_assert_eq!(steps.best_unknown(low, high, price), plain(&steps, low, high, price));
    }
}

/// Among up to 65 places every one is looked at, once each; of more than that the value at the end less the price of the
/// start bounds them all.
#[test]
fn what_is_not_known_is_listed_or_bounded() {
    let counted = Counted::new(
        |spend| libm::floor(spend / 0.7) + libm::floor(spend / 3.0),
        None,
    );
    let curve = Curve::Custom(counted.clone());
    let steps = steps(&curve, 50);
    for (low, high, price) in [
        (0, 64, 0.5),
        (2, 66, 1.0),
        (30, 94, 0.25),
        (1, 2, 9.0),
        (7, 7, 1.0),
    ] {
        counted.looks();
        let found = steps.best_unknown(low, high, price);
        assert_eq!(counted.looks(), (high - low).unsigned_abs() + 1);
        assert_eq!(found, plain(&steps, low, high, price), "{low} to {high}");
    }
    for (low, high, price) in [(0, 65, 0.5), (10, 100, 0.5), (3, 400, 2.0), (80, 145, 0.25)] {
        let known = plain(&steps, low, high, price).1;
        let (at, bound) = steps.best_unknown(low, high, price);
        let loose = steps.value(high) - price * cast::f64_of_i64(low);
        assert!(bound >= known && at >= low && at <= high);
        assert!((bound - loose).abs() < 1e-12, "{bound} {loose}");
    }
}
