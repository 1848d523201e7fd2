//! Groups of menus, turn by turn and in all.

use super::super::form::Limit;
use super::super::{made, nest};
use super::*;
use crate::allocate::tree::ROOT;
use crate::numeric::Draws;

const MONEY: [(u32, i8); 1] = [(0, 1)];

fn tree(group_of: Vec<u32>, limits: &[(i64, i64)]) -> Tree {
    Tree {
        group_of,
        parent: vec![ROOT; limits.len()],
        floor: limits.iter().map(|limits| limits.0).collect(),
        cap: limits.iter().map(|limits| limits.1).collect(),
        downwards: (0..cast::u32_of_usize(limits.len())).collect(),
    }
}

fn goes_on(_: Option<f64>, _: f64) -> bool {
    true
}

/// The search of groups alone.
fn alone<'f, 'a>(form: &'f Form<'a>, tree: &Tree, states: u64) -> Search<'f, 'a> {
    Search::of(form, Groups::of(form, tree, states, u64::MAX).unwrap())
}

fn small() -> Form<'static> {
    let menus = [3.0, -7.0].map(|value| made::plain(&[(0, 0.0), (1, value)], &MONEY));
    made::form(&[(Limit::Budget, 9)], menus.to_vec())
}

#[test]
fn what_is_looked_at_first_loses_a_millionth_of_the_values() {
    let form = small();
    let search = alone(&form, &Tree::default(), 1_000);
    assert!((search.wanted - 1e-5).abs() < 1e-18, "{}", search.wanted);
}

fn turn(value: f64, loss: f64, above: f64, first: i64) -> Turn {
    let taken = vec![first, 0];
    Turn {
        answer: Answer { taken, value },
        loss,
        above,
        price: 0.0,
    }
}

/// The bound of a price is the answer and what it loses there; the least of any price counts, the first of equals.
#[test]
fn the_least_bound_of_any_price_is_kept() {
    for (value, loss, lowest) in [
        (6.0, 7.0, (10.0, 2.0)),
        (0.5, 12.0, (10.0, 2.0)),
        (4.0, 6.0, (10.0, 2.0)),
        (6.0, 3.0, (9.0, 3.0)),
    ] {
        let form = small();
        let mut search = alone(&form, &Tree::default(), 1_000);
        search.price = 2.0;
        search.note(turn(5.0, 5.0, 0.0, 0));
        search.price = 3.0;
        search.note(turn(value, loss, 0.0, 0));
        assert_eq!(search.lowest, lowest, "{value} {loss}");
    }
}

#[test]
fn only_a_better_answer_replaces_the_one_in_hand() {
    for (value, first) in [(4.0, 0), (5.0, 0), (5.5, 1)] {
        let form = small();
        let mut search = alone(&form, &Tree::default(), 1_000);
        search.note(turn(5.0, 5.0, 0.0, 0));
        search.note(turn(value, 5.0, 0.0, 1));
        let answer = search.found.unwrap().answer.unwrap();
        assert_eq!(answer.taken[0], first, "{value}");
    }
}

/// Where what was looked at is all that may be better, the menus' own bound holds besides; values of a size of 10 make a few
/// roundings of that the least that is added.
#[test]
fn a_gap_is_closed_if_all_that_could_be_better_was_looked_at_and_is_not() {
    for (wanted, loss, above, bound, complete) in [
        // Looked at, and nothing above.
        (2.0, 1.0, 0.0, 5.0, true),
        // Looked at, but the menus were not searched to the end.
        (2.0, 1.0, 0.25, 5.25, false),
        (2.0, 1.0, 9.0, 6.0, false),
        // Not all was looked at, be it ever so little.
        (0.5, 1.0, 0.0, 6.0, false),
        (0.0, 1e-14, 0.0, 5.0, false),
    ] {
        let form = small();
        let mut search = alone(&form, &Tree::default(), 1_000);
        search.wanted = wanted;
        assert_eq!(search.note(turn(5.0, loss, above, 0)), loss <= wanted);
        let found = search.found.unwrap();
        assert_eq!(found.complete, complete, "{wanted} {loss} {above}");
        let noise = found.bound - bound;
        assert!(noise >= 16.0 * 10.0 * f64::EPSILON, "{noise}");
        assert!(noise <= 1e-11, "{noise}");
    }
}

/// An option of cost 4 is taken, which is best at a price of 3; two of the budget of 6 are left, and cost 3 each.
#[test]
fn what_is_left_of_the_budget_is_lost_at_its_price() {
    let menu = made::plain(&[(0, 0.0), (4, 20.0)], &MONEY);
    let form = made::form(&[(Limit::Budget, 6)], vec![menu]);
    let mut search = alone(&form, &Tree::default(), 1_000);
    search.price = 3.0;
    let near = search.groups.near(3.0, 1e9).unwrap();
    let seen = search.turn(&near).unwrap();
    assert_eq!((seen.answer.value, seen.loss), (20.0, 6.0));
}

#[test]
fn what_spends_the_budget_exactly_fits() {
    let menu = made::plain(&[(5, 3.0)], &MONEY);
    let form = made::form(&[(Limit::Budget, 5)], vec![menu.clone()]);
    let found = alone(&form, &Tree::default(), 1_000).run(None, &mut goes_on);
    let found = found.map(|found| (found.complete, found.value()));
    assert_eq!(found, Some((true, 3.0)));
    let form = made::form(&[(Limit::Budget, 4)], vec![menu]);
    assert!(
        alone(&form, &Tree::default(), 1_000)
            .run(None, &mut goes_on)
            .is_none()
    );
}

/// At no price both menus take all, which is beyond the budget; what fits loses half of all values, a million times what is
/// looked at first.
#[test]
fn where_nothing_fits_more_is_looked_at_until_something_does() {
    let menu = made::plain(&[(0, 0.0), (4, 1e12)], &MONEY);
    let form = made::form(&[(Limit::Budget, 5)], vec![menu.clone(), menu]);
    let mut search = alone(&form, &Tree::default(), 1_000_000);
    search.price = 0.0;
    let found = search.run(None, &mut goes_on).unwrap();
    assert_eq!((found.complete, found.value()), (true, 1e12));
}

/// A group of twelve options whose costs are tens times powers of two, all of one slope: thousands of sums lose nothing.
/// Five of the budget stay, which loses a hundred times what is looked at first.
#[test]
fn where_fronts_are_long_more_is_looked_at_by_and_by() {
    let inside = [(0, 1), (1, 1)];
    let options = (0..12).map(|at| (10_i64 << at, 1e10 * f64::from(1 << at)));
    let menus = options.map(|option| made::plain(&[(0, 0.0), option], &inside));
    let rows = [(Limit::Budget, 20_005), (Limit::Cap(0), 50_000)];
    let form = made::form(&rows, menus.collect());
    let tree = tree(vec![0; 12], &[(0, 50_000)]);
    let found = alone(&form, &tree, 10_000_000).run(None, &mut goes_on);
    let found = found.unwrap();
    assert_eq!((found.complete, found.value()), (true, 2e13));
}

#[test]
fn a_goal_is_decided_by_an_answer_or_a_bound_below_it() {
    let of = |value: f64, bound: f64, goal: Option<f64>| {
        let taken = Vec::new();
        let answer = Answer { taken, value };
        let ended = Ended {
            bound,
            ..ended(answer, Vec::new())
        };
        is_decided(&ended, goal)
    };
    assert!(!of(3.0, 5.0, None));
    assert!(of(3.0, 5.0, Some(3.0)) && of(3.0, 5.0, Some(2.0)));
    assert!(of(3.0, 5.0, Some(5.5)));
    // Something may be worth exactly as much.
    assert!(!of(3.0, 5.0, Some(5.0)) && !of(3.0, 5.0, Some(4.0)));
}

#[test]
fn the_better_answer_and_the_nearer_bound_of_two_searches_count() {
    let of = |value: f64, bound: f64, first: i64| Ended {
        bound,
        ..ended(turn(value, 0.0, 0.0, first).answer, Vec::new())
    };
    for (searched, combined, value, first, bound) in [
        ((3.0, 10.0), (5.0, 8.0), 5.0, 1, 8.0),
        ((5.0, 8.0), (3.0, 10.0), 5.0, 0, 8.0),
        ((3.0, 8.0), (5.0, 10.0), 5.0, 1, 8.0),
        ((5.0, 10.0), (3.0, 8.0), 5.0, 0, 8.0),
        // The searched one among equals.
        ((5.0, 10.0), (5.0, 8.0), 5.0, 0, 8.0),
    ] {
        let nearer = nearer(of(searched.0, searched.1, 0), of(combined.0, combined.1, 1));
        let answer = nearer.answer.as_ref().unwrap();
        assert_eq!(
            (answer.value, answer.taken[0], nearer.bound),
            (value, first, bound)
        );
    }
}

/// Groups of a menu each: worth a half for 1, or 2 for 2, which the cap of 1 forbids. So a cap's price is 1.
fn capped(groups: usize) -> (Form<'static>, Tree) {
    let mut rows = vec![(Limit::Budget, 1_000)];
    rows.extend((0..groups).map(|group| (Limit::Cap(group), 1)));
    let menus = (0..cast::u32_of_usize(groups))
        .map(|group| made::plain(&[(0, 0.0), (1, 0.5), (2, 2.0)], &[(0, 1), (group + 1, 1)]));
    let form = made::form(&rows, menus.collect());
    let group_of = (0..cast::u32_of_usize(groups)).collect();
    (form, tree(group_of, &vec![(0, 1); groups]))
}

fn work_of_prices(form: &Form<'_>) -> u64 {
    nest::settled(form, &form.spans(), &[], u64::MAX).1
}

/// With a quarter of the work the innermost rows alone have a price; they are settled from the last to the first.
#[test]
fn the_first_prices_take_a_quarter_of_the_work() {
    let (form, tree) = capped(3);
    let whole = work_of_prices(&form);
    for (work, first) in [(4 * whole, 1.0), (whole / 2, 0.0)] {
        // What is not decided by combining is not decided at all.
        let limits = Limits {
            work,
            nodes: 0,
            rising: 0,
            leaves: 0,
            ..made::AMPLE
        };
        let ended = search(&form, &tree, None, limits, &mut goes_on);
        assert_eq!((ended.complete, ended.value()), (true, 1.5));
        assert!((ended.prices[1] - first).abs() < 1e-9, "{:?}", ended.prices);
        assert!((ended.prices[3] - 1.0).abs() < 1e-9);
    }
}

/// Prices are a quarter of the work of a search, and what shows an answer a sixteenth of all.
#[test]
fn what_shows_an_answer_takes_a_sixteenth_of_the_work() {
    let (form, _) = capped(70);
    let whole = work_of_prices(&form);
    for (work, first) in [(4 * 16 * whole, 1.0), (4 * whole, 0.0)] {
        let limits = Limits {
            work,
            ..made::AMPLE
        };
        let none = Ended {
            answer: None,
            ..ended(turn(0.0, 0.0, 0.0, 0).answer, Vec::new())
        };
        let shown = shown(&form, none, None, limits);
        assert!((shown.prices[1] - first).abs() < 1e-9, "{work}");
    }
}

/// Two menus that no price decides, and others that change nothing.
#[test]
fn leaves_are_grown_for_few_choices_alone() {
    for (count, has_leaves) in [(FEW, true), (FEW + 1, false)] {
        let mut menus = vec![made::plain(&[(0, 0.0), (3, 0.1)], &MONEY); count];
        menus[0] = made::plain(&[(0, 0.0), (1, 2.0)], &MONEY);
        menus[1] = made::plain(&[(0, 0.0), (2, 2.0)], &MONEY);
        let form = made::form(&[(Limit::Budget, 2)], menus);
        let mut taken = vec![0; count];
        taken[0] = 1;
        let answer = Answer { taken, value: 2.0 };
        let shown = shown(&form, ended(answer, Vec::new()), None, made::AMPLE);
        assert_eq!(!shown.leaves.is_empty(), has_leaves, "{count}");
    }
}

/// Menus in two groups and in none, with caps, and a floor.
fn random(seed: u64) -> (Form<'static>, Tree) {
    let mut of_all = Draws::new(seed).stream(&[99]);
    let mut below = |most: u64| i64::try_from(of_all.below(most)).unwrap();
    let (budget, caps) = (6 + below(24), [4 + below(12), 4 + below(12)]);
    let floor = if seed % 3 == 0 { 1 + below(3) } else { 0 };
    let count = 3 + seed % 4;
    let mut group_of = Vec::new();
    let menus = (0..count).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let group = usize::try_from(draw.below(3)).unwrap();
        group_of.push(if group == 2 {
            ROOT
        } else {
            cast::u32_of_usize(group)
        });
        let mut options = vec![(0, 0.0)];
        for _ in 0..=draw.below(3) {
            let cost = i64::try_from(draw.below(9)).unwrap();
            options.push((cost, libm::floor(draw.uniform() * 40.0) / 4.0 - 2.0));
        }
        let money: &[(u32, i8)] =
            [&[(0, 1), (1, 1)][..], &[(0, 1), (2, 1), (3, -1)], &MONEY][group];
        made::plain(&options, money)
    });
    let menus = menus.collect();
    let mut rows = vec![
        (Limit::Budget, i128::from(budget)),
        (Limit::Cap(0), i128::from(caps[0])),
        (Limit::Cap(1), i128::from(caps[1])),
    ];
    rows.push((Limit::Floor(1), -i128::from(floor)));
    let tree = tree(group_of, &[(0, caps[0]), (floor, caps[1])]);
    (made::form(&rows, menus), tree)
}

/// However few states there are for fronts: what they leave open is searched.
#[test]
fn what_is_called_complete_is_the_best_and_no_bound_is_below_it() {
    let mut cut_short = 0;
    for seed in 0..60 {
        let (form, tree) = random(seed);
        let Some(most) = made::most(&form) else {
            continue;
        };
        for states in [0, 60, 120, 200, 300, 400, 800, 4_000_000] {
            let limits = Limits {
                states,
                ..made::AMPLE
            };
            let found = Groups::of(&form, &tree, states / STATES_SHARE, u64::MAX)
                .and_then(|groups| Search::of(&form, groups).run(None, &mut goes_on));
            cut_short += u32::from(found.is_some_and(|found| !found.complete));
            let label = format!("seed {seed} states {states}");
            let ended = search(&form, &tree, None, limits, &mut goes_on);
            assert!(
                ended.complete && (ended.value() - most).abs() < 1e-9,
                "{label}"
            );
            assert!(
                ended.bound >= most - 1e-9 && ended.bound <= most + 1e-9,
                "{label}"
            );
            for goal in [most - 0.3, most + 0.1] {
                let ended = search(&form, &tree, Some(goal), limits, &mut goes_on);
                assert_eq!(ended.value() >= goal, most >= goal, "{label} goal {goal}");
                assert!(ended.complete || most >= goal, "{label} goal {goal}");
            }
        }
    }
    assert!(cut_short > 20, "{cut_short}");
}

/// As many states as fronts take, by trial; four times as many are a quarter, and without the rest nothing else decides.
#[test]
fn fronts_take_a_quarter_of_the_states() {
    let (form, tree) = capped(3);
    let closes = |states: u64| {
        let groups = Groups::of(&form, &tree, states, u64::MAX);
        groups
            .and_then(|groups| Search::of(&form, groups).run(None, &mut goes_on))
            .is_some_and(|found| found.complete)
    };
    let taken = (1..100_000).find(|states| closes(*states)).unwrap();
    for (states, complete) in [(4 * taken, true), (4 * taken - 1, false)] {
        let limits = Limits {
            states,
            nodes: 0,
            rising: 0,
            leaves: 0,
            ..made::AMPLE
        };
        let ended = search(&form, &tree, None, limits, &mut goes_on);
        assert_eq!(ended.complete, complete, "{states}");
    }
}

/// At the price, which is 1, two menus leave a gap of 1. A group of ten options would lose 8 or more by any that it does not take:
/// within the gap it has one sum, and a thousand in all.
#[test]
fn no_more_is_looked_at_than_the_gap_leaves_open() {
    let option =
        |cost: i64, value: f64, money: &[(u32, i8)]| made::plain(&[(0, 0.0), (cost, value)], money);
    let mut menus: Vec<_> = (0..10)
        .map(|at| option(8 << at, f64::from(16 << at), &[(0, 1), (1, 1)]))
        .collect();
    menus.extend([option(1, 2.0, &MONEY), option(2, 2.0, &MONEY)]);
    let rows = [(Limit::Budget, 8_184 + 2), (Limit::Cap(0), 9_000)];
    let form = made::form(&rows, menus);
    let mut group_of = vec![0; 10];
    group_of.extend([ROOT; 2]);
    let tree = tree(group_of, &[(0, 9_000)]);
    let found = alone(&form, &tree, 1_000).run(None, &mut goes_on);
    let found = found.map(|found| (found.complete, found.value()));
    assert_eq!(found, Some((true, 16_370.0)));
}
