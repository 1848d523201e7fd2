use super::*;
use crate::allocate::{Group, MenuOption};
use crate::id::Id;
use crate::money::Currency;
use crate::response::{ModifiedExponential, Power};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn powers() -> Vec<Activity> {
    [("a", 5.0), ("b", 8.0), ("c", 12.0)]
        .into_iter()
        .map(|(name, scale)| Activity::curve(id(name), Power::new(scale, 0.3).unwrap()))
        .collect()
}

fn problem(budget: i64, activities: Vec<Activity>, groups: Vec<Group>) -> Problem {
    Problem::new(
        Currency::USD,
        Objective::Budget(usd(budget)),
        vec![],
        activities,
        groups,
    )
    .unwrap()
}

fn minors(spends: &[Money]) -> Vec<i64> {
    spends.iter().map(|spend| spend.minor()).collect()
}

#[test]
fn albers_rule_takes_the_published_rounds() {
    let curves: Vec<Curve> = [5.0, 8.0, 12.0]
        .map(|scale| Power::new(scale, 0.3).unwrap().into())
        .to_vec();
    let mut spends = vec![1000.0 / 3.0; 3];
    for expected in [
        [200.0, 320.0, 480.0],
        [167.696_778, 308.944_662, 523.358_560],
        [158.765_662, 305.128_908, 536.105_429],
    ] {
        spends = albers_round(&curves, &spends, 1000.0);
        for (spend, published) in spends.iter().zip(expected) {
            assert!((spend - published).abs() < 1e-6, "{spend} for {published}");
        }
    }
    // Three rounds to the cent, by largest remainder.
    let baseline = Baseline::compute(Rule::Albers, &problem(100_000, powers(), vec![]), |_| {
        History::default()
    })
    .unwrap();
    assert_eq!(minors(&baseline.spends), [15_877, 30_513, 53_610]);
}

#[test]
fn weights_divide_the_budget_to_the_cent() {
    let problem = problem(100, powers(), vec![]);
    assert_eq!(minors(&split_by(&problem, |_| 1).unwrap()), [34, 33, 33]);
    let history = |at| History {
        spent: [0, 1, 3][at],
        sales: [2, 2, 0][at],
        is_existing: true,
    };
    let last = Baseline::compute(Rule::LastPeriod, &problem, history).unwrap();
    assert_eq!(minors(&last.spends), [0, 25, 75]);
    let sales = Baseline::compute(Rule::ProportionalToSales, &problem, history).unwrap();
    assert_eq!(minors(&sales.spends), [50, 50, 0]);
    assert_eq!(minors(&split_by(&problem, |_| 0).unwrap()), [0, 0, 0]);
}

#[test]
fn bounds_are_kept_and_what_they_refuse_is_offered_again() {
    let [a, b, c] = <[Activity; 3]>::try_from(powers()).unwrap();
    let a = a.with_cap(usd(200));
    let b = b.with_floor(usd(300)).with_step(usd(100));
    let menu = Activity::menu(
        id("m"),
        vec![
            MenuOption::new(id("call"), usd(150), 4.0),
            MenuOption::new(id("visit"), usd(400), 9.0),
        ],
    );
    let problem = problem(1_500, vec![a, b, c, menu], vec![]);
    let spends = minors(&split_by(&problem, |_| 1).unwrap());
    assert_eq!(spends[0], 200);
    assert!(spends[1] >= 300 && spends[1] % 100 == 0, "{spends:?}");
    assert!([0, 150, 400].contains(&spends[3]), "{spends:?}");
    assert!(spends.iter().sum::<i64>() <= 1_500);
    let floors = Problem::new(
        Currency::USD,
        Objective::Budget(usd(299)),
        vec![],
        problem.activities().to_vec(),
        vec![],
    )
    .unwrap();
    assert_eq!(
        split_by(&floors, |_| 1).unwrap_err().to_string(),
        "floors come to 3.00 USD, more than the budget of 2.99 USD; lower a floor"
    );
}

#[test]
fn a_group_above_its_cap_is_scaled_down() {
    let north = Group::new(id("north"))
        .with_cap(usd(300))
        .with_members(vec![id("a"), id("b")]);
    let problem = problem(900, powers(), vec![north]);
    assert_eq!(minors(&split_by(&problem, |_| 1).unwrap()), [150, 150, 300]);
}

#[test]
fn a_minimum_that_is_not_reached_buys_nothing() {
    let mut activities = powers();
    activities[0] = activities[0].clone().with_minimum_if_any(usd(50));
    let problem = problem(90, activities, vec![]);
    assert_eq!(minors(&split_by(&problem, |_| 1).unwrap()), [0, 30, 30]);
}

#[test]
fn a_target_has_no_baseline() {
    let target = problem(90, powers(), vec![])
        .with_objective(Objective::Target(3.0))
        .unwrap();
    assert_eq!(split_by(&target, |_| 1), Err(BaselineError::NoBudget));
}

#[test]
fn the_comparison_tells_value_payback_offensiveness_and_regret() {
    let curve = || ModifiedExponential::new(100.0, 0.01).unwrap();
    let activities = ["a", "b"]
        .map(|name| Activity::curve(id(name), curve()))
        .to_vec();
    let problem = problem(10_000, activities, vec![]);
    let history = |at| History {
        spent: [1, 3][at],
        sales: 1,
        is_existing: at == 0,
    };
    let baseline = Baseline::compute(Rule::LastPeriod, &problem, history).unwrap();
    let flow = |_, spend: Money| CashFlow::new(units_of(spend), vec![units_of(spend); 2]);
    let beside = baseline
        .beside(&problem, 90.0, Convention::simple(), history, flow)
        .unwrap();
    let expected = curve().value(25.0) + curve().value(75.0);
    assert!((beside.value - expected).abs() < 1e-12);
    assert!((beside.regret - (90.0 - expected)).abs() < 1e-12);
    assert_eq!(beside.payback.to_string(), "1.00 periods");
    assert!((beside.offensiveness.unwrap().get() - 0.75).abs() < 1e-15);
    assert_eq!(beside.invested, usd(10_000));
    let json = serde_json::to_string(&beside).unwrap();
    assert_eq!(serde_json::from_str::<Comparison>(&json).unwrap(), beside);
}
