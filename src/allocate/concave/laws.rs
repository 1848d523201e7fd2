//! Partitions give the bytes of one whole solve.

use proptest::prelude::*;

use super::super::{
    Activity, AllocateError, Demand, Objective, Partition, PriceSearch, Problem, Ties, solve,
};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast::f64_of_i64;
use crate::response::{Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::from_code("USD").unwrap())
}

fn curve() -> impl Strategy<Value = Curve> {
    let scale = prop_oneof![Just(10.0), 0.5..200.0_f64];
    (0..6_u8, scale, 0.5..80.0_f64, 0.1..0.9_f64).prop_map(|(kind, scale, spend, exponent)| {
        match kind {
            0 => ModifiedExponential::new(scale, 1.0 / spend).unwrap().into(),
            1 => Logarithmic::new(scale, spend).unwrap().into(),
            2 => Power::new(scale, exponent).unwrap().into(),
            3 => Adbudg::new(scale, exponent, spend).unwrap().into(),
            4 => Adbudg::new(scale, 1.0, spend).unwrap().into(),
            // Many with the same slope, so that ties are shared among partitions.
            _ => PiecewiseLinear::new(&[(0.0, 0.0), (4.0, 10.0), (8.0, 15.0)])
                .unwrap()
                .into(),
        }
    })
}

fn activity(at: usize) -> impl Strategy<Value = Activity> {
    let bounds = (
        prop::option::of(0..300_i64),
        prop::option::of(300..2_000_i64),
    );
    (curve(), bounds).prop_map(move |(curve, (floor, cap))| {
        let mut activity = Activity::curve(Id::new(format!("a{at:03}")).unwrap(), curve);
        if let Some(floor) = floor {
            activity = activity.with_floor(usd(floor));
        }
        if let Some(cap) = cap {
            activity = activity.with_cap(usd(cap));
        }
        activity
    })
}

fn activities(most: usize) -> impl Strategy<Value = Vec<Activity>> {
    (1..most).prop_flat_map(|count| (0..count).map(activity).collect::<Vec<_>>())
}

fn problem(budget: i64, activities: Vec<Activity>) -> Problem {
    let currency = Currency::from_code("USD").unwrap();
    let objective = Objective::Budget(usd(budget));
    Problem::new(currency, objective, vec![], activities, vec![]).unwrap()
}

/// Solves over `parts` partitions, each message sent as JSON; `None` if infeasible.
fn solve_apart(budget: i64, activities: &[Activity], parts: usize) -> Option<(Vec<Money>, u64)> {
    ask_apart(budget, activities, parts).map(|(spends, price, _)| (spends, price))
}

/// The same with the number of prices that were asked.
fn ask_apart(budget: i64, activities: &[Activity], parts: usize) -> Option<(Vec<Money>, u64, u32)> {
    let problems: Vec<Problem> = (0..parts)
        .map(|part| {
            let own = activities.iter().skip(part).step_by(parts);
            problem(0, own.cloned().collect())
        })
        .collect();
    let parts: Vec<Partition<'_>> = problems.iter().filter_map(Partition::of).collect();
    assert_eq!(parts.len(), problems.len());
    let mut search = PriceSearch::new(usd(budget), usd(1));
    let mut asks = 0;
    while let Some(ask) = search.ask() {
        let text = serde_json::to_string(&ask).unwrap();
        let ask = serde_json::from_str(&text).unwrap();
        let demand = parts
            .iter()
            .rev()
            .map(|part| part.demand(ask))
            .fold(Demand::default(), Demand::merge);
        let text = serde_json::to_string(&demand).unwrap();
        search.hear(serde_json::from_str(&text).unwrap());
        asks += 1;
        assert!(asks <= 66, "the search does not end");
    }
    let ties = parts
        .iter()
        .map(|part| part.ties(&search))
        .fold(Ties::default(), Ties::merge);
    let close = search.close(ties).ok()?;
    let text = serde_json::to_string(&close).unwrap();
    let close = serde_json::from_str(&text).unwrap();
    let mut spends = vec![usd(0); activities.len()];
    let count = parts.len();
    for (part, partition) in parts.iter().enumerate() {
        for (place, spend) in partition.spends(&close).into_iter().enumerate() {
            spends[part + place * count] = spend;
        }
    }
    Some((spends, close.price().to_bits(), asks))
}

proptest! {
    #[test]
    fn partitions_give_the_spends_of_the_whole(
        activities in activities(90),
        budget in prop_oneof![0..5_000_i64, 0..200_000_i64],
    ) {
        let whole = solve(&problem(budget, activities.clone()));
        let one = solve_apart(budget, &activities, 1);
        prop_assert_eq!(&one, &solve_apart(budget, &activities, 7));
        prop_assert_eq!(&one, &solve_apart(budget, &activities, 64));
        match (whole, one) {
            (Ok(whole), Some((spends, price))) => {
                let expected: Vec<Money> = whole.lines().map(|line| line.spend).collect();
                prop_assert_eq!(spends, expected);
                let price = f64::from_bits(price) * 100.0;
                prop_assert!((price - whole.shadow_price()).abs() <= 1e-15 * price);
            }
            (Err(_), None) => {}
            (whole, one) => prop_assert!(false, "{:?} {:?}", whole.is_ok(), one.is_some()),
        }
    }
}

#[test]
fn partitions_that_cannot_bear_their_floors_say_so() {
    let curve = Power::new(3.0, 0.5).unwrap();
    let own = Activity::curve(Id::new("a").unwrap(), curve).with_floor(usd(700));
    let problem = problem(0, vec![own]);
    let part = Partition::of(&problem).unwrap();
    let mut search = PriceSearch::new(usd(500), part.step());
    while let Some(ask) = search.ask() {
        search.hear(part.demand(ask));
    }
    assert_eq!(
        search.close(part.ties(&search)).unwrap_err().to_string(),
        "infeasible: a spend of 7.00 USD is forced by the floors of all partitions: 2.00 USD more than the budget allows (5.00 USD)"
    );
}

/// Ten cents of equal gain for each of seven, of which the budget bears 33: the smaller ids take theirs first, wherever they are.
#[test]
fn ties_go_to_the_smaller_ids_of_all_partitions() {
    let curve = PiecewiseLinear::new(&[(0.0, 0.0), (0.1, 1.0)]).unwrap();
    let tied = |at: usize| Activity::curve(Id::new(format!("t{at}")).unwrap(), curve.clone());
    let activities: Vec<Activity> = (0..7).map(tied).collect();
    for parts in [1, 2, 3, 7] {
        let (spends, _) = solve_apart(33, &activities, parts).unwrap();
        assert_eq!(minor(&spends), [10, 10, 10, 3, 0, 0, 0], "{parts}");
    }
}

fn minor(spends: &[Money]) -> Vec<i64> {
    spends.iter().map(|spend| spend.minor()).collect()
}

/// The end of a search over one partition.
fn searched(problem: &Problem, budget: i64) -> (Partition<'_>, PriceSearch) {
    let part = Partition::of(problem).unwrap();
    let mut search = PriceSearch::new(usd(budget), part.step());
    while let Some(ask) = search.ask() {
        search.hear(part.demand(ask));
    }
    (part, search)
}

/// Three have five cents that gain more before the ten that tie, of which the budget bears twelve; one gains less. What is
/// sent tells of those that tie, and of those that are granted any.
#[test]
fn ties_are_the_steps_that_gain_the_price_and_no_others() {
    let curve = PiecewiseLinear::new(&[(0.0, 0.0), (0.05, 1.0), (0.15, 2.0)]).unwrap();
    let less = PiecewiseLinear::new(&[(0.0, 0.0), (0.5, 1.0)]).unwrap();
    let of = |(at, curve): (usize, PiecewiseLinear)| {
        Activity::curve(Id::new(format!("t{at}")).unwrap(), curve)
    };
    let curves = [less, curve.clone(), curve.clone(), curve];
    let problem = problem(0, curves.into_iter().enumerate().map(of).collect());
    let (part, search) = searched(&problem, 15 + 12);
    let ties = part.ties(&search);
    let sent = serde_json::to_value(&ties).unwrap();
    let all = serde_json::json!({"by_id": {"t1": 10, "t2": 10, "t3": 10}});
    assert_eq!(sent, all);
    let close = search.close(ties).unwrap();
    let sent = serde_json::to_value(&close).unwrap();
    assert_eq!(sent["granted"], serde_json::json!({"t1": 10, "t2": 2}));
    assert_eq!(minor(&part.spends(&close)), [0, 15, 7, 5]);
}

/// Before its end a search has no ties and no close, and tells how many prices were asked since the first.
#[test]
fn a_search_is_not_closed_before_its_end() {
    let own = Activity::curve(Id::new("a").unwrap(), Power::new(3.0, 0.5).unwrap());
    let problem = problem(0, vec![own]);
    let part = Partition::of(&problem).unwrap();
    let mut search = PriceSearch::new(usd(100), part.step());
    for rounds in 0..5 {
        search.hear(part.demand(search.ask().unwrap()));
        assert_eq!(part.ties(&search), Ties::default());
        let error = search.close(Ties::default()).unwrap_err();
        assert_eq!(error, AllocateError::CutOff { work: rounds });
    }
}

/// Floors that take the whole budget are borne.
#[test]
fn floors_may_take_the_whole_budget() {
    let curve = Power::new(3.0, 0.5).unwrap();
    let own = Activity::curve(Id::new("a").unwrap(), curve).with_floor(usd(500));
    let problem = problem(0, vec![own]);
    let (part, search) = searched(&problem, 500);
    let close = search.close(part.ties(&search)).unwrap();
    assert_eq!(minor(&part.spends(&close)), [500]);
}

/// From 2⁵¹ steps on columns cannot count: what they hold for more than any budget would be less. All is spent, and the price is
/// the gain of the next step.
#[test]
fn budgets_beyond_whole_columns_are_spent() {
    let own = Activity::curve(Id::new("a").unwrap(), Power::new(3.0, 0.5).unwrap());
    let problem = problem(0, vec![own]);
    let most = 1_i64 << 51;
    for budget in [most - 3, most - 2, most - 1, most, 2 * most + 7] {
        let (part, search) = searched(&problem, budget);
        let close = search.close(part.ties(&search)).unwrap();
        assert_eq!(minor(&part.spends(&close)), [budget]);
        // The slope of 3√x is 3/(2√x), here for a cent.
        let slope = 0.01 * 1.5 / (f64_of_i64(budget) / 100.0).sqrt();
        assert!((close.price() / slope - 1.0).abs() < 1e-9, "{budget}");
    }
}

/// Five cents gain more than any other; the first of the curve is refused. It gains the price exactly, and so no more than that.
#[test]
fn a_first_step_that_gains_the_price_is_not_taken_above_it() {
    let five = PiecewiseLinear::new(&[(0.0, 0.0), (0.05, 1e9)]).unwrap();
    for at in 0..60 {
        let size = 3.0 + f64::from(at) * 0.7;
        let curve: Curve = match at % 3 {
            0 => ModifiedExponential::new(size, 1.0 / size).unwrap().into(),
            1 => Logarithmic::new(size, 20.0 + size).unwrap().into(),
            _ => Adbudg::new(size, 1.0, 30.0).unwrap().into(),
        };
        let activities = vec![
            Activity::curve(Id::new("a").unwrap(), five.clone()),
            Activity::curve(Id::new("b").unwrap(), curve),
        ];
        let problem = problem(0, activities);
        let (part, search) = searched(&problem, 5);
        let ties = part.ties(&search);
        let sent = serde_json::to_value(&ties).unwrap();
        assert_eq!(sent, serde_json::json!({"by_id": {"b": 1}}), "{at}");
        let close = search.close(ties).unwrap();
        assert_eq!(minor(&part.spends(&close)), [5, 0], "{at}");
    }
}

#[test]
fn what_is_sent_can_be_read() {
    let own = Activity::curve(Id::new("a").unwrap(), Power::new(3.0, 0.5).unwrap());
    let two = [
        own.clone(),
        Activity::curve(Id::new("b").unwrap(), Power::new(4.0, 0.5).unwrap()),
    ];
    let (none, one, two) = (
        problem(0, vec![]),
        problem(0, vec![own]),
        problem(0, two.into()),
    );
    let lens = [&none, &one, &two].map(|problem| {
        let part = Partition::of(problem).unwrap();
        (part.len(), part.is_empty())
    });
    assert_eq!(lens, [(0, true), (1, false), (2, false)]);
    let part = Partition::of(&two).unwrap();
    let mut search = PriceSearch::new(usd(100), part.step());
    let first = search.ask().unwrap();
    // At the highest price nothing is taken, at the lowest more than can be borne: the whole budget and a cent for each.
    assert!(first.price() > 1e300);
    assert_eq!(part.demand(first).steps(), 0);
    search.hear(part.demand(first));
    let second = search.ask().unwrap();
    assert!(second.price() < 1e-300);
    assert_eq!(part.demand(second).steps(), 202);
}

/// Steps of 2.50: a floor of 7.50 is three of them.
#[test]
fn floors_of_long_steps_are_told_in_money() {
    let own = Activity::curve(Id::new("a").unwrap(), Power::new(3.0, 0.5).unwrap())
        .with_step(usd(250))
        .with_floor(usd(750));
    let problem = problem(0, vec![own]);
    let part = Partition::of(&problem).unwrap();
    let mut search = PriceSearch::new(usd(500), part.step());
    while let Some(ask) = search.ask() {
        search.hear(part.demand(ask));
    }
    let error = search.close(part.ties(&search)).unwrap_err().to_string();
    assert!(
        error.starts_with("infeasible: a spend of 7.50 USD is forced by ")
            && error.contains(": 2.50 USD more than"),
        "{error}"
    );
}
