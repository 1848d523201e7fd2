//! Places of offers, what is first among them, and what restrictions leave.

use super::*;
use crate::response::{Curve, Power};

fn curve() -> Curve {
    Power::new(1.0, 0.5).unwrap().into()
}

/// Counts from 4 to 10 of steps of 5 minor units, and perhaps nothing.
fn steps(curve: &Curve, or_nothing: bool) -> Offer<'_> {
    Offer::Steps {
        formula: Formula {
            curve,
            step: 5,
            scale: 100,
        },
        low: 4,
        high: 10,
        or_nothing,
        uses: Vec::new(),
    }
}

/// Nothing and three options of 10, 20 and 30, some of them open.
fn menu(open: [bool; 4], first: i64) -> Offer<'static> {
    let choices = open.into_iter().zip([0, 10, 20, 30]);
    let choices = choices.map(|(open, cost)| Choice {
        open,
        cost,
        ..Choice::EMPTY
    });
    Offer::Menu {
        choices: choices.collect(),
        first,
    }
}

const fn range(low: i64, high: i64) -> Range {
    Range { low, high }
}

/// As Euclid: what divides both, and is divided by whatever does.
#[test]
fn the_greatest_common_divisor_is_the_greatest() {
    assert_eq!(gcd(6, 4), 2);
    for a in 0..40 {
        for b in 0..40 {
            let divides = |d: &i64| a % d == 0 && b % d == 0;
            let greatest = (1..40).filter(divides).max();
            let wanted = if (a, b) == (0, 0) { Some(0) } else { greatest };
            assert_eq!(Some(gcd(a, b)), wanted, "{a} {b}");
        }
    }
}

/// Seven counts; with nothing before them eight places; a menu has one for each choice from the first that is lawful.
#[test]
fn places_count_what_is_lawful() {
    let curve = curve();
    assert_eq!(steps(&curve, false).places(), range(4, 10));
    assert_eq!(steps(&curve, true).places(), range(0, 7));
    assert_eq!(menu([true; 4], 0).places(), range(0, 3));
    assert_eq!(menu([true; 4], 1).places(), range(1, 3));
}

/// Place 0 beside a least spend is nothing, place 1 the least spend of 4 steps.
#[test]
fn the_first_place_is_a_count_or_an_open_choice() {
    let curve = curve();
    for (or_nothing, low, count) in [
        (false, 4, 4),
        (false, 7, 7),
        (true, 0, 0),
        (true, 1, 4),
        (true, 2, 5),
        (true, 5, 8),
    ] {
        let found = steps(&curve, or_nothing).first_of(range(low, 10));
        assert_eq!(found, (count, 5 * count), "{or_nothing} {low}");
    }
    let open = [true, false, true, true];
    for (places, wanted) in [
        (range(0, 3), (0, 0)),
        (range(1, 3), (2, 20)),
        (range(3, 3), (3, 30)),
        // None is open: the empty choice stands for it.
        (range(1, 1), (0, 0)),
    ] {
        assert_eq!(menu(open, 0).first_of(places), wanted, "{places:?}");
    }
    assert_eq!(
        menu([false, true, true, true], 0).first_of(range(0, 3)),
        (1, 10)
    );
}

/// A restriction keeps the places whose spend is within it, and no other: tried one by one.
#[test]
fn a_restriction_keeps_the_places_within_it() {
    let curve = curve();
    for or_nothing in [false, true] {
        let offer = steps(&curve, or_nothing);
        let all = offer.places();
        for low in -3..60 {
            for high in -3..60 {
                let spend = |place: i64| offer.first_of(range(place, place)).1;
                let within = |place: &i64| (low..=high).contains(&spend(*place));
                let kept: Vec<i64> = (all.low..=all.high).filter(within).collect();
                let left = offer.restricted(low, high);
                let found: Vec<i64> = (left.low..=left.high).collect();
                assert_eq!(found, kept, "{or_nothing}, {low} to {high}");
            }
        }
        assert_eq!(offer.restricted(0, i64::MAX), all);
    }
    // Of a menu choices are restricted, whatever they cost.
    assert_eq!(menu([true; 4], 1).restricted(0, 2), range(1, 2));
    assert_eq!(menu([true; 4], 0).restricted(2, i64::MAX), range(2, 3));
}

/// No member of a group can spend more than the tightest cap around it, the budget and its own.
#[test]
fn what_a_member_can_spend_ends_at_the_tightest_cap_around_it() {
    let curve = r#""response": {"power": {"scale": 9, "exponent": 0.5}}"#;
    let problem = |rest: &str| -> Problem {
        serde_json::from_str(&format!(
            r#"{{"schema": "sortie/problem/1", "currency": "USD", {rest}, "groups": [
                {{"id": "all", "cap": "5.00"}},
                {{"id": "wide", "parent": "all", "cap": "9.00", "members": ["a", "b"]}},
                {{"id": "tight", "parent": "all", "cap": "3.00", "members": ["c"]}}],
                "activities": [{{"id": "a", {curve}}}, {{"id": "b", {curve}, "cap": "2.00"}},
                {{"id": "c", {curve}}}, {{"id": "d", {curve}}}]}}"#
        ))
        .unwrap()
    };
    for (rest, most) in [
        (r#""budget": "7.00""#, [500, 200, 300, 700]),
        (r#""budget": "4.00""#, [400, 200, 300, 400]),
        (r#""target": 1"#, [500, 200, 300, i64::MAX]),
    ] {
        let problem = problem(rest);
        let model = Model::of(&problem);
        let found: Vec<i64> = (model.activities.iter())
            .map(|domain| match domain.offer {
                Offer::Steps { high, .. } => high,
                Offer::Menu { .. } => 0,
            })
            .collect();
        assert_eq!(found, most, "{rest}");
    }
}
