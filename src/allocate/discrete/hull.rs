//! The price of money of menus, and the break: the step of an upper hull on which the budget runs out.
//!
//! A sample brackets the price; one pass over all menus at both ends of the bracket leaves only the steps of the
//! upper hulls that lie between, and sorting those gives the price and the break. The same pass notes the menus of which
//! a second option is nearly as good, so that the search of these need not look at all again.

use crate::numeric::cast;

use super::stock::{Pick, Stock, Taken};

/// One step of a menu's upper hull.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) slope: f64,
    pub(super) menu: u32,
    pub(super) from: u32,
    pub(super) to: u32,
    /// Whether an option of the menu is worth more than where it leads.
    pub(super) is_open: bool,
    pub(super) cost: i64,
    /// The value of where it leads.
    pub(super) value: f64,
}

/// The break of the linear relaxation.
pub(super) struct Break {
    pub(super) price: f64,
    pub(super) taken: Taken,
    pub(super) spent: i128,
    /// Steps from the break on and just before it: where the first answer is sought.
    pub(super) nearest: Vec<u32>,
    pub(super) near: Near,
}

/// The menus with an option, besides the one taken, that loses at most so much at the price; their options are copied,
/// so that they are read in order.
pub(super) struct Near {
    pub(super) loss: f64,
    /// Each menu, ascending, and the end of its options.
    menus: Vec<(u32, usize)>,
    picks: Vec<Pick>,
}

impl Near {
    const fn within(loss: f64) -> Self {
        Self {
            loss,
            menus: Vec::new(),
            picks: Vec::new(),
        }
    }

    fn push(&mut self, stock: &impl Stock, menu: u32) {
        stock.each(cast::usize_of_u32(menu), |pick| self.picks.push(pick));
        self.menus.push((menu, self.picks.len()));
    }

    /// Each menu and its options.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &[Pick])> {
        let mut start = 0;
        self.menus.iter().map(move |(menu, end)| {
            let picks = &self.picks[start..*end];
            start = *end;
            (*menu, picks)
        })
    }
}

/// The best option of a menu at a price, the cheapest among equals.
#[derive(Clone, Copy)]
struct Best {
    pick: Pick,
    score: f64,
    /// The score of the next best.
    second: f64,
}

impl Best {
    const fn none() -> Self {
        let pick = Pick {
            place: 0,
            cost: i64::MAX,
            value: f64::NEG_INFINITY,
        };
        Self {
            pick,
            score: f64::NEG_INFINITY,
            second: f64::NEG_INFINITY,
        }
    }

    #[inline]
    fn offer(&mut self, pick: Pick, score: f64) {
        let is_better = score > self.score || (score >= self.score && pick.cost < self.pick.cost);
        self.second = self.second.max(self.score.min(score));
        if is_better {
            self.score = score;
            self.pick = pick;
        }
    }
}

/// What a menu takes at the two ends of a bracket of prices.
struct Ends {
    menu: u32,
    first: Pick,
    last: Pick,
    /// What the next best option loses at the nearer end, or between them.
    margin: f64,
    /// The highest value of the menu.
    top: f64,
}

fn ends(stock: &impl Stock, menu: usize, high: f64, low: f64) -> Ends {
    let (mut first, mut last) = (Best::none(), Best::none());
    let top = if high.is_infinite() {
        first.pick = stock.cheapest(menu);
        stock.each(menu, |pick| {
            last.offer(pick, pick.value - low * cast::f64_of_i64(pick.cost));
        })
    } else {
        stock.each(menu, |pick| {
            let cost = cast::f64_of_i64(pick.cost);
            first.offer(pick, pick.value - high * cost);
            last.offer(pick, pick.value - low * cost);
        })
    };
    // What is dearer than the cheapest loses least at the low end.
    let margin = (last.score - last.second).min(if high.is_infinite() {
        f64::INFINITY
    } else {
        first.score - first.second
    });
    let changes = first.pick.place != last.pick.place;
    Ends {
        menu: cast::u32_of_usize(menu),
        first: first.pick,
        last: last.pick,
        margin: if changes { 0.0 } else { margin },
        top,
    }
}

/// The steps of a menu's hull from one of its options, while their slope is above `low`.
fn hull_steps(stock: &impl Stock, ends: &Ends, low: f64, steps: &mut Vec<Step>) {
    let (menu, mut from) = (ends.menu, ends.first);
    let mut ceiling = f64::INFINITY;
    loop {
        let mut best: Option<(f64, Pick)> = None;
        stock.each(cast::usize_of_u32(menu), |pick| {
            let (gain, more) = (pick.value - from.value, pick.cost - from.cost);
            if gain <= 0.0 || more <= 0 {
                return;
            }
            let slope = gain / cast::f64_of_i64(more);
            // At equal slope the far end, so that a run of equal steps is one step.
            let is_better = best.is_none_or(|(highest, known)| {
                slope > highest || (slope >= highest && pick.cost > known.cost)
            });
            if is_better {
                best = Some((slope, pick));
            }
        });
        let Some((slope, to)) = best.filter(|(slope, _)| *slope > low) else {
            return;
        };
        // Hull slopes fall; rounding must not turn the order of two steps of one menu.
        ceiling = slope.min(ceiling);
        steps.push(Step {
            slope: ceiling,
            menu,
            from: from.place,
            to: to.place,
            is_open: ends.top > to.value,
            cost: to.cost - from.cost,
            value: to.value,
        });
        from = to;
    }
}

/// Demand at the high price, and the steps down to the low price, of every `stride`-th menu.
struct Window {
    /// Spend at the high price.
    spent: i128,
    squares: f64,
    counted: usize,
    steps: Vec<Step>,
}

fn window(
    stock: &impl Stock,
    stride: usize,
    high: f64,
    low: f64,
    mut see: impl FnMut(&Ends),
) -> Window {
    let mut seen = Window {
        spent: 0,
        squares: 0.0,
        counted: 0,
        steps: Vec::new(),
    };
    for menu in (0..stock.len()).step_by(stride) {
        let ends = ends(stock, menu, high, low);
        seen.spent += i128::from(ends.first.cost);
        let size = cast::f64_of_i64(ends.last.cost);
        seen.squares += size * size;
        seen.counted += 1;
        see(&ends);
        if ends.first.place != ends.last.place {
            hull_steps(stock, &ends, low, &mut seen.steps);
        }
    }
    // Slope descending, then menu, then along the hull: a total order, for a hull's costs rise.
    let cost = |step: &Step| stock.pick(cast::usize_of_u32(step.menu), step.from).cost;
    seen.steps.sort_unstable_by(|a, b| {
        b.slope
            .total_cmp(&a.slope)
            .then(a.menu.cmp(&b.menu))
            .then_with(|| cost(a).cmp(&cost(b)))
    });
    seen
}

/// The cheapest options, and all steps of all hulls, the steepest first.
pub(super) fn path(stock: &impl Stock) -> (Vec<u32>, Vec<Step>) {
    let mut start = Vec::with_capacity(stock.len());
    let seen = window(stock, 1, f64::INFINITY, 0.0, |ends| {
        start.push(ends.first.place);
    });
    (start, seen.steps)
}

/// The sampled spend at the low price.
fn demand_at_end(seen: &Window) -> f64 {
    let steps: i128 = seen.steps.iter().map(|step| i128::from(step.cost)).sum();
    cast::f64_of_i128(seen.spent + steps)
}

/// A bracket of the price of money from samples, each sixteen times the one before, and the loss within which about
/// [`NEAR`] menus have a second option.
fn bracket(stock: &impl Stock, budget: i128) -> (f64, f64, f64) {
    let (mut high, mut low) = (f64::INFINITY, 0.0);
    let count = stock.len();
    let mut stride = 1;
    while count / stride > 512 {
        stride *= 16;
    }
    let mut margins = Vec::new();
    while stride > 1 {
        margins.clear();
        let seen = window(stock, stride, high, low, |ends| {
            // The next bracket is narrower, so what changes within this one says little.
            if ends.first.place == ends.last.place {
                margins.push(ends.margin);
            }
        });
        let share = cast::f64_of_usize(seen.counted) / cast::f64_of_usize(count);
        let target = cast::f64_of_i128(budget) * share;
        // Four standard errors of the sampled spend.
        let margin = 4.0 * libm::sqrt(seen.squares);
        let mut spent = cast::f64_of_i128(seen.spent);
        if spent > target - margin && high.is_finite() {
            // The sample contradicts the bracket that an earlier one gave.
            high = f64::INFINITY;
        }
        let mut new_low = if low > 0.0 && demand_at_end(&seen) < target - margin {
            0.0
        } else {
            low
        };
        for step in &seen.steps {
            if spent < target - margin {
                high = step.slope;
            }
            spent += cast::f64_of_i64(step.cost);
            if spent > target + margin {
                new_low = step.slope;
                break;
            }
        }
        low = new_low;
        stride /= 16;
    }
    let sampled = margins.len().saturating_mul(NEAR) / count.max(1);
    let loss = if count <= NEAR || sampled >= margins.len() {
        f64::INFINITY
    } else {
        *margins.select_nth_unstable_by(sampled, f64::total_cmp).1
    };
    (high, low, loss)
}

/// Menus with a second option that are noted on the way.
const NEAR: usize = 8_192;

/// The break of the linear relaxation: the price at which the budget runs out.
pub(super) fn find_break(stock: &impl Stock, budget: i128) -> Break {
    let (mut high, mut low, loss) = bracket(stock, budget);
    // Each end opens at most once.
    loop {
        let mut taken = Taken::with_capacity(stock.len());
        let mut near = Near::within(loss);
        let seen = window(stock, 1, high, low, |ends| {
            taken.push(ends.first, ends.top);
            if ends.margin <= loss {
                near.push(stock, ends.menu);
            }
        });
        let mut spent = seen.spent;
        if spent > budget && high.is_finite() {
            high = f64::INFINITY;
            continue;
        }
        let fits = |step: &&Step| {
            let after = spent + i128::from(step.cost);
            let fits = after <= budget;
            if fits {
                spent = after;
            }
            fits
        };
        let place = seen.steps.iter().take_while(fits).count();
        if place == seen.steps.len() && low > 0.0 {
            low = 0.0;
            continue;
        }
        for step in &seen.steps[..place] {
            taken.step(step);
        }
        return Break {
            price: seen.steps.get(place).map_or(0.0, |step| step.slope),
            taken,
            spent,
            nearest: nearest(&seen.steps, place),
            near,
        };
    }
}

/// Alternately from both sides of the break, each menu once.
fn nearest(steps: &[Step], place: usize) -> Vec<u32> {
    let mut nearest = Vec::new();
    for distance in 0..NEAREST {
        let sides = [place.checked_add(distance), place.checked_sub(distance + 1)];
        for step in sides.into_iter().flatten().filter_map(|at| steps.get(at)) {
            if !nearest.contains(&step.menu) {
                nearest.push(step.menu);
            }
        }
    }
    nearest
}

/// Menus on each side of the break that the first answer is sought in.
const NEAREST: usize = 12;

#[cfg(test)]
mod tests;
