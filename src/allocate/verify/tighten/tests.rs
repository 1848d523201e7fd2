//! What is dropped is out of reach, and nothing that can be had is dropped.

use super::super::formula::Formula;
use super::super::model::{Choice, Domain, Node};
use super::*;
use crate::response::{Curve, Power};

fn curve() -> Curve {
    Power::new(1.0, 0.5).unwrap().into()
}

/// Steps of 0.05 dollars.
fn steps(curve: &Curve, low: i64, high: i64, or_nothing: bool) -> Offer<'_> {
    Offer::Steps {
        formula: Formula {
            curve,
            step: 5,
            scale: 100,
        },
        low,
        high,
        or_nothing,
        uses: vec![(0, 1_000_000)],
    }
}

/// Least count, greatest count and whether nothing is lawful besides.
fn left(offer: &Offer<'_>) -> (i64, i64, bool) {
    match offer {
        Offer::Steps {
            low,
            high,
            or_nothing,
            ..
        } => (*low, *high, *or_nothing),
        Offer::Menu { .. } => panic!("steps are asked for"),
    }
}

/// All offers in one group with a floor, and a resource of which each dollar uses a unit.
fn model(offers: Vec<Offer<'_>>, floor: i64, limit: i128) -> Model<'_> {
    let of_one = |offer| Domain {
        group: Some(0),
        offer,
    };
    Model {
        scale: 100,
        budget: None,
        target: None,
        activities: offers.into_iter().map(of_one).collect(),
        groups: vec![Node {
            floor,
            cap: None,
            parent: None,
            grain: 5,
        }],
        limits: vec![limit],
        grain: 5,
        forced: 0,
    }
}

/// Units of the resource in millionths of a cent's.
const fn units(cents: i128) -> i128 {
    cents * 1_000_000
}

/// Two activities of at least 0.10 leave 0.30 of 0.40 to each: what an activity must use itself is not taken off it.
#[test]
fn a_resource_leaves_to_each_what_the_others_need_not() {
    let curve = curve();
    let offers = || vec![steps(&curve, 2, 50, false), steps(&curve, 2, 50, false)];
    let mut model = model(offers(), 0, units(40));
    model.tighten(1_000);
    for domain in &model.activities {
        assert_eq!(left(&domain.offer), (2, 6, false));
    }
}

/// Of a floor of 1.00, what one activity can spend at most is taken off what the other must at least.
#[test]
fn a_floor_forces_on_one_only_what_the_others_cannot_spend() {
    let curve = curve();
    for (high, or_nothing, forced) in [
        (4, false, 16),
        (4, true, 16),
        (0, false, 20),
        (30, false, 0),
    ] {
        let first = steps(&curve, i64::from(or_nothing), high, or_nothing);
        let mut model = model(
            vec![first, steps(&curve, 0, 50, false)],
            100,
            units(100_000),
        );
        model.tighten(10_000);
        assert_eq!(
            left(&model.activities[1].offer),
            (forced, 50, false),
            "{high}"
        );
    }
}

/// In steps of 0.05: no more than most, and nothing at all where the least spend does not fit.
#[test]
fn a_spend_by_itself_fits_into_most() {
    let curve = curve();
    for (low, high, or_nothing, most, wanted) in [
        (1, 4, false, 1_000, (5, 20)),
        (1, 4, false, 12, (5, 12)),
        (1, 4, true, 1_000, (0, 20)),
        (2, 4, true, 12, (0, 12)),
        // The least spend just fits, and does not by a cent.
        (2, 4, true, 10, (0, 10)),
        (2, 4, true, 9, (0, 0)),
        (1, 4, true, 5, (0, 5)),
        (1, 4, true, 4, (0, 0)),
    ] {
        let spends = steps(&curve, low, high, or_nothing).spends(most);
        assert_eq!((spends.low, spends.high), wanted, "{low}..{high} in {most}");
    }
}

/// Limits on steps of 0.05 are rounded inwards, and only a forced spend takes nothing away.
#[test]
fn steps_keep_what_is_within_limits() {
    let curve = curve();
    let plenty = units(100_000);
    for (spends, uses, wanted) in [
        ((0, 1_000), plenty, (2, 40, true)),
        ((-7, 1_000), plenty, (2, 40, true)),
        ((1, 1_000), plenty, (2, 40, false)),
        ((15, 1_000), plenty, (3, 40, false)),
        ((16, 1_000), plenty, (4, 40, false)),
        ((0, 30), plenty, (2, 6, true)),
        ((0, 34), plenty, (2, 6, true)),
        ((0, 1_000), units(30), (2, 6, true)),
        ((0, 1_000), units(34), (2, 6, true)),
        ((0, -1), plenty, (2, -1, true)),
    ] {
        let mut offer = steps(&curve, 2, 40, true);
        let (low, high) = spends;
        offer.restrict(Limits { low, high }, &[uses], 100);
        assert_eq!(left(&offer), wanted, "{spends:?} {uses}");
    }
}

/// Options of 1.00, 2.00 and 3.00 that use as many units: those at a limit stay.
#[test]
fn a_menu_keeps_what_is_within_limits() {
    let wide = 100_000_000;
    for (spends, uses, open) in [
        ((0, 300), 3 * wide, [true, true, true]),
        ((100, 300), 3 * wide, [true, true, true]),
        ((101, 300), 3 * wide, [false, true, true]),
        ((0, 200), 3 * wide, [true, true, false]),
        ((0, 199), 3 * wide, [true, false, false]),
        ((0, 300), 2 * wide, [true, true, false]),
        ((0, 300), 2 * wide - 1, [true, false, false]),
    ] {
        let choice = |units: u32| Choice {
            open: true,
            cost: i64::from(units) * 100,
            value: 0.0,
            uses: vec![(0, u64::from(units) * 1_000_000)],
        };
        let mut offer = Offer::Menu {
            choices: vec![choice(1), choice(2), choice(3)],
            first: 0,
        };
        let (low, high) = spends;
        offer.restrict(Limits { low, high }, &[uses], 100);
        let Offer::Menu { choices, .. } = offer else {
            panic!("it was a menu")
        };
        let found: Vec<bool> = choices.iter().map(|choice| choice.open).collect();
        assert_eq!(found, open, "{spends:?} {uses}");
    }
}
