//! The search by rising loss: against every answer, and its counts of sets by hand.

use super::super::form::Limit;
use super::super::made;
use super::*;
use crate::numeric::Draws;

const MONEY: [(u32, i8); 1] = [(0, 1)];
const AMPLE: u64 = 10_000;

/// Searches, and is never told to stop.
fn run(form: &Form<'_>, prices: &[f64], ceiling: f64, most_work: u64) -> Risen {
    search(form, prices, ceiling, 0.5, most_work, &mut |_| true).unwrap()
}

/// Menus under a budget, a cap, a floor and a resource.
fn random(seed: u64) -> Form<'static> {
    let mut of_all = Draws::new(seed).stream(&[99]);
    let mut below = |most: u64| i128::from(of_all.below(most));
    let rows = [
        (Limit::Budget, 4 + below(20)),
        (Limit::Cap(0), 3 + below(12)),
        (Limit::Floor(1), -below(6)),
        (Limit::Resource(0), 3 + below(10)),
    ];
    let choices = (0..2 + seed % 3).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let mut options = vec![(0, 0.0, 0)];
        for _ in 0..=draw.below(3) {
            let cost = i64::try_from(draw.below(9)).unwrap();
            let value = libm::floor(draw.uniform() * 48.0) / 4.0 - 2.0;
            options.push((cost, value, i128::from(draw.below(6))));
        }
        let money: &[(u32, i8)] = if draw.below(2) == 0 {
            &[(0, 1), (1, 1)]
        } else {
            &[(0, 1), (2, -1)]
        };
        made::using(&options, money)
    });
    made::form(&rows, choices.collect())
}

/// At any prices, what is found is the best that loses less than the ceiling, and what it loses is told, less a fiftieth of
/// the tolerance. Where nothing is found, nothing loses less.
#[test]
fn the_best_below_the_ceiling_is_found_at_any_prices() {
    let (mut found, mut none) = (0, 0);
    for seed in 0..150 {
        let form = random(seed);
        let mut draw = Draws::new(seed).stream(&[77]);
        let price = |_| match draw.below(3) {
            0 => 0.0,
            _ => 3.0 * draw.uniform(),
        };
        let prices: Vec<f64> = (0..form.rows.len()).map(price).collect();
        let scores = (0..form.choices.len())
            .map(|choice| form.best(choice, form.choices[choice].span, &prices).1);
        let limits = form.rows.iter().zip(&prices);
        let limits = limits.map(|(row, price)| price * cast::f64_of_i128(row.most));
        let bound = scores.sum::<f64>() + limits.sum::<f64>();
        let least = made::most(&form).map_or(f64::INFINITY, |most| bound - most);
        for ceiling in [0.7 * least + 0.1, least + 1.0, 2.0 * least + 1.0, 25.0] {
            let ceiling = ceiling.min(99.0);
            let risen = run(&form, &prices, ceiling, 1_000_000);
            let label = format!("seed {seed} below {ceiling}: {risen:?}, not {least}");
            assert!(risen.complete, "{label}");
            assert_eq!(risen.taken.is_some(), least < ceiling, "{label}");
            if let Some(taken) = risen.taken {
                assert!(form.fits(&form.sums(&taken)), "{label}");
                assert!((bound - form.value(&taken) - least).abs() < 1e-9, "{label}");
                assert!(risen.loss < least + 1e-9, "{label}");
                assert!(risen.loss > least - 0.02 * 0.5 - 1e-9, "{label}");
                found += 1;
            } else {
                assert!((risen.loss - ceiling).abs() < 1e-9, "{label}");
                none += 1;
            }
        }
    }
    assert!(found > 200 && none > 100, "{found} {none}");
}

/// Without rows, what is best at no prices is the answer.
#[test]
fn without_rows_nothing_is_lost() {
    let choices = vec![made::plain(&[(0, 0.0), (1, 3.0)], &[]); 2];
    let risen = run(&made::form(&[], choices), &[], 9.0, AMPLE);
    assert_eq!((risen.taken, risen.complete), (Some(vec![1, 1]), true));
    assert!(risen.loss == 0.0);
}

/// Choices of one change each, which loses so much; nothing uses the row, which cannot be kept, and has no price.
fn hopeless(losses: &[f64]) -> Form<'static> {
    let change = |loss: &f64| made::plain(&[(0, 0.0), (0, -loss)], &[]);
    made::form(&[(Limit::Budget, -1)], losses.iter().map(change).collect())
}

/// Sums of 1, 2, 4, 8 and 16 are all the whole numbers: below 16 there are 16, below 20 there are 20. The first limit is
/// that of the first eight that lose at all; each limit is three tenths higher than the one before, but for the ceiling.
#[test]
fn every_set_below_a_limit_is_looked_at_once() {
    let wide: Vec<f64> = (1..10).map(f64::from).collect();
    for (losses, ceiling, sets) in [
        (&[1.0, 2.0, 4.0, 8.0, 16.0][..], 20.0, 16 + 20),
        (&[16.0, 1.0, 4.0, 2.0, 8.0], 9.0, 9),
        // Below 4, 5.2 and 6 there are 4, 6 and 6 of each set of the nine that lose nothing.
        (
            &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0],
            6.0,
            512 * (4 + 6 + 6),
        ),
        // Into different parts, 0 to 8 can be split in 1, 1, 1, 2, 2, 3, 4, 5 and 6 ways; the eighth of nine losses is 8.
        (&wide, 9.0, 19 + 19 + 6),
    ] {
        let risen = run(&hopeless(losses), &[0.0], ceiling, AMPLE);
        assert_eq!(
            (risen.taken, risen.complete, risen.work),
            (None, true, sets)
        );
        assert!((risen.loss - ceiling).abs() < 1e-12);
    }
}

/// From a loss to a million times it there are 53 limits in whatever unit values are: 1.3^53 is more than a million.
#[test]
fn limits_rise_by_a_share_of_themselves() {
    for scale in [1e-6, 1.0, 1e6] {
        // Below the first limit there is no change; below each other there is one.
        let risen = run(&hopeless(&[scale]), &[0.0], 1e6 * scale, AMPLE);
        assert_eq!((risen.complete, risen.work), (true, 1 + 2 * 53));
    }
}

/// Eight menus of a cent each, of which the budget allows seven. Left out is the one that loses 10 at the price; with it, the
/// limits are kept exactly.
#[test]
fn what_keeps_the_rows_exactly_is_an_answer() {
    let menu = |more: u32| made::plain(&[(0, 0.0), (1, 1_010.0 + f64::from(more))], &MONEY);
    let form = made::form(&[(Limit::Budget, 7)], (0..8).map(menu).collect());
    let risen = run(&form, &[1e3], 20.0, AMPLE);
    assert!(risen.complete);
    assert_eq!(risen.taken, Some(vec![0, 1, 1, 1, 1, 1, 1, 1]));
    // A fiftieth of the tolerance of one half.
    assert!((risen.loss - (10.0 - 0.01)).abs() < 1e-9, "{}", risen.loss);
}

/// One menu that the budget has no room for: nothing is looked at below 10, and so below 13, and then the change that loses
/// 10. So three sets are enough; and what was proved before is told where fewer are allowed.
#[test]
fn a_search_may_take_all_its_work() {
    let form = made::form(
        &[(Limit::Budget, 0)],
        vec![made::plain(&[(0, 0.0), (1, 1_010.0)], &MONEY)],
    );
    for (most_work, complete, proved) in [
        (0, false, 0.0),
        (1, false, 10.0),
        (2, false, 10.0),
        (3, true, 10.0),
        (4, true, 10.0),
    ] {
        let risen = run(&form, &[1e3], 99.0, most_work);
        assert_eq!(risen.complete, complete, "{most_work}");
        assert_eq!(risen.taken, complete.then(|| vec![0]), "{most_work}");
        assert!((risen.loss - proved).abs() < 1e-9, "{most_work}");
    }
}

/// Forty menus of which the row has room for thirty, each with a loss at the prices if it is left out.
fn crowded(rows: &[(Limit, i128)], money: &[(u32, i8)], loss: f64) -> Form<'static> {
    let menu = made::plain(&[(0, 0.0), (1, 1e3 + loss)], money);
    made::form(rows, vec![menu; 40])
}

/// Ten are too many. Were a cent dearer by 300, ten too many would cost 3000, and none would rather leave, which loses 350: so
/// no set loses less than the ceiling of 2500, and none need be listed. Dearer by 100 they would cost but 1000, and dearer by
/// 600 most would leave. A row of no price is shifted as if it cost what the others do: forty times 1000, shared by two
/// rows and by its forty cents, is 500. Dearer by three tenths of that, ten too many cost 1500, more than the ceiling of 1250, and
/// none leaves, which loses 150.
#[test]
fn a_row_that_cannot_be_kept_is_shown_by_shifting_its_price() {
    let (budget, cap) = (Limit::Budget, Limit::Cap(0));
    for (rows, money, loss, ceiling) in [
        ([(budget, 30), (cap, 9)], &MONEY[..], 350.0, 2_500.0),
        ([(budget, 40), (cap, 30)], &[(0, 1), (1, 1)], 150.0, 1_250.0),
    ] {
        let form = crowded(&rows, money, loss);
        let risen = run(&form, &[1e3, 0.0], ceiling, AMPLE);
        // From the loss of one to the ceiling, by three tenths each time.
        let mut limits = 1;
        let mut limit: f64 = loss;
        while limit < ceiling {
            limit *= 1.3;
            limits += 1;
        }
        assert_eq!(
            (risen.taken, risen.complete, risen.work),
            (None, true, limits)
        );
    }
}

/// So many menus of two cents at 1000 a cent, worth as much, and a budget.
fn pairs(count: usize, budget: i128) -> Form<'static> {
    let menu = made::plain(&[(0, 0.0), (2, 2e3)], &MONEY);
    made::form(&[(Limit::Budget, budget)], vec![menu; count])
}

/// A cent short of them all: whatever is left out leaves a cent over at least, which costs 1000, and all of them cost too
/// much. Each set of the first so many is looked at, and one without the last but one: the shift that shows that
/// two are too few shows the same of all others before they are looked at.
#[test]
fn the_shift_that_showed_a_set_to_be_hopeless_is_tried_first() {
    for count in [3, 10] {
        let form = pairs(count, 2 * i128::try_from(count).unwrap() - 1);
        let risen = run(&form, &[1e3], 150.0, AMPLE);
        let sets = cast::u64_of_usize(count) + 2;
        assert_eq!(
            (risen.taken, risen.complete, risen.work),
            (None, true, sets)
        );
    }
}

/// The budget is for all of them, and without one of them 2000 are lost. So there is one way down, and where it is too deep
/// nothing is concluded: not that there is no answer, which there is. What was found on the way is an answer.
#[test]
fn nothing_is_concluded_from_sets_too_deep_to_search() {
    for most_work in [AMPLE, u64::MAX] {
        for (count, complete) in [(DEPTH - 1, true), (DEPTH, false), (DEPTH + 1, false)] {
            let form = pairs(count, 2 * i128::try_from(count).unwrap());
            let risen = run(&form, &[1e3], 10.0, most_work);
            assert_eq!(risen.complete, complete, "{count}");
            let found = (count <= DEPTH).then(|| vec![1; count]);
            assert_eq!(risen.taken, found, "{count}");
            assert!(risen.loss == 0.0);
            assert_eq!(risen.work, 1 + cast::u64_of_usize(count.min(DEPTH)));
        }
    }
}

/// Seventeen changes that lose nothing are as many sets as there are between two questions. Whoever says no to the one
/// question is told that the search was stopped, whatever the limit on its work, and what it proved till then: nothing.
#[test]
fn a_search_that_is_stopped_says_so() {
    let form = hopeless(&[0.0; 17]);
    for most_work in [SETS_A_QUESTION, u64::MAX] {
        for goes_on in [true, false] {
            let mut asked = Vec::new();
            let mut ask = |loss| {
                asked.push(loss);
                goes_on
            };
            let risen = search(&form, &[0.0], 1.0, 0.5, most_work, &mut ask).unwrap();
            assert_eq!((risen.taken, risen.complete), (None, goes_on));
            assert_eq!(risen.work, SETS_A_QUESTION);
            let proved = if goes_on { 1.0 } else { 0.0 };
            assert!((risen.loss - proved).abs() < 1e-12);
            assert_eq!(asked, [0.0]);
        }
    }
}
