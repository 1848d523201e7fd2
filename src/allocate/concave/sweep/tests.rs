//! Demand as a sweep adds it up.

use super::super::bounds::NO_CAP;
use super::super::tests::spy::{Spy, add, grouped};
use super::*;

fn region(total: i64) -> Region {
    Region {
        node: 0,
        total,
        exact: false,
    }
}

fn assert_demand(found: Demand, steps: f64, slope: f64, of: &str) {
    let near = (found.steps - steps).abs() < 1e-9 && (found.slope - slope).abs() < 1e-9;
    assert!(near, "{found:?} of {of}, not {steps} and {slope}");
}

/// 200 steps and 400 per unit of ln(price) are an elasticity of 2: half the steps are asked for ln(2)/2 further up. No
/// further than 3 is gone, and nowhere from where nothing is asked for or nothing slopes.
#[test]
fn a_guess_keeps_the_elasticity() {
    let half = 0.5 * core::f64::consts::LN_2;
    for (steps, slope, total, wanted) in [
        (200.0, 400.0, 100, 5.0 + half),
        (100.0, 200.0, 200, 5.0 - half),
        (1e6, 1e5, 1, 8.0),
        (1.0, 0.1, 1_000_000, 2.0),
        (0.0, 0.0, 100, 5.0),
        (200.0, 0.0, 100, 5.0),
        (200.0, 400.0, 0, 5.0),
    ] {
        let found = Demand { steps, slope }.guess(5.0, total);
        assert!((found - wanted).abs() < 1e-12, "{found} not {wanted}");
    }
}

#[test]
fn rows_are_as_many_as_their_segments_hold() {
    let mut columns = Columns::default();
    for (count, rows) in [(5, 5), (3, 8), (2, 10)] {
        add(&mut columns, Family::Power, 0, vec![[1.0, 0.5, 0.0]; count]);
        let all = &columns.segments[..];
        let len = |segments| {
            let columns = &columns;
            Rows { columns, segments }.len()
        };
        assert_eq!(len(all), rows);
        // Of a part as well.
        assert_eq!(len(&all[all.len() - 1..]), count);
        assert_eq!(len(&all[1..]), rows - 5);
        assert_eq!(len(&[]), 0);
    }
}

fn answer(at: f64) -> Answers {
    let mut answers = Answers::new();
    answers.at[0] = at;
    answers.slope[0] = 7.0;
    answers
}

/// Where the price is met after 2.5 steps, steps 0, 1 and 2 gain enough. An item that takes nothing, or the most that
/// matters (here 10), does not follow the price.
#[test]
fn an_item_takes_the_steps_before_its_price_is_met() {
    let spy = Spy::new(vec![]);
    let problem = spy.problem();
    let market = Market::of(&problem).unwrap();
    let sweeper = Sweeper::new(&market, region(9));
    for (at, steps, slope) in [
        (2.5, 3.0, 7.0),
        (0.0, 1.0, 7.0),
        (-0.5, 0.0, 0.0),
        (-70.0, 0.0, 0.0),
        (8.9, 9.0, 7.0),
        (9.5, 10.0, 0.0),
        (1e300, 10.0, 0.0),
        (f64::NAN, 0.0, 0.0),
    ] {
        let found = sweeper.add_plain(1, &answer(at));
        assert_demand(found, steps, slope, &format!("{at}"));
    }
    let mut two = answer(2.5);
    (two.at[1], two.slope[1]) = (3.5, 2.0);
    // What lies behind the items is not theirs.
    two.at[2] = 5.0;
    assert_demand(sweeper.add_plain(2, &two), 7.0, 9.0, "two");
}

/// From a floor of 2 to a cap of 5 an item takes what it would; only strictly between does it follow the price. Beyond 10,
/// the most that matters, no cap is told from another, but a floor counts in full.
#[test]
fn an_item_with_bounds_follows_the_price_between_them() {
    let spy = Spy::new(vec![]);
    let problem = spy.problem();
    let market = Market::of(&problem).unwrap();
    let sweeper = Sweeper::new(&market, region(9));
    for (floor, cap, at, steps, slope) in [
        (2, 5, -0.5, 2.0, 0.0),
        (2, 5, 0.5, 2.0, 0.0),
        (2, 5, 1.5, 2.0, 0.0),
        (2, 5, 2.5, 3.0, 7.0),
        (2, 5, 3.5, 4.0, 7.0),
        (2, 5, 4.5, 5.0, 0.0),
        (2, 5, 70.5, 5.0, 0.0),
        (0, NO_CAP, 8.5, 9.0, 7.0),
        (0, NO_CAP, 9.5, 10.0, 0.0),
        (12, NO_CAP, 70.5, 12.0, 0.0),
    ] {
        let bounds = Bounds {
            floors: &[floor],
            caps: &[cap],
        };
        let found = sweeper.add_bounded(bounds, &answer(at));
        assert_demand(found, steps, slope, &format!("{floor} {cap} {at}"));
    }
    let bounds = Bounds {
        floors: &[2, 4],
        caps: &[5, 9],
    };
    let mut two = answer(2.5);
    (two.at[1], two.slope[1]) = (1.5, 2.0);
    assert_demand(sweeper.add_bounded(bounds, &two), 7.0, 7.0, "two");
}

/// Group `h` within `g` asks for 6 steps that slope by 100, the budget itself for 3 that slope by 10. A group passes on what
/// its floor and cap let pass, and its slope only if it is strictly between them.
#[test]
fn groups_pass_on_what_their_bounds_let_pass() {
    for (g, h, in_g, in_all) in [
        ((0, 99), (0, 99), (6.0, 100.0), (9.0, 110.0)),
        ((0, 99), (7, 99), (7.0, 0.0), (10.0, 10.0)),
        ((0, 99), (6, 99), (6.0, 0.0), (9.0, 10.0)),
        ((0, 99), (0, 6), (6.0, 0.0), (9.0, 10.0)),
        ((0, 99), (0, 5), (5.0, 0.0), (8.0, 10.0)),
        ((8, 99), (0, 99), (6.0, 100.0), (11.0, 10.0)),
        ((0, 4), (0, 99), (6.0, 100.0), (7.0, 10.0)),
        ((2, 8), (3, 7), (6.0, 100.0), (9.0, 110.0)),
    ] {
        let problem = grouped(g, h, &[]);
        let market = Market::of(&problem).unwrap();
        let mut columns = Columns::default();
        // At a price of 1 these meet it after 5.5 and 2.5 steps.
        add(&mut columns, Family::Exponential, 0, [[0.25, 0.1, 0.0]]);
        add(&mut columns, Family::Exponential, 2, [[0.055, 0.01, 0.0]]);
        let rows = Rows {
            columns: &columns,
            segments: &columns.segments,
        };
        let sweeper = Sweeper::new(&market, region(900));
        let sums = sweeper.sweep(rows, Price::of_ln(0.0), &mut [0; 2], None);
        let of = format!("{g:?} {h:?}");
        assert_demand(sums[2], 6.0, 100.0, &of);
        assert_demand(sums[1], in_g.0, in_g.1, &of);
        assert_demand(sums[0], in_all.0, in_all.1, &of);
        // An item that stands for three counts three times; here in the budget itself.
        let mut thrice = columns.clone();
        thrice.segments[0].weight = 3.0;
        let rows = Rows {
            columns: &thrice,
            segments: &thrice.segments,
        };
        let sums = sweeper.sweep(rows, Price::of_ln(0.0), &mut [0; 2], None);
        assert_demand(sums[0], in_all.0 + 6.0, in_all.1 + 20.0, &of);
    }
}

/// Where ADBUDG found its answers is kept bit for bit; families with a formula have nothing to keep.
#[test]
fn only_places_of_adbudg_are_kept() {
    let mut answers = Answers::new();
    let places = [-7.25, 0.0, 1e-300, 3.5];
    answers.place[..4].copy_from_slice(&places);
    for (family, keeps) in [
        (Family::Adbudg, true),
        (Family::Power, false),
        (Family::Hyperbolic, false),
        (Family::Piecewise, false),
    ] {
        let mut kept = [11; 4];
        keep(family, &answers, &mut kept);
        let wanted = places.map(|place: f64| if keeps { place.to_bits() } else { 11 });
        assert_eq!(kept.map(i64::cast_unsigned), wanted, "{family:?}");
    }
}
