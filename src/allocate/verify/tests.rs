//! What verdicts rest on: the savings that a lead leaves, the places of leaves, and answers that were tampered with.

use super::formula::Formula;
use super::model::{Domain, Offer};
use super::*;
use crate::allocate::{Restriction, solve};
use crate::response::{Curve, PiecewiseLinear};

fn close(found: f64, wanted: f64) {
    let accuracy = 1e-9 * wanted.abs().max(1e-3);
    assert!((found - wanted).abs() <= accuracy, "{found}, not {wanted}");
}

/// No activities; so many minor units in a currency unit, and multiples of a grain.
fn model(scale: i64, grain: i64) -> Model<'static> {
    Model {
        scale,
        budget: None,
        target: None,
        activities: Vec::new(),
        groups: Vec::new(),
        limits: Vec::new(),
        grain,
        forced: 0,
    }
}

fn point(spent: i64, value: f64, size: f64) -> Point {
    Point {
        at: Vec::new(),
        spent,
        value,
        size,
        group_spent: Vec::new(),
        used: Vec::new(),
    }
}

fn priced(budget: f64) -> Prices {
    Prices {
        budget,
        ..Prices::default()
    }
}

const fn leading(most: f64, size: f64) -> Lead {
    Lead { most, size }
}

/// 0.05 of value to spare at 2 a dollar are 2.5 cents: two whole cents can be saved, of 10.00 that are spent.
#[test]
fn a_saving_is_of_whole_grains() {
    let cents = model(100, 1);
    let gap = |spare: f64, price: f64, grain: i64| {
        let model = Model {
            grain,
            ..model(100, 1)
        };
        let point = point(1_000, 50.0, 0.0);
        target_gap(
            &model,
            1_000,
            &priced(price),
            (&point, leading(spare, 0.0)),
            50.0,
        )
    };
    close(gap(0.05, 2.0, 1), 0.02);
    close(gap(0.05, 2.0, 2), 0.02);
    close(gap(0.05, 2.0, 3), 0.0);
    // Nothing to spare, and less than nothing.
    close(gap(-0.05, 2.0, 1), 0.0);
    close(gap(-0.05, 0.0, 1), 0.0);
    // No more than what is spent, nor than what floors leave of it.
    close(gap(1e3, 2.0, 1), 10.0);
    let forced = Model {
        forced: 700,
        ..cents
    };
    let point = point(1_000, 50.0, 0.0);
    let found = target_gap(
        &forced,
        1_000,
        &priced(2.0),
        (&point, leading(1e3, 0.0)),
        50.0,
    );
    close(found, 3.0);
    // Where nothing is lawful nothing can be saved; where the prices bound nothing, all of it.
    close(gap(f64::NEG_INFINITY, 2.0, 1), 0.0);
    close(gap(f64::INFINITY, 2.0, 1), 10.0);
}

/// A yen that can be saved is one, to the last digit: 1 - 4ε and 4ε of that for rounding are 1.
#[test]
fn a_saving_of_just_one_grain_counts() {
    let yen = model(1, 1);
    let point = point(10, 0.0, 0.0);
    let lead = leading(1.0 - 4.0 * f64::EPSILON, 0.0);
    close(target_gap(&yen, 10, &priced(1.0), (&point, lead), 0.0), 1.0);
}

/// Without a price of money nothing bounds what is spent, unless what is reached falls short for certain.
#[test]
fn no_price_of_money_leaves_all_that_is_spent() {
    let point = point(1_000, 0.0, 0.0);
    let gap = |most| {
        target_gap(
            &model(100, 1),
            1_000,
            &priced(0.0),
            (&point, leading(most, 0.0)),
            0.0,
        )
    };
    close(gap(0.0), 10.0);
    close(gap(1.0), 10.0);
    close(gap(-1.0), 0.0);
}

/// Totals of a million are known to 4 ulps, 8.9e-10: a saving of half of that below a cent is one, whichever of the
/// totals is so large, and twice of that below is none.
#[test]
fn a_saving_is_not_lost_to_the_rounding_of_totals() {
    let hair = 4.0 * f64::EPSILON * 1e6;
    for (own, lead, target) in [
        (1e6, 0.0, 0.0),
        (0.0, 1e6, 0.0),
        (0.0, 0.0, 1e6),
        (0.0, 0.0, -1e6),
    ] {
        let point = point(1_000, target, own);
        // What the model is asked: the value is the target's.
        let gap = |below: f64| {
            let lead = leading(0.01 - below, lead);
            target_gap(&model(100, 1), 1_000, &priced(1.0), (&point, lead), target)
        };
        close(gap(hair / 2.0), 0.01);
        close(gap(hair * 2.0), 0.0);
    }
}

/// The same of a saving that is a difference of spends and worth, each of a million; and of one that is large itself.
#[test]
fn a_saving_is_not_lost_to_the_rounding_of_spends() {
    let spent = 100_000_000;
    let below = 1e-9;
    let least = point(0, 0.0, 0.0);
    let lead = leading(-(1e6 - 0.01 + below), 0.0);
    close(
        target_gap(&model(100, 1), spent, &priced(1.0), (&least, lead), 0.0),
        0.01,
    );
    // 4e-10 below 1,000,000.01, of 2,000,000.00 spent.
    let same = point(2 * spent, 0.0, 0.0);
    let lead = leading(1e6 + 0.01 - 4e-10, 0.0);
    let found = target_gap(&model(100, 1), 2 * spent, &priced(1.0), (&same, lead), 0.0);
    assert!((found - 1_000_000.01).abs() < 1e-6, "{found}");
}

/// Closed is a gap that the accuracy of values cannot tell from none: 1e-12 of the value, or 8 ulps of its parts.
#[test]
fn a_gap_is_closed_to_the_accuracy_of_values() {
    let ulp = f64::EPSILON;
    for (value, size, gap, closed) in [
        (1e3, 1e3, 1e-9, true),
        (-1e3, 1e3, 1e-9, true),
        (1e3, 1e3, 3e-9, false),
        // Parts of a thousand that cancel.
        (0.0, 1e3, 7e3 * ulp, true),
        (0.0, 1e3, 9e3 * ulp, false),
        // Values next to nothing are no less exact.
        (1e-10, 1e-10, 1e-9, false),
        (1e-10, 1e-10, 1e-23, true),
        (0.0, 0.0, 0.0, true),
    ] {
        let point = point(0, value, size);
        assert_eq!(
            is_closed(&model(100, 1), &point, gap),
            closed,
            "{value} {size} {gap}"
        );
        // A grain of money is told from none.
        let target = Model {
            target: Some(1.0),
            ..model(100, 1)
        };
        assert_eq!(is_closed(&target, &point, gap), gap <= 0.0);
    }
}

#[test]
fn an_unknown_activity_has_no_places() {
    let places = places(&model(100, 1), 0);
    assert!(places.low > places.high);
}

/// Restrictions of one activity hold together.
#[test]
fn an_area_is_what_all_restrictions_leave() {
    let curve: Curve = PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 1.0)])
        .unwrap()
        .into();
    let formula = Formula {
        curve: &curve,
        step: 5,
        scale: 100,
    };
    let offer = Offer::Steps {
        formula,
        low: 1,
        high: 9,
        or_nothing: false,
        uses: Vec::new(),
    };
    let mut model = model(100, 1);
    model.activities.push(Domain { group: None, offer });
    let leaf = |restrictions: &[(u32, i64, i64)]| {
        let restriction = |&(activity, low, high)| Restriction {
            activity,
            low,
            high,
        };
        let leaf = Leaf {
            restrictions: restrictions.iter().map(restriction).collect(),
            prices: Prices::default(),
        };
        area(&model, &leaf).map(|area| area.into_iter().collect::<Vec<_>>())
    };
    let found = |low, high| Some(vec![(0, Range { low, high })]);
    assert_eq!(leaf(&[]), Some(vec![]));
    assert_eq!(leaf(&[(0, 11, 34)]), found(3, 6));
    assert_eq!(leaf(&[(0, 0, i64::MAX)]), found(1, 9));
    assert_eq!(leaf(&[(0, 11, 34), (0, 0, 25)]), found(3, 5));
    assert_eq!(leaf(&[(0, 11, 34), (0, 20, 90)]), found(4, 6));
    assert_eq!(leaf(&[(1, 0, 5)]), None);
}

/// A cap's price is charged for the room below the cap: an answer that leaves 9.00 of a cap unused is not proved by a
/// price of that cap that makes more spending look dear.
#[test]
fn a_price_of_a_cap_that_has_room_proves_nothing() {
    let text = r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "100.00", "activities": [
        {"id": "a", "response": {"piecewise_linear": {"points": [[0, 0], [10, 20]]}}, "cap": "10.00"}],
        "groups": [{"id": "g", "cap": "10.00", "members": ["a"]}]}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let best = solve(&problem).unwrap();
    assert_eq!(verify(&problem, &best), Ok(Verdict::Proved));
    let usd = problem.currency();
    let minor = |minor| crate::money::Money::from_minor(minor, usd);
    let line = best.lines().next().unwrap();
    let parts = crate::allocate::LineParts {
        id: line.id.clone(),
        spend: minor(100),
        value: 2.0,
        marginal: line.marginal,
        option: None,
        limited_by: line.limited_by,
    };
    let mut groups = best.groups().to_vec();
    groups[0].spent = minor(100);
    let totals = crate::allocate::Totals {
        status: crate::allocate::Status::Optimal,
        value: 2.0,
        bound: 2.0,
        gap: 0.0,
        spent: minor(100),
        unspent: Some(minor(9_900)),
        shadow_price: 0.0,
    };
    let certificate = crate::allocate::Certificate {
        prices: Prices {
            budget: 0.0,
            resources: vec![],
            groups: vec![2.0],
        },
        leaves: vec![],
    };
    let worse = Allocation::from_parts(usd, totals, vec![], groups, vec![parts], certificate);
    // 10.00 are worth 20, so 18 are missing, and the price of 2 for 9.00 of room says so.
    match verify(&problem, &worse).unwrap() {
        Verdict::FeasibleWithin { gap } => close(gap, 18.0),
        Verdict::Proved => panic!("proved, though 18 more are to be had"),
    }
}
