//! What prices alone cannot settle: menus, S-shaped curves, resources.
//!
//! Read each figure against the baselines of the same run, not as a time: `exp` is one pass of the library's exponential
//! over as many numbers as there are activities, and `table` a plain dynamic programme over every budget for the same
//! menus, where that is feasible at all. Every answer is checked to be what its row says (proved, or within the stated
//! gap) before it is timed. Draws are fixed, so every run solves the same problems.

#![expect(clippy::unwrap_used, reason = "a bench fails loudly")]

use std::{hint::black_box, ops::ControlFlow};

use criterion::{Criterion, criterion_group, criterion_main};
use sortie::allocate::{
    Activity, Allocation, Group, MenuOption, Objective, Options, Problem, Progress, Resource,
    Status, solve, solve_with,
};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::{Draws, cast};
use sortie::quantity::Quantity;
use sortie::response::Adbudg;

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn money(minor: u64) -> Money {
    let usd = Currency::from_code("USD").unwrap();
    Money::from_minor(i64::try_from(minor).unwrap(), usd)
}

fn problem(budget: u64, resources: Vec<Resource>, activities: Vec<Activity>) -> Problem {
    let usd = Currency::from_code("USD").unwrap();
    Problem::new(
        usd,
        Objective::Budget(money(budget)),
        resources,
        activities,
        vec![],
    )
    .unwrap()
}

/// Up to ten options each, costs up to 1,000.00; values unrelated to costs, or cost and a constant.
fn menus(count: u64, correlated: bool, resources: u64) -> Problem {
    let activities = (0..count).map(|at| {
        let mut draw = Draws::new(1).stream(&[at]);
        let options = (0..=draw.below(10)).map(|option| {
            let cost = 1 + draw.below(if correlated { 1_000 } else { 100_000 });
            let value = if correlated {
                cast::f64_of_u64(cost) + 100.0
            } else {
                1_000.0 * draw.uniform()
            };
            let mut made = MenuOption::new(id(&format!("o{option}")), money(cost), value);
            for resource in 0..resources {
                let used = Quantity::from_micros(draw.below(100) * 100_000);
                made = made.with_use(id(&format!("r{resource}")), used);
            }
            made
        });
        Activity::menu(id(&format!("a{at:07}")), options.collect())
    });
    let limits = (0..resources).map(|resource| {
        let limit = Quantity::from_micros(count * 2_000_000);
        Resource::new(id(&format!("r{resource}")), limit)
    });
    let each = if correlated { 300 } else { 20_000 };
    problem(each * count, limits.collect(), activities.collect())
}

/// The same in groups of `each`, with caps of which most bind.
fn in_groups(count: u64, each: u64) -> Problem {
    let whole = menus(count, false, 0);
    let groups = (0..count / each).map(|group| {
        let mut draw = Draws::new(2).stream(&[group]);
        let members = (0..each).map(|at| id(&format!("a{:07}", group * each + at)));
        Group::new(id(&format!("g{group:05}")))
            .with_cap(money(each * (8_000 + draw.below(16_000))))
            .with_members(members.collect())
    });
    Problem::new(
        whole.currency(),
        whole.objective(),
        vec![],
        whole.activities().to_vec(),
        groups.collect(),
    )
    .unwrap()
}

/// Every seed draws another problem of the same ranges.
fn s_curves(seed: u64, count: u64, step: u64, each: u64) -> Problem {
    let activities = (0..count).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let curve = Adbudg::new(
            1_000.0 * (0.2 + draw.uniform()),
            1.5 + 2.0 * draw.uniform(),
            200.0 * (0.2 + draw.uniform()),
        );
        Activity::curve(id(&format!("a{at:07}")), curve.unwrap()).with_step(money(step))
    });
    problem(each * count, vec![], activities.collect())
}

/// Solves once, to be sure of what is timed.
fn proved(problem: &Problem) -> Allocation {
    let answer = solve(problem).unwrap();
    assert_eq!(answer.status(), Status::Optimal);
    answer
}

/// The best value for every budget, menu by menu.
fn plain_table(problem: &Problem) -> f64 {
    let Objective::Budget(budget) = problem.objective() else {
        return 0.0;
    };
    let room = usize::try_from(budget.minor()).unwrap();
    let mut best = vec![0.0_f64; room + 1];
    for menu in problem.activities().iter().filter_map(Activity::as_menu) {
        let before = best.clone();
        for option in menu.options() {
            let cost = usize::try_from(option.cost().minor()).unwrap();
            for (after, base) in best.iter_mut().skip(cost).zip(&before) {
                *after = after.max(base + option.value());
            }
        }
    }
    best.last().copied().unwrap_or(0.0)
}

fn exp_pass(count: u64) -> f64 {
    (0..count)
        .map(|at| libm::exp(-cast::f64_of_u64(at % 1_000) / 500.0))
        .sum()
}

fn baselines(c: &mut Criterion) {
    let mut group = c.benchmark_group("baseline");
    for count in [1_000_u64, 10_000, 1_000_000] {
        group.bench_function(format!("exp/{count}"), |b| {
            b.iter(|| exp_pass(black_box(count)));
        });
    }
    let small = menus(150, true, 0);
    let answer = proved(&small);
    assert!((plain_table(&small) - answer.value()).abs() <= 1e-9 * answer.value());
    group.bench_function("table/correlated menus/150", |b| {
        b.iter(|| plain_table(black_box(&small)));
    });
    group.finish();
}

fn solves(c: &mut Criterion) {
    let mut group = c.benchmark_group("solve");
    let rows: [(&str, Problem); 11] = [
        ("menus/1000", menus(1_000, false, 0)),
        ("menus/10000", menus(10_000, false, 0)),
        ("menus/1000000", menus(1_000_000, false, 0)),
        ("correlated menus/150", menus(150, true, 0)),
        ("menus in 300 groups/900", in_groups(900, 3)),
        ("menus in 30 groups/990", in_groups(990, 33)),
        ("menus in 100 groups/10000", in_groups(10_000, 100)),
        ("s-curves/1000", s_curves(2, 1_000, 1, 10_000)),
        (
            "s-curves in steps of 100.00/1000",
            s_curves(2, 1_000, 10_000, 10_000),
        ),
        ("menus, one resource/1000", menus(1_000, false, 1)),
        ("menus, two resources/1000", menus(1_000, false, 2)),
    ];
    for (name, problem) in &rows {
        proved(problem);
        group.bench_function(*name, |b| b.iter(|| solve(black_box(problem))));
    }
    group.finish();
}

/// A thousand S-shaped curves drawn anew many times, at several budgets: one iteration solves all of them, proved.
fn draws_of_s_curves(c: &mut Criterion) {
    let problems: Vec<Problem> = (2..12)
        .flat_map(|seed| [1_000, 10_000, 30_000].map(|each| s_curves(seed, 1_000, 1, each)))
        .collect();
    for problem in &problems {
        proved(problem);
    }
    let mut group = c.benchmark_group("solve");
    group.bench_function("30 draws of s-curves/1000", |b| {
        b.iter(|| problems.iter().map(solve).collect::<Vec<_>>());
    });
    // What a caller does to whom a millionth is near enough.
    group.bench_function("30 draws of s-curves, to a millionth/1000", |b| {
        b.iter(|| problems.iter().map(nearly).collect::<Vec<_>>());
    });
    group.finish();
}

/// Stops as soon as a millionth of the value is left open.
fn nearly(problem: &Problem) -> Allocation {
    let answer = solve_with(
        problem,
        Options::default(),
        &mut |progress: &Progress| match progress.value {
            Some(value) if progress.bound - value <= 1e-6 * value => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        },
    );
    let answer = answer.unwrap();
    assert!(answer.gap() <= 1e-6 * answer.value());
    answer
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10).warm_up_time(std::time::Duration::from_millis(500)).measurement_time(std::time::Duration::from_secs(3));
    targets = baselines, solves, draws_of_s_curves
}
criterion_main!(all);
