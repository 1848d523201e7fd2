//! A problem as a programme over cones, and the other solver's answer in the problem's own figures.

use crate::cone::{Affine, Programme};
use crate::plain::{Limit, Plain};

/// What is asked of a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    /// The most value.
    Most,
    /// The least spend worth this; the first limit, the budget, is none then.
    Reach(f64),
}

/// A row of the programme, and what its price is to be multiplied by.
type Row = Option<(usize, f64)>;

/// Spends and prices, as good as the other solver has them. With a target the first price is the value of a currency
/// unit at the margin.
pub(crate) fn by_cones(plain: &Plain, limits: &[Limit], aim: Aim) -> (Vec<f64>, Vec<f64>) {
    let roomy = plain.roomy();
    // Figures of about 1 suit it best.
    let size = roomy.iter().sum::<f64>() / roomy.iter().map(|_| 1.0).sum::<f64>();
    let worth = plain.value(&roomy).abs().max(1.0);
    let mut programme = Programme::default();
    let columns: Vec<usize> = roomy.iter().map(|_| programme.column()).collect();
    let mut values = Vec::new();
    for ((offer, spend), range) in plain.offers.iter().zip(&columns).zip(plain.own_ranges()) {
        let column = Affine::of(*spend);
        programme.at_least_zero(&column.clone().shifted(-range.0 / size));
        programme.at_least_zero(&column.times(-1.0).shifted(range.1 / size));
        values.push(offer.curve.add(&mut programme, *spend, size, worth));
    }
    let is_target = matches!(aim, Aim::Reach(_));
    let rows: Vec<(Row, Row)> = (limits.iter().skip(usize::from(is_target)))
        .map(|limit| add(&mut programme, limit, &columns, size))
        .collect();
    let outcome = match aim {
        Aim::Most => programme.most(&sum(&values, 1.0)),
        Aim::Reach(target) => {
            let all = sum(&values, 1.0).into_iter();
            let row = all.fold(
                Affine::constant(-target / worth),
                |row, (weight, column)| row.plus(weight, column),
            );
            programme.at_least_zero(&row);
            programme.most(&sum(&columns, -1.0))
        }
    };
    // Value per unit of the objective; with a target, the row of the target was the last, and says it.
    let reached = outcome.prices.last().copied().unwrap_or(0.0);
    let level = if is_target { worth / reached } else { worth };
    let price = |row: Row| {
        row.map_or(0.0, |(at, scale)| {
            (outcome.prices[at] * level * scale).max(0.0)
        })
    };
    let budget = is_target.then_some(level / size);
    let others = rows
        .iter()
        .map(|(most, least)| price(*most) - price(*least));
    let spends = columns.iter().map(|column| outcome.columns[*column] * size);
    (spends.collect(), budget.into_iter().chain(others).collect())
}

fn sum(columns: &[usize], weight: f64) -> Vec<(f64, usize)> {
    columns.iter().map(|column| (weight, *column)).collect()
}

/// Adds both sides of a limit, each scaled to about 1.
fn add(programme: &mut Programme, limit: &Limit, columns: &[usize], size: f64) -> (Row, Row) {
    let mut scaled = |sign: f64, amount: f64| {
        let over = sign * amount.max(size);
        let terms = limit.weights.iter().zip(columns);
        let row = terms.fold(Affine::constant(amount / over), |row, (weight, column)| {
            row.plus(-weight * size / over, *column)
        });
        (programme.at_least_zero(&row), 1.0 / over.abs())
    };
    let most = limit.most.map(|most| scaled(1.0, most));
    let least = limit.least.filter(|least| *least > 0.0);
    (most, least.map(|least| scaled(-1.0, least)))
}
