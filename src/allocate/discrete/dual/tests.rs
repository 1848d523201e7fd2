//! Bounds at prices, and the searches of prices: against what is worked out by hand.

use super::super::form::Limit;
use super::super::{lone, made};
use super::*;
use crate::numeric::Draws;

const MONEY: [(u32, i8); 1] = [(0, 1)];

/// One option that costs and is worth so much, or nothing.
fn option(cost: i64, value: f64) -> crate::allocate::discrete::form::Choice<'static> {
    made::plain(&[(0, 0.0), (cost, value)], &MONEY)
}

/// Ten thousand tenths: added one by one they come to 1.6e-10 more than a thousand.
#[test]
fn the_scores_of_many_choices_add_up_as_exactly_as_one() {
    let choices = vec![made::plain(&[(0, 0.1)], &MONEY); 10_000];
    let form = made::form(&[(Limit::Budget, 1)], choices);
    let shown = evaluate(&form, &form.spans(), &[0.0]);
    assert!((shown.bound - shown.slip - 1_000.0).abs() <= 1e-12);
    assert!(shown.bound >= 1_000.0);
}

/// At a price of 2e5 an option of cost 10 and value 3e6 scores 1e6, and the budget of 10 comes to 2e6. What is taken and the
/// bound are each 3e6, and what is paid counts twice; a spend in one row errs by four and a half roundings of these.
#[test]
fn the_slip_counts_the_bound_and_what_is_taken() {
    let form = made::form(&[(Limit::Budget, 10)], vec![option(10, 3e6)]);
    let shown = evaluate(&form, &form.spans(), &[2e5]);
    let roundings = shown.slip / (f64::EPSILON * (3e6 + 3e6 + 2.0 * 2e6));
    assert!((roundings - 4.5).abs() < 1e-9, "{roundings}");
    assert!((shown.bound - shown.slip - 3e6).abs() < 1e-6);
}

/// What is surely taken costs 2; one more of the given cost is worth twice its cost, and a budget.
fn mixture(cost: i64, budget: i128) -> Vec<(f64, usize)> {
    let choices = vec![option(2, 100.0), option(cost, 2.0 * cast::f64_of_i64(cost))];
    let form = made::form(&[(Limit::Budget, budget)], choices);
    let spans = form.spans();
    let level = lone::search(&form, &spans, 0.0).unwrap();
    let work = level.work;
    let dual = Dual::of_level(&form, &spans, level);
    // One look at what the price shows, and the search for it.
    assert_eq!(dual.work, form.weight() + work);
    dual.mixture
}

#[test]
fn both_sides_of_the_price_are_mixed_so_that_the_budget_is_spent() {
    // Three of the four.
    assert_eq!(mixture(4, 5), [(0.25, 0), (0.75, 1)]);
    // All there is, exactly, and with money left.
    assert_eq!(mixture(4, 6), [(1.0, 0)]);
    assert_eq!(mixture(4, 60), [(1.0, 0)]);
    // A share of a thousandth of a millionth is none.
    assert_eq!(mixture(1_000_000_000, 3), [(1.0 - 1e-9, 0)]);
    assert_eq!(mixture(1_000_000_000, 4), [(1.0 - 2e-9, 0), (2e-9, 1)]);
}

/// A budget that binds nothing, so many caps, of which the first allows half of an option worth 2, and so many resources,
/// of which the first allows half of another.
fn rows(caps: usize, resources: usize) -> Form<'static> {
    let mut rows = vec![(Limit::Budget, 100)];
    rows.extend((0..caps).map(|at| (Limit::Cap(at), if at == 0 { 1 } else { 100 })));
    rows.extend((0..resources).map(|at| (Limit::Resource(at), 1)));
    let inside = [(0, 1), (1, 1)];
    let choices = if resources == 1 {
        vec![
            made::using(&[(0, 0.0, 0), (2, 2.0, 0)], &inside),
            made::using(&[(0, 0.0, 0), (2, 2.0, 2)], &MONEY),
        ]
    } else {
        vec![made::plain(&[(0, 0.0), (2, 2.0)], &inside)]
    };
    made::form(&rows, choices)
}

#[test]
fn a_search_starts_from_the_prices_of_nested_rows() {
    let of = |caps, resources| {
        let form = rows(caps, resources);
        start(&form, &form.spans(), u64::MAX)
    };
    // Half an option of cost 2 and value 2 is allowed: a unit more is worth 1.
    for caps in [1, 2, 5] {
        let (prices, work) = of(caps, 0);
        assert!(work > 0 && prices[0] == 0.0 && (prices[1] - 1.0).abs() < 1e-9);
    }
    // A budget alone is left to the search, as are resources, up to 64 rows.
    let form = made::form(&[(Limit::Budget, 1)], vec![option(2, 2.0)]);
    assert_eq!(start(&form, &form.spans(), u64::MAX), (vec![0.0], 0));
    assert!(of(MASTER - 2, 1).0[MASTER - 1] == 0.0);
    let many = of(MASTER - 1, 1).0;
    assert!((many[1] - 1.0).abs() < 1e-9 && (many[MASTER] - 1.0).abs() < 1e-9);
}

fn searched(form: &Form<'_>, rounds: usize) -> Dual {
    let ask = Ask {
        spans: &form.spans(),
        prices: &vec![0.0; form.rows.len()],
        enough: f64::NEG_INFINITY,
        rounds,
        work: u64::MAX,
    };
    search(form, &ask, Vec::new())
}

/// Without prices all of the option is taken, worth 2; a cap allows half.
#[test]
fn up_to_64_rows_have_a_master_problem() {
    let dual = searched(&rows(MASTER - 1, 0), 10);
    assert!((dual.bound - 1.0).abs() < 1e-9, "{}", dual.bound);
    let dual = searched(&rows(MASTER, 0), 10);
    assert!((dual.bound - 2.0).abs() < 1e-9, "{}", dual.bound);
    assert!(dual.prices.iter().all(|price| *price == 0.0));
}

/// What is best keeps every row, so one look at the choices and one at the master problem is all: it is 200, 20 for each row,
/// and a sixth of the cube of the size of the basis that is inverted.
#[test]
fn a_look_at_the_master_problem_counts_its_inverse() {
    for (count, look) in [
        (2, 200 + 40 + 27 / 6),
        (3, 200 + 60 + 64 / 6),
        (40, 200 + 800 + 68_921 / 6),
    ] {
        let mut form = rows(count - 1, 0);
        form.rows[1].most = 100;
        let columns = cast::u64_of_usize((count + 1) / 4);
        assert_eq!(searched(&form, 0).work, form.weight() + look + columns);
    }
}

/// Pivots go on while they gain; twice as many in a row as there are rows and two, without a gain, are the last. A gain begins the
/// count anew; a hundredth of a millionth of a millionth is none, but rounding.
#[test]
fn pivots_end_when_enough_in_a_row_gain_nothing() {
    let turns = |climb: &mut Climb, objective: f64| {
        let all = 1_usize..100;
        all.into_iter().find(|_| !climb.goes_on(objective))
    };
    for rows in [1, 5] {
        let idle = 2 * (rows + 2);
        let mut climb = Climb::of(rows);
        for gained in -50..50 {
            assert!(climb.goes_on(f64::from(gained)), "{gained}");
        }
        assert_eq!(turns(&mut climb, -50.0), Some(idle));
        for (objective, rounded, more) in [
            (0.0, 0.0, 1e6),
            (1e6, 1e6 + 5e-9, 1e6 + 1.0),
            (3.0, 3.0, 3.0 + 1e-6),
            (-1e6, -1e6 + 5e-9, -1e6 + 1.0),
        ] {
            let mut climb = Climb::of(rows);
            assert!(climb.goes_on(objective));
            assert!((1..idle).all(|_| climb.goes_on(rounded)), "{objective}");
            assert!(climb.goes_on(more), "{objective}");
            assert_eq!(turns(&mut climb, more), Some(idle), "{objective}");
            let mut climb = Climb::of(rows);
            assert!(climb.goes_on(objective));
            assert_eq!(turns(&mut climb, rounded), Some(idle), "{objective}");
        }
    }
}

/// Menus under a budget, a cap and a resource, which all keep where nothing is taken.
fn random(seed: u64) -> Form<'static> {
    let mut of_all = Draws::new(seed).stream(&[99]);
    let mut below = |most: u64| i128::from(of_all.below(most));
    let rows = [
        (Limit::Budget, 5 + below(40)),
        (Limit::Cap(0), 3 + below(20)),
        (Limit::Resource(0), 3 + below(30)),
    ];
    let choices = (0..3 + seed % 20).map(|at| {
        let mut draw = Draws::new(seed).stream(&[at]);
        let mut options = vec![(0, 0.0, 0)];
        for _ in 0..=draw.below(4) {
            let cost = i64::try_from(draw.below(9)).unwrap();
            let value = 10.0 * draw.uniform();
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

/// A mixture that keeps the rows and is worth what the prices allow: neither can be bettered (duality: Dantzig & Wolfe 1960).
#[test]
fn a_search_of_prices_ends_where_a_mixture_is_worth_the_bound() {
    for seed in 0..200 {
        let form = random(seed);
        let dual = searched(&form, 400);
        let of = |part: &dyn Fn(&Column) -> f64| -> f64 {
            (dual.mixture.iter())
                .map(|(share, at)| share * part(&dual.pool[*at]))
                .sum()
        };
        assert!((of(&|_| 1.0) - 1.0).abs() < 1e-7, "seed {seed}");
        for (at, row) in form.rows.iter().enumerate() {
            let most = cast::f64_of_i128(row.most);
            assert!(of(&|column| column.uses[at]) < most + 1e-6, "seed {seed}");
        }
        let value = of(&|column| column.value);
        assert!(
            (value - dual.bound).abs() < 1e-7 * dual.bound.max(1.0),
            "seed {seed}: {value} {}",
            dual.bound
        );
        let shown = evaluate(&form, &form.spans(), &dual.prices);
        assert_eq!(shown.bound.to_bits(), dual.bound.to_bits());
        assert_eq!(shown.column.taken, dual.taken);
    }
}

/// Each round of prices adds a column to the first.
#[test]
fn a_search_of_prices_has_so_many_rounds() {
    let form = random(17);
    assert!(searched(&form, 400).pool.len() > 5);
    for rounds in 0..4 {
        assert_eq!(searched(&form, rounds).pool.len(), 1 + rounds);
    }
}

/// A bound of what is asked for is enough: the master problem is not looked at.
#[test]
fn a_bound_that_is_enough_is_not_bettered() {
    let form = random(17);
    let spans = form.spans();
    let prices = [0.5; 3];
    let bound = evaluate(&form, &spans, &prices).bound;
    for (enough, looks) in [
        (bound, false),
        (bound * (1.0 + 1e-9), false),
        (bound * (1.0 - 1e-9), true),
    ] {
        let ask = Ask {
            spans: &spans,
            prices: &prices,
            enough,
            rounds: 400,
            work: u64::MAX,
        };
        let dual = search(&form, &ask, Vec::new());
        assert_eq!(dual.work > form.weight(), looks);
        assert_eq!(dual.bound < bound, looks);
    }
}

/// What is surely worth -10; a menu of 3 a cent and two of 1 a cent; and 4 cents. At a price of 2 the first is taken, all it
/// costs is there, and together they are worth 2; at no price all are taken, 6 for 8 cents. Between the two a cent more is
/// worth 1, and at that price nothing is worth more than 2. There the last is taken as well as not, so that it is none of the two columns;
/// but nothing is left to gain from it.
#[test]
fn a_search_of_prices_ends_once_the_mixture_is_as_good_as_the_bound() {
    let money = [(0, 1), (1, 1)];
    let choices = vec![
        made::plain(&[(0, -10.0)], &money),
        made::plain(&[(0, 0.0), (4, 12.0)], &money),
        made::plain(&[(0, 0.0), (2, 2.0)], &money),
        made::plain(&[(2, 2.0), (0, 0.0)], &money),
    ];
    let form = made::form(&[(Limit::Budget, 4), (Limit::Cap(0), 100)], choices);
    let ask = Ask {
        spans: &form.spans(),
        prices: &[2.0, 0.0],
        enough: f64::NEG_INFINITY,
        rounds: 400,
        work: u64::MAX,
    };
    let dual = search(&form, &ask, Vec::new());
    assert!((dual.bound - 2.0).abs() < 1e-12, "{}", dual.bound);
    assert!((dual.prices[0] - 1.0).abs() < 1e-12);
    assert_eq!(dual.taken, [0, 1, 0, 0]);
    assert_eq!(dual.pool.len(), 2);
}
