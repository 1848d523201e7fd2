//! The price search against a greedy that takes one step at a time, and against published numbers.

mod columns;
mod layout;
pub(super) mod spy;
mod threads;
mod warm;

use proptest::prelude::*;

use super::super::{
    Activity, Allocation, Group, LimitedBy, Objective, Problem, Resource, Status, solve,
};
use super::bounds::NO_CAP;
use super::layout::Market;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::response::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response,
};

pub(super) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap()
}

pub(super) fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, currency(code))
}

pub(super) fn problem(
    code: &str,
    budget: i64,
    activities: Vec<Activity>,
    groups: Vec<Group>,
) -> Problem {
    let objective = Objective::Budget(money(budget, code));
    Problem::new(currency(code), objective, vec![], activities, groups).unwrap()
}

fn spends(allocation: &Allocation) -> Vec<i64> {
    allocation.lines().map(|line| line.spend.minor()).collect()
}

/// Takes one step at a time: the best by (gain, id) that leaves all constraints within reach.
fn greedy(market: &Market<'_>, budget: i64) -> Vec<i64> {
    let items = market.layout.position.len();
    let mut taken = vec![0_i64; items];
    loop {
        let mut best: Option<(f64, u32, usize)> = None;
        for item in 0..items {
            let gain = market
                .curve(item)
                .exact_gain(taken[item], market.layout.unit);
            let key = (gain, market.layout.position[item]);
            let better =
                best.is_none_or(|(g, p, _)| g.total_cmp(&key.0).then(key.1.cmp(&p)).is_lt());
            if !better {
                continue;
            }
            taken[item] += 1;
            let forced = forced_spend(market, &taken);
            taken[item] -= 1;
            let before = forced_spend(market, &taken).unwrap();
            // A step that adds nothing is taken only where a floor forces it: then it does not raise what is forced.
            let lawful = forced.is_some_and(|total| {
                total <= i128::from(budget) && (gain > 0.0 || total <= before)
            });
            if lawful {
                best = Some((gain, market.layout.position[item], item));
            }
        }
        match best {
            Some((_, _, item)) => taken[item] += 1,
            None => return taken,
        }
    }
}

/// The least total that goes with these steps, or `None` if a cap is broken.
fn forced_spend(market: &Market<'_>, taken: &[i64]) -> Option<i128> {
    let mut sums = vec![0_i128; market.layout.nodes.len()];
    for (at, node) in market.layout.nodes.iter().enumerate().rev() {
        for item in node.members.clone() {
            if taken[item] > market.layout.columns.bound_of(item).cap {
                return None;
            }
            sums[at] += i128::from(taken[item].max(market.layout.columns.bound_of(item).floor));
        }
        sums[at] = sums[at].max(i128::from(node.floor));
        if node.cap != NO_CAP && sums[at] > i128::from(node.cap) {
            return None;
        }
        if at > 0 {
            let sum = sums[at];
            sums[node.parent] += sum;
        }
    }
    sums.first().copied()
}

fn by_position(market: &Market<'_>, taken: &[i64]) -> Vec<i64> {
    let mut out = vec![0; taken.len()];
    for (item, &position) in market.layout.position.iter().enumerate() {
        out[usize::try_from(position).unwrap()] = taken[item];
    }
    out
}

fn curve() -> impl Strategy<Value = Curve> {
    prop_oneof![
        (1.0..50.0, 0.01..0.5).prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into()),
        (1.0..20.0, 0.1..0.9).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
        (1.0..50.0, 0.5..30.0).prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into()),
        (1.0..50.0, prop_oneof![Just(1.0), 0.3..1.0], 0.5..30.0).prop_map(|(m, c, s)| Adbudg::new(
            m, c, s
        )
        .unwrap()
        .into()),
        proptest::collection::vec((1..8_i32, 0..4_i32), 0..4).prop_map(|mut steps| {
            steps.sort_by_key(|&(_, slope)| -slope);
            let mut points = vec![(0.0, 0.0)];
            for (dx, slope) in steps {
                let &(x, y) = points.last().unwrap();
                points.push((x + f64::from(dx), y + f64::from(dx * slope)));
            }
            PiecewiseLinear::new(&points).unwrap().into()
        }),
    ]
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    activities: Vec<(Curve, i64, Option<i64>)>,
    /// Parent (an earlier group), floor, room above the floor.
    groups: Vec<(Option<usize>, i64, Option<i64>)>,
    homes: Vec<Option<usize>>,
    budget: i64,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let floor = || prop_oneof![3 => Just(0_i64), 1 => 1..6_i64];
    let activity = (curve(), floor(), proptest::option::of(0..12_i64))
        .prop_map(|(curve, floor, room)| (curve, floor, room.map(|room| floor + room)));
    let group = (
        proptest::option::of(any::<prop::sample::Index>()),
        prop_oneof![2 => Just(0_i64), 1 => 1..15_i64],
        proptest::option::of(0..20_i64),
    );
    let lists = (
        proptest::collection::vec(activity, 1..7),
        proptest::collection::vec(group, 0..5),
    );
    lists.prop_flat_map(|(activities, groups)| {
        let homes = proptest::collection::vec(
            proptest::option::of(any::<prop::sample::Index>()),
            activities.len(),
        );
        (Just(activities), Just(groups), homes, 0..60_i64).prop_map(
            |(activities, groups, homes, budget)| {
                let groups: Vec<_> = groups
                    .into_iter()
                    .enumerate()
                    .map(|(at, (parent, floor, room))| {
                        let parent = parent.filter(|_| at > 0).map(|index| index.index(at));
                        (parent, floor, room.map(|room| floor + room))
                    })
                    .collect();
                let homes = homes
                    .into_iter()
                    .map(|home| {
                        home.filter(|_| !groups.is_empty())
                            .map(|index| index.index(groups.len()))
                    })
                    .collect();
                Case {
                    activities,
                    groups,
                    homes,
                    budget,
                }
            },
        )
    })
}

impl Case {
    pub(super) fn problem(&self) -> Problem {
        // Whole currency units as steps, so that the greedy is quick.
        let name = |at: usize| id(&format!("a{at}"));
        let activities = self
            .activities
            .iter()
            .enumerate()
            .map(|(at, (curve, floor, cap))| {
                let activity =
                    Activity::curve(name(at), curve.clone()).with_floor(money(*floor, "JPY"));
                match cap {
                    Some(cap) => activity.with_cap(money(*cap, "JPY")),
                    None => activity,
                }
            });
        let groups = self
            .groups
            .iter()
            .enumerate()
            .map(|(at, (parent, floor, cap))| {
                let mut group = Group::new(id(&format!("g{at}"))).with_floor(money(*floor, "JPY"));
                if let Some(parent) = parent {
                    group = group.with_parent(id(&format!("g{parent}")));
                }
                if let Some(cap) = cap {
                    group = group.with_cap(money(*cap, "JPY"));
                }
                let members = (0..self.homes.len())
                    .filter(|&a| self.homes[a] == Some(at))
                    .map(name);
                group.with_members(members.collect())
            });
        problem("JPY", self.budget, activities.collect(), groups.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn the_price_search_is_the_greedy(case in case()) {
        let problem = case.problem();
        let market = Market::of(&problem).unwrap();
        let outcome = solve(&problem);
        if market.check_feasible().is_err() {
            let text = outcome.unwrap_err().to_string();
            prop_assert!(text.contains("infeasible"), "{}", text);
            return Ok(());
        }
        let allocation = outcome.unwrap();
        let expected = by_position(&market, &greedy(&market, case.budget));
        prop_assert_eq!(spends(&allocation), expected);
        prop_assert_eq!(allocation.status(), Status::Optimal);
    }
}

/// The generator itself: every kind of constraint must bind often enough to be tested.
#[test]
fn constraints_bind_in_the_cases_tried() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut feasible, mut by) = (0, [0; 5]);
    for _ in 0..600 {
        let problem = case().new_tree(&mut runner).unwrap().current().problem();
        let Ok(allocation) = solve(&problem) else {
            continue;
        };
        feasible += 1;
        let mut seen = [false; 5];
        for line in allocation.lines() {
            match line.limited_by {
                LimitedBy::Floor => seen[0] = true,
                LimitedBy::Cap => seen[1] = true,
                LimitedBy::Saturated => seen[2] = true,
                LimitedBy::Group(_) => seen[3] = true,
                _ => seen[4] = true,
            }
        }
        for (count, seen) in by.iter_mut().zip(seen) {
            *count += i32::from(seen);
        }
    }
    assert!(feasible > 200, "{feasible}");
    assert!(
        by.iter().all(|&count| count > feasible / 20),
        "{feasible}: {by:?}"
    );
}

#[test]
fn published_allocations_come_out() {
    // Mantrala, Sinha and Zoltners (1992).
    let two = |budget| {
        let activities = vec![
            Activity::curve(id("a"), ModifiedExponential::new(100.0, 0.02).unwrap()),
            Activity::curve(id("b"), ModifiedExponential::new(60.0, 0.05).unwrap()),
        ];
        spends(&solve(&problem("BHD", budget, activities, vec![])).unwrap())
    };
    assert_eq!(two(100_000), [65_636, 34_364]);
    assert_eq!(two(5_000), [0, 5_000]);
    // Equal elasticities: shares are closed form.
    let activities = [5.0, 8.0, 12.0].iter().enumerate().map(|(at, &scale)| {
        Activity::curve(id(&format!("p{at}")), Power::new(scale, 0.3).unwrap())
    });
    let powers = problem("BHD", 1_000_000, activities.collect(), vec![]);
    assert_eq!(
        spends(&solve(&powers).unwrap()),
        [155_046, 303_430, 541_524]
    );
}

#[test]
fn a_step_that_adds_nothing_is_left() {
    let flat = PiecewiseLinear::new(&[(0.0, 0.0), (10.0, 5.0)]).unwrap();
    let activities = vec![
        Activity::curve(id("a"), flat.clone()),
        Activity::curve(id("b"), flat).with_floor(money(1_500, "USD")),
    ];
    let allocation = solve(&problem("USD", 9_000, activities, vec![])).unwrap();
    assert_eq!(spends(&allocation), [1_000, 1_500]);
    assert_eq!(allocation.unspent().unwrap().minor(), 6_500);
    assert!(allocation.shadow_price().abs() < f64::MIN_POSITIVE);
    let limits: Vec<_> = allocation.lines().map(|line| line.limited_by).collect();
    assert_eq!(limits, [LimitedBy::Saturated, LimitedBy::Floor]);
}

#[test]
fn equal_gains_go_to_the_smaller_id() {
    let line = PiecewiseLinear::new(&[(0.0, 0.0), (1000.0, 500.0)]).unwrap();
    let activities = ["c", "a", "b"].map(|name| Activity::curve(id(name), line.clone()));
    let allocation = solve(&problem("USD", 150_000, activities.to_vec(), vec![])).unwrap();
    assert_eq!(spends(&allocation), [100_000, 50_000, 0]);
    assert!((allocation.shadow_price() - 0.5).abs() < 1e-15);
}

#[test]
fn the_target_is_reached_with_the_least_spend() {
    let curves = [
        (
            1,
            Curve::from(ModifiedExponential::new(90.0, 0.03).unwrap()),
        ),
        (2, Power::new(4.0, 0.4).unwrap().into()),
        (3, Logarithmic::new(20.0, 15.0).unwrap().into()),
    ];
    let activities: Vec<_> = curves
        .iter()
        .map(|(at, curve)| Activity::curve(id(&format!("a{at}")), curve.clone()))
        .collect();
    for target in [0.0, 1.0, 40.0, 100.0, 140.0, 200.0] {
        let usd = currency("USD");
        let problem = Problem::new(
            usd,
            Objective::Target(target),
            vec![],
            activities.clone(),
            vec![],
        )
        .unwrap();
        let reached = solve(&problem).unwrap();
        assert!(reached.value() >= target * (1.0 - 1e-12));
        let spent = reached.spent().minor();
        if spent > 0 {
            let less = Objective::Budget(money(spent - 1, "USD"));
            let less = solve(&problem.with_objective(less).unwrap()).unwrap();
            assert!(less.value() < target);
        }
    }
}

#[test]
fn a_curve_that_saturates_within_its_first_step_has_a_price() {
    let curve = Curve::from(ModifiedExponential::new(1.0174, 9e11).unwrap());
    let activity = Activity::curve(id("a"), curve).with_step(money(11, "JPY"));
    let budget = Objective::Budget(money(10, "JPY"));
    let problem = Problem::new(currency("JPY"), budget, vec![], vec![activity], vec![]).unwrap();
    let answer = solve(&problem).unwrap();
    assert_eq!(answer.spent(), money(0, "JPY"));
    assert!((answer.shadow_price() - 1.0174 / 11.0).abs() < 1e-15);
}

#[test]
fn a_target_met_but_for_rounding_is_met() {
    // A quarter of 31.08 is 7.77, and a hair less in f64: the first cent reaches it.
    let points = [(0.0, 0.0), (0.04, 31.08), (0.06, 31.08)];
    let curve = Curve::from(PiecewiseLinear::new(&points).unwrap());
    let activities = vec![Activity::curve(id("m"), curve)];
    let target = Objective::Target(7.77);
    let problem = Problem::new(currency("USD"), target, vec![], activities, vec![]).unwrap();
    assert_eq!(solve(&problem).unwrap().spent(), money(1, "USD"));
}

#[test]
fn a_target_out_of_reach_names_the_most() {
    let activity = Activity::curve(id("a"), ModifiedExponential::new(90.0, 0.03).unwrap())
        .with_cap(money(1_000, "USD"));
    let usd = currency("USD");
    let problem =
        Problem::new(usd, Objective::Target(80.0), vec![], vec![activity], vec![]).unwrap();
    let text = solve(&problem).unwrap_err().to_string();
    assert!(
        text.starts_with(
            "infeasible: target 80 is out of reach; the most that can be reached is 23.3"
        ),
        "{text}"
    );
}

#[test]
fn floors_beyond_the_budget_say_by_how_much() {
    let curve = ModifiedExponential::new(90.0, 0.03).unwrap();
    let activities = vec![
        Activity::curve(id("a"), curve).with_floor(money(700, "USD")),
        Activity::curve(id("b"), curve).with_floor(money(600, "USD")),
    ];
    let error = solve(&problem("USD", 1_000, activities, vec![])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "infeasible: a spend of 13.00 USD is forced by the floor of activity \"a\", the floor of activity \"b\": 3.00 USD more than the budget allows (10.00 USD)"
    );
}

#[test]
fn resources_that_nobody_uses_do_not_bind() {
    let activity = Activity::curve(id("a"), Power::new(3.0, 0.5).unwrap())
        .with_use_per_unit(id("hours"), "0".parse().unwrap());
    let objective = Objective::Budget(money(100, "USD"));
    let hours = Resource::new(id("hours"), "0".parse().unwrap());
    let problem = Problem::new(
        currency("USD"),
        objective,
        vec![hours],
        vec![activity],
        vec![],
    )
    .unwrap();
    assert_eq!(spends(&solve(&problem).unwrap()), [100]);
}

#[test]
fn the_order_handed_in_changes_nothing() {
    let make = |reverse: bool| {
        let mut activities: Vec<_> = (0..40_u32)
            .map(|at| {
                let scale = 10.0 + f64::from(at % 7);
                Activity::curve(
                    id(&format!("x{at}")),
                    Logarithmic::new(scale, 20.0).unwrap(),
                )
            })
            .collect();
        if reverse {
            activities.reverse();
        }
        solve(&problem("USD", 123_456, activities, vec![])).unwrap()
    };
    assert_eq!(make(false), make(true));
}

#[test]
fn exact_gains_never_rise_and_agree_with_the_curve() {
    let curves: Vec<Curve> = vec![
        ModifiedExponential::new(1e12, 1e-9).unwrap().into(),
        Power::new(1e-6, 0.999).unwrap().into(),
        Logarithmic::new(3.0, 1e7).unwrap().into(),
        Adbudg::new(5.0, 0.7, 300.0).unwrap().into(),
        Adbudg::new(5.0, 1.0, 300.0).unwrap().into(),
    ];
    let unit = super::step_curve::Unit {
        minor: 1,
        per_unit: 100,
    };
    for curve in &curves {
        let steps = super::step_curve::StepCurve::of(curve, unit).unwrap();
        let mut last = f64::INFINITY;
        for n in (0..200)
            .chain(1_000_000..1_000_200)
            .chain((1 << 53)..(1 << 53) + 50)
        {
            let exact = steps.exact_gain(n, unit);
            let (near, error) = steps.gain(n, unit);
            assert!(exact <= last, "{curve:?} at {n}");
            assert!(
                (near - exact).abs() <= error * near,
                "{curve:?} at {n}: {near:e} {exact:e}"
            );
            let from = u64::try_from(n).unwrap();
            let plain = curve.gain(from, from + 1, 0.01);
            assert!((plain - exact).abs() <= 1e-9 * exact, "{curve:?} at {n}");
            last = exact;
        }
    }
}

/// A price between two magnitudes leaves a window too wide for slopes to tell its ends from its middle.
#[test]
fn a_steep_straight_piece_leaves_the_gentle_curves_their_share() {
    let steep = PiecewiseLinear::new(&[(0.0, 0.0), (2.0, 1e9), (4.0, 1.5e9)]).unwrap();
    let activities = vec![
        Activity::curve(id("a"), Power::new(7.77, 0.9).unwrap()),
        Activity::curve(id("b"), Logarithmic::new(10.0, 0.1).unwrap()),
        Activity::curve(id("c"), steep),
    ];
    let allocation = solve(&problem("JPY", 8, activities, vec![])).unwrap();
    assert_eq!(spends(&allocation), [2, 2, 4]);
}
