//! The counts at both ends of a window by hand.

use super::*;

/// The ends of the only item of a market, answered cold.
fn ends_of(curve: Curve, span: impl Fn(&Market<'_>) -> Span) -> (f64, f64) {
    let problem = lone(vec![curve]);
    let market = Market::of(&problem).unwrap();
    let (sweeper, _, taken) = swept(&market, 0, 1_000_000);
    let segment = &market.layout.columns.segments[0];
    let mut ends = Ends::new();
    sweeper.ends(segment.family, 0..1, &taken, span(&market), &mut ends);
    (ends.low[0], ends.high[0])
}

/// A decay of 2^−50 makes a unit in the last place of 1 a quarter of a step. Around 1,000.5 steps at a level and a price of −3
/// each: the ends of a window of no width are off by 8 units of 3 + 1, which is 8 steps; two logarithms by 4 units of
/// 3 + 3 + 4, which is 10.
#[test]
fn the_rounding_of_ends_and_answers_is_left_open() {
    let decay = libm::exp2(-50.0);
    let curve =
        ModifiedExponential::new(libm::exp(50.0 * core::f64::consts::LN_2 - 3.0), decay).unwrap();
    let ends = ends_of(curve.into(), |market| {
        let level = market.layout.columns.a[0];
        assert!((level + 3.0).abs() < 1e-12);
        span(level - 1_000.5 * decay, 0.0)
    });
    assert_eq!(ends, (1_001.0 - 18.0, 1_001.0 + 18.0));
}

/// The slope of twice a square root doubles the price's change: r steps at a price of 1/√r, less half of one, and 2r of
/// them per unit of ln(price). Within a hundredth to either side slopes change by less than 4 %, errors by less than 24 %.
#[test]
fn slopes_and_errors_change_within_a_window() {
    let around = |root: f64, half: f64| {
        let curve = Power::new(2.0, 0.5).unwrap();
        ends_of(curve.into(), |_| span(-0.5 * libm::log(root), half))
    };
    // 200 steps and 4 % of those, around 9,999.5.
    assert_eq!(around(10_000.0, 0.01), (9_792.0, 10_208.0));
    // The answer is r + 1/16 − 1/2, in doubt by 1/(64·r³): by 0.094 at 0.1125, which with a quarter more and 0.011 for
    // the window may be nothing; by 0.046 at 0.2625, which surely is one step.
    assert_eq!(around(0.55, 0.01), (0.0, 1.0));
    assert_eq!(around(0.7, 0.01), (1.0, 1.0));
    // Where slopes may change by more than an eighth a window tells nothing.
    assert!(around(10_000.0, 0.031).1 > 0.0);
    assert!(around(10_000.0, 0.032).1.is_nan());
}

#[test]
fn ends_differ_bit_for_bit_among_the_items_asked() {
    let mut ends = Ends::new();
    ends.low[..3].copy_from_slice(&[3.0, 4.0, 5.0]);
    ends.high[..3].copy_from_slice(&[3.0, 4.0, 6.0]);
    assert!(!ends.differ(2));
    assert!(ends.differ(3));
    ends.high[0] = f64::NAN;
    assert!(ends.differ(1));
}

/// Where the floor is beyond both ends the count does not matter; at the high end it does.
#[test]
fn ends_are_held_by_caps_and_agree_below_floors() {
    let mut ends = Ends::new();
    ends.low[..5].fill(3.0);
    ends.high[..4].fill(5.0);
    ends.high[4] = f64::NAN;
    ends.clamp(Bounds {
        floors: &[4, 5, 6, 0, 0],
        caps: &[NO_CAP, NO_CAP, NO_CAP, 4, 2],
    });
    let low = [3.0, 3.0, 3.0, 3.0, 2.0];
    assert_eq!(ends.low[..5], low);
    assert_eq!(ends.high[..4], [5.0, 5.0, 3.0, 4.0]);
    assert!(ends.high[4].is_nan());
}
