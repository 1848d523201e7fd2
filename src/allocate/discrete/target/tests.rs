use super::super::super::{Infeasible, Prices, Problem};
use super::super::branch::{Ended, Limits};
use super::super::{combine, compile};
use super::{Enough, Range, grain, left, out_of_reach};
use crate::allocate::AllocateError;

const LIMITS: Limits = Limits {
    nodes: 10_000,
    work: 10_000_000,
    states: 1_000_000,
    rising: 1_000_000,
    leaves: 0,
    leaves_work: 0,
};

/// A problem in yen, whose minor unit is its currency unit.
fn problem(activities: &str) -> Problem {
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"JPY","target":1,"activities":[{activities}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// Two menus, of 4 and 3 a yen, at 300 yen or not at all; one costs a yen more and is worth 1 more.
const ALL_OR_NOTHING: &str = r#"{"id":"a","menu":[
    {"id":"whole","cost":"300","value":1200},{"id":"dear","cost":"301","value":1201}]},
    {"id":"b","menu":[{"id":"whole","cost":"300","value":900}]}"#;

fn range(problem: &Problem, goal: f64, short: i64, spent: i64, stride: i64) -> Range<'_> {
    Range {
        problem,
        goal,
        limits: LIMITS,
        grain: grain(problem),
        short,
        stride,
        enough: Enough {
            spent,
            spend: Vec::new(),
            value: Vec::new(),
            option: Vec::new(),
            total: 0.0,
        },
        prices: None,
        leaves: Vec::new(),
    }
}

#[test]
fn the_grain_divides_all_costs_and_steps() {
    let step = |step: &str| {
        format!(
            r#"{{"id":"s","response":{{"logarithmic":{{"scale":9,"half":7}}}},"step":"{step}"}}"#
        )
    };
    let menu = |costs: [u32; 2]| {
        let [a, b] = costs;
        format!(
            r#"{{"id":"m","menu":[{{"id":"a","cost":"{a}","value":1}},{{"id":"b","cost":"{b}","value":2}}]}}"#
        )
    };
    let of = |activities: &[String]| grain(&problem(&activities.join(",")));
    assert_eq!(of(&[menu([600, 900])]), 300);
    assert_eq!(of(&[menu([600, 900]), step("150")]), 150);
    assert_eq!(of(&[step("40"), menu([600, 900])]), 20);
    assert_eq!(of(&[menu([600, 901])]), 1);
    // A menu that costs nothing, which is a multiple of any grain.
    assert_eq!(of(&[menu([0, 0]), step("40")]), 40);
    let unstepped = r#"{"id":"u","response":{"logarithmic":{"scale":9,"half":7}}}"#;
    assert_eq!(of(&[menu([600, 900]), unstepped.to_owned()]), 1);
}

#[test]
fn the_next_budget_lies_between_at_a_mean_or_a_stride_away() {
    let menu = |cost: i64| {
        problem(&format!(
            r#"{{"id":"a","menu":[{{"id":"o","cost":"{cost}","value":1}}]}}"#
        ))
    };
    let far = i64::MAX / 8;
    for (grain, short, spent, stride, next) in [
        // Up to four times as far: half-way. Beyond: the geometric mean, of √(100·404) = 200.99 and √(100·10000).
        (1, 100, 400, far, 250),
        (1, 100, 403, far, 251),
        (1, 100, 404, far, 200),
        (1, 100, 10_000, far, 1_000),
        // As if from 1, where nothing or less falls short.
        (1, 0, 10_000, far, 100),
        (1, -1, 10_000, far, 100),
        (1, -1, 1, far, 0),
        // No further than a stride.
        (1, 100, 10_000, 64, 164),
        (1, 100, 10_000, 900, 1_000),
        (1, 100, 400, 64, 164),
        // Whole grains, of which there is one between at least.
        (100, 1_000, 10_000, far, 3_100),
        (100, 1_000, 1_200, far, 1_100),
        (100, 1_000, 10_000, 100, 1_100),
        (100, -100, 200, 100, 0),
        // Of 0 and 500 the mean of magnitudes is 22: a grain up at least.
        (100, 0, 500, far, 100),
    ] {
        let problem = menu(grain);
        let range = range(&problem, 1.0, short, spent, stride);
        assert_eq!(range.next(), next, "{grain} {short} {spent} {stride}");
    }
}

#[test]
fn what_falls_short_stays_below_what_reaches_and_strides_double() {
    let problem = problem(r#"{"id":"a","menu":[{"id":"o","cost":"100","value":1}]}"#);
    for (budget, short) in [
        (300, 300),
        (399, 300),
        (900, 900),
        (1_000, 900),
        (7_000, 900),
    ] {
        let mut range = range(&problem, 1.0, 200, 1_000, 100);
        range.falls_short(budget, None, Vec::new());
        assert_eq!((range.short, range.stride), (short, 200));
    }
}

/// At a price of 1 a yen the menus are worth 900 and 600 beyond what they cost, and every yen of the budget 1 more.
#[test]
fn prices_refuse_a_budget_whose_bound_is_below_the_goal() {
    let problem = problem(ALL_OR_NOTHING);
    let prices = Prices {
        budget: 1.0,
        resources: Vec::new(),
        groups: Vec::new(),
    };
    let refused = |goal: f64, spent: i64, budget: i64| {
        range(&problem, goal, 0, spent, 1).refused(budget, &prices)
    };
    assert!(refused(1900.5, 600, 400));
    assert!(!refused(1900.0, 600, 400));
    assert!(!refused(1899.5, 600, 400));
    // More than a yen below what reaches is not asked: 1899 at 399.
    assert!(refused(1899.5, 400, 100_000));
    assert!(!refused(1899.0, 400, 100_000));
}

/// The goal takes both menus. The relaxation says 1200 at 300 yen and 3 a yen from there: 1500 at 400. All below are
/// skipped at once.
#[test]
fn prices_skip_every_budget_that_they_refuse() {
    let problem = problem(ALL_OR_NOTHING);
    for short in [300, 301, 329, 390, 397] {
        let mut range = range(&problem, 1500.0, short, 600, 1);
        assert!(range.narrow(&mut |_, _| true));
        assert_eq!((range.short, range.enough.spent), (399, 600));
        assert!(range.prices.is_some());
    }
    // From there on only the search tells; its prices reach no further.
    for short in [399, 420, 598] {
        let mut range = range(&problem, 1500.0, short, 600, 1);
        assert!(range.narrow(&mut |_, _| true));
        assert_eq!((range.short, range.enough.spent), (short + 1, 600));
    }
    let mut range = range(&problem, 1500.0, 399, 601, i64::MAX / 8);
    while range.enough.spent - range.short > 1 {
        assert!(range.narrow(&mut |_, _| true));
    }
    assert_eq!((range.short, range.enough.spent), (599, 600));
}

#[test]
fn a_search_uses_up_what_is_left_of_the_limits() {
    let problem = problem(ALL_OR_NOTHING);
    let form = compile::form(&problem, 100).unwrap();
    let ended = combine::search(&form, problem.tree(), None, LIMITS, &mut |_, _| true);
    let ended = Ended {
        nodes: 7,
        work: 70,
        ..ended
    };
    let rest = left(
        Limits {
            nodes: 9,
            work: 90,
            ..LIMITS
        },
        &ended,
    );
    assert_eq!((rest.nodes, rest.work), (2, 20));
    let none = left(
        Limits {
            nodes: 6,
            work: 60,
            ..LIMITS
        },
        &ended,
    );
    assert_eq!((none.nodes, none.work, none.states), (0, 0, LIMITS.states));
}

/// Two menus whose parts of hours exclude each other: 10 at most, or what prices show where the search is cut off.
#[test]
fn a_target_out_of_reach_names_the_most_that_is_known() {
    let text = r#"{"schema":"sortie/problem/1","currency":"JPY","target":50,
        "resources":[{"id":"hours","limit":"3"}],
        "activities":[
        {"id":"a","menu":[{"id":"o","cost":"7","value":10,"uses":{"hours":"2"}}]},
        {"id":"b","menu":[{"id":"o","cost":"9","value":9,"uses":{"hours":"2"}}]}]}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let form = compile::form(&problem, compile::UNLIMITED).unwrap();
    let first = combine::search(&form, problem.tree(), Some(50.0), LIMITS, &mut |_, _| true);
    let told = |first: &Ended, limits| {
        out_of_reach(&problem, &form, 50.0, first, limits, &mut |_, _| true)
    };
    let most = |error: AllocateError| match error {
        AllocateError::Infeasible(Infeasible::Target { target, most }) => {
            assert_eq!(target.to_bits(), 50.0_f64.to_bits());
            most
        }
        other => panic!("{other}"),
    };
    assert_eq!(most(told(&first, LIMITS)).to_bits(), 10.0_f64.to_bits());
    let no_work = Limits {
        nodes: 0,
        work: 0,
        states: 0,
        rising: 0,
        ..LIMITS
    };
    let bounded = Ended {
        bound: 14.5,
        ..first.clone()
    };
    assert_eq!(most(told(&bounded, no_work)).to_bits(), 14.5_f64.to_bits());
    let cut_off = Ended {
        complete: false,
        nodes: 3,
        ..first
    };
    assert!(matches!(
        told(&cut_off, LIMITS),
        AllocateError::CutOff { work: 3 }
    ));
}
