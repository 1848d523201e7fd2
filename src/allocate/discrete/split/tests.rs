//! Splits of spans against every place, and prices of what cannot fit.

use super::super::form::Limit;
use super::super::made;
use super::*;
use crate::numeric::Draws;
use crate::response::{Curve, Logarithmic};

/// Wherever a span is cut, every place is in one half, and neither half is the whole.
#[test]
fn halves_hold_every_place_once() {
    for low in 0..5 {
        for high in low..9 {
            for zero in [false, true] {
                let span = Span { low, high, zero };
                let places = |span: Span| (0..12).filter(|at| span.contains(*at)).count();
                if places(span) < 2 {
                    continue;
                }
                for cut in -2..12 {
                    let parts = halves(span, cut);
                    for at in 0..12 {
                        let held = parts.iter().filter(|part| part.contains(at)).count();
                        assert_eq!(held, usize::from(span.contains(at)), "{span:?} at {cut}");
                    }
                    assert!(
                        parts.iter().all(|part| places(*part) > 0),
                        "{span:?} at {cut}"
                    );
                    let apart = zero && low > 0;
                    if !apart && (low..high).contains(&cut) {
                        assert_eq!(parts[0].high, cut);
                    }
                }
            }
        }
    }
}

/// Two curves of 2 steps and more of 3 take 12 at least. Under 11, or 1, a price shows that nothing is worth so much.
#[test]
fn what_cannot_fit_is_shown_to_be_worth_less() {
    let curve: Curve = Logarithmic::new(1_000.0, 1.0).unwrap().into();
    let of = || made::curve(&curve, 3, Vec::new(), Span::new(2, 9), &[(0, 1)]);
    for (most, value, any) in [
        (12, 1.0, false),
        (11, 1.0, true),
        (1, 1.0, true),
        (1, -500.0, true),
        (1, f64::NEG_INFINITY, true),
    ] {
        let form = made::form(&[(Limit::Budget, most)], vec![of(), of()]);
        let prices = cannot_fit(&form, &form.spans(), value);
        assert_eq!(prices.is_some(), any, "{most}");
        if let Some(prices) = prices {
            let bound = dual::evaluate(&form, &form.spans(), &prices).bound;
            assert!(
                bound <= if value.is_finite() { value } else { 0.0 },
                "{bound} under {most}"
            );
        }
    }
}

/// A tree without parts, where an answer of so much is known from elsewhere.
fn tree<'f>(form: &'f Form<'static>, in_hand: f64) -> Tree<'f, 'static, 'static> {
    Tree {
        form,
        spans: form.spans(),
        splits: Vec::new(),
        open: BinaryHeap::new(),
        best: None,
        in_hand,
        reference: None,
        pool: Vec::new(),
        leaves: Vec::new(),
        tolerance: 0.0,
        relative: 0.0,
        fixed: 0.0,
        serial: 0,
        nodes: 0,
        work: 0,
        work_most: u64::MAX,
        closed: f64::NEG_INFINITY,
    }
}

/// A gap is left open that is within the tolerance, or within a share of what the whole is worth: here a thousandth of
/// the answer and what is beside it.
#[test]
fn what_is_worth_a_look_exceeds_the_answer_by_more_than_may_stay_open() {
    let form = made::form(&[(Limit::Budget, 1)], Vec::new());
    for (value, fixed, tolerance, enough) in [
        (100.0, 900.0, 0.5, 101.0),
        (100.0, 900.0, 2.0, 102.0),
        (100.0, 0.0, 0.0, 100.1),
        (-100.0, -900.0, 0.0, -99.0),
        (100.0, -2_100.0, 0.0, 102.0),
    ] {
        let mut tree = tree(&form, value);
        (tree.tolerance, tree.relative, tree.fixed) = (tolerance, 1e-3, fixed);
        assert!((tree.enough() - enough).abs() < 1e-9, "{}", tree.enough());
        // The better of the answers from elsewhere and found here.
        tree.best = Some(Answer {
            taken: Vec::new(),
            value: value + 50.0,
        });
        assert!(tree.enough() >= value + 50.0);
    }
    // Before there is an answer everything is.
    let none = tree(&form, f64::NEG_INFINITY);
    assert!(none.enough() < f64::MIN);
}

/// What is left of a part is one answer, worth 3, which leaves 6 of the budget: at a price of 1 it would seem to be worth 9.
#[test]
fn the_leaf_of_a_single_answer_shows_what_it_is_worth() {
    let menu = made::plain(&[(0, 0.0), (4, 3.0)], &[(0, 1), (1, 1)]);
    let form = made::form(&[(Limit::Budget, 10), (Limit::Cap(0), 20)], vec![menu]);
    let spans = [Span::only(1)];
    let mut tree = tree(&form, 1.0);
    tree.splits.push((ROOT, 0, spans[0]));
    let node = Node {
        bound: 9.0,
        serial: 1,
        parent: 0,
        prices: vec![1.0, 0.0],
    };
    let dual = Dual::at(&form, &spans, node.prices.clone());
    assert!(dual.bound >= 9.0);
    tree.divide(&node, &spans, &dual);
    assert!(tree.open.is_empty() && (tree.closed - 3.0).abs() < 1e-12);
    let leaf = &tree.leaves[0];
    assert_eq!(leaf.spans, [(0, spans[0])]);
    let shown = dual::evaluate(&form, &spans, &leaf.prices).bound;
    assert!((shown - 3.0).abs() < 1e-12, "{shown}");
}

/// Menus of two options beside nothing, under a budget and a resource that both bind.
fn crowded() -> Form<'static> {
    let draws = Draws::new(11);
    let choices = (0..8)
        .map(|menu| {
            let mut draw = draws.stream(&[menu]);
            let mut options = vec![(0, 0.0, 0)];
            for _ in 0..2 {
                let cost = i64::try_from(5 + draw.below(20)).unwrap();
                let used = i128::from(3 + draw.below(9));
                options.push((cost, 10.0 + 5.0 * draw.uniform(), used));
            }
            made::using(&options, &[(0, 1)])
        })
        .collect();
    made::form(&[(Limit::Budget, 41), (Limit::Resource(0), 25)], choices)
}

/// By nodes, by work or by an answer that is enough, each alone; what is said then is a bound.
#[test]
fn a_search_ends_at_any_of_its_limits() {
    let form = crowded();
    let run = |nodes: u64, work: u64, until: f64| {
        let start = Start {
            prices: &[0.0; 2],
            in_hand: f64::NEG_INFINITY,
            tolerance: 0.0,
            relative: 0.0,
            fixed: 0.0,
            until,
            reference: None,
        };
        let limits = Limits {
            nodes,
            work,
            states: 0,
            rising: 0,
            leaves: 0,
            leaves_work: 0,
        };
        split(&form, &start, limits, &mut |_, _| true)
    };
    let whole = run(u64::MAX, u64::MAX, f64::INFINITY);
    let best = whole.answer.unwrap().value;
    assert_eq!(Some(best), made::most(&form));
    assert!(whole.complete && whole.nodes > 6 && whole.work > 100 * whole.nodes);
    for nodes in 0..whole.nodes {
        let ended = run(nodes, u64::MAX, f64::INFINITY);
        assert_eq!((ended.complete, ended.nodes), (false, nodes));
        assert!(ended.bound >= best - 1e-9 && ended.leaves.is_empty());
    }
    let ended = run(u64::MAX, 0, f64::INFINITY);
    assert_eq!((ended.complete, ended.nodes, ended.work), (false, 0, 0));
    let half = run(u64::MAX, whole.work / 2, f64::INFINITY);
    assert!(!half.complete && half.nodes < whole.nodes && half.work < whole.work);
    let ended = run(u64::MAX, u64::MAX, 0.0);
    assert!(!ended.complete && ended.nodes < whole.nodes);
    assert!(ended.answer.unwrap().value >= 0.0);
}

/// A hundred, and one for each choice and row: what cannot fit is not searched for prices.
#[test]
fn a_part_that_cannot_fit_costs_a_look_at_its_rows() {
    let menu = || made::plain(&[(5, 3.0), (6, 4.0)], &[(0, 1), (1, 1)]);
    let form = made::form(
        &[(Limit::Budget, 14), (Limit::Cap(0), 99)],
        vec![menu(), menu(), menu()],
    );
    let mut tree = tree(&form, 1.0);
    for looks in 1..4 {
        let node = Node {
            bound: 9.0,
            serial: 1,
            parent: ROOT,
            prices: vec![0.0; 2],
        };
        tree.visit(node);
        assert_eq!(tree.work, looks * (100 + 3 * 2));
    }
    assert!(tree.open.is_empty());
}
