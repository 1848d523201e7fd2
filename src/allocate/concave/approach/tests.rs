//! How near a search comes to the price, and how many sweeps it takes.

use super::super::layout::Market;
use super::super::region::Region;
use super::super::runs::Run;
use super::super::step_curve::Unit;
use super::super::tests::spy::{Spy, add, place_for_spy, powers};
use super::*;
use crate::numeric::cast::i64_clamped;
use crate::response::{Adbudg, Concave, Curve, Logarithmic, ModifiedExponential, Power};

const JPY: Unit = Unit {
    minor: 1,
    per_unit: 1,
};

fn rows(columns: &Columns) -> Rows<'_> {
    Rows {
        columns,
        segments: &columns.segments,
    }
}

/// Searches over columns with a place for a spy first, and the logarithms of the prices that the spy was asked.
fn hear(
    gains: Vec<f64>,
    columns: &Columns,
    total: i64,
    search: impl FnOnce(&Sweeper<'_, '_>, &mut [i64]) -> Option<Near>,
) -> (Option<Near>, Vec<f64>) {
    let spy = Spy::new(gains);
    let problem = spy.problem();
    let market = Market::of(&problem).unwrap();
    let region = Region {
        node: 0,
        total,
        exact: false,
    };
    let mut steps = vec![0; columns.a.len()];
    let near = search(&Sweeper::new(&market, region), &mut steps);
    (near, spy.ln_prices())
}

/// Newton from a price, with the first stride from a price known to be near.
fn from(
    at: f64,
    stride: f64,
    columns: &Columns,
) -> impl FnOnce(&Sweeper<'_, '_>, &mut [i64]) -> Option<Near> {
    move |sweeper, steps| newton(sweeper, rows(columns), steps, Start { at, stride }, false)
}

fn assert_near(found: &[f64], wanted: &[f64]) {
    assert!(found.len() >= wanted.len(), "{found:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-9, "{found} not {wanted}");
    }
}

/// Demand of just the total does not exceed it: such a price is the upper end.
#[test]
fn a_bracket_has_the_total_between_its_ends() {
    let mut bracket = Bracket::default();
    assert!(bracket.ends().is_none() && bracket.between().is_nan());
    assert!(bracket.near(1e9, false).is_none());
    bracket.narrow(2.0, 0.0);
    assert_eq!((bracket.below, bracket.above), (None, Some((2.0, 0.0))));
    bracket.narrow(1.0, 0.5);
    assert_eq!(bracket.ends(), Some((1.0, 2.0)));
}

fn bracket((low, more): (f64, f64), (high, less): (f64, f64)) -> Bracket {
    Bracket {
        below: Some((low, more)),
        above: Some((high, less)),
    }
}

/// From 30 too many at 1 down to 10 too few at 5, it meets the total after three quarters of the way: at 4. From 99 to
/// -1 that would be 0.99 of the way, and from 1 to -99 a hundredth: a tenth is kept off either end.
#[test]
fn a_line_between_the_ends_meets_the_total() {
    for (more, less, wanted) in [
        (30.0, -10.0, 4.0),
        (10.0, -30.0, 2.0),
        (99.0, -1.0, 4.6),
        (1.0, -99.0, 1.4),
    ] {
        let found = bracket((1.0, more), (5.0, less)).between();
        assert!((found - wanted).abs() < 1e-12, "{found} not {wanted}");
    }
}

/// With a noise of 24 a bracket of 2 + 24/8 = 5 steps will do, however wide; and one narrower than 1e-12, whatever lies
/// in it. For a rough look it must be narrower than a thousandth, and few steps are not enough.
#[test]
fn a_bracket_ends_the_search_once_it_holds_few_steps_or_is_narrow() {
    for (more, less, high, rough, ends) in [
        (3.0, -2.0, 1.0, false, true),
        (3.5, -2.0, 1.0, false, false),
        (4.0, -2.0, 1.0, false, false),
        (900.0, -100.0, 1e-13, false, true),
        (900.0, -100.0, 1e-12, false, false),
        (900.0, -100.0, 5e-4, true, true),
        (900.0, -100.0, 1e-3, true, false),
        (3.0, -2.0, 1.0, true, false),
    ] {
        let bracket = bracket((0.0, more), (high, less));
        let found = bracket.near(24.0, rough);
        assert_eq!(found.is_some(), ends, "{bracket:?}");
    }
}

/// Its middle, a hair more than half its width, and its steps by its width. Ends that cannot be told apart leave the
/// room that rounding needs.
#[test]
fn what_a_bracket_says_holds_both_its_ends() {
    let wide = bracket((1.0, 3.0), (3.0, -2.0));
    let (middle, width, slope) = wide.near(24.0, false).unwrap();
    assert!((middle - 2.0).abs() < 1e-12, "{middle}");
    assert!((width - 1.01).abs() < 1e-12, "{width}");
    assert!((slope - 2.5).abs() < 1e-12, "{slope}");
    let one = bracket((5.0, 1.0), (5.0, -1.0));
    let (middle, width, _) = one.near(24.0, false).unwrap();
    assert!((middle - 5.0).abs() < 1e-12, "{middle}");
    assert_eq!(width.to_bits(), (4.0 * f64::EPSILON).to_bits());
}

/// 24,000 items: every fourth of each segment, from its third on; of a segment of one, that one. `Other` ones are left
/// out. Each has its own parameters, runs and bounds, and its segment says how many it stands for.
#[test]
fn a_sample_has_every_so_many_th_item_of_each_segment() {
    let lengths = [
        (Family::Exponential, 0, 12_000, None),
        (Family::Logarithmic, 0, 3, Some(0)),
        (Family::Power, 0, 1, Some(3)),
        (Family::Piecewise, 1, 10, None),
        (Family::Hyperbolic, 1, 11_976, Some(4)),
        (Family::Other, 1, 10, None),
    ];
    let mut columns = Columns::default();
    let mut next = 0_u32;
    for (family, node, count, bounds) in lengths {
        let items = next..next + count;
        next += count;
        let number = |item: u32| {
            let item = f64::from(item);
            [item, item + 0.25, item + 0.5]
        };
        add(&mut columns, family, node, items.map(number));
        columns.segments.last_mut().unwrap().bounds = bounds;
    }
    columns.floor = (0..11_980).collect();
    columns.cap = (20_000..31_980).collect();
    for item in 12_004..12_014 {
        let place = columns.runs.len();
        for end in [3, 5] {
            let gain = columns.c[item] / f64::from(end);
            columns.runs.push(Run {
                end: i64::from(end),
                gain,
            });
        }
        columns.a[item] = f64_of_usize(place);
        columns.b[item] = f64_of_usize(place + 2);
    }
    let sample = sample(rows(&columns));
    // (counted, stands for each): thousands, and then by hand.
    let wanted = [(3_000, 4.0), (1, 3.0), (1, 1.0), (2, 5.0), (2_994, 4.0)];
    assert_eq!(sample.segments.len(), wanted.len());
    let mut start = 0;
    for ((segment, whole), (count, weight)) in
        sample.segments.iter().zip(&columns.segments).zip(wanted)
    {
        assert_eq!(
            (segment.family, segment.node, segment.items.clone()),
            (whole.family, whole.node, start..start + count)
        );
        start += count;
        assert!((segment.weight - weight).abs() < 1e-12, "{segment:?}");
        let first = whole.items.start + if whole.items.len() > 2 { 2 } else { 0 };
        for (place, item) in segment.items.clone().enumerate() {
            let of = first + 4 * place;
            assert_eq!(sample.c[item].to_bits(), columns.c[of].to_bits());
            if segment.family == Family::Piecewise {
                assert_eq!(sample.runs_at(item), columns.runs_at(of));
            } else {
                assert_eq!(sample.a[item].to_bits(), columns.a[of].to_bits());
                assert_eq!(sample.b[item].to_bits(), columns.b[of].to_bits());
            }
            let bounds = |columns: &Columns, segment: &Segment, item: usize| {
                let bounds = columns.bounds(segment, item..item + 1)?;
                Some(bounds.at(0))
            };
            let own = bounds(&sample, segment, item);
            assert_eq!(own, bounds(&columns, whole, of));
            assert_eq!(own.is_some(), whole.bounds.is_some());
        }
    }
    assert_eq!((sample.a.len(), sample.runs.len()), (start, 4));
}

/// Ten equal curves, or a sample of ten for forty, with 1,000 yen for each: the guess is the slope there.
#[test]
fn a_guess_is_the_slope_at_an_equal_share() {
    let curves: [Curve; 5] = [
        ModifiedExponential::new(500.0, 1e-4).unwrap().into(),
        Logarithmic::new(500.0, 300.0).unwrap().into(),
        Power::new(7.0, 0.4).unwrap().into(),
        Adbudg::new(500.0, 1.0, 300.0).unwrap().into(),
        Adbudg::new(500.0, 0.5, 200.0).unwrap().into(),
    ];
    for curve in &curves {
        let (a, b, c) = super::super::columns::parameters(curve, JPY, 0.0);
        let mut columns = Columns::default();
        let family = super::super::columns::family_of(curve);
        add(&mut columns, family, 0, [[a, b, c]; 10]);
        let wanted = libm::log(curve.as_concave().unwrap().marginal(1_000.0));
        for (weight, total) in [(1.0, 10_000.0), (4.0, 40_000.0)] {
            columns.segments[0].weight = weight;
            let found = first_guess(total, rows(&columns));
            assert!(
                (found - wanted).abs() < 1e-3,
                "{curve:?}: {found} not {wanted}"
            );
        }
    }
}

/// However many there are, a guess looks at some 24 of them: of 240 at every tenth, which here gain e³ and all others e⁵⁰.
/// Where there is no slope to look at, it is a price of 1.
#[test]
fn a_guess_looks_at_few_items() {
    let mut columns = Columns::default();
    let gain = |at: u32| if at % 10 == 0 { 3.0 } else { 50.0 };
    let gains = (0..240).map(|at| [gain(at), 1e-9, 0.0]);
    add(&mut columns, Family::Exponential, 0, gains);
    assert!((first_guess(240.0, rows(&columns)) - 3.0).abs() < 1e-6);
    let mut straight = Columns::default();
    add(&mut straight, Family::Piecewise, 0, [[0.0; 3]; 30]);
    assert!(first_guess(240.0, rows(&straight)).abs() < 1e-12);
}

/// The first price that all of 20,000 items are asked is the guess; of more, a sample is asked first, and then all where
/// the sample found the price: one sweep or two.
#[test]
fn only_a_large_market_is_first_seen_through_a_sample() {
    for (count, sampled) in [(19_999, false), (20_000, true)] {
        let columns = powers(count);
        let rows = rows(&columns);
        let total = 100 * i64::from(count);
        let mut guess = 0.0;
        let (near, prices) = hear(vec![], &columns, total, |sweeper, steps| {
            guess = first_guess(sweeper.total, rows);
            approach(sweeper, rows, None, steps)
        });
        let near = near.unwrap();
        assert!((guess - near.at).abs() > 0.05, "the guess is too good");
        let first = prices[0];
        assert_eq!((first - guess).abs() < 1e-9, !sampled, "{prices:?}");
        assert_eq!((first - near.at).abs() < 0.01, sampled, "{prices:?}");
        assert!(prices.len() <= if sampled { 2 } else { 6 }, "{prices:?}");
        // A guess that is handed in is what is asked first.
        let (_, prices) = hear(vec![], &columns, total, |sweeper, steps| {
            approach(sweeper, rows, Some(near.at), steps)
        });
        assert_near(&prices, &[near.at]);
        assert_eq!(prices.len(), 1);
    }
}

/// Ten steps of a gain of e⁻¹⁰⁰, of which five are wanted: strides grow fourfold from the first until one passes the gain. A
/// sixth step shows that the total is exceeded: between 1 too many and 5 too few the line goes a sixth of the way.
#[test]
fn strides_grow_fourfold_until_the_total_lies_between() {
    let columns = place_for_spy();
    let gain = libm::exp(-100.0);
    let (_, prices) = hear(vec![gain; 10], &columns, 5, from(0.0, 0.5, &columns));
    let line = -170.5 + 128.0 / 6.0;
    assert_near(&prices, &[0.0, -0.5, -2.5, -10.5, -42.5, -170.5, line]);
    // And upwards.
    let gain = libm::exp(100.0);
    let (_, prices) = hear(vec![gain; 10], &columns, 5, from(0.0, 0.5, &columns));
    assert_near(&prices, &[0.0, 0.5, 2.5, 10.5, 42.5, 170.5]);
}

/// The price sought is one at which demand exceeds the total: where it just meets it, and nothing slopes, that lies below.
/// Here there is none, and no price is named.
#[test]
fn where_demand_is_the_total_the_price_lies_below() {
    let columns = place_for_spy();
    let (near, prices) = hear(vec![1.0; 10], &columns, 10, from(-1.0, 0.5, &columns));
    assert!(near.is_none());
    assert_near(&prices, &[-1.0, -1.5, -3.5]);
    // Strides of 4 to the power of 5 are enough to leave all floats.
    assert!(prices.len() <= 7, "{prices:?}");
}

/// Logarithms up to 690 are asked; what lies beyond them, or is none, is left to the slow way without a sweep.
#[test]
fn prices_that_are_hardly_floats_are_not_asked() {
    let columns = place_for_spy();
    for at in [691.0, -691.0, f64::NAN] {
        let (near, prices) = hear(vec![1.0; 10], &columns, 5, from(at, 0.5, &columns));
        assert!(near.is_none() && prices.is_empty(), "{at}: {prices:?}");
    }
    for at in [690.0, -690.0] {
        let (_, prices) = hear(vec![1.0; 10], &columns, 5, from(at, 0.5, &columns));
        assert_near(&prices, &[at]);
    }
}

/// Powers of many exponents, which the line between two prices would near one tenth at a time: three or four sweeps gain all
/// digits, whichever side they start from.
#[test]
fn newton_keeps_its_order_within_the_bracket() {
    let columns = powers(64);
    let mut total = 0;
    hear(vec![], &columns, 1 << 40, |sweeper, steps| {
        let demand = sweeper.sweep(rows(&columns), Price::of_ln(5.0), steps, None);
        total = i64_clamped(demand[0].steps, 1, i64::MAX);
        None
    });
    for start in [2.0, 4.0, 6.0, 8.0] {
        let (near, prices) = hear(vec![], &columns, total, from(start, 4.0, &columns));
        let near = near.unwrap();
        assert!((near.at - 5.0).abs() <= near.width, "{near:?}");
        assert!(prices.len() <= 6, "from {start}: {prices:?}");
    }
}

/// Equal powers have one elasticity: the first step meets the price, and the second sweep sees that it does.
#[test]
fn a_rough_look_ends_at_a_step_below_a_thousandth() {
    let mut columns = place_for_spy();
    add(&mut columns, Family::Power, 0, [[10.0, 0.5, 0.0]; 64]);
    // (10 − ln price)·2 = ln of a million each.
    let at = 10.0 - 0.5 * libm::log(1e6);
    let (near, prices) = hear(vec![], &columns, 64_000_000, |sweeper, steps| {
        let start = Start {
            at: at + 1.0,
            stride: STRIDE_FIRST,
        };
        newton(sweeper, rows(&columns), steps, start, true)
    });
    let near = near.unwrap();
    assert_eq!(prices.len(), 2, "{prices:?}");
    assert!((near.at - at).abs() < 1e-3 && near.width <= 0.0, "{near:?}");
}

/// One step per unit of ln(price) is a slope: a step of which it leaves less than the noise ends the search.
#[test]
fn a_slope_of_one_step_is_a_slope() {
    let mut columns = place_for_spy();
    add(&mut columns, Family::Exponential, 0, [[5.0, 1.0, 0.0]]);
    // Six steps gain at least 1, of the eight wanted.
    let (near, prices) = hear(vec![], &columns, 8, from(0.0, 0.5, &columns));
    assert_eq!(prices.len(), 1, "{prices:?}");
    assert!((near.unwrap().at + 0.5).abs() < 1e-12);
}

/// Half a window is the noise of n staircases, 2√n + n/1500 steps, and what the step leaves, slope·step², both by the
/// slope; and besides that, however steep demand is, four roundings of the price.
#[test]
fn a_window_is_as_wide_as_noise_the_last_step_and_rounding() {
    // By count: steps for each, and how far off the start is.
    for (count, each, off, noise) in [
        (10_000, 1_000_000, 7e-5, 206.666_666_666_666_67),
        (1, 1_000_000_000_000_000, 1e-8, 2.000_666_666_666_667),
    ] {
        let mut columns = Columns::default();
        add(
            &mut columns,
            Family::Power,
            0,
            vec![[17.0, 0.5, 0.0]; count],
        );
        let at = 17.0 - 0.5 * libm::log(crate::numeric::cast::f64_of_i64(each)) + off;
        let total = each * crate::numeric::cast::i64_of_usize(count);
        let (near, _) = hear(vec![], &columns, total, from(at, 0.5, &columns));
        let near = near.unwrap();
        // The only sweep was at the start.
        assert_eq!(near.swept.0.to_bits(), at.to_bits());
        let step = near.at - at;
        let left = near.slope * step * step;
        assert!(left > 0.05 * noise && left < noise, "{left}");
        let rest = near.width - (noise + left) / near.slope;
        assert!(
            (rest - 4.0 * f64::EPSILON).abs() < 0.25 * f64::EPSILON,
            "{count}: {near:?}, {rest:e}"
        );
    }
}

/// A step of 0.2 where the elasticity rose from 2 to 3 over half a unit: it changes by 2 per unit, so the step is divided by
/// 1 + 0.2·2/(2·3) = 16/15. Corrections to a half and below, or to two and above, are not trusted.
#[test]
fn newton_is_bent_by_the_change_of_elasticity() {
    for (newton, here, before, wanted) in [
        (0.2, (1.5, 3.0), (1.0, 2.0), 0.1875),
        (-0.2, (1.5, 3.0), (1.0, 2.0), -0.2 / (14.0 / 15.0)),
        // Factors of 0.4, 0.5, 2 and 2.5.
        (0.6, (1.5, 2.0), (1.0, 4.0), 0.6),
        (0.5, (1.5, 2.0), (1.0, 4.0), 0.5),
        (1.0, (1.5, 2.0), (1.0, 0.0), 1.0),
        (1.5, (1.5, 2.0), (1.0, 0.0), 1.5),
        // At one and the same price nothing is learnt.
        (0.2, (1.5, 3.0), (1.5, 3.0), 0.2),
    ] {
        let found = bent(newton, here, before);
        assert!((found - wanted).abs() < 1e-12, "{found} not {wanted}");
    }
}
