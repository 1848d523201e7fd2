//! Menus, S-shaped curves, steps, least spends, resources and groups, alone and mixed, against brute force.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::struct_excessive_bools,
    reason = "a test fails loudly, and a mix of constraint kinds is a set of flags"
)]

use std::ops::ControlFlow;

use sortie::allocate::{
    Activity, AllocateError, Allocation, Group, Infeasible, Kind, MenuOption, Objective, Options,
    Problem, Resource, Status, solve, solve_with,
};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::{Draws, Stream, cast};
use sortie::quantity::Quantity;
use sortie::response::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response,
};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn yen(minor: i64) -> Money {
    Money::from_minor(minor, Currency::from_code("JPY").unwrap())
}

fn option(name: &str, cost: i64, value: f64) -> MenuOption {
    MenuOption::new(id(name), yen(cost), value)
}

fn problem(
    budget: i64,
    resources: Vec<Resource>,
    activities: Vec<Activity>,
    groups: Vec<Group>,
) -> Problem {
    let jpy = Currency::from_code("JPY").unwrap();
    Problem::new(
        jpy,
        Objective::Budget(yen(budget)),
        resources,
        activities,
        groups,
    )
    .unwrap()
}

/// One thing that an activity may take.
struct Taking {
    spend: i64,
    value: f64,
    /// Millionths.
    uses: Vec<u64>,
}

/// Everything that an activity may take, written from the rules of the format alone.
fn takings(problem: &Problem, activity: &Activity, budget: i64) -> Vec<Taking> {
    let resources = problem.resources();
    match activity.kind() {
        Kind::Menu(menu) => {
            let none = (!menu.is_required()).then(|| Taking {
                spend: 0,
                value: 0.0,
                uses: vec![0; resources.len()],
            });
            let taken = menu.options().iter().map(|option| Taking {
                spend: option.cost().minor(),
                value: option.value(),
                uses: resources
                    .iter()
                    .map(|r| {
                        option
                            .uses()
                            .iter()
                            .find(|(id, _)| id == r.id())
                            .map_or(0, |(_, q)| q.micros())
                    })
                    .collect(),
            });
            none.into_iter().chain(taken).collect()
        }
        Kind::Spending(terms) => {
            let step = terms.step().map_or(1, Money::minor);
            let floor = terms.floor().map_or(0, Money::minor);
            let cap = terms.cap().map_or(budget, Money::minor).min(budget);
            let least = terms.minimum_if_any().map_or(0, Money::minor);
            (0..=cap)
                .step_by(usize::try_from(step).unwrap())
                .filter(|x| *x >= floor && (*x == 0 || *x >= least))
                .map(|spend| Taking {
                    spend,
                    value: terms.curve().value(cast::f64_of_i64(spend)),
                    uses: resources
                        .iter()
                        .map(|r| {
                            let per = terms.uses_per_unit().iter().find(|(id, _)| id == r.id());
                            per.map_or(0, |(_, q)| q.micros()) * spend.unsigned_abs()
                        })
                        .collect(),
                })
                .collect()
        }
        _ => unreachable!("two kinds of activity"),
    }
}

/// The highest value by trying everything; `None` if nothing keeps the constraints.
fn brute(problem: &Problem) -> Option<f64> {
    let Objective::Budget(budget) = problem.objective() else {
        unreachable!("budgets only")
    };
    let budget = budget.minor();
    let lists: Vec<Vec<Taking>> = problem
        .activities()
        .iter()
        .map(|a| takings(problem, a, budget))
        .collect();
    let mut best = None;
    let mut chosen = vec![0; lists.len()];
    descend(problem, &lists, budget, &mut chosen, 0, (0, 0.0), &mut best);
    best
}

fn descend(
    problem: &Problem,
    lists: &[Vec<Taking>],
    budget: i64,
    chosen: &mut Vec<usize>,
    depth: usize,
    (spent, value): (i64, f64),
    best: &mut Option<f64>,
) {
    if spent > budget {
        return;
    }
    if depth == lists.len() {
        if best.is_none_or(|best| value > best) && keeps(problem, lists, chosen) {
            *best = Some(value);
        }
        return;
    }
    for (place, taking) in lists[depth].iter().enumerate() {
        chosen[depth] = place;
        descend(
            problem,
            lists,
            budget,
            chosen,
            depth + 1,
            (spent + taking.spend, value + taking.value),
            best,
        );
    }
}

fn keeps(problem: &Problem, lists: &[Vec<Taking>], chosen: &[usize]) -> bool {
    let taken: Vec<&Taking> = lists
        .iter()
        .zip(chosen)
        .map(|(list, at)| &list[*at])
        .collect();
    let within = problem
        .resources()
        .iter()
        .enumerate()
        .all(|(at, resource)| {
            taken.iter().map(|taking| taking.uses[at]).sum::<u64>() <= resource.limit().micros()
        });
    within
        && groups_keep(
            problem,
            &taken.iter().map(|taking| taking.spend).collect::<Vec<_>>(),
        )
}

fn groups_keep(problem: &Problem, spends: &[i64]) -> bool {
    problem.groups().iter().all(|group| {
        let spent = group_spend(problem, group, spends);
        spent >= group.floor().map_or(0, Money::minor)
            && group.cap().is_none_or(|cap| spent <= cap.minor())
    })
}

fn group_spend(problem: &Problem, group: &Group, spends: &[i64]) -> i64 {
    let own: i64 = group
        .members()
        .iter()
        .map(|member| spends[problem.position(member).unwrap()])
        .sum();
    let below: i64 = problem
        .groups()
        .iter()
        .filter(|child| child.parent() == Some(group.id()))
        .map(|child| group_spend(problem, child, spends))
        .sum();
    own + below
}

/// Checks that an answer keeps every constraint and says what it takes.
fn check(problem: &Problem, allocation: &Allocation) {
    let Objective::Budget(budget) = problem.objective() else {
        unreachable!("budgets only")
    };
    let spends: Vec<i64> = allocation.lines().map(|line| line.spend.minor()).collect();
    let mut used = vec![0; problem.resources().len()];
    let mut value = 0.0;
    for (line, activity) in allocation.lines().zip(problem.activities()) {
        assert_eq!(line.id, activity.id());
        let options = activity.as_menu().map(|menu| {
            menu.options()
                .iter()
                .find(|option| Some(option.id()) == line.option)
        });
        let taking = takings(problem, activity, budget.minor())
            .into_iter()
            .find(|taking| {
                taking.spend == line.spend.minor()
                    && (taking.value - line.value).abs() <= 1e-12 * taking.value.abs()
                    && match options {
                        Some(Some(option)) => option.value().to_bits() == taking.value.to_bits(),
                        _ => true,
                    }
            });
        let taking = taking.expect("a lawful spend with its value");
        if let Some(Some(option)) = options {
            assert_eq!(option.cost(), line.spend);
            for (sum, resource) in used.iter_mut().zip(problem.resources()) {
                *sum += option
                    .uses()
                    .iter()
                    .find(|(id, _)| id == resource.id())
                    .map_or(0, |(_, q)| q.micros());
            }
        } else {
            for (sum, more) in used.iter_mut().zip(&taking.uses) {
                *sum += more;
            }
        }
        value += line.value;
    }
    assert_eq!(spends.iter().sum::<i64>(), allocation.spent().minor());
    assert!(allocation.spent().minor() <= budget.minor());
    for (sum, resource) in used.iter().zip(problem.resources()) {
        assert!(*sum <= resource.limit().micros());
    }
    assert!(groups_keep(problem, &spends));
    assert!((value - allocation.value()).abs() <= 1e-9 * value.abs().max(1.0));
    assert!(allocation.bound() >= allocation.value());
}

/// What a generated problem may contain.
#[derive(Clone, Copy, Debug, Default)]
struct Mix {
    menus: bool,
    curves: bool,
    s_curves: bool,
    minimums: bool,
    steps: bool,
    resources: u64,
    groups: bool,
}

fn curve(s: &mut Stream, mix: Mix) -> Curve {
    let scale = 5.0 + 40.0 * s.uniform();
    let half = 1.0 + 8.0 * s.uniform();
    if mix.s_curves && s.happens(0.7) {
        if s.happens(0.2) {
            let mut points = vec![(0.0, 0.0)];
            for _ in 0..3 {
                let (x, y) = points[points.len() - 1];
                points.push((x + 0.5 + 5.0 * s.uniform(), y + 10.0 * s.uniform()));
            }
            return PiecewiseLinear::new(&points).unwrap().into();
        }
        return Adbudg::new(scale, 1.2 + 4.0 * s.uniform(), half)
            .unwrap()
            .into();
    }
    match s.below(4) {
        0 => ModifiedExponential::new(scale, 0.5 / half).unwrap().into(),
        1 => Power::new(scale, 0.2 + 0.7 * s.uniform()).unwrap().into(),
        2 => Adbudg::new(scale, 0.9, half).unwrap().into(),
        _ => Logarithmic::new(scale, half).unwrap().into(),
    }
}

/// A forest of up to three groups over some of the activities.
fn grouped(s: &mut Stream, names: &[Id]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for at in 0..=s.below(2) {
        let mut group = Group::new(id(&format!("g{at}")));
        if at > 0 && s.happens(0.6) {
            group = group.with_parent(id(&format!("g{}", s.below(at))));
        }
        let floor = if s.happens(0.3) { s.below(6) } else { 0 };
        if floor > 0 {
            group = group.with_floor(yen(i64::try_from(floor).unwrap()));
        }
        if s.happens(0.6) {
            group = group.with_cap(yen(i64::try_from(floor + s.below(15)).unwrap()));
        }
        groups.push(group);
    }
    let mut members: Vec<Vec<Id>> = vec![Vec::new(); groups.len()];
    for name in names {
        if s.happens(0.8) {
            let at = s.below(cast::u64_of_usize(members.len()));
            members[usize::try_from(at).unwrap()].push(name.clone());
        }
    }
    groups = groups
        .into_iter()
        .zip(members)
        .map(|(group, members)| group.with_members(members))
        .collect();
    groups
}

fn generate(seed: u64, mix: Mix) -> Problem {
    let mut s = Draws::new(seed).stream(&[77]);
    let count = 1 + s.below(4);
    let names: Vec<Id> = (0..count).map(|at| id(&format!("a{at}"))).collect();
    let resources: Vec<Id> = (0..mix.resources).map(|at| id(&format!("r{at}"))).collect();
    let mut activities = Vec::new();
    for name in &names {
        let menu = mix.menus
            && (s.happens(0.5) || !(mix.curves || mix.s_curves || mix.steps || mix.minimums));
        if menu {
            let options: Vec<MenuOption> = (0..=s.below(4))
                .map(|at| {
                    let value = if s.happens(0.1) {
                        -3.0
                    } else {
                        40.0 * s.uniform()
                    };
                    let cost = i64::try_from(s.below(14)).unwrap();
                    let mut made = option(&format!("o{at}"), cost, value);
                    for resource in &resources {
                        if s.happens(0.8) {
                            made = made.with_use(
                                resource.clone(),
                                Quantity::from_micros(s.below(9) * 250_000),
                            );
                        }
                    }
                    made
                })
                .collect();
            activities.push(if s.happens(0.2) {
                Activity::required_menu(name.clone(), options)
            } else {
                Activity::menu(name.clone(), options)
            });
            continue;
        }
        let mut activity = Activity::curve(name.clone(), curve(&mut s, mix));
        let step = if mix.steps {
            1 + i64::try_from(s.below(4)).unwrap()
        } else {
            1
        };
        if step > 1 {
            activity = activity.with_step(yen(step));
        }
        let mut low = 0;
        if mix.minimums && s.happens(0.6) {
            low = step * i64::try_from(1 + s.below(5)).unwrap();
            activity = activity.with_minimum_if_any(yen(low));
        } else if s.happens(0.2) {
            low = step * i64::try_from(s.below(3)).unwrap();
            activity = activity.with_floor(yen(low));
        }
        if s.happens(0.4) {
            activity = activity.with_cap(yen(low + step * i64::try_from(s.below(6)).unwrap()));
        }
        for resource in &resources {
            if s.happens(0.8) {
                activity = activity.with_use_per_unit(
                    resource.clone(),
                    Quantity::from_micros(s.below(9) * 50_000),
                );
            }
        }
        activities.push(activity);
    }
    let resources = resources
        .into_iter()
        .map(|name| Resource::new(name, Quantity::from_micros(s.below(20) * 250_000)))
        .collect();
    let groups = if mix.groups {
        grouped(&mut s, &names)
    } else {
        Vec::new()
    };
    problem(
        i64::try_from(s.below(26)).unwrap(),
        resources,
        activities,
        groups,
    )
}

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
        "infeasible: required options force a spend of 70 JPY, 20 JPY more than budget allows (50 JPY)"
    );
    let group = Group::new(id("north"))
        .with_cap(yen(60))
        .with_members(vec![id("a")]);
    let error = solve(&problem(500, vec![], vec![required.clone()], vec![group])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "infeasible: floors and required options in group \"north\" force a spend of 70 JPY, 10 JPY more than cap of \
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
