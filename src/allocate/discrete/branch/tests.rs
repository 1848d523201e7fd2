//! Sums and limits by rule, searches against every answer, and what shows them.

use proptest::prelude::*;

use super::super::form::{Choice, Limit};
use super::super::made;
use super::*;
use crate::numeric::Draws;
use crate::response::{Adbudg, Curve, Logarithmic};

/// Numbers of both signs and many sizes.
fn number() -> impl Strategy<Value = f64> {
    let size = (-12.0..12.0).prop_map(libm::exp10);
    let signed = (size, any::<bool>());
    prop_oneof![
        8 => signed.prop_map(|(size, negative)| if negative { -size } else { size }),
        1 => (-1_000..1_000_i32).prop_map(f64::from),
        1 => Just(0.0),
    ]
}

/// What rounding to nearest takes off a sum, exactly (Knuth's two-sum).
fn lost(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let of_b = sum - a;
    (a - (sum - of_b)) + (b - of_b)
}

proptest! {
    #[test]
    fn a_sum_rounded_upwards_is_the_sum_or_just_above(a in number(), b in number()) {
        let (nearest, rounded) = (a + b, above(a, b));
        prop_assert!(rounded - nearest >= lost(a, b), "{a} + {b} is more than {rounded}");
        prop_assert!(rounded - nearest <= 4.0 * f64::EPSILON * nearest.abs());
        if lost(a, b) == 0.0 {
            prop_assert_eq!(rounded.to_bits(), nearest.to_bits());
        }
    }
}

const MONEY: [(u32, i8); 1] = [(0, 1)];

/// Knuth's two-sum holds for the smallest numbers too: here half of the last place is lost.
#[test]
fn the_smallest_sums_are_rounded_upwards() {
    let (a, b) = (libm::exp2(-1_000.0), libm::exp2(-1_053.0));
    assert_eq!((a + b).to_bits(), a.to_bits());
    assert!(above(a, b) > a);
    assert!(above(a, b) <= a + 3.0 * f64::MIN_POSITIVE);
}

#[test]
fn the_patience_is_a_sixteenth_of_the_work_or_a_few_splits_if_that_is_more() {
    let of = |work: u64| {
        Limits {
            work,
            ..made::AMPLE
        }
        .patient(10)
        .work
    };
    // 200 splits of 8 looks at choices of a weight of 10.
    assert_eq!(of(1_600_000), 100_000);
    assert_eq!(of(160_000), 16_000);
    assert_eq!(of(10_000), 10_000);
}

/// What is not above it is worth less than the goal by more than rounding, but counts as a goal that is nearly reached.
#[test]
fn what_a_goal_closes_is_just_below_it() {
    for goal in [8.0_f64, -5.0, 1e6, 1e-3] {
        let hand = Hand::of(None, Some(goal));
        let short = goal - (hand.value + hand.tolerance);
        let roundings = short / (TOLERANCE_OF_GOAL * goal.abs());
        assert!((roundings - 1.0).abs() < 0.01, "{roundings} for {goal}");
        assert!(hand.tolerance > 0.0 && !hand.reached);
        let taken = Vec::new();
        let answer = Answer { taken, value: goal };
        assert!(Hand::of(Some(&answer), Some(goal)).reached);
    }
}

/// Options of one each besides nothing: cost and value.
fn menus(options: &[(i64, f64)], money: &[(u32, i8)]) -> Vec<Choice<'static>> {
    let menu = |option: &(i64, f64)| made::plain(&[(0, 0.0), *option], money);
    options.iter().map(menu).collect()
}

/// Two menus under a budget of 2, worth 2 and no more: at the price, which is 1, the bound is 3. And others, which change
/// nothing.
fn gap(others: usize) -> Form<'static> {
    let mut options = vec![(1, 2.0), (2, 2.0)];
    options.resize(2 + others, (3, 0.1));
    made::form(&[(Limit::Budget, 2)], menus(&options, &MONEY))
}

fn of_gap(others: usize) -> Answer {
    let mut taken = vec![0; 2 + others];
    taken[0] = 1;
    Answer { taken, value: 2.0 }
}

/// The same with a cap that never binds: then it is not a table that decides.
fn gap_of_two_rows() -> Form<'static> {
    let menus = menus(&[(1, 2.0), (2, 2.0)], &[(0, 1), (1, 1)]);
    made::form(&[(Limit::Budget, 2), (Limit::Cap(0), 9)], menus)
}

#[test]
fn leaves_show_an_answer_best_or_short_of_a_goal() {
    let has_leaves = |goal: Option<f64>| {
        let leaves = leaves_of(&gap(0), vec![1.0], &of_gap(0), goal, made::AMPLE);
        !leaves.is_empty()
    };
    // No price shows that nothing is worth more than 2, nor that nothing is worth 2.5; with a goal of 4 the price does.
    for (goal, leaves) in [
        (None, true),
        (Some(1.0), true),
        (Some(2.0), true),
        (Some(2.5), true),
        (Some(2.0 + 8e-13), true),
        (Some(4.0), false),
    ] {
        assert_eq!(has_leaves(goal), leaves, "{goal:?}");
    }
}

/// Nodes of a tree that is grown for its leaves alone, and those nodes times the choices.
#[test]
fn leaves_are_not_grown_beyond_their_own_limits() {
    for (leaves, leaves_work, grown) in [
        (2_000, 400_000, true),
        (0, 400_000, false),
        (2_000, 9, false),
        (2_000, 1_000, true),
    ] {
        let limits = Limits {
            leaves,
            leaves_work,
            ..made::AMPLE
        };
        let found = leaves_of(&gap(8), vec![1.0], &of_gap(8), None, limits);
        assert_eq!(!found.is_empty(), grown, "{leaves} {leaves_work}");
    }
}

/// Besides, a third menu that a cap allows half of, so that every bound is higher by its value's half.
fn with_remainder(half: f64) -> Form<'static> {
    let mut choices = menus(&[(1, 2.0), (2, 2.0)], &MONEY);
    choices.push(made::plain(&[(0, 0.0), (2, 2.0 * half)], &[(1, 1)]));
    made::form(&[(Limit::Budget, 2), (Limit::Cap(0), 1)], choices)
}

fn nodes_for_leaves(half: f64) -> u64 {
    let grown = |leaves: &u64| {
        let limits = Limits {
            leaves: *leaves,
            ..made::AMPLE
        };
        let answer = of_gap(1);
        let prices = vec![1.0, half];
        !leaves_of(&with_remainder(half), prices, &answer, None, limits).is_empty()
    };
    (1..100).find(grown).unwrap()
}

/// Seven tenths of a millionth of a millionth may stay open in a leaf: it takes no more nodes then. What is more is split,
/// and not offered as a leaf that whoever checks it would refuse.
#[test]
fn leaves_are_closed_within_what_counts_as_proved() {
    let exact = nodes_for_leaves(0.0);
    assert_eq!(nodes_for_leaves(2.0 * 5e-13), exact);
    assert!(nodes_for_leaves(2.0 * 8.5e-13) > exact);
    assert!(nodes_for_leaves(2.0 * 5e-12) > exact);
}

const SPLIT: Limits = Limits {
    rising: 0,
    ..made::AMPLE
};

fn goes_on(_: Option<f64>, _: f64) -> bool {
    true
}

/// The leaves of the tree that decides are its proof; none need be grown anew.
#[test]
fn the_leaves_of_the_deciding_tree_are_kept() {
    let form = gap_of_two_rows();
    let limits = Limits { leaves: 0, ..SPLIT };
    // A goal that the best answer misses by little more than counts.
    for goal in [None, Some(2.5), Some(2.0 + 8e-13)] {
        let ended = search(&form, goal, limits, &mut goes_on);
        assert_eq!((ended.complete, ended.value()), (true, 2.0));
        assert!(!ended.leaves.is_empty(), "{goal:?}");
    }
}

#[test]
fn whoever_stops_a_search_is_not_asked_again() {
    let form = gap_of_two_rows();
    let mut asked = 0;
    let mut ask = |_: Option<f64>, _: f64| {
        asked += 1;
        assert!(asked <= 2, "asked again");
        asked < 2
    };
    let ended = search(&form, None, SPLIT, &mut ask);
    assert_eq!((ended.complete, ended.value()), (false, 2.0));
    assert!(ended.leaves.is_empty());
    assert_eq!(asked, 2);
}

/// The third fits what the price leaves, though it does not pay at it.
#[test]
fn the_first_answer_spends_what_the_price_leaves() {
    let form = made::form(
        &[(Limit::Budget, 2)],
        menus(&[(1, 2.0), (2, 2.0), (1, 0.5)], &MONEY),
    );
    let spans = form.spans();
    let mut root = root(&form, &spans, made::AMPLE);
    root.work = 0;
    let mut best = None;
    first_answers(&form, &spans, &mut root, &mut best);
    assert_eq!(best.map(|best| best.value), Some(2.5));
    assert!(root.work > 0);
}

/// Two options of which the budget allows one, and are worth the same.
#[test]
fn only_a_better_answer_is_taken() {
    let form = made::form(&[(Limit::Budget, 1)], menus(&[(1, 2.0), (1, 2.0)], &MONEY));
    for (in_hand, value, first) in [
        (None, 2.0, 1),
        (Some(1.0), 2.0, 1),
        (Some(2.0), 2.0, 0),
        (Some(5.0), 5.0, 0),
    ] {
        let mut best = in_hand.map(|value| Answer {
            taken: vec![0, 1],
            value,
        });
        let spans = form.spans();
        try_answer(&form, &spans, &[0.0], &[1, 0], false, &mut best, &mut 0);
        let best = best.unwrap();
        assert_eq!((best.value, best.taken[0]), (value, first), "{in_hand:?}");
    }
}

/// More caps than there is a master problem for, each of which allows half of an option worth 2.
#[test]
fn the_first_prices_take_a_quarter_of_the_work() {
    let caps: u32 = 70;
    let mut rows = vec![(Limit::Budget, 1_000)];
    rows.extend((0..70).map(|group| (Limit::Cap(group), 1)));
    let choices = (1..=caps).map(|row| made::plain(&[(0, 0.0), (2, 2.0)], &[(0, 1), (row, 1)]));
    let form = made::form(&rows, choices.collect());
    let spans = form.spans();
    let (_, whole) = dual::start(&form, &spans, u64::MAX);
    let bound = |work: u64| {
        root(
            &form,
            &spans,
            Limits {
                work,
                ..made::AMPLE
            },
        )
        .bound
    };
    assert!((bound(4 * whole) - 70.0).abs() < 1e-6);
    assert!(bound(whole / 2) > 100.0);
}

/// One look at the choices is more than a quarter of so little work: the master problem is not looked at.
#[test]
fn a_search_of_prices_ends_with_its_work() {
    let rows = [(Limit::Budget, 10), (Limit::Resource(0), 1)];
    let menu = made::using(&[(0, 0.0, 0), (2, 2.0, 2)], &MONEY);
    let form = made::form(&rows, vec![menu]);
    assert_eq!(form.weight(), 1);
    let root = |work: u64| {
        root(
            &form,
            &form.spans(),
            Limits {
                work,
                ..made::AMPLE
            },
        )
    };
    let (scarce, ample) = (root(1), root(1_000_000));
    assert_eq!(scarce.work, 1);
    assert!((scarce.bound - 2.0).abs() < 1e-9 && (ample.bound - 1.0).abs() < 1e-9);
}

/// The same where money is the only limit of what costs any: half of the option is allowed.
#[test]
fn one_row_has_rounds_of_prices_too() {
    let mut choices = menus(&[(2, 2.0)], &MONEY);
    choices.push(made::plain(&[(0, 0.0)], &[]));
    let form = made::form(&[(Limit::Budget, 1)], choices);
    let root = root(&form, &form.spans(), made::AMPLE);
    assert!((root.bound - 1.0).abs() < 1e-9, "{}", root.bound);
}

/// Work and nodes of a search are those of its parts: the root, what lists in full, and what splits.
#[test]
fn the_work_of_a_search_is_the_sum_of_its_parts() {
    for (form, limits, is_listed) in [
        (gap(0), made::AMPLE, true),
        (gap_of_two_rows(), made::AMPLE, true),
        (
            gap_of_two_rows(),
            Limits {
                rising: 1,
                ..made::AMPLE
            },
            false,
        ),
    ] {
        let spans = form.spans();
        let mut root = root(&form, &spans, limits);
        let mut best = None;
        first_answers(&form, &spans, &mut root, &mut best);
        let answer = best.unwrap();
        let lead = dual::lead(&form, &spans, &root.prices, &answer.taken);
        root.bound = root.bound.min(answer.value + lead + root.slip);
        let part = reduce(&form, &spans, &root, answer.value);
        let (loss, tolerance) = (root.bound - answer.value, TOLERANCE * answer.value);
        let listed = part
            .listed(&root.prices, loss, tolerance, limits, &mut |_| true)
            .unwrap();
        assert_eq!(listed.complete, is_listed);
        let (mut nodes, mut work) = (1, root.work + listed.work);
        if !is_listed {
            let start = Start {
                prices: &root.prices,
                in_hand: answer.value - part.fixed,
                tolerance,
                relative: TOLERANCE,
                fixed: part.fixed,
                until: f64::INFINITY,
                reference: None,
            };
            let tree = split(&part.form, &start, limits, &mut goes_on);
            assert!(tree.nodes > 0 && listed.work > 0);
            nodes += tree.nodes;
            work += tree.work;
        }
        let ended = search(&form, None, limits, &mut goes_on);
        assert!(ended.complete && root.work > 1);
        assert_eq!((ended.nodes, ended.work), (nodes, work));
    }
}

/// Menus under a budget, a cap and a resource, some of which must take something, and lose by it.
fn random(seed: u64) -> Form<'static> {
    let mut of_all = Draws::new(seed).stream(&[99]);
    let mut below = |most: u64| i128::from(of_all.below(most));
    let rows = [
        (Limit::Budget, 5 + below(20)),
        (Limit::Cap(0), 3 + below(12)),
        (Limit::Resource(0), 3 + below(10)),
    ];
    let choices = (0..3 + seed % 5).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let mut options = Vec::new();
        if draw.below(3) > 0 {
            options.push((0, 0.0, 0));
        }
        for _ in 0..=1 + draw.below(2) {
            let cost = i64::try_from(draw.below(9)).unwrap();
            let value = libm::floor(draw.uniform() * 48.0) / 4.0 - 5.0;
            options.push((cost, value, i128::from(draw.below(6))));
        }
        let money: &[(u32, i8)] = if draw.below(2) == 0 {
            &[(0, 1), (1, 1)]
        } else {
            &MONEY
        };
        made::using(&options, money)
    });
    made::form(&rows, choices.collect())
}

/// Whether what is left open is listed or split; and what is told on the way only ever comes nearer.
#[test]
fn every_search_ends_with_the_best_and_tells_of_nothing_else() {
    let (mut told_of, mut short) = (0, 0);
    for seed in 0..150 {
        let form = random(seed);
        let most = made::most(&form);
        for rising in [0, 1, made::AMPLE.rising] {
            let limits = Limits {
                rising,
                ..made::AMPLE
            };
            let label = format!("seed {seed} rising {rising}");
            let mut last = (f64::NEG_INFINITY, f64::INFINITY);
            let mut tell = |value: Option<f64>, bound: f64| {
                told_of += 1;
                let value = value.unwrap_or(f64::NEG_INFINITY);
                assert!(value >= last.0 - 1e-9 && bound <= last.1 + 1e-9, "{label}");
                assert!(most.is_none_or(|most| value <= most + 1e-9 && bound >= most - 1e-9));
                last = (value, bound);
                true
            };
            let ended = search(&form, None, limits, &mut tell);
            let found = ended.answer.map(|answer| answer.value);
            assert!(ended.complete, "{label}");
            assert_eq!(found.is_some(), most.is_some(), "{label}");
            let Some((most, found)) = most.zip(found) else {
                continue;
            };
            assert!((found - most).abs() < 1e-9, "{label}: {found}, not {most}");
            assert!(
                ended.bound >= most - 1e-9 && ended.bound <= most + 1e-9,
                "{label}"
            );
            for goal in [most - 0.5, most, most + 0.1, most + 2.0] {
                let ended = search(&form, Some(goal), limits, &mut goes_on);
                let reaches = ended.value() >= goal;
                assert_eq!(reaches, most >= goal, "{label} goal {goal}");
                assert!(reaches || ended.complete, "{label} goal {goal}");
                short += u32::from(!reaches);
            }
        }
    }
    assert!(told_of > 200 && short > 400, "{told_of} {short}");
}

/// Twelve like curves that rise late, of which the budget suits half a one more than six: which of them spend is left to a
/// great many splits. One more curve is worth so much, for one step.
fn jumps<'c>(late: &'c Curve, besides: &'c Curve) -> Form<'c> {
    let mut choices = vec![made::curve(late, 1, Vec::new(), Span::new(0, 400), &MONEY); 12];
    choices.push(made::curve(besides, 1, Vec::new(), Span::new(0, 1), &MONEY));
    made::form(&[(Limit::Budget, 860)], choices)
}

/// Where hardly any of the value is left to gain, 200 splits' work decides that; otherwise all of it may be used.
#[test]
fn a_search_of_jumps_is_patient_only_where_much_is_left_to_gain() {
    let limits = Limits {
        work: 1_500_000,
        ..made::AMPLE
    };
    for (scale, is_patient) in [(1e-3, true), (1e6, false)] {
        let late = Curve::from(Adbudg::new(10.0, 4.0, 1.0).unwrap());
        let besides = Curve::from(Logarithmic::new(scale, 0.01).unwrap());
        let form = jumps(&late, &besides);
        assert!(lone::is_smooth(&form));
        let ended = search(&form, None, limits, &mut goes_on);
        assert!(!ended.complete);
        let left = (ended.bound - ended.value()) / ended.value();
        assert_eq!(left > NEARLY, is_patient, "{left}");
        assert_eq!(ended.work >= limits.work, is_patient, "{}", ended.work);
        // 200 times 8 looks at 13 curves.
        let few = 200 * 8 * form.weight();
        assert!(ended.work >= few && few < limits.work / 2);
        assert!(is_patient || ended.work < 2 * few, "{} {few}", ended.work);
    }
}
