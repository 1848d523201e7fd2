//! Menus, S-shaped curves, steps, least spends, resources and groups, alone and mixed, against brute force.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::struct_excessive_bools,
    reason = "a test fails loudly, and a mix of constraint kinds is a set of flags"
)]

mod brute;
mod generate;

use std::ops::ControlFlow;

use sortie::allocate::{
    Activity, AllocateError, Group, Infeasible, Options, Problem, Resource, Status, solve,
    solve_with,
};
use sortie::response::Adbudg;

use brute::{brute, check};
use generate::{Mix, generate, id, option, problem, yen};

/// Solves `cases` problems of a mix, and says how many had an answer, and how many of these kept money back.
fn against_brute_force(mix: Mix, cases: u64) -> (u64, u64) {
    let (mut solved, mut bound_early) = (0, 0);
    for seed in 0..cases {
        let problem = generate(seed, mix);
        let best = brute(&problem);
        match (solve(&problem), best) {
            (Ok(allocation), Some(best)) => {
                check(&problem, &allocation);
                let room = 1e-11 * best.abs() + 1e-13;
                assert!(
                    (allocation.value() - best).abs() <= room,
                    "seed {seed}: {} instead of {best}, {:?}: {problem:#?}",
                    allocation.value(),
                    allocation.status()
                );
                assert!(
                    allocation.bound() >= best - room,
                    "seed {seed}: bound {} of {best}",
                    allocation.bound()
                );
                // Where large values cancel, evaluation itself is no more accurate than this.
                let proved =
                    allocation.is_optimal() || (best.abs() < 5.0 && allocation.gap() < 1e-11);
                assert!(proved, "seed {seed}: {allocation:#?}");
                solved += 1;
                bound_early += u64::from(allocation.unspent().unwrap().minor() > 0);
            }
            (Err(AllocateError::Infeasible(_)), None) => {}
            (answer, best) => {
                panic!("seed {seed}: {answer:?} where brute force says {best:?}: {problem:#?}")
            }
        }
    }
    (solved, bound_early)
}

const CASES: u64 = 300;

#[test]
fn menus_alone() {
    let (solved, _) = against_brute_force(
        Mix {
            menus: true,
            ..Mix::default()
        },
        CASES,
    );
    assert!(solved > CASES / 2);
}

#[test]
fn s_curves_alone() {
    against_brute_force(
        Mix {
            s_curves: true,
            ..Mix::default()
        },
        CASES,
    );
}

#[test]
fn least_spends_alone() {
    against_brute_force(
        Mix {
            curves: true,
            minimums: true,
            ..Mix::default()
        },
        CASES,
    );
}

#[test]
fn unequal_steps_alone() {
    against_brute_force(
        Mix {
            curves: true,
            steps: true,
            ..Mix::default()
        },
        CASES,
    );
}

#[test]
fn menus_under_groups() {
    let (solved, _) = against_brute_force(
        Mix {
            menus: true,
            groups: true,
            ..Mix::default()
        },
        CASES,
    );
    assert!(
        solved > CASES / 3 && solved < CASES,
        "{solved}: floors and caps should bind at times"
    );
}

#[test]
fn menus_with_resources() {
    against_brute_force(
        Mix {
            menus: true,
            resources: 2,
            ..Mix::default()
        },
        CASES,
    );
}

#[test]
fn curves_with_resources() {
    against_brute_force(
        Mix {
            curves: true,
            resources: 2,
            ..Mix::default()
        },
        CASES,
    );
}

#[test]
fn everything_at_once() {
    let all = Mix {
        menus: true,
        curves: true,
        s_curves: true,
        minimums: true,
        steps: true,
        resources: 2,
        groups: true,
    };
    against_brute_force(all, 2 * CASES);
}

/// Alice 30/3 or 10/6, Bob 40/3 or 50/6, Eve 10/3 or 55/6.
fn three_menus(budget: i64) -> Problem {
    let menu = |name: &str, a: f64, b: f64| {
        Activity::menu(id(name), vec![option("A", 3, a), option("B", 6, b)])
    };
    let activities = vec![
        menu("Alice", 30.0, 10.0),
        menu("Bob", 40.0, 50.0),
        menu("Eve", 10.0, 55.0),
    ];
    problem(budget, vec![], activities, vec![])
}

#[test]
fn published_menus() {
    for (budget, best) in [
        (3, 40.0),
        (6, 70.0),
        (9, 95.0),
        (12, 125.0),
        (15, 135.0),
        (18, 135.0),
    ] {
        let allocation = solve(&three_menus(budget)).unwrap();
        assert!(
            (allocation.value() - best).abs() < 1e-12,
            "{budget}: {}",
            allocation.value()
        );
        assert_eq!(allocation.status(), Status::Optimal);
    }
}

fn trap(budget: i64) -> Problem {
    let hill = |name: &str, b: f64, k: f64, s: f64| {
        Activity::curve(id(name), Adbudg::new(b, s, k).unwrap())
    };
    let activities = vec![
        hill("a", 100.0, 40.0, 3.0),
        hill("b", 90.0, 45.0, 3.0),
        hill("c", 30.0, 15.0, 1.0),
    ];
    problem(budget, vec![], activities, vec![])
}

#[test]
fn the_local_stop_of_hill_climbing_is_never_the_answer() {
    let allocation = solve(&trap(100)).unwrap();
    let spends: Vec<i64> = allocation.lines().map(|line| line.spend.minor()).collect();
    assert_eq!(spends, [49, 48, 3]);
    assert!((allocation.value() - 119.110_008).abs() < 1e-6);
    assert_eq!(allocation.status(), Status::Optimal);
    let cut = solve_with(&trap(100), Options::default().with_nodes_most(0), |_| {
        ControlFlow::Continue(())
    });
    let cut = cut.unwrap();
    assert!(!cut.is_optimal() || cut.value() > 119.110);
    assert!(cut.bound() >= 119.110_008);
}

/// A tie at the price took the dearer option and went over the budget.
#[test]
fn a_tie_at_the_price_does_not_exceed_the_budget() {
    let menus = (0..200).map(|at| {
        Activity::menu(
            id(&format!("m{at:03}")),
            vec![
                option("a", 10, 20.0),
                option("b", 20, 30.0),
                option("c", 30, 40.0),
            ],
        )
    });
    let problem = problem(3_333, vec![], menus.collect(), vec![]);
    let allocation = solve(&problem).unwrap();
    check(&problem, &allocation);
    assert_eq!(allocation.status(), Status::Optimal);
    assert!((allocation.value() - (200.0 * 20.0 + 1_330.0)).abs() < 1e-9);
}

#[test]
fn the_order_of_input_does_not_matter() {
    let all = Mix {
        menus: true,
        curves: true,
        s_curves: true,
        minimums: true,
        steps: true,
        resources: 1,
        groups: true,
    };
    for seed in 0..100 {
        let forwards = generate(seed, all);
        let jpy = forwards.currency();
        let reversed = |list: &[Activity]| list.iter().rev().cloned().collect();
        let backwards = Problem::new(
            jpy,
            forwards.objective(),
            forwards.resources().to_vec(),
            reversed(forwards.activities()),
            forwards.groups().iter().rev().cloned().collect(),
        )
        .unwrap();
        assert_eq!(solve(&forwards), solve(&backwards), "seed {seed}");
    }
}

#[test]
fn a_stopped_search_returns_what_it_has() {
    let mut asked = 0;
    let allocation = solve_with(&trap(100), Options::default(), |progress| {
        asked += 1;
        assert!(progress.bound >= 119.110_008);
        ControlFlow::Break(())
    })
    .unwrap();
    assert!(allocation.bound() >= 119.110_008 && allocation.value() <= 119.110_009);
    assert!(asked <= 1);
}

#[test]
fn what_cannot_be_kept_is_named_with_its_amount() {
    let required =
        Activity::required_menu(id("a"), vec![option("x", 70, 1.0), option("y", 90, 9.0)]);
    let short = problem(50, vec![], vec![required.clone()], vec![]);
    let error = solve(&short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "infeasible: a spend of 70 JPY is forced by required options: 20 JPY more than budget allows (50 JPY)"
    );
    let group = Group::new(id("north"))
        .with_cap(yen(60))
        .with_members(vec![id("a")]);
    let error = solve(&problem(500, vec![], vec![required.clone()], vec![group])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "infeasible: a spend of 70 JPY is forced by floors and required options in group \"north\": 10 JPY more than cap of \
         group \"north\" allows (60 JPY)"
    );
    let group = Group::new(id("north"))
        .with_floor(yen(95))
        .with_members(vec![id("a")]);
    let error = solve(&problem(500, vec![], vec![required], vec![group])).unwrap_err();
    assert!(
        matches!(error, AllocateError::Infeasible(Infeasible::Caps { .. })),
        "{error}"
    );
    let hungry = option("x", 1, 1.0).with_use(id("hours"), "2.5".parse().unwrap());
    let hours = Resource::new(id("hours"), "2".parse().unwrap());
    let error = solve(&problem(
        5,
        vec![hours],
        vec![Activity::required_menu(id("a"), vec![hungry])],
        vec![],
    ))
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "infeasible: required options and floors force 2.5 of resource \"hours\", 0.5 more than its limit 2"
    );
}
