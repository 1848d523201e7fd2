use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::super::{AllocateError, Infeasible, Problem};
use super::super::report::value_of;
use super::{Market, reach};

/// Curves of four families in dollars, for a target.
fn problem() -> Problem {
    let curve = |at: u32| {
        let size = f64::from(20 + 37 * (at % 11));
        match at % 4 {
            0 => format!(
                r#"{{"modified_exponential":{{"scale":{},"rate":{}}}}}"#,
                3.0 * size,
                1.0 / size
            ),
            1 => format!(
                r#"{{"logarithmic":{{"scale":{size},"half":{}}}}}"#,
                size / 3.0
            ),
            2 => format!(r#"{{"power":{{"scale":{},"exponent":0.6}}}}"#, size / 9.0),
            _ => format!(
                r#"{{"adbudg":{{"scale":{},"exponent":0.8,"half":{size}}}}}"#,
                2.0 * size
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

/// Newton's steps from the left: a few totals are solved for, besides none, all and the two that are the answer.
#[test]
fn a_target_takes_few_totals() {
    let problem = problem();
    let market = Market::of(&problem).unwrap();
    let looks = AtomicUsize::new(0);
    let values = |item: usize, taken: i64| {
        looks.fetch_add(1, Ordering::Relaxed);
        value_of(&market, item, taken)
    };
    let Err(AllocateError::Infeasible(Infeasible::Target { most: all, .. })) =
        reach(&market, 1e9, 0, values)
    else {
        panic!("a thousand million is out of reach");
    };
    // Near saturation, where value hardly slopes, totals are halved: some 15 bits of 960,000 cents.
    for (share, most) in [
        (0.01, 14),
        (0.1, 14),
        (0.5, 14),
        (0.9, 14),
        (0.99, 14),
        (0.999_999, 45),
    ] {
        looks.store(0, Ordering::Relaxed);
        let reached = reach(&market, share * all, 0, values).unwrap();
        let totals = looks.swap(0, Ordering::Relaxed) / 24;
        assert!(totals <= most, "{totals} for {share}");
        // A cent less does not reach.
        let before = reached.before.unwrap();
        let value = |taken: &[i64]| -> f64 {
            (0..)
                .zip(taken)
                .map(|(item, &taken)| value_of(&market, item, taken))
                .sum()
        };
        assert_eq!(reached.settled.spent[0] - before.spent[0], 1);
        assert!(value(&reached.settled.taken) >= share * all * (1.0 - 1e-12));
        assert!(value(&before.taken) < share * all);
    }
}
