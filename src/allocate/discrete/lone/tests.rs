//! The price of money against plainer searches.

use super::super::compile;
use super::super::dual::evaluate;
use super::super::form::Limit;
use super::super::{dual, made};
use super::*;
use crate::allocate::{Activity, MenuOption, Objective, Problem};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::Draws;
use crate::response::strategies::Stairs;
use crate::response::{Adbudg, Curve, Logarithmic, PiecewiseLinear};

fn money(minor: u64) -> Money {
    Money::from_minor(i64::try_from(minor).unwrap(), Currency::USD)
}

/// Curves of one bend or none, some with a least spend; with `mixed` also menus, and steps of several lengths.
fn problem(seed: u64, mixed: bool) -> Problem {
    let mut of_all = Draws::new(seed).stream(&[9_999]);
    let count = 1 + of_all.below(12);
    let activities = (0..count).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let id = Id::new(format!("a{at:02}")).unwrap();
        if mixed && draw.below(4) == 0 {
            let options = (0..=draw.below(4)).map(|option| {
                let id = Id::new(format!("o{option}")).unwrap();
                MenuOption::new(id, money(draw.below(300)), 50.0 * draw.uniform())
            });
            return Activity::menu(id, options.collect());
        }
        let curve = if draw.below(3) == 0 {
            Curve::from(Logarithmic::new(10.0 + 20.0 * draw.uniform(), 0.2).unwrap())
        } else {
            let exponent = 1.2 + 3.0 * draw.uniform();
            let curve = Adbudg::new(20.0 + 80.0 * draw.uniform(), exponent, 0.3 + draw.uniform());
            Curve::from(curve.unwrap())
        };
        let activity = Activity::curve(id, curve);
        if mixed {
            let step = 1 + draw.below(3);
            return activity
                .with_step(money(step))
                .with_minimum_if_any(money(step * draw.below(30)));
        }
        activity
    });
    let activities = activities.collect();
    let budget = Objective::Budget(money(20 + of_all.below(100 * count)));
    Problem::new(Currency::USD, budget, vec![], activities, vec![]).unwrap()
}

/// The least bound that any price shows, by halving the slope of the bound: it bends upwards in the price.
fn least_bound(form: &Form<'_>, spans: &[Span]) -> f64 {
    let spent = |price: f64| {
        let best = |(choice, span): (usize, &Span)| {
            let at = form.best(choice, *span, &[price]).0;
            i128::from(form.choices[choice].spend(at))
        };
        spans.iter().enumerate().map(best).sum::<i128>()
    };
    let (mut low, mut high) = (0.0_f64, 1e9);
    if spent(0.0) > form.rows[0].most {
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if spent(middle) > form.rows[0].most {
                low = middle;
            } else {
                high = middle;
            }
        }
    } else {
        high = 0.0;
    }
    evaluate(form, spans, &[high]).bound
}

#[test]
fn the_price_shows_the_least_bound_wherever_it_is_sought_first() {
    let mut at_a_price = 0;
    for seed in 0..600 {
        let problem = problem(seed, seed % 2 == 1);
        let form = compile::form(&problem, compile::budget_of(&problem)).unwrap();
        let spans = form.spans();
        assert!(is_lone(&form));
        let least = least_bound(&form, &spans);
        for start in [0.0, 1e-9, 0.3, 1e7, f64::INFINITY] {
            let level = search(&form, &spans, start).unwrap();
            let bound = evaluate(&form, &spans, &[level.price]).bound;
            assert!(
                bound <= least + 1e-12 * least.abs(),
                "seed {seed} start {start}: {bound} {least}"
            );
            let budget = form.rows[0].most;
            assert!(form.sums(&level.under)[0] <= budget, "seed {seed}");
            if level.price > 0.0 {
                at_a_price += 1;
                assert!(form.sums(&level.over)[0] > budget, "seed {seed}");
            }
        }
    }
    assert!(at_a_price > 1_500, "{at_a_price}");
}

/// With every curve held to its falling side, the fit is what buying step after step by gain comes to.
#[test]
fn a_fit_is_the_greedy_answer() {
    for seed in 0..300 {
        let problem = problem(seed, false);
        let form = compile::form(&problem, compile::budget_of(&problem)).unwrap();
        assert!(is_smooth(&form));
        let spans = form.spans();
        let falling: Vec<i64> = (form.choices.iter())
            .map(|choice| choice.bend().unwrap_or(0).min(choice.span.high))
            .collect();
        let level = search(&form, &spans, 0.0).unwrap();
        let found = fit(&form, &spans, &level, &falling, &mut 0);
        let mut greedy = falling;
        let mut left = form.rows[0].most - form.sums(&greedy)[0];
        assert_eq!(found.is_none(), left < 0, "seed {seed}");
        let Some(found) = found else { continue };
        while left > 0 {
            let gains = greedy
                .iter()
                .enumerate()
                .filter(|(choice, at)| **at < spans[*choice].high);
            let gains = gains.map(|(choice, at)| (form.choices[choice].rise(*at, at + 1), choice));
            let Some((gain, choice)) = gains.max_by(|a, b| a.0.total_cmp(&b.0)) else {
                break;
            };
            if gain <= 0.0 {
                break;
            }
            greedy[choice] += 1;
            left -= 1;
        }
        let value = form.value(&greedy);
        assert!(
            (found.value - value).abs() <= 1e-13 * value,
            "seed {seed}: {} {value}",
            found.value
        );
        assert!(form.fits(&form.sums(&found.taken)), "seed {seed}");
    }
}

#[test]
fn a_guess_moves_no_best_place() {
    for seed in 0..200 {
        let problem = problem(seed, seed % 2 == 1);
        let form = compile::form(&problem, compile::budget_of(&problem)).unwrap();
        let mut draw = Draws::new(seed).stream(&[77]);
        for (choice, span) in form.spans().into_iter().enumerate() {
            let price = draw.uniform() * draw.uniform();
            let known = form.best(choice, span, &[price]).0;
            for _ in 0..8 {
                let near = i64::try_from(draw.below(400)).unwrap() - 20;
                let (at, _) = form.best_curve(choice, span, price, Some(near));
                assert_eq!(at, known, "seed {seed} choice {choice} near {near}");
            }
        }
    }
}

const MONEY: [(u32, i8); 1] = [(0, 1)];

fn budget(most: i128, choices: Vec<super::super::form::Choice<'_>>) -> Form<'_> {
    made::form(&[(Limit::Budget, most)], choices)
}

#[test]
fn money_alone_limits_what_all_spend_and_what_is_known_exactly() {
    let stairs = Curve::Custom(std::sync::Arc::new(Stairs(0.3, 1.0)));
    let of = |choice| is_lone(&budget(9, vec![made::plain(&[(0, 0.0)], &MONEY), choice]));
    let span = Span::new(0, 9);
    assert!(of(made::plain(&[(0, 0.0), (1, 1.0)], &MONEY)));
    assert!(!of(made::plain(&[(0, 0.0), (1, 1.0)], &[])));
    assert!(!of(made::plain(&[(0, 0.0), (1, 1.0)], &[(0, -1)])));
    assert!(!of(made::curve(&stairs, 1, Vec::new(), span, &MONEY)));
}

/// Nothing up to a spend of 5.00, then 1, 2 or 5 at 6.00: an equal share of 12.00 is worth nothing, which is no first guess.
#[test]
fn a_share_that_is_worth_nothing_misleads_no_price() {
    let curves: Vec<Curve> = [1.0, 2.0, 5.0]
        .map(|top| {
            PiecewiseLinear::new(&[(0.0, 0.0), (5.0, 0.0), (6.0, top)])
                .unwrap()
                .into()
        })
        .to_vec();
    let span = Span::new(0, 600);
    let of = |curve| made::curve(curve, 1, Vec::new(), span, &MONEY);
    let form = budget(1_200, curves.iter().map(of).collect());
    let level = search(&form, &form.spans(), 0.0).unwrap();
    let bound = evaluate(&form, &form.spans(), &[level.price]).bound;
    assert!((bound - 7.0).abs() < 1e-9, "{bound}");
}

/// A look at a curve is 24, for each that is asked; what both sides agree on is not asked.
#[test]
fn only_what_differs_is_asked() {
    let curve = Logarithmic::new(5.0, 1.0).unwrap().into();
    let of = |span| made::curve(&curve, 100, Vec::new(), span, &MONEY);
    let whole = Span::new(0, 9);
    let form = budget(
        700,
        vec![of(whole), of(Span::only(1)), of(whole), of(whole)],
    );
    let spans = form.spans();
    let mut search = Search::new(&form, &spans).unwrap();
    assert_eq!((search.active.len(), search.work), (3, form.weight()));
    search.ask(1.0);
    assert_eq!(search.work, form.weight() + 3 * 24);
}

#[test]
fn a_part_of_a_span_has_nothing_apart_only_where_it_lies_apart() {
    let apart = Span {
        low: 3,
        high: 9,
        zero: true,
    };
    let near = Span { low: 0, ..apart };
    for (span, low, high, part) in [
        (apart, 0, 5, Span { high: 5, ..apart }),
        (apart, 4, 6, Span::new(4, 6)),
        (Span::new(3, 9), 4, 6, Span::new(4, 6)),
        (Span::new(0, 9), 0, 6, Span::new(0, 6)),
        (near, 0, 5, Span::new(0, 5)),
        (near, 2, 5, Span::new(2, 5)),
    ] {
        assert_eq!(between(span, low, high), part, "{span:?} {low} {high}");
    }
}

fn level(under: &[i64], over: &[i64]) -> Level {
    let (under, over) = (under.to_vec(), over.to_vec());
    Level {
        price: 1.0,
        under,
        over,
        work: 0,
    }
}

/// In order, each as far as what is left goes; curves by whole steps, if in part.
#[test]
fn the_budget_is_filled_in_order() {
    let curve = Logarithmic::new(5.0, 1.0).unwrap().into();
    let menu = |cost| made::plain(&[(0, 0.0), (cost, 1.0)], &MONEY);
    let of = |step| made::curve(&curve, step, Vec::new(), Span::new(0, 9), &MONEY);
    for (most, choices, in_part, filled_to) in [
        (7, vec![menu(3), menu(4), menu(1)], false, vec![1, 1, 0]),
        (6, vec![menu(3), menu(4), menu(1)], false, vec![1, 0, 1]),
        (5, vec![menu(4), menu(4), menu(4)], false, vec![1, 0, 0]),
        (7, vec![of(3), of(1), of(1)], true, vec![2, 1, 0]),
        (7, vec![of(3), of(1), of(1)], false, vec![0, 0, 0]),
        (11, vec![of(1), of(4), menu(2)], false, vec![9, 0, 1]),
        (11, vec![of(1), of(4), menu(2)], true, vec![9, 0, 1]),
    ] {
        let over: Vec<i64> = choices.iter().map(|choice| choice.span.high).collect();
        let form = budget(most, choices);
        let taken = filled(&form, &level(&[0, 0, 0], &over), in_part);
        assert_eq!(taken, filled_to, "{most}");
        assert!(form.fits(&form.sums(&taken)));
    }
    // What is the same on both sides, or costs no more, stays.
    let form = budget(
        9,
        vec![made::plain(&[(2, 1.0), (2, 1.0), (1, 0.5)], &MONEY); 3],
    );
    assert_eq!(
        filled(&form, &level(&[0, 0, 0], &[1, 2, 0]), true),
        [0, 0, 0]
    );
    // Two suggestions: what fits, and the next jump besides.
    let form = budget(4, vec![menu(3); 3]);
    assert_eq!(
        suggestions(&form, &level(&[0, 0, 0], &[1, 1, 1])),
        [[1, 0, 0], [1, 1, 0]]
    );
    assert_eq!(
        suggestions(&form, &level(&[0, 0, 0], &[1, 0, 0])),
        [[1, 0, 0]]
    );
}

/// The price settles it, and what is as good is kept.
#[test]
fn answers_are_found_where_money_alone_limits_and_only_better_ones_kept() {
    let form = budget(
        4,
        vec![
            made::plain(&[(0, 0.0), (3, 5.0)], &MONEY),
            made::plain(&[(0, 0.0), (3, 2.0)], &MONEY),
        ],
    );
    let spans = form.spans();
    let ask = dual::Ask {
        spans: &spans,
        prices: &[0.0],
        enough: f64::NEG_INFINITY,
        rounds: 9,
        work: u64::MAX,
    };
    let dual = dual::search(&form, &ask, Vec::new());
    let mut best = None;
    assert!(answers(&form, &spans, &dual, &mut best, &mut 0));
    assert_eq!(best.map(|best| best.taken), Some(vec![1, 0]));
    for (value, kept) in [(4.0, false), (5.0, true), (6.0, true)] {
        let mut best = Some(Answer {
            taken: vec![9, 9],
            value,
        });
        answers(&form, &spans, &dual, &mut best, &mut 0);
        assert_eq!(
            best.is_some_and(|best| best.taken == [9, 9]),
            kept,
            "{value}"
        );
    }
    let none = Dual {
        level: None,
        ..dual
    };
    assert!(!answers(&form, &spans, &none, &mut None, &mut 0));
}
