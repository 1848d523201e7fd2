//! Changes that are followed, against solves from the start.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::super::super::{Activity, Allocation, Objective, Problem, Resolved, Solved, solve};
use super::{Case, case, curve, id, money, problem};
use crate::response::{Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

#[derive(Clone, Debug)]
enum Change {
    Budget(i64),
    Activity(prop::sample::Index, Box<(Curve, i64, Option<i64>)>),
    /// The same family, another size.
    Scaled(prop::sample::Index, f64),
}

fn change() -> impl Strategy<Value = Change> {
    let activity = (curve(), 0..4_i64, proptest::option::of(0..12_i64));
    prop_oneof![
        2 => (0..60_i64).prop_map(Change::Budget),
        1 => (any::<prop::sample::Index>(), activity).prop_map(|(at, (curve, floor, room))| {
            Change::Activity(at, Box::new((curve, floor, room.map(|room| floor + room))))
        }),
        4 => (any::<prop::sample::Index>(), 0.5..2.0).prop_map(|(at, by)| Change::Scaled(at, by)),
    ]
}

fn scaled(curve: &Curve, by: f64) -> Curve {
    match curve {
        Curve::ModifiedExponential(c) => ModifiedExponential::new(c.scale() * by, c.rate())
            .unwrap()
            .into(),
        Curve::Power(c) => Power::new(c.scale() * by, c.exponent()).unwrap().into(),
        Curve::Logarithmic(c) => Logarithmic::new(c.scale() * by, c.half()).unwrap().into(),
        Curve::PiecewiseLinear(c) => {
            let points: Vec<_> = c.points().iter().map(|&(x, y)| (x, y * by)).collect();
            PiecewiseLinear::new(&points).unwrap().into()
        }
        other => other.clone(),
    }
}

/// The same problem, admitted and laid out anew.
fn afresh(problem: &Problem) -> Problem {
    Problem::new(
        problem.currency(),
        problem.objective(),
        problem.resources().to_vec(),
        problem.activities().to_vec(),
        problem.groups().to_vec(),
    )
    .unwrap()
}

fn apply(solved: &mut Solved, change: &Change) -> Result<(), TestCaseError> {
    let before = (solved.problem().clone(), solved.allocation().clone());
    let (wanted, outcome) = match change {
        Change::Budget(budget) => {
            let budget = money(*budget, "JPY");
            let wanted = solved.problem().with_objective(Objective::Budget(budget));
            (wanted.unwrap(), solved.set_budget(budget))
        }
        Change::Activity(..) | Change::Scaled(..) => {
            let activities = solved.problem().activities();
            let (at, curve, floor, cap) = match change {
                Change::Activity(at, terms) => {
                    let at = at.index(activities.len());
                    (at, terms.0.clone(), terms.1, terms.2)
                }
                Change::Scaled(at, by) => {
                    let at = at.index(activities.len());
                    let terms = activities[at].as_spending().unwrap();
                    let cap = terms.cap().map(crate::money::Money::minor);
                    let floor = terms.floor().map_or(0, crate::money::Money::minor);
                    (at, scaled(terms.curve(), *by), floor, cap)
                }
                Change::Budget(_) => unreachable!(),
            };
            let name = activities[at].id().clone();
            let mut activity = Activity::curve(name, curve).with_floor(money(floor, "JPY"));
            if let Some(cap) = cap {
                activity = activity.with_cap(money(cap, "JPY"));
            }
            let mut all = activities.to_vec();
            all[at] = activity.clone();
            let groups = solved.problem().groups().to_vec();
            let wanted = Problem::new(
                solved.problem().currency(),
                solved.problem().objective(),
                vec![],
                all,
                groups,
            );
            (wanted.unwrap(), solved.set_activity(activity))
        }
    };
    match (solve(&afresh(&wanted)), outcome) {
        (Ok(expected), Ok(resolved)) => {
            prop_assert_eq!(solved.allocation(), &expected, "{:?}", resolved);
            prop_assert_eq!(solved.problem(), &wanted);
            check_moved(&before.1, solved.allocation(), &resolved, change)?;
        }
        (Err(expected), Err(found)) => {
            prop_assert_eq!(found.to_string(), expected.to_string());
            prop_assert_eq!(solved.problem(), &before.0);
            prop_assert_eq!(solved.allocation(), &before.1);
        }
        (expected, found) => prop_assert!(false, "{:?} {:?}", expected, found),
    }
    Ok(())
}

/// Every activity that spends otherwise is told, and no other but the one changed.
fn check_moved(
    before: &Allocation,
    after: &Allocation,
    resolved: &Resolved,
    change: &Change,
) -> Result<(), TestCaseError> {
    let changed = match change {
        Change::Budget(_) => None,
        Change::Activity(at, _) | Change::Scaled(at, _) => Some(at.index(before.len())),
    };
    let mut told = resolved.moved().iter();
    for (at, (old, new)) in before.lines().zip(after.lines()).enumerate() {
        if old.spend == new.spend && changed != Some(at) {
            continue;
        }
        let moved = told.next().unwrap();
        prop_assert_eq!(&moved.id, old.id);
        prop_assert_eq!((moved.spend_before, moved.spend), (old.spend, new.spend));
        prop_assert_eq!(moved.value_before.to_bits(), old.value.to_bits());
        prop_assert_eq!(moved.value.to_bits(), new.value.to_bits());
    }
    prop_assert!(told.next().is_none());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn changes_are_answered_as_from_the_start(
        case in case(),
        changes in proptest::collection::vec(change(), 1..8),
    ) {
        let Ok(mut solved) = Solved::new(case.problem()) else {
            return Ok(());
        };
        for change in &changes {
            apply(&mut solved, change)?;
        }
    }
}

#[test]
fn most_small_changes_are_followed() {
    // Counted over its own cases, whatever else has run.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut followed, mut all) = (0_u32, 0_u32);
    for _ in 0..300 {
        let case: Case = case().new_tree(&mut runner).unwrap().current();
        let Ok(mut solved) = Solved::new(case.problem()) else {
            continue;
        };
        let at = &solved.problem().activities()[0];
        let curve = scaled(at.as_spending().unwrap().curve(), 1.1);
        let mut activity = Activity::curve(at.id().clone(), curve);
        if let Some(cap) = at.as_spending().unwrap().cap() {
            activity = activity.with_cap(cap);
        }
        let activity = activity.with_floor(at.as_spending().unwrap().floor().unwrap());
        let resolved = solved.set_activity(activity).unwrap();
        all += 1;
        followed += u32::from(resolved.is_followed());
        assert_eq!(resolved.looked_at().is_some(), resolved.is_followed());
    }
    assert!(2 * followed > all, "{followed} of {all}");
    assert!(followed < all);
}

#[test]
fn cents_move_by_the_thousand_between_ladders() {
    let activity = |at: u32, by: f64| -> Activity {
        let name = id(&format!("a{at:05}"));
        let size = f64::from(at % 97 + 3);
        let curve: Curve = match at % 4 {
            0 => ModifiedExponential::new(by * size, 1.0 / (size + 5.0))
                .unwrap()
                .into(),
            1 => Logarithmic::new(by * size, size).unwrap().into(),
            2 => Power::new(by * size / 9.0, 0.3 + size / 300.0)
                .unwrap()
                .into(),
            _ => PiecewiseLinear::new(&[(0.0, 0.0), (20.0, by * size), (60.0, 1.4 * by * size)])
                .unwrap()
                .into(),
        };
        match at % 5 {
            1 => Activity::curve(name, curve).with_floor(money(500, "USD")),
            2 => Activity::curve(name, curve).with_cap(money(4_000, "USD")),
            _ => Activity::curve(name, curve),
        }
    };
    let count = 12_000_u32;
    let all = (0..count).map(|at| activity(at, 1.0)).collect();
    let mut solved = Solved::new(problem("USD", i64::from(count) * 1_500, all, vec![])).unwrap();
    let mut followed = 0;
    for (round, at) in [17, 1_000, 2_002, 7_999, 17, 4_444].into_iter().enumerate() {
        let by = [1.3, 0.2, 1.01, 1.5, 0.9, 3.0][round];
        let resolved = solved.set_activity(activity(at, by)).unwrap();
        followed += usize::from(resolved.is_followed());
        assert_eq!(
            *solved.allocation(),
            solve(&afresh(solved.problem())).unwrap()
        );
    }
    for budget in [1_500_100, 1_500_000, 1_499_000] {
        let budget = money(i64::from(count) * budget / 1_000, "USD");
        let resolved = solved.set_budget(budget).unwrap();
        followed += usize::from(resolved.is_followed());
        assert_eq!(
            *solved.allocation(),
            solve(&afresh(solved.problem())).unwrap()
        );
    }
    assert!(followed >= 6, "{followed}");
}

#[test]
fn a_group_capped_at_nothing_stops_to_bind_when_money_is_dearer_elsewhere() {
    let activities = |scale: f64| {
        let closed = Logarithmic::new(32.0, 18.0).unwrap();
        let open = Power::new(scale, 0.67).unwrap();
        vec![
            Activity::curve(id("a0"), closed),
            Activity::curve(id("a1"), open),
        ]
    };
    let shut = super::Group::new(id("g0"))
        .with_cap(money(0, "JPY"))
        .with_members(vec![id("a0")]);
    let binding = problem("JPY", 14, activities(4.0), vec![shut]);
    let mut solved = Solved::new(binding).unwrap();
    assert!(solved.allocation().groups()[0].shadow_price > 0.0);
    solved.set_activity(activities(8.15).remove(1)).unwrap();
    let expected = solve(&afresh(solved.problem())).unwrap();
    assert_eq!(*solved.allocation(), expected);
    assert!(solved.allocation().groups()[0].shadow_price <= 0.0);
}

#[test]
fn long_steps_in_two_regions_are_followed() {
    let count = 40_000_u32;
    let activity = |at: u32, by: f64| {
        // A step of 50.00 takes nearly all of what an activity can still gain.
        let scale = by * f64::from(at * 7_919 % 100_003 + 10);
        let curve = ModifiedExponential::new(scale, 0.06).unwrap();
        Activity::curve(id(&format!("a{at:05}")), curve).with_step(money(5_000, "USD"))
    };
    let all: Vec<Activity> = (0..count).map(|at| activity(at, 1.0)).collect();
    let members = all.iter().step_by(2).map(|one| one.id().clone()).collect();
    let half = super::Group::new(id("half"))
        .with_cap(money(i64::from(count) * 500, "USD"))
        .with_members(members);
    let mut solved =
        Solved::new(problem("USD", i64::from(count) * 2_500, all, vec![half])).unwrap();
    assert!(solved.allocation().groups()[0].shadow_price > 0.0);
    for (at, by) in [(10, 1.1), (11, 1.1), (10, 1.0), (11, 0.9), (4_002, 1.3)] {
        let resolved = solved.set_activity(activity(at, by)).unwrap();
        let looked_at = resolved.looked_at();
        assert!(
            looked_at.is_some_and(|looked| (1..20).contains(&looked)),
            "{at}: {looked_at:?}"
        );
        assert_eq!(
            *solved.allocation(),
            solve(&afresh(solved.problem())).unwrap()
        );
    }
}

/// With money to spare nothing has to make room.
#[test]
fn a_change_that_leaves_money_to_spare_is_followed() {
    let activities = |scale: f64| {
        let full = PiecewiseLinear::new(&[(0.0, 0.0), (10.0, scale)]).unwrap();
        let other = PiecewiseLinear::new(&[(0.0, 0.0), (20.0, 5.0)]).unwrap();
        vec![
            Activity::curve(id("a0"), full),
            Activity::curve(id("a1"), other),
        ]
    };
    let mut solved = Solved::new(problem("JPY", 100, activities(4.0), vec![])).unwrap();
    let resolved = solved.set_activity(activities(5.0).remove(0)).unwrap();
    assert!(resolved.is_followed());
    assert_eq!(solved.allocation().spent(), money(30, "JPY"));
    assert_eq!(
        *solved.allocation(),
        solve(&afresh(solved.problem())).unwrap()
    );
}

/// Where the last step taken and the first one refused are of one flat piece, they are in order as they are.
#[test]
fn a_change_beside_a_flat_piece_cut_within_is_followed() {
    let flat = PiecewiseLinear::new(&[(0.0, 0.0), (3.0, 15.0), (43.0, 95.0)]).unwrap();
    let other = |gain: f64| {
        let curve = PiecewiseLinear::new(&[(0.0, 0.0), (3.0, 3.0 * gain)]).unwrap();
        Activity::curve(id("a1"), curve)
    };
    let activities = vec![Activity::curve(id("a0"), flat), other(4.0)];
    let mut solved = Solved::new(problem("JPY", 16, activities, vec![])).unwrap();
    for (gain, budget) in [(4.5, 16), (4.5, 30), (3.0, 30), (3.0, 9)] {
        let resolved = solved.set_activity(other(gain)).unwrap();
        assert!(resolved.is_followed(), "{gain}");
        assert!(resolved.looked_at().is_some_and(|looked| looked <= 2));
        let resolved = solved.set_budget(money(budget, "JPY")).unwrap();
        assert!(resolved.is_followed(), "{budget}");
        assert_eq!(
            *solved.allocation(),
            solve(&afresh(solved.problem())).unwrap()
        );
    }
}

/// Floors hold up four hundred that gain little beside twenty that share the rest: a change among these looks at none of those.
#[test]
fn what_floors_hold_up_is_not_looked_at() {
    let activity = |at: u32, scale: f64| {
        Activity::curve(
            id(&format!("a{at:03}")),
            Logarithmic::new(scale, 9.0).unwrap(),
        )
        .with_step(money(100, "USD"))
        .with_floor(money(500, "USD"))
    };
    let of = |at: u32| activity(at, if at < 20 { 90.0 } else { 1.0 });
    let budget = 400 * 500 + 20 * 2_000;
    let all = (0..420).map(of).collect();
    let mut solved = Solved::new(problem("USD", budget, all, vec![])).unwrap();
    for scale in [99.0, 85.0, 90.0] {
        let resolved = solved.set_activity(activity(7, scale)).unwrap();
        let looked_at = resolved.looked_at();
        assert!(
            looked_at.is_some_and(|looked| (1..=20).contains(&looked)),
            "{looked_at:?}"
        );
        assert_eq!(
            *solved.allocation(),
            solve(&afresh(solved.problem())).unwrap()
        );
    }
}
