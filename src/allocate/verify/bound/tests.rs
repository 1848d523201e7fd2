//! Gaps, slack and refined prices against sums worked out by hand.

use super::super::formula::Formula;
use super::super::model::Node;
use super::*;
use crate::response::{Curve, PiecewiseLinear};

fn line(points: &[(f64, f64)]) -> Curve {
    PiecewiseLinear::new(points).unwrap().into()
}

fn close(found: f64, wanted: f64, accuracy: f64) {
    assert!((found - wanted).abs() <= accuracy, "{found}, not {wanted}");
}

/// Steps of 0.01 of a curve in dollars.
fn steps<'a>(curve: &'a Curve, low: i64, high: i64, uses: &[(usize, u64)]) -> Offer<'a> {
    Offer::Steps {
        formula: Formula {
            curve,
            step: 1,
            scale: 100,
        },
        low,
        high,
        or_nothing: false,
        uses: uses.to_vec(),
    }
}

/// A model in dollars of one activity in the last of some groups.
fn model<'a>(offer: Offer<'a>, groups: Vec<Node>, limits: &[i128]) -> Model<'a> {
    let group = groups.len().checked_sub(1);
    Model {
        scale: 100,
        budget: Some(100_000),
        target: None,
        activities: vec![Domain { group, offer }],
        groups,
        limits: limits.to_vec(),
        grain: 1,
        forced: 0,
    }
}

const fn node(floor: i64, cap: Option<i64>, parent: Option<usize>) -> Node {
    Node {
        floor,
        cap,
        parent,
        grain: 1,
    }
}

/// The activity at a count of steps, each group spending as told.
fn point(at: i64, group_spent: &[i64]) -> Point {
    Point {
        at: vec![at],
        spent: at,
        value: 0.0,
        size: 0.0,
        group_spent: group_spent.to_vec(),
        used: vec![0],
    }
}

fn prices(budget: f64, resource: f64, groups: &[f64]) -> Prices {
    Prices {
        budget,
        resources: vec![resource],
        groups: groups.to_vec(),
    }
}

#[test]
fn a_sum_keeps_what_rounding_loses() {
    for terms in [[1e16, 1.0, -1e16], [1.0, 1e16, -1e16], [-1e16, 1.0, 1e16]] {
        let mut sum = Sum::default();
        for term in terms {
            sum.add(term);
        }
        assert!((sum.value() - 1.0).abs() < 1e-9, "{terms:?}");
    }
}

/// The multiples of the grain next to a limit, by counting.
#[test]
fn whole_spends_are_the_nearest_multiples() {
    for grain in 1..8 {
        for limit in 0..40 {
            let multiples = (0..100).map(|count| count * grain);
            let above = multiples.clone().find(|spend| *spend >= limit);
            let below = multiples.take_while(|spend| *spend <= limit).last();
            assert_eq!(Some(whole_above(limit, grain)), above, "{limit} by {grain}");
            assert_eq!(Some(whole_below(limit, grain)), below, "{limit} by {grain}");
        }
    }
    // Where nothing can be spent, nothing lies below a limit, and a floor stays what it is.
    assert_eq!((whole_below(7, 0), whole_above(7, 0)), (0, 7));
}

/// Room is charged at its price: 6.00 below a cap of 10.00 at 2 are 12, 3.00 above a floor of 1.00 at -5 are 15, and
/// 7 units of a resource at 0.5 are 3.5. What has no price costs nothing.
#[test]
fn slack_charges_every_priced_room() {
    let curve = line(&[(0.0, 0.0), (1.0, 1.0)]);
    let seven = 7_000_000 * 100;
    let groups = || vec![node(100, Some(1_000), None)];
    let model = model(steps(&curve, 0, 10, &[]), groups(), &[seven]);
    for (own, resource, wanted) in [
        (2.0, 0.0, 12.0),
        (-5.0, 0.0, 15.0),
        (0.0, 0.5, 3.5),
        (2.0, 0.5, 15.5),
        (0.0, 0.0, 0.0),
    ] {
        let found = slack(&model, &point(400, &[400]), &prices(0.0, resource, &[own]));
        close(found, wanted, 1e-12);
    }
}

/// A full price of 1 that is the difference of prices of a million, around which prices are known to 8 ulps of these.
fn around_one(budget: f64) -> f64 {
    1.0 - budget
}

/// Moves the full price of the last group; returns it with the cost of the move.
fn refined(model: &Model<'_>, at: i64, spent: &[i64], prices: &Prices) -> (f64, f64) {
    let mut full = money_prices(model, prices);
    let cost = refine(model, &point(at, spent), prices, &mut full);
    (full[spent.len() - 1], cost)
}

/// Slopes of 1 and a little more each: in billionths before 1.00 and after it.
fn bent(before: f64, after: f64) -> Curve {
    let (before, after) = (1.0 + before * 1e-9, 1.0 + after * 1e-9);
    line(&[(0.0, 0.0), (1.0, before), (2.0, before + after)])
}

/// Between what the last step returns and what the next one would, a price may stay; from outside it moves to the
/// nearer of the two, if that is within its rounding (8 ulps of two millions are 3.6e-9).
#[test]
fn a_price_moves_to_the_steps_within_its_rounding() {
    for (before, after, at, low, moved) in [
        (0.2, 0.1, 100, 0, 0.1),
        (-0.1, -0.2, 100, 0, -0.1),
        (0.1, -0.1, 100, 0, 0.0),
        // Further off than rounding.
        (2e3, 1e3, 100, 0, 0.0),
        (-1e3, -2e3, 100, 0, 0.0),
        // Steps that bend upwards hold no price.
        (0.1, 0.2, 100, 0, 0.0),
        // A step that a floor holds up says nothing of the price, nor does one beyond the last.
        (-0.1, -0.2, 100, 100, 0.0),
        (0.2, 0.1, 200, 0, 0.0),
    ] {
        let curve = bent(before, after);
        let model = model(
            steps(&curve, low, 200, &[]),
            vec![node(100, None, None)],
            &[0],
        );
        let own = around_one(1e6);
        let (full, cost) = refined(&model, at, &[100], &prices(1e6, 0.0, &[own]));
        close(full, 1.0 + moved * 1e-9, 1e-14);
        // The group spends its floor.
        close(cost, 0.0, 0.0);
    }
}

/// What uses cost is taken off what a step returns: slopes of 1 and a quarter for 2 units at an eighth.
#[test]
fn a_refined_price_leaves_uses_to_their_own() {
    for (before, after, moved) in [(0.2, 0.1, 0.1), (-0.1, -0.2, -0.1)] {
        let (before, after) = (1.25 + before * 1e-9, 1.25 + after * 1e-9);
        let curve = line(&[(0.0, 0.0), (1.0, before), (2.0, before + after)]);
        let offer = steps(&curve, 0, 200, &[(0, 2_000_000)]);
        let model = model(offer, vec![node(100, None, None)], &[0]);
        let own = around_one(1e6);
        let (full, _) = refined(&model, 100, &[100], &prices(1e6, 0.125, &[own]));
        close(full, 1.0 + moved * 1e-9, 1e-14);
    }
}

/// A move is paid for the room that the group leaves: above its floor if its price is a floor's, below its cap if a
/// cap's, and the wider of the two if the move may turn one into the other.
#[test]
fn a_moved_price_is_paid_for_room() {
    let million = 1e6;
    // A group in a group of a floor's price, so that the price of the inner one may be as small as the move.
    let nest = |own: f64, inner: (i64, Option<i64>), spent: i64| {
        let curve = bent(0.2, 0.1);
        let groups = vec![node(0, None, None), node(inner.0, inner.1, Some(0))];
        let model = model(steps(&curve, 0, 200, &[]), groups, &[0]);
        let outer = around_one(million) - own;
        refined(
            &model,
            100,
            &[spent, spent],
            &prices(million, 0.0, &[outer, own]),
        )
        .1
    };
    let move_by = 1e-10;
    // Of a floor of 1.00, 5.00 above it; at the cap, 6.00 below it.
    close(nest(-2.0, (100, None), 600), move_by * 5.0, 1e-14);
    close(nest(3.0, (100, Some(600)), 600), 0.0, 0.0);
    close(nest(3.0, (100, Some(1_200)), 600), move_by * 6.0, 1e-14);
    // A price smaller than the move, of either sign: 5.00 above the floor and 9.00 below the cap, and the reverse.
    for own in [1e-14, -1e-14] {
        close(nest(own, (100, Some(1_500)), 600), move_by * 9.0, 2e-13);
        close(nest(own, (100, Some(700)), 600), move_by * 5.0, 2e-13);
    }
}

/// A place beside nothing: every lawful count, tried one by one.
#[test]
fn a_lead_counts_only_lawful_places_and_all_their_prices() {
    let curve = line(&[(0.0, 0.0), (0.05, 1.0), (0.20, 1.9)]);
    let formula = Formula {
        curve: &curve,
        step: 1,
        scale: 100,
    };
    let uses = vec![(0, 2_000_000)];
    // Money at 3 and 2 units at 4: 0.11 a step, which gains 0.2 at first and 0.06 from the fifth on.
    let (money, resource, full) = (3.0, 4.0, 0.11);
    for low in [2, 7] {
        let domain = Domain {
            group: None,
            offer: Offer::Steps {
                formula,
                low,
                high: 12,
                or_nothing: true,
                uses: uses.clone(),
            },
        };
        for at in [0, low, 9] {
            let lawful = |place: i64| if place == 0 { 0 } else { low + place - 1 };
            for first in 0..4 {
                let places = Range {
                    low: first,
                    high: 5,
                };
                let over = |count: i64| {
                    formula.value(count) - formula.value(at) - full * f64_of_i64(count - at)
                };
                let most = (first..=5).map(|place| over(lawful(place)));
                let wanted = most.fold(f64::NEG_INFINITY, f64::max);
                close(
                    domain.lead(places, at, money, &[resource], 100),
                    wanted,
                    1e-12,
                );
            }
        }
    }
}

/// Options of 1.00 and 2.00, worth 5 and 9, that use 1 and 3 units; money at 2 and units at 1.5. Nothing nets 0, the
/// first 5 - 2 - 1.5 = 1.5, the second 9 - 4 - 4.5 = 0.5.
#[test]
fn a_lead_of_a_menu_is_that_of_the_best_open_option() {
    let choice = |cost, value, units: u64| Choice {
        open: true,
        cost,
        value,
        uses: vec![(0, units * 1_000_000)],
    };
    let net = [0.0, 1.5, 0.5];
    for closed in [None, Some(1)] {
        let mut choices = vec![Choice::EMPTY, choice(100, 5.0, 1), choice(200, 9.0, 3)];
        for (at, choice) in choices.iter_mut().enumerate() {
            choice.open = closed != Some(at);
        }
        let best = if closed.is_some() { 0.5 } else { 1.5 };
        let domain = Domain {
            group: None,
            offer: Offer::Menu { choices, first: 0 },
        };
        for (at, own) in (0..).zip(net) {
            let lead = |low, high| domain.lead(Range { low, high }, at, 2.0, &[1.5], 100);
            close(lead(0, 2), best - own, 1e-12);
            close(lead(2, 2), 0.5 - own, 1e-12);
            assert!(lead(2, 1) == f64::NEG_INFINITY);
        }
    }
}
