//! The price of money of menus, and the break: the step of an upper hull on which the budget runs out.
//!
//! A sample brackets the price; one pass over all menus at both ends of the bracket leaves only the steps of the
//! upper hulls that lie between, and sorting those gives the price and the break.

use crate::numeric::cast;

use super::knapsack::Menus;

/// One step of a menu's upper hull.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) slope: f64,
    pub(super) menu: u32,
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) cost: i64,
}

/// The break of the linear relaxation.
pub(super) struct Break {
    pub(super) price: f64,
    pub(super) chosen: Vec<u32>,
    pub(super) spent: i128,
    /// Steps from the break on and just before it: where the first answer is sought.
    pub(super) nearest: Vec<u32>,
}

/// The best option at a price; the cheapest among equals, since options ascend by cost.
fn best_at(costs: &[i64], values: &[f64], price: f64) -> u32 {
    if price.is_infinite() {
        return 0;
    }
    let mut best = f64::NEG_INFINITY;
    let mut place = 0;
    for (index, (cost, value)) in (0_u32..).zip(costs.iter().zip(values)) {
        let score = value - price * cast::f64_of_i64(*cost);
        if score > best {
            best = score;
            place = index;
        }
    }
    place
}

/// The best options at two prices in one pass.
fn best_at_both(costs: &[i64], values: &[f64], high: f64, low: f64) -> (u32, u32) {
    if high.is_infinite() {
        return (0, best_at(costs, values, low));
    }
    let mut best = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut place = (0, 0);
    for (index, (cost, value)) in (0_u32..).zip(costs.iter().zip(values)) {
        let cost = cast::f64_of_i64(*cost);
        let score = (value - high * cost, value - low * cost);
        if score.0 > best.0 {
            best.0 = score.0;
            place.0 = index;
        }
        if score.1 > best.1 {
            best.1 = score.1;
            place.1 = index;
        }
    }
    place
}

/// The steps of a menu's hull from the option `from`, while their slope is above `low`.
fn hull_steps(menus: &Menus, menu: usize, from: u32, low: f64, steps: &mut Vec<Step>) {
    let (costs, values) = menus.of(menu);
    let mut from = from;
    let mut ceiling = f64::INFINITY;
    loop {
        let here = cast::usize_of_u32(from);
        let mut best: Option<(f64, u32, i64)> = None;
        for (index, (cost, value)) in (from + 1..).zip(costs.iter().zip(values).skip(here + 1)) {
            let (gain, more) = (value - values[here], cost - costs[here]);
            if gain <= 0.0 || more <= 0 {
                continue;
            }
            let slope = gain / cast::f64_of_i64(more);
            // At equal slope the far end, so that a run of equal steps is one step.
            if best.is_none_or(|(highest, _, _)| slope >= highest) {
                best = Some((slope, index, more));
            }
        }
        let Some((slope, to, cost)) = best else {
            return;
        };
        if slope <= low {
            return;
        }
        // Hull slopes fall; rounding must not turn the order of two steps of one menu.
        ceiling = slope.min(ceiling);
        steps.push(Step {
            slope: ceiling,
            menu: cast::u32_of_usize(menu),
            from,
            to,
            cost,
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
    menus: &Menus,
    stride: usize,
    high: f64,
    low: f64,
    mut chosen: Option<&mut Vec<u32>>,
) -> Window {
    let mut seen = Window {
        spent: 0,
        squares: 0.0,
        counted: 0,
        steps: Vec::new(),
    };
    for menu in (0..menus.len()).step_by(stride) {
        let (costs, values) = menus.of(menu);
        let (first, last) = best_at_both(costs, values, high, low);
        let cost = costs[cast::usize_of_u32(first)];
        seen.spent += i128::from(cost);
        let size = cast::f64_of_i64(costs[cast::usize_of_u32(last)]);
        seen.squares += size * size;
        seen.counted += 1;
        if let Some(chosen) = chosen.as_deref_mut() {
            chosen.push(first);
        }
        if first != last {
            hull_steps(menus, menu, first, low, &mut seen.steps);
        }
    }
    // Slope descending, then menu, then the order along the hull: a total order.
    seen.steps.sort_unstable_by(|a, b| {
        b.slope
            .total_cmp(&a.slope)
            .then((a.menu, a.from).cmp(&(b.menu, b.from)))
    });
    seen
}

/// The cheapest options, and all steps of all hulls, the steepest first.
pub(super) fn path(menus: &Menus) -> (Vec<u32>, Vec<Step>) {
    let mut start = Vec::with_capacity(menus.len());
    let seen = window(menus, 1, f64::INFINITY, 0.0, Some(&mut start));
    (start, seen.steps)
}

/// The sampled spend at the low price.
fn demand_at_end(seen: &Window) -> f64 {
    let steps: i128 = seen.steps.iter().map(|step| i128::from(step.cost)).sum();
    cast::f64_of_i128(seen.spent + steps)
}

/// A bracket of the price of money from samples, each sixteen times the one before.
fn bracket(menus: &Menus, budget: i128) -> (f64, f64) {
    let (mut high, mut low) = (f64::INFINITY, 0.0);
    let count = menus.len();
    let mut stride = 1;
    while count / stride > 512 {
        stride *= 16;
    }
    while stride > 1 {
        let seen = window(menus, stride, high, low, None);
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
    (high, low)
}

/// The break of the linear relaxation: the price at which the budget runs out.
pub(super) fn find_break(menus: &Menus, budget: i128) -> Break {
    let (mut high, mut low) = bracket(menus, budget);
    // Each end opens at most once.
    loop {
        let mut chosen = Vec::with_capacity(menus.len());
        let seen = window(menus, 1, high, low, Some(&mut chosen));
        let mut spent = seen.spent;
        if spent > budget && high.is_finite() {
            high = f64::INFINITY;
            continue;
        }
        let mut place = seen.steps.len();
        for (index, step) in seen.steps.iter().enumerate() {
            if spent + i128::from(step.cost) > budget {
                place = index;
                break;
            }
            spent += i128::from(step.cost);
            chosen[cast::usize_of_u32(step.menu)] = step.to;
        }
        if place == seen.steps.len() && low > 0.0 {
            low = 0.0;
            continue;
        }
        let price = seen.steps.get(place).map_or(0.0, |step| step.slope);
        // Alternately from both sides of the break, each menu once.
        let mut nearest = Vec::new();
        for distance in 0..NEAREST {
            let sides = [place.checked_add(distance), place.checked_sub(distance + 1)];
            for step in sides
                .into_iter()
                .flatten()
                .filter_map(|at| seen.steps.get(at))
            {
                if !nearest.contains(&step.menu) {
                    nearest.push(step.menu);
                }
            }
        }
        return Break {
            price,
            chosen,
            spent,
            nearest,
        };
    }
}

/// Menus on each side of the break that the first answer is sought in.
const NEAREST: usize = 12;
