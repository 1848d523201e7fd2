//! Prices of all rows at once: the dual of the linear relaxation over spans, by generated columns
//! (Dantzig & Wolfe 1960).
//!
//! A column is one answer to "at these prices, how much would each take?". The master problem mixes columns so
//! that the mixture keeps the rows; its duals are the next prices. Every set of prices gives a bound, whatever
//! the master does, so the master needs no proof of its own.

use crate::numeric::{ExactSum, cast};

use super::form::{Form, Span};
use super::lone::{self, Level};
use super::master::Master;
use super::nest;
use super::slip::slip;

/// What every choice takes at some prices.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) taken: Vec<i64>,
    pub(super) value: f64,
    pub(super) uses: Vec<f64>,
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
    /// The mixture at the end: shares and columns.
    pub(crate) mixture: Vec<(f64, usize)>,
    pub(crate) pool: Vec<Column>,
    /// Both sides of the price, where money is the only limit.
    pub(super) level: Option<Level>,
    pub(crate) work: u64,
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
            level: None,
            work: form.weight(),
        }
    }
}

impl Dual {
    /// What the price of money shows where it is the only limit.
    fn of_level(form: &Form<'_>, spans: &[Span], level: Level) -> Self {
        let mut dual = Self::at(form, spans, vec![level.price]);
        dual.work += level.work;
        dual.taken.clone_from(&level.under);
        let pool = [&level.under, &level.over].map(|taken| Column {
            taken: taken.clone(),
            value: form.value(taken),
            uses: (form.sums(taken).into_iter().map(cast::f64_of_i128)).collect(),
        });
        let used = |column: &Column| column.uses.first().copied().unwrap_or(0.0);
        let (under, over) = (used(&pool[0]), used(&pool[1]));
        let most = form.rows.first().map_or(0, |row| row.most);
        let share = if over > under {
            ((cast::f64_of_i128(most) - under) / (over - under)).clamp(0.0, 1.0)
        } else {
            0.0
        };
        dual.mixture = vec![(1.0 - share, 0), (share, 1)];
        dual.mixture.retain(|(share, _)| *share > 1e-9);
        dual.pool = pool.into_iter().collect();
        dual.level = Some(level);
        dual
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

/// Pivots since the last that gained. Columns whose gains are rounding can take turns for ever.
struct Climb {
    highest: f64,
    idle: usize,
    idle_most: usize,
}

impl Climb {
    const fn of(rows: usize) -> Self {
        Self {
            highest: f64::MIN, // Of minus infinity no share is a number.
            idle: 0,
            idle_most: 2 * (rows + 2),
        }
    }

    /// Whether another pivot may gain.
    fn goes_on(&mut self, objective: f64) -> bool {
        if objective > self.highest + 1e-14 * self.highest.abs() {
            (self.highest, self.idle) = (objective, 0);
        } else {
            self.idle += 1;
        }
        self.idle < self.idle_most
    }
}

/// Searches the prices of least bound.
pub(crate) fn search(form: &Form<'_>, ask: &Ask<'_>, pool: Vec<Column>) -> Dual {
    let rows = form.rows.len();
    if lone::is_lone(form) {
        let start = ask.prices.first().copied().unwrap_or(0.0);
        if let Some(level) = lone::search(form, ask.spans, start) {
            return Dual::of_level(form, ask.spans, level);
        }
    }
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
        level: None,
        work: weight,
    };
    let mut master = Master::new(form, &first);
    let start = pool.len();
    pool.push(first);
    master.start(&pool, start);
    let mut rounds = 0;
    // Each turn is one pivot; pivots between two rounds of pricing are few, and limited besides.
    let mut pivots = 0;
    let mut climb = Climb::of(rows);
    let limit = 40 * (rows + 2) + 20 * ask.rounds;
    while pivots < limit && dual.bound > ask.enough && dual.work <= ask.work {
        dual.work += pivot + cast::u64_of_usize(pool.len() * (rows + 1) / 4);
        if !master.invert(&pool) {
            break;
        }
        let duals = master.duals(&pool);
        let objective = master.objective(&pool);
        let goes_on = climb.goes_on(objective);
        if let Some(enter) = master.entering(&pool, &duals).filter(|_| goes_on) {
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
        climb = Climb::of(rows);
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
        if bound - slip - objective <= 1e-14 * objective.abs()
            || pool.iter().any(|old| old.taken == column.taken)
        {
            if master.helped() && master.help_price < 1e12 {
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
        dual.mixture = master.mixture();
    }
    dual.pool = pool;
    dual
}

#[cfg(test)]
mod tests;
