use super::super::super::{AllocateError, Problem};
use super::super::region::{Settled, settle};
use super::{BLUR, Limit, Market, constraints, lines, report, report_target};
use crate::allocate::concave::target::Reached;

/// Two activities in a group with a floor and a cap and one outside it, in yen, each with a floor of 2 and a cap.
fn problem(objective: &str, cap: u32) -> Problem {
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"JPY",{objective},
        "activities":[
        {{"id":"a","floor":"2","cap":"40","response":{{"logarithmic":{{"scale":9,"half":3}}}}}},
        {{"id":"b","floor":"2","cap":"40","response":{{"power":{{"scale":2,"exponent":0.5}}}}}},
        {{"id":"c","floor":"2","cap":"40","response":{{"logarithmic":{{"scale":12,"half":5}}}}}}],
        "groups":[{{"id":"g","floor":"6","cap":"{cap}","members":["a","b"]}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// The settled answer, changed, as it is checked.
fn told(problem: &Problem, change: impl Fn(&mut Settled)) -> Result<(), String> {
    let market = Market::of(problem).unwrap();
    let mut settled = settle(&market, market.budget.unwrap(), None);
    change(&mut settled);
    let taken = settled.taken.clone();
    let outcome = lines(&market, &settled, taken, &settled.price);
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

/// Whatever a search may have done wrong is seen before an answer is given.
#[test]
fn a_wrong_search_is_not_answered() {
    let problem = problem(r#""budget":"50""#, 30);
    assert_eq!(told(&problem, |_| {}), Ok(()));
    let market = Market::of(&problem).unwrap();
    let settled = settle(&market, 50, None);
    // Neither at a floor nor at a cap, in a group within its own.
    assert!(
        settled.taken.iter().all(|taken| (3..40).contains(taken)),
        "{settled:?}"
    );
    assert!((7..30).contains(&settled.spent[1]));
    // Items lie by node: `c` first, then the group's.
    let shifted = |item: usize, by: i64| {
        told(&problem, |settled| {
            settled.taken[item] += by;
            settled.spent[0] += i128::from(by);
            settled.spent[1] += if item == 0 { 0 } else { i128::from(by) };
        })
    };
    for item in 0..3 {
        for (by, said) in [
            // One more may be the very step whose gain is the price.
            (2, "a step is taken that returns less than the price"),
            (-1, "a step is left that returns more than the price"),
            (100, "outside its floor and cap"),
        ] {
            let error = shifted(item, by).unwrap_err();
            assert!(error.contains(said), "{item} by {by}: {error}");
        }
    }
    for (spent, said) in [
        (5, "a group lies outside its floor and cap"),
        (31, "a group lies outside its floor and cap"),
        (6, "a group does not spend what its members do"),
        (30, "a group does not spend what its members do"),
    ] {
        let error = told(&problem, |settled| settled.spent[1] = spent).unwrap_err();
        assert!(error.contains(said), "{spent}: {error}");
    }
    let error = told(&problem, |settled| settled.spent[0] += 1).unwrap_err();
    assert!(error.contains("what its members do"), "{error}");
}

#[test]
fn more_is_not_spent_than_the_budget() {
    let problem = problem(r#""budget":"50""#, 30);
    let market = Market::of(&problem).unwrap();
    let mut settled = settle(&market, 50, None);
    settled.spent[0] = 51;
    let error = report(&problem, &market, settled).unwrap_err();
    assert!(
        matches!(error, AllocateError::FailedCheck { .. }),
        "{error}"
    );
}

/// A target that the floors alone reach has no price; one that takes more has the price of its last step.
#[test]
fn the_price_of_a_target_is_that_of_its_last_step() {
    let problem = problem(r#""target":30"#, 30);
    let market = Market::of(&problem).unwrap();
    let at = |total: i64| settle(&market, total, None);
    let price = |before: Option<Settled>| {
        let reached = Reached {
            settled: at(40),
            before,
        };
        report_target(&problem, &market, reached)
            .unwrap()
            .shadow_price()
    };
    assert_eq!(price(None).to_bits(), 0.0_f64.to_bits());
    let before = at(39);
    let last = before.price[0];
    assert!(last > 0.0);
    assert!((price(Some(before)) - 1.0 / last).abs() <= 1e-15 / last);
    // Beyond all caps nothing is refused, and there is no price.
    let full = Reached {
        settled: at(1_000),
        before: Some(at(1_000)),
    };
    let told = report_target(&problem, &market, full).unwrap();
    assert_eq!(told.shadow_price().to_bits(), 0.0_f64.to_bits());
}

/// A gain that lies on the wrong side of the price by a share that may be rounding, a hundredth of a thousandth of a
/// millionth, is let pass up to that share and no further.
#[test]
fn a_gain_may_lie_beyond_the_price_by_rounding() {
    let problem: Problem = serde_json::from_str(
        r#"{"schema":"sortie/problem/1","currency":"JPY","budget":"50",
        "activities":[{"id":"a","response":{"logarithmic":{"scale":9,"half":3}}}]}"#,
    )
    .unwrap();
    let market = Market::of(&problem).unwrap();
    let settled = settle(&market, 50, None);
    let told = |price: f64| {
        let changed = Settled {
            price: vec![price],
            ..settled.clone()
        };
        let outcome = lines(&market, &changed, settled.taken.clone(), &changed.price);
        outcome.map(|(columns, _)| columns.marginal[0])
    };
    // A yen each, so that what the next step gains is a gain for each currency unit.
    let next = told(settled.price[0]).unwrap();
    let last = market.curve(0).gain(49, market.layout.unit).0;
    // The prices from which on, and up to which, the steps are as the price says, but for rounding.
    let mut lowest = next / (1.0 + BLUR) * (1.0 - 1e-15);
    while lowest * (1.0 + BLUR) < next {
        lowest = lowest.next_up();
    }
    let mut highest = last / (1.0 - BLUR) * (1.0 + 1e-15);
    while highest * (1.0 - BLUR) > last {
        highest = highest.next_down();
    }
    assert_eq!((lowest * (1.0 + BLUR)).to_bits(), next.to_bits());
    assert_eq!((highest * (1.0 - BLUR)).to_bits(), last.to_bits());
    assert!(told(lowest).is_ok() && told(highest).is_ok());
    assert!(told(lowest * (1.0 - 1e-15)).is_err());
    assert!(told(highest * (1.0 + 1e-15)).is_err());
}

/// More than one thread's share of activities, the first of which takes too little and the last too much: the first is told,
/// whichever was looked at first.
#[test]
fn of_several_faults_the_first_is_told() {
    let count = 20_000_usize;
    let activities: Vec<String> = (0..count)
        .map(|at| {
            format!(
                r#"{{"id":"a{at:05}","cap":"40","response":{{"logarithmic":{{"scale":9,"half":3}}}}}}"#
            )
        })
        .collect();
    let problem: Problem = serde_json::from_str(&format!(
        r#"{{"schema":"sortie/problem/1","currency":"JPY","budget":"{}","activities":[{}]}}"#,
        10 * count,
        activities.join(",")
    ))
    .unwrap();
    let first = |low: usize, high: usize| {
        told(&problem, |settled| {
            settled.taken[low] -= 1;
            settled.taken[high] += 100;
        })
        .unwrap_err()
    };
    let (left, outside) = ("a step is left", "outside its floor and cap");
    assert!(first(0, count - 1).contains(left));
    assert!(first(count - 1, 0).contains(outside));
}

/// A chain of groups with caps, each inside the one before, beside one that none limits.
#[test]
fn an_activity_is_limited_by_the_innermost_group_that_binds() {
    let problem: Problem = serde_json::from_str(
        r#"{"schema":"sortie/problem/1","currency":"JPY","budget":"50","activities":[],
        "groups":[{"id":"g0","cap":"40"},{"id":"g1","cap":"30","parent":"g0"},
        {"id":"g2","cap":"20","parent":"g1"},{"id":"g3"}]}"#,
    )
    .unwrap();
    let market = Market::of(&problem).unwrap();
    let nodes = &market.layout.nodes;
    let (budget, outer, middle, inner) = (
        Limit::Budget,
        Limit::Group(0),
        Limit::Group(1),
        Limit::Group(2),
    );
    // Whether each has a price of its own, what it spends, and what limits the members of each.
    for (binds, spent, limits) in [
        // None binds.
        ([false; 4], [9, 9, 9, 9], [budget, budget, budget, budget]),
        // The outer one has a price of its own, by its floor say, or is full without one.
        (
            [true, false, false, false],
            [9, 9, 9, 9],
            [outer, outer, outer, budget],
        ),
        ([false; 4], [40, 9, 9, 9], [outer, outer, outer, budget]),
        (
            [true, false, false, false],
            [40, 9, 9, 9],
            [outer, outer, outer, budget],
        ),
        // Inside it, the middle one or the inner one binds too, or alone.
        (
            [true, true, false, false],
            [40, 30, 9, 9],
            [outer, middle, middle, budget],
        ),
        (
            [true, false, true, false],
            [40, 9, 20, 9],
            [outer, outer, inner, budget],
        ),
        (
            [false, false, true, false],
            [9, 9, 9, 9],
            [budget, budget, inner, budget],
        ),
    ] {
        let mut settled = Settled {
            taken: Vec::new(),
            price: vec![0.0; 5],
            binds: vec![false; 5],
            spent: vec![0; 5],
        };
        for (at, node) in nodes.iter().enumerate().skip(1) {
            let group = usize::try_from(node.group).unwrap();
            (settled.binds[at], settled.spent[at]) = (binds[group], spent[group]);
        }
        let found = constraints(&market, &settled, &settled.spent);
        assert_eq!(found[..4], limits, "{binds:?} {spent:?}");
        assert_eq!(found[4], budget);
    }
}
