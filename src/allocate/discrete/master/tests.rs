//! The master problem against the conditions of its optimum, and its single steps by hand.

use super::super::form::Limit;
use super::super::made;
use super::*;
use crate::numeric::{Draws, Stream};

fn column(value: f64, uses: &[f64]) -> Column {
    Column {
        taken: Vec::new(),
        value,
        uses: uses.to_vec(),
    }
}

/// A form of rows alone.
fn rows(most: &[i128]) -> Form<'static> {
    let rows: Vec<(Limit, i128)> = most.iter().map(|most| (Limit::Budget, *most)).collect();
    made::form(&rows, Vec::new())
}

/// Columns of random values and uses, the first of which uses nothing.
fn pool(draw: &mut Stream, rows: usize) -> Vec<Column> {
    let mut pool = vec![column(draw.uniform(), &vec![0.0; rows])];
    for _ in 0..=draw.below(12) {
        let uses: Vec<f64> = (0..rows)
            .map(|_| cast::f64_of_u64(draw.below(40)))
            .collect();
        pool.push(column(100.0 * draw.uniform(), &uses));
    }
    pool
}

/// At the end the mixture keeps the rows, and no column is worth more than it at the duals: so it is the best (duality:
/// Dantzig & Wolfe 1960).
#[test]
fn pivots_end_at_the_best_mixture() {
    let mut helped = 0;
    for seed in 0..500 {
        let mut draw = Draws::new(seed).stream(&[]);
        let count = usize::try_from(1 + draw.below(4)).unwrap();
        let most: Vec<i128> = (0..count).map(|_| i128::from(1 + draw.below(30))).collect();
        let form = rows(&most);
        let pool = pool(&mut draw, count);
        let first = usize::try_from(draw.below(cast::u64_of_usize(pool.len()))).unwrap();
        let mut master = Master::new(&form, &pool[first]);
        // Dearer than all that it could help to.
        master.help_price = 1e6;
        master.start(&pool, first);
        assert!(master.invert(&pool));
        helped += usize::from(master.helped());
        let keeps = |column: &Column| {
            let most = most.iter().map(|most| cast::f64_of_i128(*most));
            column
                .uses
                .iter()
                .zip(most)
                .all(|(used, most)| *used <= most)
        };
        assert_eq!(master.helped(), !keeps(&pool[first]), "seed {seed}");
        let mut turns = 0;
        let mut before = master.objective(&pool);
        while let Some(enter) = master.entering(&pool, &master.duals(&pool)) {
            assert!(master.pivot(&pool, enter) && master.invert(&pool));
            let objective = master.objective(&pool);
            assert!(objective >= before - 1e-9 * before.abs(), "seed {seed}");
            before = objective;
            turns += 1;
            assert!(turns < 200, "seed {seed}");
        }
        assert!(!master.helped(), "seed {seed}");
        let mixture = master.mixture();
        let of = |part: &dyn Fn(&Column) -> f64| -> f64 {
            (mixture.iter())
                .map(|(share, at)| share * part(&pool[*at]))
                .sum()
        };
        assert!(mixture.iter().all(|(share, _)| *share > 0.0));
        assert!((of(&|_| 1.0) - 1.0).abs() < 1e-9, "seed {seed}");
        let duals = master.duals(&pool);
        let mut bound = duals[count];
        for (row, most) in most.iter().enumerate() {
            let most = cast::f64_of_i128(*most);
            assert!(of(&|column| column.uses[row]) <= most + 1e-9, "seed {seed}");
            assert!(duals[row] >= -1e-9);
            bound += duals[row] * most / master.scale[row];
        }
        for column in &pool {
            let uses = column.uses.iter().zip(&duals).zip(&master.scale);
            let cost: f64 = uses.map(|((used, dual), scale)| used * dual / scale).sum();
            assert!(column.value <= cost + duals[count] + 1e-9, "seed {seed}");
        }
        let value = of(&|column| column.value);
        assert!(
            (value - bound).abs() < 1e-9 * bound.abs().max(1.0),
            "seed {seed}"
        );
        assert!((master.objective(&pool) - value).abs() < 1e-9 * value.max(1.0));
    }
    assert!(helped > 100, "{helped}");
}

#[test]
fn a_basis_of_the_same_column_twice_is_refused() {
    let form = rows(&[4]);
    let pool = [column(1.0, &[2.0]), column(3.0, &[2.0])];
    let mut master = Master::new(&form, &pool[0]);
    master.basis = vec![Basic::Column(0), Basic::Column(1)];
    assert!(!master.invert(&pool));
    master.basis = vec![Basic::Column(0), Basic::Slack(0)];
    assert!(master.invert(&pool));
}

/// Help and columns in the basis count only where they are at work.
#[test]
fn what_is_in_the_basis_at_nothing_does_not_count() {
    let form = rows(&[4]);
    let pool = [column(1.0, &[4.0]), column(3.0, &[9.0])];
    let mut master = Master::new(&form, &pool[0]);
    // The first column uses all there is: neither help nor any of the second is left to be had.
    master.basis = vec![Basic::Help(0), Basic::Column(0)];
    assert!(master.invert(&pool));
    assert!(!master.helped());
    master.basis = vec![Basic::Column(0), Basic::Column(1)];
    assert!(master.invert(&pool));
    assert_eq!(master.mixture(), [(1.0, 0)]);
    master.basis = vec![Basic::Help(0), Basic::Column(1)];
    assert!(master.invert(&pool));
    assert!(master.helped());
}

#[test]
fn what_gains_most_enters_and_what_gains_nothing_does_not() {
    let form = rows(&[4]);
    let nothing = [column(0.0, &[0.0])];
    let master = Master::new(&form, &nothing[0]);
    assert_eq!(master.entering(&nothing, &[0.0, 0.0]), None);
    let pool = [3.0, 5.0, 4.0].map(|value| column(value, &[0.0]));
    assert_eq!(master.entering(&pool, &[0.0, 0.0]), Some(Basic::Column(1)));
    assert_eq!(master.entering(&pool, &[-6.0, 0.0]), Some(Basic::Slack(0)));
    let dear = master.help_price + 9.0;
    assert_eq!(master.entering(&pool, &[dear, 0.0]), Some(Basic::Help(0)));
}

/// Beside duals of 10¹⁰, what differs by a millionth, and for help by a thousandth, is rounding.
#[test]
fn what_is_lost_in_the_largest_dual_does_not_enter() {
    let form = rows(&[4]);
    let master = Master::new(&form, &column(1.0, &[0.0]));
    assert_eq!(master.entering(&[], &[-1e-6, 1e10]), None);
    assert_eq!(master.entering(&[], &[-1e-6, 1.0]), Some(Basic::Slack(0)));
    let dear = master.help_price + 1e-3;
    assert_eq!(master.entering(&[], &[dear, 1e10]), None);
    assert_eq!(master.entering(&[], &[dear, 1.0]), Some(Basic::Help(0)));
}

/// Where two fall to nothing at once, the one that falls faster leaves, wherever it stands.
#[test]
fn of_equal_ratios_the_larger_pivot_leaves() {
    let form = rows(&[4, 2]);
    for (limits, leaves) in [([4.0, 4.0], 0), ([8.0, 2.0], 1)] {
        // Scaled, the rows allow 1 and ½, or ½ and 1; the second column uses twice that of both.
        let pool = [column(0.0, &[0.0, 0.0]), column(9.0, &[8.0, 4.0])];
        let mut master = Master::new(&form, &column(0.0, &limits));
        master.start(&pool, 0);
        assert!(master.invert(&pool) && master.pivot(&pool, Basic::Column(1)));
        let mut basis = vec![Basic::Slack(0), Basic::Slack(1), Basic::Column(0)];
        basis[leaves] = Basic::Column(1);
        assert_eq!(master.basis, basis);
    }
}
