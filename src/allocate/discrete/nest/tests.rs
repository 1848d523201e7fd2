//! Prices of nested rows, worked out by hand and against the search by columns.

use super::super::dual::{self, Ask, evaluate};
use super::super::form::Choice;
use super::super::made;
use super::*;
use crate::numeric::{Draws, Stream};

fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

fn assert_near(found: &[f64], expected: &[f64]) {
    let near = found.iter().zip(expected).all(|(a, b)| is_near(*a, *b));
    assert!(
        near && found.len() == expected.len(),
        "{found:?} {expected:?}"
    );
}

const TRIES: usize = 70;

/// Halves until it ends, told that all from `edge` on is high enough; how many tries it took.
fn halved(halving: &mut Halving, edge: f64) -> usize {
    for tries in 0..=TRIES {
        let (low, high) = (halving.low, halving.high);
        let Some(price) = halving.next() else {
            return tries;
        };
        assert!(low < price && price < high, "{price} in {low} to {high}");
        halving.tell(price >= edge);
    }
    panic!("no end at {edge}");
}

/// The magnitudes of an interval span 2^1927: eleven halvings of the exponent, and then one for each bit.
#[test]
fn a_halving_closes_in_on_any_edge_in_few_tries() {
    for edge in [3e-280, 1e-5, 0.7, 1.0, 3.0, 1e9, 7e280] {
        for (edge, low, high) in [(edge, 0.0, STEEP), (-edge, -STEEP, 0.0)] {
            let mut halving = Halving::new(low, high);
            halved(&mut halving, edge);
            assert!(halving.low < edge && edge <= halving.high, "{edge}");
            assert!(halving.high - halving.low <= 5.0 * f64::EPSILON * edge.abs());
        }
    }
}

/// A takes 2 at most, and its third unit gains 16. B takes 2 at least, and the second gains 3. C takes what is left
/// of 6, and its third gains 8: so much the budget costs, A's cap as much more as its units gain more, and B's floor pays
/// the difference.
#[test]
fn a_price_is_what_the_next_unit_inside_would_gain() {
    let rows = [
        (Limit::Budget, 6),
        (Limit::Cap(0), 2),
        (Limit::Floor(1), -2),
    ];
    let choices = vec![
        made::steps(&[20.0, 18.0, 16.0, 14.0], &[(0, 1), (1, 1)]),
        made::steps(&[5.0, 3.0, 1.0], &[(0, 1), (2, -1)]),
        made::steps(&[12.0, 10.0, 8.0, 6.0], &[(0, 1)]),
    ];
    let form = made::form(&rows, choices);
    let spans = form.spans();
    let (settled, _) = settled(&form, &spans, &[], u64::MAX);
    assert!(is_near(settled.of_budget(), 8.0));
    for (row, outside, inside) in [
        (1, 8.0, 16.0),
        (1, 17.0, 17.0),
        (2, 8.0, 3.0),
        (2, 2.0, 2.0),
    ] {
        let found = settled.inside(row, outside);
        assert!(is_near(found, inside), "{row} {outside}: {found}");
    }
    assert_near(
        &prices(&form, &spans, &[], u64::MAX).0,
        &[8.0, 16.0 - 8.0, 8.0 - 3.0],
    );
}

/// The group takes 4 at least, of units that all lose; A in it 1 at most. The fourth unit is the third of B, and loses 7;
/// the next of A loses 2, so that its cap costs the 5 between.
#[test]
fn a_floor_may_pay_for_units_that_lose() {
    let rows = [
        (Limit::Budget, 90),
        (Limit::Floor(0), -4),
        (Limit::Cap(1), 1),
    ];
    let choices = vec![
        made::steps(&[-1.0, -2.0, -3.0], &[(0, 1), (1, -1), (2, 1)]),
        made::steps(&[-5.0, -6.0, -7.0], &[(0, 1), (1, -1)]),
    ];
    let form = made::form(&rows, choices);
    let (found, _) = prices(&form, &form.spans(), &[], u64::MAX);
    assert_near(&found, &[0.0, 7.0, 5.0]);
}

/// A must take 2 or 3, and B can take no more than 2; the cap allows 1, and the floor wants 5. So A costs what its third
/// unit gains, and B is paid what its second loses.
#[test]
fn what_no_price_can_do_is_not_asked_for() {
    let rows = [
        (Limit::Budget, 90),
        (Limit::Cap(0), 1),
        (Limit::Floor(1), -5),
    ];
    let choices = vec![
        made::plain(&[(2, 5.0), (3, 9.0)], &[(0, 1), (1, 1)]),
        made::steps(&[1.0, -6.0], &[(0, 1), (2, -1)]),
    ];
    let form = made::form(&rows, choices);
    let (found, _) = prices(&form, &form.spans(), &[], u64::MAX);
    assert_near(&found, &[0.0, 4.0, 6.0]);
}

/// Two groups, one in the other, and one choice outside: at most 1, 2 and 3.
fn nested() -> Form<'static> {
    let rows = [(Limit::Budget, 3), (Limit::Cap(0), 2), (Limit::Cap(1), 1)];
    let choices = vec![
        made::steps(&[9.0, 7.0, 5.0], &[(0, 1), (1, 1), (2, 1)]),
        made::steps(&[8.0, 6.0, 4.0], &[(0, 1), (1, 1)]),
        made::steps(&[3.0, 2.0], &[(0, 1)]),
    ];
    made::form(&rows, choices)
}

#[test]
fn beyond_the_work_only_the_innermost_rows_and_the_budget_have_prices() {
    let form = nested();
    let spans = form.spans();
    let (found, all) = prices(&form, &spans, &[], u64::MAX);
    assert_near(&found, &[2.0, 4.0, 1.0]);
    // The middle row is free: the budget's three are 9, 8 and 6, and the next would gain 4.
    let (found, work) = prices(&form, &spans, &[], 0);
    assert_near(&found, &[4.0, 0.0, 7.0 - 4.0]);
    assert!(work < all);
}

/// Each try looks at every choice inside the row: 1 in the inner group, 2 in the outer, 3 in all.
#[test]
fn work_is_what_every_try_looks_at() {
    let form = nested();
    let tries = |edge: f64| 1 + cast::u64_of_usize(halved(&mut Halving::new(0.0, STEEP), edge));
    let (_, work) = prices(&form, &form.spans(), &[], u64::MAX);
    assert_eq!(work, 8 * (tries(7.0) + 2 * tries(6.0) + 3 * tries(2.0)));
}

/// Choices of two groups, the second in the first, each made by `make` at the rows that it enters, with limits that its answers
/// keep; no limit is further than `room` from what they spend.
fn kept(
    draw: &mut Stream,
    choices: u64,
    room: u64,
    mut make: impl FnMut(&mut Stream, &[(u32, i8)]) -> (Choice<'static>, i64),
) -> Form<'static> {
    let mut spent = [0_i64; 3];
    let choices = (0..choices)
        .map(|_| {
            let depth = usize::try_from(draw.below(3)).unwrap();
            let rows = [(0, 1), (1, 1), (2, -1), (3, 1), (4, -1)];
            let (choice, answer) = make(draw, &rows[..=2 * depth]);
            for sum in &mut spent[..=depth] {
                *sum += answer;
            }
            choice
        })
        .collect();
    let mut room = || i128::from(draw.below(room));
    let [all, outer, inner] = spent.map(i128::from);
    let rows = [
        (Limit::Budget, all + room()),
        (Limit::Cap(0), outer + room()),
        (Limit::Floor(0), (room() - outer).min(0)),
        (Limit::Cap(1), inner + room()),
        (Limit::Floor(1), (room() - inner).min(0)),
    ];
    made::form(&rows, choices)
}

/// Falling gains, unit by unit: every spend is the best at some price.
fn random(seed: u64) -> Form<'static> {
    let mut draw = Draws::new(seed).stream(&[]);
    let choices = 2 + draw.below(7);
    kept(&mut draw, choices, 3, |draw, rows| {
        let mut gains: Vec<f64> = (0..=draw.below(6))
            .map(|_| 20.0 * draw.uniform() - 4.0)
            .collect();
        gains.sort_by(|a, b| b.total_cmp(a));
        let answer = draw.below(cast::u64_of_usize(gains.len() + 1));
        (made::steps(&gains, rows), i64::try_from(answer).unwrap())
    })
}

/// Any spends and values: most limits lie within a jump.
fn lumpy(seed: u64) -> Form<'static> {
    let mut draw = Draws::new(seed).stream(&[1]);
    let choices = 1 + draw.below(5);
    kept(&mut draw, choices, 2, |draw, rows| {
        let mut at = 0;
        let mut options = Vec::new();
        for _ in 0..=draw.below(4) {
            options.push((at, 30.0 * draw.uniform() - 6.0));
            at += 1 + i64::try_from(draw.below(9)).unwrap();
        }
        let answer = usize::try_from(draw.below(cast::u64_of_usize(options.len()))).unwrap();
        (made::plain(&options, rows), options[answer].0)
    })
}

/// Spends of 2 and 9 under a cap of 5: 10, and 2 for each of three more. Of the two only a mixture keeps a floor as well,
/// which costs nothing where it does not bind.
#[test]
fn a_floor_and_a_cap_within_one_jump_are_kept_by_a_mixture() {
    for (floor, cap, costs) in [
        (0, 5, [0.0, 2.0, 0.0]),
        (4, 5, [0.0, 2.0, 0.0]),
        (5, 5, [0.0, 2.0, 0.0]),
    ] {
        let rows = [
            (Limit::Budget, 99),
            (Limit::Cap(0), cap),
            (Limit::Floor(0), -floor),
        ];
        let menu = made::plain(
            &[(0, 0.0), (2, 10.0), (9, 24.0)],
            &[(0, 1), (1, 1), (2, -1)],
        );
        let form = made::form(&rows, vec![menu]);
        let (found, _) = prices(&form, &form.spans(), &[], u64::MAX);
        assert_near(&found, &costs);
        let bound = evaluate(&form, &form.spans(), &found).bound;
        assert!(is_near(bound, 16.0), "{floor} {bound}");
    }
}

#[test]
fn for_money_alone_no_search_finds_a_lower_bound() {
    for (seed, form) in (0..200)
        .map(|seed| (seed, random(seed)))
        .chain((0..400).map(|seed| (seed, lumpy(seed))))
    {
        let spans = form.spans();
        let (found, _) = prices(&form, &spans, &[], u64::MAX);
        assert!(found.iter().all(|price| *price >= 0.0));
        let ask = Ask {
            spans: &spans,
            prices: &vec![0.0; form.rows.len()],
            enough: f64::NEG_INFINITY,
            rounds: 400,
            work: u64::MAX,
        };
        let least = dual::search(&form, &ask, Vec::new()).bound;
        let bound = evaluate(&form, &spans, &found).bound;
        assert!(bound <= least + 1e-9, "seed {seed}: {bound} {least}");
    }
}

/// Five units, each of which uses one of the first and of the third resource: at most 3 of the one, and 1 of the other.
/// The third alone binds, and costs what the second unit gains; of the first, looked at before, that is only seen at the
/// second look, and of the third after that.
#[test]
fn of_two_limits_on_the_same_the_tighter_has_the_price() {
    let options: [(i64, f64, &[i128]); 6] = [
        (0, 0.0, &[0, 0, 0]),
        (1, 9.0, &[1, 0, 1]),
        (2, 16.0, &[2, 0, 2]),
        (3, 21.0, &[3, 0, 3]),
        (4, 24.0, &[4, 0, 4]),
        (5, 25.0, &[5, 0, 5]),
    ];
    let rows = [
        (Limit::Budget, 100),
        (Limit::Resource(0), 3),
        (Limit::Resource(1), 5),
        (Limit::Resource(2), 1),
    ];
    let form = made::form(&rows, vec![made::menu(&options, &[(0, 1)])]);
    let (found, _) = with_resources(&form, &form.spans(), u64::MAX);
    assert_near(&found, &[0.0, 0.0, 0.0, 7.0]);
}

/// Units of A gain 9, 7 and 5 and take an hour each, those of B gain 8, 6 and 4. Of three units at most one takes an
/// hour: the third is then B's second, and an hour is worth what A's second gains more than that.
#[test]
fn a_resource_is_priced_beside_the_budget() {
    let options: [(i64, f64, &[i128]); 4] = [
        (0, 0.0, &[0]),
        (1, 9.0, &[1]),
        (2, 16.0, &[2]),
        (3, 21.0, &[3]),
    ];
    let others: [(i64, f64, &[i128]); 4] = [
        (0, 0.0, &[0]),
        (1, 8.0, &[0]),
        (2, 14.0, &[0]),
        (3, 18.0, &[0]),
    ];
    let rows = [(Limit::Budget, 3), (Limit::Resource(0), 1)];
    let choices = vec![
        made::menu(&options, &[(0, 1)]),
        made::menu(&others, &[(0, 1)]),
    ];
    let form = made::form(&rows, choices);
    let spans = form.spans();
    let (found, _) = with_resources(&form, &spans, u64::MAX);
    assert_near(&found, &[6.0, 1.0]);
    assert!(is_near(
        evaluate(&form, &spans, &found).bound,
        9.0 + 8.0 + 6.0
    ));
}

/// What is required uses 2 at least, where 1 is allowed: the price is where 3 no longer pay, not the steepest of all.
#[test]
fn less_use_than_any_price_can_do_is_not_asked_for() {
    let options: [(i64, f64, &[i128]); 2] = [(1, 5.0, &[2]), (2, 9.0, &[3])];
    let rows = [(Limit::Budget, 9), (Limit::Resource(0), 1)];
    let form = made::form(&rows, vec![made::menu(&options, &[(0, 1)])]);
    let (found, _) = with_resources(&form, &form.spans(), u64::MAX);
    assert_near(&found, &[0.0, 4.0]);
}

/// Three of the same, which pay up to a price of 3 for what may not be used; the budget never binds, so that each try looks
/// at every choice once.
#[test]
fn work_with_resources_is_counted_and_limited() {
    let options: [(i64, f64, &[i128]); 2] = [(0, 0.0, &[0]), (1, 6.0, &[2])];
    let rows = [(Limit::Budget, 9), (Limit::Resource(0), 0)];
    let form = made::form(&rows, vec![made::menu(&options, &[(0, 1)]); 3]);
    let spans = form.spans();
    let look = 8 * 3;
    let tries = cast::u64_of_usize(halved(&mut Halving::new(0.0, STEEP), 3.0));
    // Free of price once, and in each of two turns at the steepest and at every try.
    let all = look * (1 + 2 * (1 + tries));
    for most in [all - look, u64::MAX] {
        let (found, work) = with_resources(&form, &spans, most);
        assert_near(&found, &[0.0, 3.0]);
        assert_eq!(work, all);
    }
    // The last try is not begun where more than the limit was done before it.
    let (found, work) = with_resources(&form, &spans, all - look - 1);
    assert_near(&found, &[0.0, 3.0]);
    assert_eq!(work, all - look);
    // Within the first turn no price is known yet.
    let (found, work) = with_resources(&form, &spans, 10 * look);
    assert_near(&found, &[0.0, 0.0]);
    assert_eq!(work, 11 * look);
}
