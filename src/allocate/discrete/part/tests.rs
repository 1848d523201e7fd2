//! What is dropped against every place, and what is listed in full.

use core::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::form::Limit;
use super::super::made;
use super::super::steps::Bends;
use super::*;
use crate::response::strategies::any_curve;
use crate::response::{Curve, Logarithmic, Response, Shape};

const MONEY: [(u32, i8); 1] = [(0, 1)];

/// Returns that rise up to a spend and then hardly any: the step before the bend can be the best.
#[derive(Debug)]
struct Ramp(f64);

impl Response for Ramp {
    fn value(&self, spend: f64) -> f64 {
        let rising = spend.min(self.0);
        rising * rising + 0.01 * (spend - rising)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        let at = |steps| self.value(cast::f64_of_u64(steps) * unit);
        at(to) - at(from)
    }

    fn shape(&self) -> Shape {
        let inflection = self.0;
        Shape::SShaped { inflection }
    }
}

fn alone(choice: Choice<'_>) -> Form<'_> {
    made::form(&[(Limit::Budget, 1_000)], vec![choice])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_curve_keeps_the_narrowest_span_of_what_loses_little(
        curve in prop_oneof![2 => any_curve(-2.0), 1 => (0.3..30.0).prop_map(|at| Curve::Custom(Arc::new(Ramp(at))))],
        step in 30..400_i64, low in 0..20_i64, room in 1..40_i64, zero: bool, price in 0.0..2.0, floor in 0.0..1.3,
    ) {
        let span = Span { low: if zero { low.max(1) } else { low }, high: low.max(1) + room, zero };
        let form = alone(made::curve(&curve, step, Vec::new(), span, &MONEY));
        let Kind::Curve(steps) = &form.choices[0].kind else { unreachable!() };
        let prices = [price * form.choices[0].value(span.high).max(0.0) / cast::f64_of_i64(span.high * step)];
        let places: Vec<i64> = (zero.then_some(0)).into_iter().chain(span.low..=span.high).collect();
        let score = |at: i64| form.score(0, at, &prices);
        let (least, most) = places.iter().fold((f64::MAX, f64::MIN), |(least, most), at| (least.min(score(*at)), most.max(score(*at))));
        // Often just the best is left.
        let floor = if floor > 1.0 { most } else { least + (most - least) * floor };
        let kept: Vec<i64> = places.iter().copied().filter(|at| score(*at) >= floor).collect();
        let found = narrow(&form, 0, span, &prices, floor);
        if steps.bends == Bends::Unknown {
            prop_assert_eq!(found, span);
            return Ok(());
        }
        for at in &kept {
            prop_assert!(found.contains(*at), "{} is not in {:?}", at, found);
        }
        prop_assert!(found.low >= span.low || found == Span::only(0));
        prop_assert!(found.high <= span.high);
        prop_assert_eq!(found.contains(0), kept.contains(&0) || found.low == 0);
        let from = span.low.max(steps.bend().unwrap()).min(span.high);
        if kept.iter().any(|at| *at >= from) {
            let of_span = |at: &&i64| span.low <= **at;
            let ends = (kept.iter().find(of_span).copied(), kept.last().copied());
            prop_assert_eq!((Some(found.low), Some(found.high)), ends, "{:?}", kept);
        } else if zero && kept == [0] {
            prop_assert_eq!(found, Span::only(0));
        }
    }
}

/// Values of 1, 4, 9, 9.31 and then hardly more, less 2.5 a step: only 3 steps, before the bend, gain 1.5. All from the least
/// to the bend is kept, and nothing beyond it; a floor that nothing reaches leaves the span as it is, or its zero.
#[test]
fn the_step_before_the_bend_can_be_all_that_is_left() {
    let curve = Curve::Custom(Arc::new(Ramp(3.05)));
    let span = Span {
        low: 1,
        high: 9,
        zero: true,
    };
    let form = alone(made::curve(&curve, 100, Vec::new(), span, &MONEY));
    let kept = |floor| narrow(&form, 0, span, &[0.025], floor);
    assert_eq!(form.choices[0].bend(), Some(4));
    assert_eq!(kept(1.0), Span::new(1, 4));
    assert_eq!(kept(-0.5), Span { high: 4, ..span });
    assert_eq!(
        kept(2.0),
        Span {
            zero: false,
            ..span
        }
    );
}

#[test]
fn the_last_that_holds_is_found_by_halving() {
    for from in [-3_i64, 0, 9] {
        for to in from..from + 34 {
            for most in from..=to {
                let looks = Cell::new(0_u32);
                let holds = |at| {
                    looks.set(looks.get() + 1);
                    assert!(looks.get() < 100, "looks again and again");
                    at <= most
                };
                assert_eq!(last(from, to, holds), most, "{from} to {to}");
                let halvings = (to - from).unsigned_abs().next_power_of_two().ilog2();
                assert!(looks.get() <= 1 + halvings, "{from} to {to}");
            }
        }
    }
}

/// Worth a million in units whose last place is 2^-33; an answer better than the one in hand loses less than a thousandth.
/// What loses so much but for rounding is kept, to eight roundings of the large number; so is the best, of no loss at all.
#[test]
fn what_loses_too_much_is_dropped_but_for_rounding() {
    let top = libm::exp2(20.0);
    let rounding = f64::EPSILON * top;
    let loss = 0.001;
    let values = [
        top,
        top - loss,
        top - loss - 4.0 * rounding,
        top - loss - 12.0 * rounding,
        top - 2.0 * loss,
    ];
    let options: Vec<(i64, f64)> = values.iter().map(|value| (0, *value)).collect();
    let small = [
        (0, 0.0),
        (0, -1e-9 * loss),
        (0, -loss),
        (0, -loss * (1.0 + 1e-11)),
        (0, -loss * (1.0 + 1e-8)),
    ];
    for (options, loss, kept) in [
        (&options[..], loss, vec![0, 1, 2]),
        (&small, loss, vec![0, 1, 2, 3]),
        (&[(0, 0.0), (0, -1.0)], 0.0, vec![]),
        (&[(0, -1.0), (0, 0.0)], 0.0, vec![]),
    ] {
        let form = alone(made::plain(options, &MONEY));
        let mut root = Dual::at(&form, &form.spans(), vec![0.0]);
        (root.bound, root.slip) = (loss + 1.0, 0.0);
        let part = reduce(&form, &form.spans(), &root, 1.0);
        if kept.is_empty() {
            // One is left, the best: it is no choice.
            assert!(part.places.is_empty());
            assert_eq!(
                (
                    part.form.choices[0..].len(),
                    form.choices[0].value(part.base[0]).to_bits()
                ),
                (0, 0)
            );
        } else {
            assert_eq!(part.places, [(0, kept)]);
        }
    }
}

/// Two menus under so many rows that limit the same.
fn under(rows: usize) -> Form<'static> {
    let money: Vec<(u32, i8)> = (0..cast::u32_of_usize(rows)).map(|row| (row, 1)).collect();
    let rows: Vec<(Limit, i128)> = (0..rows)
        .map(|row| {
            (
                if row == 0 {
                    Limit::Budget
                } else {
                    Limit::Cap(row)
                },
                3,
            )
        })
        .collect();
    let menu = made::plain(&[(0, 0.0), (2, 2.5), (3, 3.0)], &money);
    let other = made::plain(&[(0, 0.0), (2, 2.0)], &money);
    made::form(&rows, vec![menu, other])
}

fn listed(form: &Form<'_>, tolerance: Option<f64>) -> Option<Ended> {
    let prices = vec![1.0 / cast::f64_of_usize(form.rows.len()); form.rows.len()];
    let root = Dual::at(form, &form.spans(), prices.clone());
    let part = Part::whole(form, &root);
    let tolerance = tolerance.unwrap_or(root.slip);
    let mut told = Vec::new();
    let ended = part.listed(
        &prices,
        f64::INFINITY,
        tolerance,
        made::AMPLE,
        &mut |bound| {
            told.push(bound);
            true
        },
    );
    assert!(told.iter().all(|bound| *bound >= 3.0), "{told:?}");
    ended
}

/// Rising loss is for two rows to sixteen, where the bound is known well enough.
#[test]
fn several_rows_are_listed_by_rising_loss() {
    for (rows, any) in [(2, true), (16, true), (17, false), (18, false)] {
        let form = under(rows);
        let ended = listed(&form, Some(1e-9));
        assert_eq!(ended.is_some(), any, "{rows}");
        let Some(ended) = ended else { continue };
        let answer = ended.answer.as_ref().unwrap();
        assert_eq!(Some(answer.value), made::most(&form));
        assert!(
            ended.complete && ended.bound >= answer.value && ended.bound <= answer.value + 1e-9
        );
    }
    let form = under(2);
    assert!(listed(&form, None).is_some());
    assert!(listed(&form, Some(0.0)).is_none());
}

/// Of 2000 steps each, ten curves are as many as a table lists; one of 2001 is more than it lists of one.
#[test]
fn a_table_lists_so_many_places() {
    let curve = Logarithmic::new(1.0, 1.0).unwrap().into();
    let of = |spans: &[Span]| {
        let choices = spans
            .iter()
            .map(|span| made::curve(&curve, 1, Vec::new(), *span, &MONEY));
        let form = made::form(&[(Limit::Budget, 9)], choices.collect());
        let root = Dual::at(&form, &form.spans(), vec![1.0]);
        Part::whole(&form, &root).menus()
    };
    let full = Span::new(0, 2_000);
    assert!(of(&[full; 10]).is_some());
    assert!(of(&[full; 11]).is_none());
    let more = Span::new(0, 1);
    assert!(
        of(&[
            full, full, full, full, full, full, full, full, full, full, more
        ])
        .is_none()
    );
    assert!(of(&[Span::new(0, 2_001)]).is_none());
    // Nothing is a place besides, once.
    let zero = true;
    for (span, places) in [
        (
            Span {
                low: 3,
                high: 5,
                zero,
            },
            vec![0, 3, 4, 5],
        ),
        (
            Span {
                low: 0,
                high: 2,
                zero,
            },
            vec![0, 1, 2],
        ),
        (Span::new(2, 4), vec![2, 3, 4]),
    ] {
        let menus = of(&[span]).unwrap();
        let listed: Vec<i64> = menus[0].iter().map(|(_, _, at)| *at).collect();
        assert_eq!(listed, places);
    }
}

#[test]
fn a_budget_of_the_least_spends_has_an_answer() {
    for (budget, any) in [(4, false), (5, true), (6, true)] {
        let choices = vec![made::plain(&[(5, 1.0), (7, 9.0)], &MONEY)];
        let form = made::form(&[(Limit::Budget, budget)], choices);
        let ended = listed_any(&form);
        assert_eq!(
            ended.answer.map(|answer| answer.taken),
            any.then(|| vec![0])
        );
        assert!(ended.complete);
    }
}

fn listed_any(form: &Form<'_>) -> Ended {
    let root = Dual::at(form, &form.spans(), vec![1.0]);
    let part = Part::whole(form, &root);
    part.listed(&[1.0], f64::INFINITY, 1.0, made::AMPLE, &mut |_| true)
        .unwrap()
}
