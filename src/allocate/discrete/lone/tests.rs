//! The price of money against plainer searches.

use super::super::compile;
use super::super::dual::evaluate;
use super::*;
use crate::allocate::{Activity, MenuOption, Objective, Problem};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::Draws;
use crate::response::{Adbudg, Curve, Logarithmic};

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
