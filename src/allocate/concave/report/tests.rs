use super::super::super::{AllocateError, Problem};
use super::super::region::{Settled, settle};
use super::{Market, lines, report, report_target};
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
