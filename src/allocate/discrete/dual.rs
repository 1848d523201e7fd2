//! Prices of all rows at once: the dual of the linear relaxation over spans, by generated columns
//! (Dantzig & Wolfe 1960).
//!
//! A column is one answer to "at these prices, how much would each take?". The master problem mixes columns so
//! that the mixture keeps the rows; its duals are the next prices. Every set of prices gives a bound, whatever
//! the master does, so the master needs no proof of its own.

use crate::numeric::{ExactSum, cast};

use super::form::{Form, Span};
use super::nest;
use super::slip::slip;

/// What every choice takes at some prices.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) taken: Vec<i64>,
    value: f64,
    uses: Vec<f64>,
}

/// The end of a search for prices.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    /// Prices of the best bound.
    pub(crate) prices: Vec<f64>,
    pub(crate) bound: f64,
    /// How much of the bound is allowed for rounding.
    pub(crate) slip: f64,
    /// What the choices take at the prices of the best bound.
    pub(crate) taken: Vec<i64>,
    /// The mixture at the end: shares and columns; no artificial help in it if `proper`.
    pub(crate) mixture: Vec<(f64, usize)>,
    pub(crate) pool: Vec<Column>,
    pub(crate) proper: bool,
    pub(crate) work: u64,
}

/// A basic variable of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basic {
    Column(usize),
    Slack(usize),
    Help(usize),
}

/// The set-up of one search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) spans: &'a [Span],
    pub(crate) prices: &'a [f64],
    /// The search may stop once the bound is below this.
    pub(crate) enough: f64,
    pub(crate) rounds: usize,
    /// The search stops at this much work.
    pub(crate) work: u64,
}

struct Master<'f, 'a> {
    form: &'f Form<'a>,
    scale: Vec<f64>,
    /// Limits over their scale.
    most: Vec<f64>,
    basis: Vec<Basic>,
    inverse: Vec<Vec<f64>>,
    help_price: f64,
}

/// What prices show.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) column: Column,
    /// Nothing within the spans is worth more; it is rounded upwards. Infinite where the prices overflow.
    pub(crate) bound: f64,
    /// What was added for rounding.
    pub(crate) slip: f64,
}

/// Evaluates the bound at prices, rounded upwards by more than its terms can be off.
pub(crate) fn evaluate(form: &Form<'_>, spans: &[Span], prices: &[f64]) -> Shown {
    let mut taken = Vec::with_capacity(spans.len());
    let mut scores = 0.0;
    let mut lost = 0.0;
    for (choice, span) in spans.iter().enumerate() {
        let (at, score) = form.best(choice, *span, prices);
        taken.push(at);
        // Compensated: thousands of scores, and the gap is judged at 1e-12.
        let term = score - lost;
        let sum = scores + term;
        lost = (sum - scores) - term;
        scores = sum;
    }
    let limits = form.rows.iter().zip(prices);
    let bound = limits
        .map(|(row, price)| price * cast::f64_of_i128(row.most))
        .chain([scores])
        .collect::<ExactSum>()
        .value();
    let uses = form
        .sums(&taken)
        .into_iter()
        .map(cast::f64_of_i128)
        .collect();
    let (mut value, mut size) = (0.0, 0.0);
    for (choice, at) in form.choices.iter().zip(&taken) {
        let worth = choice.value(*at);
        value += worth;
        size += worth.abs();
    }
    let slip = slip(form, spans, prices, bound.abs() + size);
    let raised = bound + slip;
    Shown {
        column: Column { taken, value, uses },
        bound: if raised.is_finite() {
            raised
        } else {
            f64::INFINITY
        },
        slip,
    }
}

/// How much more than a feasible answer anything within the spans can be worth, as the prices show it: a sum of terms
/// none of which cancels, and each of which is nothing where the answer is best.
pub(crate) fn lead(form: &Form<'_>, spans: &[Span], prices: &[f64], answer: &[i64]) -> f64 {
    let mut sum = ExactSum::new();
    for (choice, (span, at)) in spans.iter().zip(answer).enumerate() {
        sum.add(form.lead(choice, *span, prices, *at));
    }
    for ((row, used), price) in form.rows.iter().zip(form.sums(answer)).zip(prices) {
        sum.add(price * cast::f64_of_i128(row.most - used));
    }
    sum.value()
}

impl Dual {
    /// What given prices show.
    pub(crate) fn at(form: &Form<'_>, spans: &[Span], prices: Vec<f64>) -> Self {
        let Shown {
            column,
            bound,
            slip,
        } = evaluate(form, spans, &prices);
        Self {
            prices,
            bound,
            slip,
            taken: column.taken,
            mixture: Vec::new(),
            pool: Vec::new(),
            proper: false,
            work: form.weight(),
        }
    }
}

/// The prices to begin with where rows of money nest.
pub(crate) fn start(form: &Form<'_>, spans: &[Span], work_most: u64) -> (Vec<f64>, u64) {
    if form.first_resource < 2 {
        return (vec![0.0; form.rows.len()], 0);
    }
    if form.rows.len() > MASTER && form.resources() > 0 {
        nest::with_resources(form, spans, work_most)
    } else {
        nest::prices(form, spans, &vec![0.0; form.resources()], work_most)
    }
}

/// Rows up to which there is a master problem: its work grows with their cube.
const MASTER: usize = 64;

/// Searches the prices of least bound.
pub(crate) fn search(form: &Form<'_>, ask: &Ask<'_>, pool: Vec<Column>) -> Dual {
    let rows = form.rows.len();
    if rows > MASTER {
        return Dual::at(form, ask.spans, ask.prices.to_vec());
    }
    let weight = form.weight();
    let pivot = cast::u64_of_usize(200 + 20 * rows + (rows + 1).pow(3) / 6);
    let mut pool: Vec<Column> = pool
        .into_iter()
        .filter(|column| {
            column
                .taken
                .iter()
                .zip(ask.spans)
                .all(|(at, span)| span.contains(*at))
        })
        .collect();
    let Shown {
        column: first,
        bound,
        slip,
    } = evaluate(form, ask.spans, ask.prices);
    let mut dual = Dual {
        prices: ask.prices.to_vec(),
        bound,
        slip,
        taken: first.taken.clone(),
        mixture: Vec::new(),
        pool: Vec::new(),
        proper: false,
        work: weight,
    };
    let mut master = Master::new(form, &first);
    let start = pool.len();
    pool.push(first);
    master.start(&pool, start);
    let mut rounds = 0;
    // Each turn is one pivot; pivots between two rounds of pricing are few, and limited besides.
    let mut pivots = 0;
    let limit = 40 * (rows + 2) + 20 * ask.rounds;
    while pivots < limit && dual.bound > ask.enough && dual.work <= ask.work {
        dual.work += pivot + cast::u64_of_usize(pool.len() * (rows + 1) / 4);
        if !master.invert(&pool) {
            break;
        }
        let duals = master.duals(&pool);
        if let Some(enter) = master.entering(&pool, &duals) {
            if !master.pivot(&pool, enter) {
                break;
            }
            pivots += 1;
            continue;
        }
        if rounds >= ask.rounds {
            break;
        }
        rounds += 1;
        let prices: Vec<f64> = duals
            .iter()
            .take(rows)
            .zip(&master.scale)
            .map(|(dual, scale)| dual.max(0.0) / scale)
            .collect();
        let Shown {
            column,
            bound,
            slip,
        } = evaluate(form, ask.spans, &prices);
        dual.work += weight;
        if bound < dual.bound {
            dual.bound = bound;
            dual.slip = slip;
            dual.prices.clone_from(&prices);
            dual.taken.clone_from(&column.taken);
        }
        let objective = master.objective(&pool);
        if bound - slip - objective <= 1e-14 * objective.abs()
            || pool.iter().any(|old| old.taken == column.taken)
        {
            if master.helped(&pool) && master.help_price < 1e12 {
                // Feasible mixtures may need dearer help to be found.
                master.help_price *= 1e3;
                pool.push(column);
                continue;
            }
            break;
        }
        pool.push(column);
    }
    if master.invert(&pool) {
        dual.proper = !master.helped(&pool);
        dual.mixture = master.mixture();
    }
    dual.pool = pool;
    dual
}

impl<'f, 'a> Master<'f, 'a> {
    fn new(form: &'f Form<'a>, first: &Column) -> Self {
        let scale: Vec<f64> = form
            .rows
            .iter()
            .zip(&first.uses)
            .map(|(row, used)| cast::f64_of_i128(row.most).abs().max(used.abs()).max(1.0))
            .collect();
        let most = form
            .rows
            .iter()
            .zip(&scale)
            .map(|(row, scale)| cast::f64_of_i128(row.most) / scale)
            .collect();
        // In values a whole row; raised while help is still wanted.
        let help_price = first.value.abs().max(1e-3) * 1e3;
        Self {
            form,
            scale,
            most,
            basis: Vec::new(),
            inverse: Vec::new(),
            help_price,
        }
    }

    /// One column, slacks where it keeps the rows and help where it does not.
    fn start(&mut self, pool: &[Column], column: usize) {
        let mut basis = Vec::new();
        for row in 0..self.form.rows.len() {
            let used = pool[column].uses[row] / self.scale[row];
            basis.push(if used <= self.most[row] {
                Basic::Slack(row)
            } else {
                Basic::Help(row)
            });
        }
        basis.push(Basic::Column(column));
        self.basis = basis;
    }

    fn entries(&self, pool: &[Column], basic: Basic) -> Vec<f64> {
        let rows = self.form.rows.len();
        let mut entries = vec![0.0; rows + 1];
        match basic {
            Basic::Column(at) => {
                for (entry, (used, scale)) in entries
                    .iter_mut()
                    .zip(pool[at].uses.iter().zip(&self.scale))
                {
                    *entry = used / scale;
                }
                entries[rows] = 1.0;
            }
            Basic::Slack(row) => entries[row] = 1.0,
            Basic::Help(row) => entries[row] = -1.0,
        }
        entries
    }

    fn worth(&self, pool: &[Column], basic: Basic) -> f64 {
        match basic {
            Basic::Column(at) => pool[at].value,
            Basic::Slack(_) => 0.0,
            Basic::Help(_) => -self.help_price,
        }
    }

    /// Gauss–Jordan with row pivoting; false if the basis is singular to rounding.
    fn invert(&mut self, pool: &[Column]) -> bool {
        let size = self.basis.len();
        let columns: Vec<Vec<f64>> = self
            .basis
            .iter()
            .map(|basic| self.entries(pool, *basic))
            .collect();
        let mut left: Vec<Vec<f64>> = (0..size)
            .map(|row| columns.iter().map(|column| column[row]).collect())
            .collect();
        let mut right: Vec<Vec<f64>> = (0..size)
            .map(|row| {
                (0..size)
                    .map(|at| if at == row { 1.0 } else { 0.0 })
                    .collect()
            })
            .collect();
        for at in 0..size {
            let Some(pivot) =
                (at..size).max_by(|a, b| left[*a][at].abs().total_cmp(&left[*b][at].abs()))
            else {
                return false;
            };
            if left[pivot][at].abs() < 1e-13 {
                return false;
            }
            left.swap(at, pivot);
            right.swap(at, pivot);
            let by = 1.0 / left[at][at];
            left[at]
                .iter_mut()
                .chain(right[at].iter_mut())
                .for_each(|entry| *entry *= by);
            let (pivot_left, pivot_right) = (left[at].clone(), right[at].clone());
            for row in 0..size {
                let times = left[row][at];
                if row == at || times.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                for (entry, from) in left[row].iter_mut().zip(&pivot_left) {
                    *entry -= times * from;
                }
                for (entry, from) in right[row].iter_mut().zip(&pivot_right) {
                    *entry -= times * from;
                }
            }
        }
        self.inverse = right;
        true
    }

    fn duals(&self, pool: &[Column]) -> Vec<f64> {
        let size = self.basis.len();
        let mut duals = vec![0.0; size];
        for (basic, row) in self.basis.iter().zip(&self.inverse) {
            let worth = self.worth(pool, *basic);
            for (dual, entry) in duals.iter_mut().zip(row) {
                *dual += worth * entry;
            }
        }
        duals
    }

    fn levels(&self) -> Vec<f64> {
        self.inverse
            .iter()
            .map(|row| {
                let (last, rest) = row
                    .split_last()
                    .map_or((0.0, row.as_slice()), |(last, rest)| (*last, rest));
                last + rest
                    .iter()
                    .zip(&self.most)
                    .map(|(entry, most)| entry * most)
                    .sum::<f64>()
            })
            .collect()
    }

    fn objective(&self, pool: &[Column]) -> f64 {
        self.basis
            .iter()
            .zip(self.levels())
            .map(|(basic, level)| self.worth(pool, *basic) * level)
            .sum()
    }

    fn helped(&self, _pool: &[Column]) -> bool {
        self.basis
            .iter()
            .zip(self.levels())
            .any(|(basic, level)| matches!(basic, Basic::Help(_)) && level > 1e-11)
    }

    fn mixture(&self) -> Vec<(f64, usize)> {
        self.basis
            .iter()
            .zip(self.levels())
            .filter_map(|(basic, level)| match basic {
                Basic::Column(at) if level > 1e-9 => Some((level, *at)),
                _ => None,
            })
            .collect()
    }

    /// The variable of highest reduced worth, slacks and help included.
    fn entering(&self, pool: &[Column], duals: &[f64]) -> Option<Basic> {
        let rows = self.form.rows.len();
        let size = duals
            .iter()
            .fold(0.0_f64, |most, dual| most.max(dual.abs()));
        let mut best: Option<(f64, Basic)> = None;
        let mut offer = |gain: f64, floor: f64, basic: Basic| {
            if gain > floor
                && best.is_none_or(|(most, _)| gain > most)
                && !self.basis.contains(&basic)
            {
                best = Some((gain, basic));
            }
        };
        for (row, dual) in duals.iter().take(rows).enumerate() {
            offer(-dual, 1e-13 * size, Basic::Slack(row));
            offer(dual - self.help_price, 1e-12 * size, Basic::Help(row));
        }
        for (at, column) in pool.iter().enumerate() {
            let mut gain = column.value - duals[rows];
            for (row, used) in column.uses.iter().enumerate() {
                gain -= duals[row] * used / self.scale[row];
            }
            offer(gain, 1e-14 * (column.value.abs() + size), Basic::Column(at));
        }
        best.map(|(_, basic)| basic)
    }

    /// Lets a variable in and the first that falls to nothing out; false if none falls.
    fn pivot(&mut self, pool: &[Column], enter: Basic) -> bool {
        let entries = self.entries(pool, enter);
        let levels = self.levels();
        let mut leave: Option<(f64, f64, usize)> = None;
        for (place, row) in self.inverse.iter().enumerate() {
            let fall: f64 = row.iter().zip(&entries).map(|(a, b)| a * b).sum();
            if fall > 1e-11 {
                let ratio = levels[place].max(0.0) / fall;
                // Among equal ratios the larger pivot, for the sake of the next inverse.
                let better = leave.is_none_or(|(least, pivot, _)| {
                    ratio < least - 1e-15 || (ratio <= least + 1e-15 && fall > pivot)
                });
                if better {
                    leave = Some((ratio, fall, place));
                }
            }
        }
        let Some((_, _, place)) = leave else {
            return false;
        };
        self.basis[place] = enter;
        true
    }
}
