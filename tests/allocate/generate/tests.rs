//! How often the constraints of what is generated bind.

use super::*;
use crate::brute;

/// How often, of the feasible problems of a mix, each kind of constraint changes the best value.
#[derive(Default, Debug)]
struct Tally {
    feasible: u32,
    cases: u32,
    budget: u32,
    group_cap: u32,
    group_floor: u32,
    resource: u32,
    activity_floor: u32,
    activity_cap: u32,
    minimum: u32,
    step: u32,
    required: u32,
    s_curve: u32,
}

fn differs(one: Option<f64>, other: Option<f64>) -> u32 {
    u32::from(match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() > 1e-9 * one.abs(),
        (None, Some(_)) | (Some(_), None) => true,
        (None, None) => false,
    })
}

fn without(plain: &Plain, edit: impl Fn(&mut Plain)) -> Option<f64> {
    let mut plain = plain.clone();
    edit(&mut plain);
    brute::most_value(&plain)
}

fn each_spend(
    plain: &mut Plain,
    edit: impl Fn(&mut i64, &mut Option<i64>, &mut Option<i64>, &mut Option<i64>),
) {
    for activity in &mut plain.activities {
        if let Offer::Spend {
            floor,
            cap,
            minimum_if_any,
            step,
            ..
        } = &mut activity.offer
        {
            edit(floor, cap, minimum_if_any, step);
        }
    }
}

fn tally(mix: Mix, cases: u32) -> Tally {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = problem(mix);
    let mut tally = Tally {
        cases,
        ..Tally::default()
    };
    for _ in 0..cases {
        let plain = strategy.new_tree(&mut runner).unwrap().current();
        let best = brute::most_value(&plain);
        if best.is_none() {
            continue;
        }
        tally.feasible += 1;
        let budget = plain.budget().unwrap();
        tally.budget += differs(best, without(&plain, |p| p.aim = Aim::Budget(budget + 3)));
        tally.group_cap += differs(
            best,
            without(&plain, |p| p.groups.iter_mut().for_each(|g| g.cap = None)),
        );
        tally.group_floor += differs(
            best,
            without(&plain, |p| p.groups.iter_mut().for_each(|g| g.floor = 0)),
        );
        tally.resource += differs(
            best,
            without(&plain, |p| {
                p.resources.iter_mut().for_each(|r| r.1 = u64::MAX);
            }),
        );
        tally.activity_floor += differs(
            best,
            without(&plain, |p| each_spend(p, |floor, _, _, _| *floor = 0)),
        );
        tally.activity_cap += differs(
            best,
            without(&plain, |p| each_spend(p, |_, cap, _, _| *cap = None)),
        );
        tally.minimum += differs(
            best,
            without(&plain, |p| each_spend(p, |_, _, least, _| *least = None)),
        );
        tally.step += differs(
            best,
            without(&plain, |p| each_spend(p, |_, _, _, step| *step = None)),
        );
        tally.required += differs(
            best,
            without(&plain, |p| {
                for activity in &mut p.activities {
                    if let Offer::Menu { required, .. } = &mut activity.offer {
                        *required = false;
                    }
                }
            }),
        );
        tally.s_curve += u32::from(
            plain
                .activities
                .iter()
                .any(|a| matches!(&a.offer, Offer::Spend { curve, .. } if !curve.is_concave())),
        );
    }
    tally
}

#[test]
fn every_kind_of_constraint_binds_often() {
    let all = tally(Mix::EVERYTHING, 300);
    println!("{all:?}");
    assert!(
        all.feasible * 2 > all.cases,
        "most problems are feasible: {all:?}"
    );
    let tree = tally(Mix::CONCAVE_TREE, 300);
    println!("{tree:?}");
    let menus = tally(Mix::MENU_RESOURCES, 300);
    println!("{menus:?}");
    let often = |count: u32, of: &Tally, percent: u32| count * 100 >= of.feasible * percent;
    assert!(often(tree.budget, &tree, 25) && often(all.budget, &all, 20));
    assert!(often(tree.group_cap, &tree, 15) && often(all.group_cap, &all, 8));
    assert!(often(tree.group_floor, &tree, 5) && often(all.group_floor, &all, 3));
    assert!(often(tree.activity_floor, &tree, 8));
    assert!(often(tree.activity_cap, &tree, 15));
    assert!(often(tree.step, &tree, 10) && often(all.step, &all, 5));
    assert!(often(menus.resource, &menus, 20) && often(all.resource, &all, 10));
    assert!(often(menus.required, &menus, 5));
    assert!(often(all.minimum, &all, 5));
    assert!(often(all.s_curve, &all, 20));
}

/// Problems that no allocation satisfies occur too, or infeasibility would go untested.
#[test]
fn some_problems_are_infeasible() {
    let tree = tally(Mix::CONCAVE_TREE, 300);
    assert!(
        tree.feasible < tree.cases && tree.feasible * 3 > tree.cases,
        "{tree:?}"
    );
}
