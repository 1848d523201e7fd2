use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::super::{AllocateError, Infeasible, Problem};
use super::super::report::value_of;
use super::{Market, REACH, reach};

/// Curves of four families in dollars, worth so many times what they are in units of value, for a target.
fn problem(times: f64) -> Problem {
    let curve = |at: u32| {
        let size = f64::from(20 + 37 * (at % 11));
        let scale = size * times;
        match at % 4 {
            0 => format!(
                r#"{{"modified_exponential":{{"scale":{},"rate":{}}}}}"#,
                3.0 * scale,
                1.0 / size
            ),
            1 => format!(
                r#"{{"logarithmic":{{"scale":{scale},"half":{}}}}}"#,
                size / 3.0
            ),
            2 => format!(r#"{{"power":{{"scale":{},"exponent":0.6}}}}"#, scale / 9.0),
            _ => format!(
                r#"{{"adbudg":{{"scale":{},"exponent":0.8,"half":{size}}}}}"#,
                2.0 * scale
            ),
        }
    };
    let activities: Vec<String> = (0..24)
        .map(|at| {
            format!(
                r#"{{"id":"a{at}","cap":"400.00","response":{}}}"#,
                curve(at)
            )
        })
        .collect();
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"USD","target":1,"activities":[{}]}}"#,
        activities.join(",")
    );
    serde_json::from_str(&text).unwrap()
}

/// The most that can be reached.
fn most(market: &Market<'_>) -> f64 {
    let values = |item: usize, taken: i64| value_of(market, item, taken);
    match reach(market, 1e9, 0, values) {
        Err(AllocateError::Infeasible(Infeasible::Target { most, .. })) => most,
        _ => panic!("a thousand million is out of reach"),
    }
}

/// Newton's steps from the left: a few totals are solved for, besides none, all and the two that are the answer. In
/// whatever unit values are.
#[test]
fn a_target_takes_few_totals() {
    for times in [1.0, 1e-9] {
        let problem = problem(times);
        let market = Market::of(&problem).unwrap();
        let all = most(&market);
        // Near saturation, where value hardly slopes, totals are halved: some 15 bits of 960,000 cents.
        for (share, least, most) in [
            (0.01, 1, 14),
            (0.1, 1, 14),
            (0.5, 1, 14),
            (0.9, 1, 14),
            (0.99, 1, 14),
            (0.999_999, 17, 45),
        ] {
            let totals = totals_for(&market, share * all);
            assert!((least..=most).contains(&totals), "{totals} for {share}");
        }
    }
}

/// Reaches a target with the least total, and tells how many were solved for.
fn totals_for(market: &Market<'_>, target: f64) -> usize {
    let looks = AtomicUsize::new(0);
    let values = |item: usize, taken: i64| {
        let looks = looks.fetch_add(1, Ordering::Relaxed);
        assert!(looks < 24 * 500, "solved again and again");
        value_of(market, item, taken)
    };
    let reached = reach(market, target, 0, values).unwrap();
    let totals = looks.into_inner() / 24;
    // A cent less does not reach.
    let before = reached.before.unwrap();
    let value = |taken: &[i64]| -> f64 {
        (0..)
            .zip(taken)
            .map(|(item, &taken)| value_of(market, item, taken))
            .sum()
    };
    assert_eq!(reached.settled.spent[0] - before.spent[0], 1);
    assert!(value(&reached.settled.taken) >= target * (1.0 - 1e-12));
    assert!(value(&before.taken) < target);
    totals
}

/// All that there is reaches a target that is more than it by half a millionth of a millionth, and none beyond.
#[test]
fn what_reaches_a_target_but_for_rounding_reaches_it() {
    let problem = problem(1.0);
    let market = Market::of(&problem).unwrap();
    let all = most(&market);
    let values = |item: usize, taken: i64| value_of(&market, item, taken);
    let goal = |target: f64| target - REACH * target;
    let mut target = all;
    while goal(target) < all {
        target = target.next_up();
    }
    assert_eq!(goal(target).to_bits(), all.to_bits());
    assert!(reach(&market, target, 0, values).is_ok());
    while goal(target) <= all {
        target = target.next_up();
    }
    assert!(reach(&market, target, 0, values).is_err());
}
