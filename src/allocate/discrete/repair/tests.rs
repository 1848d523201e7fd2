//! Single looks against plain versions, repairs worked out by hand, and how much is looked at.

use proptest::prelude::*;

use super::super::dual::{Column, Dual};
use super::super::form::{Choice, Limit};
use super::super::made;
use super::*;
use crate::response::{Adbudg, Curve, Logarithmic};

const MONEY: [(u32, i8); 1] = [(0, 1)];

fn budget(most: i128, choices: Vec<Choice<'_>>) -> Form<'_> {
    made::form(&[(Limit::Budget, most)], choices)
}

proptest! {
    #[test]
    fn a_change_exceeds_rows_and_fits_as_its_sums_say(
        costs in prop::collection::vec((0..20_i64, 0..9_i32), 6), most in (-5..40_i128, -40..5_i128, -5..30_i128),
        at in prop::collection::vec(0..3_i64, 2), to in 0..3_i64,
    ) {
        let options: Vec<(i64, f64, i128)> = costs.iter().map(|(cost, used)| (*cost, 1.0, i128::from(*used))).collect();
        let money = [(0, 1), (1, -1)];
        let choices = vec![made::using(&options[..3], &money), made::using(&options[3..], &money)];
        let rows = [(Limit::Budget, most.0), (Limit::Floor(0), most.1), (Limit::Resource(0), most.2)];
        let form = made::form(&rows, choices);
        let spans = form.spans();
        let trial = Trial::new(&form, &spans, &[0.0; 3], &at);
        let mut after = at.clone();
        after[0] = to;
        let (before, after) = (form.sums(&at), form.sums(&after));
        let (mut more, mut fits) = (0.0, true);
        for (row, (before, after)) in form.rows.iter().zip(before.iter().zip(&after)) {
            let over = |sum: &i128| cast::f64_of_i128((sum - row.most).max(0));
            more += (over(after) - over(before)) / cast::f64_of_i128(row.most.abs().max(1));
            fits &= after <= before || *after <= row.most;
        }
        prop_assert!((trial.excess_more(0, to) - more).abs() < 1e-12);
        prop_assert_eq!(trial.fits_with(0, to), fits);
    }
}

/// A curve of steps of 2 that use 3 of a resource, at `here`; the menu besides takes nothing. A floor, like a budget, is a
/// limit of the spend, counted downwards. At a price of nothing the best place is the highest, halfway is the last tried.
#[test]
fn a_curve_moves_to_where_room_or_excess_ends() {
    let curve = Logarithmic::new(9.0, 1.0).unwrap().into();
    let span = Span::new(0, 12);
    let apart = Span {
        low: 4,
        high: 12,
        zero: true,
    };
    let (any, none) = (1_000, 0);
    for (span, here, rows, places) in [
        // Room for 14 is 7 steps, and for 11 of the resource 3.
        (span, 3, (20, none, any), vec![10, 10, 6]),
        (span, 3, (21, none, any), vec![10, 10, 6]),
        (span, 3, (any, none, 20), vec![6, 6, 4]),
        (span, 3, (1_000, none, any), vec![12, 12, 7]),
        (span, 3, (6, none, any), vec![]),
        (span, 3, (7, none, any), vec![]),
        (span, 12, (any, none, any), vec![12]),
        // 3 too much is 2 steps back, 5 too little 3 steps up; so much too little is the end.
        (span, 3, (3, none, any), vec![1]),
        (span, 3, (6, none, 7), vec![2]),
        (span, 9, (5, none, 20), vec![2, 6]),
        (span, 3, (any, -11, any), vec![6, 12, 12, 7]),
        (span, 3, (6, -11, any), vec![6]),
        (span, 3, (6, -(1 << 100), any), vec![12]),
        // Nothing is below the rest: what lies between is no place.
        (apart, 0, (20, none, any), vec![10]),
        (apart, 5, (20, none, any), vec![10, 10, 7]),
    ] {
        let money = [(0, 1), (1, -1)];
        let choice = made::curve(&curve, 2, vec![3], span, &money);
        let rows = [
            (Limit::Budget, rows.0),
            (Limit::Floor(0), rows.1),
            (Limit::Resource(0), rows.2),
        ];
        let form = made::form(&rows, vec![choice]);
        let spans = form.spans();
        let trial = Trial::new(&form, &spans, &[0.0; 3], &[here]);
        assert_eq!(trial.just_enough(0), places, "{here} under {rows:?}");
    }
    // With no limit above at all, there is room up to the end.
    let form = made::form(
        &[(Limit::Floor(0), 0)],
        vec![made::curve(&curve, 2, Vec::new(), span, &[(0, -1)])],
    );
    let spans = form.spans();
    let trial = Trial::new(&form, &spans, &[0.0], &[1]);
    assert_eq!(trial.just_enough(0), [12, 12, 6]);
}

/// 10 under a limit of 7. What is lost for each unit of excess that goes: of the first menu 3/3 (it is 4 cheaper, but 3 are
/// enough to end the excess); of the second 1/1 or 4/3; of the third 0.5/1. One step is not enough, so another follows.
#[test]
fn excess_goes_where_it_costs_least() {
    let choices = || {
        vec![
            made::plain(&[(0, 6.0), (4, 9.0)], &MONEY),
            made::plain(&[(0, 5.0), (3, 8.0), (4, 9.0)], &MONEY),
            made::plain(&[(0, 0.0), (1, 8.5), (2, 9.0)], &MONEY),
        ]
    };
    for (most, taken, looks) in [
        (10, [1, 2, 2], 0),
        (9, [1, 2, 1], 5),
        (8, [1, 1, 1], 10),
        (7, [0, 2, 2], 5),
    ] {
        let form = budget(most, choices());
        let spans = form.spans();
        let mut trial = Trial::new(&form, &spans, &[0.0], &[1, 2, 2]);
        assert!(trial.reach(), "{most}");
        assert!(form.fits(&trial.sums) && trial.sums == form.sums(&trial.taken));
        if most != 7 {
            assert_eq!(trial.taken, taken, "{most}");
            assert_eq!(trial.work, 8 * looks);
        }
    }
    // A loss of 4 for 4 is less for each than one of 1.5 for 1, though it is more in all.
    let unlike = vec![
        made::plain(&[(0, 5.0), (4, 9.0)], &MONEY),
        made::plain(&[(0, 7.5), (1, 9.0)], &MONEY),
    ];
    let form = budget(1, unlike);
    let spans = form.spans();
    let mut trial = Trial::new(&form, &spans, &[0.0], &[1, 1]);
    assert!(trial.reach() && trial.taken == [0, 1], "{:?}", trial.taken);
    let form = budget(-1, choices());
    let spans = form.spans();
    assert!(!Trial::new(&form, &spans, &[0.0], &[1, 2, 2]).reach());
}

/// A look costs 8, and more where the spend enters many rows; among many choices more change at a time.
#[test]
fn looks_and_changes_at_a_time_grow_with_the_form() {
    for (rows, work) in [(1, 8), (3, 8), (4, 9), (9, 10)] {
        let money: Vec<(u32, i8)> = (0..rows).map(|row| (row, 1)).collect();
        let form = made::form(
            &[(Limit::Budget, 9); 9],
            vec![made::plain(&[(0, 0.0)], &money)],
        );
        let spans = form.spans();
        assert_eq!(Trial::new(&form, &spans, &[0.0; 9], &[0]).tried(0), work);
    }
    for (choices, at_a_time) in [(1, 1), (63, 1), (64, 2), (130, 3)] {
        let form = budget(9, vec![made::plain(&[(0, 0.0)], &MONEY); choices]);
        let spans = form.spans();
        let trial = Trial::new(&form, &spans, &[0.0], &vec![0; choices]);
        assert_eq!(trial.at_a_time(), at_a_time);
    }
}

#[test]
fn what_is_filled_goes_to_the_highest_gains_that_fit() {
    let choices = vec![
        made::plain(&[(0, 0.0), (1, 2.0), (2, 3.0), (5, 99.0)], &MONEY),
        made::plain(&[(0, 0.0), (2, 5.0)], &MONEY),
        // As good and dearer, or cheaper: no gain.
        made::plain(&[(0, 1.0), (0, 1.0), (1, 1.0)], &MONEY),
    ];
    let form = budget(4, choices);
    let spans = form.spans();
    let mut trial = Trial::new(&form, &spans, &[0.0], &[0, 0, 1]);
    trial.fill();
    assert_eq!(trial.taken, [2, 1, 1]);
    assert_eq!(trial.sums, [4]);
    // Three rounds of six looks.
    assert_eq!(trial.work, 3 * 6 * 8);
}

proptest! {
    #[test]
    fn no_single_change_gains_after_a_repair(
        costs in prop::collection::vec((0..20_i64, 0..40_i32), 12), most in 0..50_i128, at in prop::collection::vec(0..3_i64, 4), pairs: bool,
    ) {
        let options: Vec<(i64, f64)> = costs.iter().map(|(cost, value)| (*cost, f64::from(*value))).collect();
        let form = budget(most, options.chunks(3).map(|options| made::plain(options, &MONEY)).collect());
        let spans = form.spans();
        let mut work = 0;
        if let Some(found) = repair(&form, &spans, &[0.5], &at, pairs, &mut work) {
            prop_assert!(form.fits(&form.sums(&found.taken)));
            prop_assert_eq!(found.value.to_bits(), form.value(&found.taken).to_bits());
            for choice in 0..4 {
                for to in 0..3 {
                    let mut other = found.taken.clone();
                    other[choice] = to;
                    prop_assert!(form.value(&other) <= found.value || !form.fits(&form.sums(&other)));
                }
            }
        }
        prop_assert!(work > 0 || form.fits(&form.sums(&at)));
    }
}

/// Each in order of gain while it fits, up to four steps; what lies below its least spend, and menus, stay.
#[test]
fn curves_step_up_in_order_of_gain() {
    let (small, large): (Curve, Curve) = (
        Logarithmic::new(1.0, 1.0).unwrap().into(),
        Logarithmic::new(5.0, 1.0).unwrap().into(),
    );
    let flat =
        Curve::from(crate::response::PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 5.0)]).unwrap());
    let whole = Span::new(0, 9);
    let choices = vec![
        made::curve(&small, 100, Vec::new(), whole, &MONEY),
        made::curve(&large, 100, Vec::new(), whole, &MONEY),
        made::curve(
            &large,
            100,
            Vec::new(),
            Span {
                low: 1,
                high: 9,
                zero: true,
            },
            &MONEY,
        ),
        made::curve(&flat, 100, Vec::new(), whole, &MONEY),
        made::curve(&large, 100, Vec::new(), Span::new(0, 4), &MONEY),
        made::plain(&[(0, 0.0), (100, 9.0)], &MONEY),
    ];
    // With 3 to spend above what is taken, the second takes the first step, the first the next one, and so on.
    for (room, taken, work) in [
        (0, [0, 0, 0, 2, 4, 0], 3),
        (1, [0, 1, 0, 2, 4, 0], 6),
        (2, [1, 1, 0, 2, 4, 0], 6),
        (3, [1, 2, 0, 2, 4, 0], 9),
        (99, [4, 4, 0, 2, 4, 0], 12),
    ] {
        let form = budget((6 + room) * 100, choices.clone());
        let spans = form.spans();
        let mut trial = Trial::new(&form, &spans, &[0.0], &[0, 0, 0, 2, 4, 0]);
        trial.step_up();
        assert_eq!(trial.taken, taken, "{room}");
        assert_eq!(trial.work, work, "{room}");
    }
}

/// The room is 1. Alone nothing fits; of the pairs that do, the best gives up 2 for 5 and costs 1 more.
#[test]
fn a_pair_is_the_best_that_fits() {
    let choices = vec![
        made::plain(&[(4, 6.0), (2, 4.0), (0, 1.0)], &MONEY),
        made::plain(&[(0, 0.0), (3, 5.0), (6, 9.0)], &MONEY),
        made::plain(&[(0, 0.0), (2, 1.0)], &MONEY),
    ];
    let form = budget(5, choices);
    let spans = form.spans();
    let mut trial = Trial::new(&form, &spans, &[0.0], &[0, 0, 0]);
    let moves: Vec<Move> = vec![
        (0.0, 0, 1),
        (0.0, 0, 2),
        (0.0, 1, 1),
        (0.0, 1, 2),
        (0.0, 2, 1),
    ];
    let (first, second) = trial.best_pair(&moves).unwrap();
    // 4 for 9 and 2 more does not fit; all of the first for the dearest gives up 5 for 9, and costs 2 more.
    assert_eq!(((first.1, first.2), (second.1, second.2)), ((0, 1), (1, 1)));
    assert_eq!(trial.work, 10);
    trial.exchange();
    assert_eq!(trial.taken, [1, 1, 0]);
}

/// Large gains that all but cancel are not one.
#[test]
fn rounding_is_no_gain() {
    for (size, more, any) in [
        (20, -30, false),
        (20, -3, true),
        (-20, -70, false),
        (-20, -50, true),
        (0, -10, true),
    ] {
        let (size, more) = (libm::exp2(f64::from(size)), libm::exp2(f64::from(more)));
        for (gives, takes) in [(size, size + more), (size - more, size)] {
            let choices = vec![
                made::plain(&[(3, gives), (0, 0.0)], &MONEY),
                made::plain(&[(0, 0.0), (3, takes)], &MONEY),
            ];
            let form = budget(3, choices);
            let spans = form.spans();
            let mut trial = Trial::new(&form, &spans, &[0.0], &[0, 0]);
            let pair = trial.best_pair(&[(0.0, 0, 1), (0.0, 1, 1)]);
            assert_eq!(pair.is_some(), any, "{size} {more}");
        }
    }
}

/// Shares of columns: a curve takes the mean, rounded down but for rounding; a menu the option of the largest share in all.
#[test]
fn a_mixture_is_rounded_down() {
    let curve = Logarithmic::new(1.0, 1.0).unwrap().into();
    let choices = vec![
        made::curve(&curve, 1, Vec::new(), Span::new(0, 99), &MONEY),
        made::plain(&[(0, 0.0), (1, 1.0), (2, 2.0)], &MONEY),
    ];
    let form = budget(9, choices);
    let mut dual = Dual::at(&form, &form.spans(), vec![0.0]);
    for (mixture, rounded) in [
        (&[(0.25, [3, 0]), (0.75, [7, 2])][..], [6, 2]),
        (&[(0.5, [3, 1]), (0.5, [8, 0])], [5, 0]),
        (&[(0.5, [8, 1]), (0.5, [3, 1])], [5, 1]),
        (&[(0.4, [0, 1]), (0.3, [40, 2]), (0.3, [60, 2])], [30, 2]),
        (&[(0.4, [60, 2]), (0.3, [0, 0]), (0.3, [0, 0])], [24, 0]),
        (&[(1.0 - 1e-11, [6, 1]), (1e-11, [0, 0])], [6, 1]),
        (&[(1.0 - 1e-3, [6, 1]), (1e-3, [0, 0])], [5, 1]),
    ] {
        dual.mixture = mixture
            .iter()
            .zip(0..)
            .map(|((share, _), at)| (*share, at))
            .collect();
        dual.pool = mixture
            .iter()
            .map(|(_, taken)| Column {
                taken: taken.to_vec(),
                value: 0.0,
                uses: Vec::new(),
            })
            .collect();
        assert_eq!(round_down(&form, &dual), rounded, "{mixture:?}");
    }
    dual.mixture.clear();
    assert_eq!(round_down(&form, &dual), dual.taken);
}

/// Two falling curves share what the budget and a cap leave; the menu, a curve on its rising side and one of a single place
/// stay where they are.
#[test]
fn polish_shares_money_anew_among_falling_curves() {
    let (first, second): (Curve, Curve) = (
        Logarithmic::new(9.0, 2.0).unwrap().into(),
        Logarithmic::new(14.0, 3.0).unwrap().into(),
    );
    let rising = Adbudg::new(50.0, 3.0, 6.0).unwrap().into();
    let money = [(0, 1), (1, 1)];
    let whole = Span::new(0, 14);
    let of = |spans: [Span; 3]| {
        let choices = vec![
            made::curve(&first, 100, Vec::new(), spans[0], &money),
            made::curve(&second, 100, Vec::new(), spans[1], &money),
            made::curve(&rising, 100, Vec::new(), spans[2], &money),
            made::plain(&[(0, 0.0), (200, 1.0)], &money),
        ];
        made::form(&[(Limit::Budget, 1_700), (Limit::Cap(0), 1_500)], choices)
    };
    let form = of([whole; 3]);
    assert!(form.choices[2].bend() > Some(1));
    let mut work = 1_000;
    let found = polish(&form, &form.spans(), &[0.0; 2], &[0, 14, 1, 1], &mut work).unwrap();
    // The search of prices with the two others held, and what its repair looks at besides.
    let spans = [whole, whole, Span::only(1), Span::only(1)];
    let ask = Ask {
        spans: &spans,
        prices: &[0.0; 2],
        enough: f64::NEG_INFINITY,
        rounds: 40,
        work: POLISHED,
    };
    let searched = dual::search(&form, &ask, Vec::new()).work;
    assert!(searched > 1_000 && work > 1_000 + searched, "{searched}");
    let mut held = form.clone();
    (held.choices[2].span, held.choices[3].span) = (Span::only(1), Span::only(1));
    assert_eq!(found.taken[2..], [1, 1]);
    assert!(form.fits(&form.sums(&found.taken)));
    assert_eq!(Some(found.value), made::most(&held));
    // Past its bend the curve takes part too.
    let found = polish(&form, &form.spans(), &[0.0; 2], &[0, 4, 11, 0], &mut work).unwrap();
    let bend = form.choices[2].bend().unwrap();
    let mut held = form.clone();
    (held.choices[2].span, held.choices[3].span) = (Span::new(bend, 14), Span::only(0));
    assert!(found.taken[2] >= bend && found.taken[3] == 0);
    assert_eq!(Some(found.value), made::most(&held));
    // Nothing to share.
    let single = of([Span::only(3); 3]);
    assert!(
        polish(
            &single,
            &single.spans(),
            &[0.0; 2],
            &[3, 3, 3, 1],
            &mut work
        )
        .is_none()
    );
    let single = of([Span::only(3), Span::only(3), whole]);
    assert!(
        polish(
            &single,
            &single.spans(),
            &[0.0; 2],
            &[3, 3, 1, 1],
            &mut work
        )
        .is_none()
    );
}
