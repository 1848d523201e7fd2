//! Prices of nested money rows: the budget, and the caps and floors of groups within groups.
//!
//! Rows nest, so each has a price of its own at which what is below it keeps it: a cap the least such price, a floor the
//! greatest. What pays inside is the price outside, raised to a cap's and lowered to a floor's. So one row after
//! another is settled, from the innermost out, each by halving one interval; no master problem is needed, and many
//! groups cost no more than few. Beyond its own price a row counts as its limit, which a mixture of what is best on both
//! sides of that price spends exactly. For money alone these are the prices of least bound.

use crate::numeric::cast;

use super::form::{Form, Limit, Span};

/// The price inside which a row is kept.
#[derive(Clone, Copy, Debug)]
enum Own {
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
}

struct Nest<'f, 'a> {
    form: &'f Form<'a>,
    spans: &'f [Span],
    resources: &'f [f64],
    /// The row around each.
    around: Vec<usize>,
    own: Vec<Own>,
    /// What a settled row spends beyond its own price.
    limit: Vec<i128>,
    /// The choices in each row but not in one inside it, the rows just inside it, and how many choices it holds in all.
    direct: Vec<Vec<u32>>,
    inside: Vec<Vec<usize>>,
    count: Vec<u64>,
}

const NONE: usize = usize::MAX;
/// Beyond any price.
const STEEP: f64 = 1e290;

/// The rows of money, each with its own price.
pub(super) struct Settled {
    around: Vec<usize>,
    own: Vec<Own>,
}

impl Settled {
    /// What a minor unit costs inside a row, if it costs this around it.
    pub(super) fn inside(&self, row: usize, outside: f64) -> f64 {
        self.own[row].inside(outside)
    }

    /// What a minor unit costs inside the budget.
    pub(super) fn of_budget(&self) -> f64 {
        self.own.first().map_or(0.0, |own| own.inside(0.0))
    }

    /// The prices of the rows, each apart from those around it, if money costs this inside the budget.
    pub(super) fn prices(&self, of_budget: f64) -> Vec<f64> {
        let mut inside = vec![0.0; self.own.len()];
        let mut prices = inside.clone();
        for row in 0..self.own.len() {
            let outside = inside.get(self.around[row]).copied().unwrap_or(0.0);
            let price = if row == 0 {
                of_budget
            } else {
                self.inside(row, outside)
            };
            inside[row] = price;
            prices[row] = (price - outside).abs();
        }
        prices
    }
}

/// The price that each row of money has of its own, at prices of the resources; and the work that it took. Beyond
/// `work_most` rows are left without a price, but for the budget.
pub(super) fn settled(
    form: &Form<'_>,
    spans: &[Span],
    resources: &[f64],
    work_most: u64,
) -> (Settled, u64) {
    let mut nest = Nest::new(form, spans, resources);
    let mut work = 0;
    for row in (0..form.first_resource).rev() {
        if work <= work_most || row == 0 {
            work += nest.settle(row);
        }
    }
    let Nest { around, own, .. } = nest;
    (Settled { around, own }, work)
}

/// Prices of all rows, from those of the resources; and the work that it took.
pub(super) fn prices(
    form: &Form<'_>,
    spans: &[Span],
    resources: &[f64],
    work_most: u64,
) -> (Vec<f64>, u64) {
    let (settled, work) = settled(form, spans, resources, work_most);
    let mut prices = settled.prices(settled.of_budget());
    prices.extend(resources);
    (prices, work)
}

/// Prices of nested money rows and of resources: each resource in turn until what it is used for keeps its limit.
pub(super) fn with_resources(form: &Form<'_>, spans: &[Span], work_most: u64) -> (Vec<f64>, u64) {
    let mut resources = vec![0.0; form.resources()];
    let (mut found, mut work) = prices(form, spans, &resources, work_most);
    for turn in 0..resources.len() * TURNS {
        let at = turn % resources.len();
        let row = form.first_resource + at;
        let used = |found: &[f64]| form.sums(&taken(form, spans, found))[row];
        resources[at] = STEEP;
        let (tried, more) = prices(form, spans, &resources, work_most);
        work += more;
        // What no price can do is not asked for.
        let most = used(&tried).max(form.rows[row].most);
        resources[at] = 0.0;
        let mut halving = Halving::new(0.0, STEEP);
        while let Some(price) = halving.next() {
            if work > work_most {
                return (found, work);
            }
            resources[at] = price;
            let (tried, more) = prices(form, spans, &resources, work_most);
            work += more;
            halving.tell(used(&tried) <= most);
        }
        resources[at] = halving.high;
        found = prices(form, spans, &resources, work_most).0;
    }
    (found, work)
}

/// How often each resource is looked at.
const TURNS: usize = 2;

fn taken(form: &Form<'_>, spans: &[Span], prices: &[f64]) -> Vec<i64> {
    (0..)
        .zip(spans)
        .map(|(choice, span)| form.best(choice, *span, prices).0)
        .collect()
}

impl Own {
    fn inside(self, outside: f64) -> f64 {
        match self {
            Self::Least(price) => outside.max(price),
            Self::Most(price) => outside.min(price),
        }
    }

    /// Whether a price does not reach inside.
    fn holds_off(self, outside: f64) -> bool {
        match self {
            Self::Least(price) => outside < price,
            Self::Most(price) => outside > price,
        }
    }
}

impl<'f, 'a> Nest<'f, 'a> {
    fn new(form: &'f Form<'a>, spans: &'f [Span], resources: &'f [f64]) -> Self {
        let rows = form.first_resource;
        let mut around = vec![NONE; rows];
        let mut direct = vec![Vec::new(); rows];
        let mut count = vec![0; rows];
        for (place, choice) in (0_u32..).zip(&form.choices) {
            let mut before = NONE;
            for row in choice.money.iter().map(|(row, _)| cast::usize_of_u32(*row)) {
                around[row] = before;
                count[row] += 1;
                before = row;
            }
            if let Some(direct) = direct.get_mut(before) {
                direct.push(place);
            }
        }
        let mut inside = vec![Vec::new(); rows];
        for (row, around) in around.iter().enumerate() {
            if let Some(inside) = inside.get_mut(*around) {
                inside.push(row);
            }
        }
        let own = (form.rows.iter().take(rows))
            .map(|row| match row.limit {
                Limit::Floor(_) => Own::Most(STEEP),
                Limit::Budget => Own::Least(0.0),
                Limit::Cap(_) | Limit::Resource(_) => Own::Least(-STEEP),
            })
            .collect();
        Self {
            form,
            spans,
            resources,
            around,
            own,
            limit: vec![0; rows],
            direct,
            inside,
            count,
        }
    }

    /// Finds the row's own price; those inside it have theirs.
    fn settle(&mut self, row: usize) -> u64 {
        let mut work = 0;
        let floor = matches!(self.own[row], Own::Most(_));
        // What no price can do is not asked for: the least price that does all it can, not the steepest of all.
        let extreme = self.spend(row, if floor { -STEEP } else { STEEP });
        let limit = self.form.rows[row].most.abs();
        let limit = if floor {
            limit.min(extreme)
        } else {
            limit.max(extreme)
        };
        // Whether the price is high enough for a cap, or too high for a floor.
        let mut is_high = |price: f64| {
            work += UNIT * self.count[row];
            let spend = self.spend(row, price);
            if floor { spend < limit } else { spend <= limit }
        };
        let least = if row == 0 { 0.0 } else { -STEEP };
        let mut halving = match (is_high(0.0), row) {
            (true, 0) => return work,
            (true, _) => Halving::new(least, 0.0),
            (false, _) => Halving::new(0.0, STEEP),
        };
        while let Some(price) = halving.next() {
            halving.tell(is_high(price));
        }
        self.own[row] = if floor {
            Own::Most(halving.low)
        } else {
            Own::Least(halving.high)
        };
        self.limit[row] = limit;
        work
    }

    /// What is spent in a row, if a minor unit costs this inside it.
    fn spend(&self, row: usize, price: f64) -> i128 {
        let mut sum = 0;
        let mut open = vec![row];
        while let Some(row) = open.pop() {
            for place in &self.direct[row] {
                let choice = cast::usize_of_u32(*place);
                let span = self.spans[choice];
                let (at, _) = self.form.best_at(choice, span, price, self.resources);
                sum += i128::from(self.form.choices[choice].spend(at));
            }
            for inside in &self.inside[row] {
                if self.own[*inside].holds_off(price) {
                    sum += self.limit[*inside];
                } else {
                    open.push(*inside);
                }
            }
        }
        sum
    }
}

/// Work of one evaluation, as [`Form::weight`] counts.
const UNIT: u64 = 8;

/// Halves an interval of numbers of one sign by their magnitude, down to neighbours.
struct Halving {
    low: f64,
    high: f64,
    middle: f64,
}

impl Halving {
    const fn new(low: f64, high: f64) -> Self {
        let middle = 0.0;
        Self { low, high, middle }
    }

    /// The next to try: the geometric middle while the ends are far apart.
    fn next(&mut self) -> Option<f64> {
        let (low, high) = (self.low.abs(), self.high.abs());
        let (least, most) = (low.min(high).max(1e-290), low.max(high));
        if most <= least * (1.0 + 4.0 * f64::EPSILON) {
            return None;
        }
        let middle = if most > 2.0 * least {
            libm::sqrt(least) * libm::sqrt(most)
        } else {
            least + (most - least) / 2.0
        };
        self.middle = if self.high > 0.0 { middle } else { -middle };
        (self.middle > self.low && self.middle < self.high).then_some(self.middle)
    }

    /// What was tried is high enough, or too low.
    fn tell(&mut self, is_high: bool) {
        if is_high {
            self.high = self.middle;
        } else {
            self.low = self.middle;
        }
    }
}

#[cfg(test)]
mod tests;
