//! How far an allocation can be from the best, as prices show it.
//!
//! For prices λ ≥ 0 of the budget, π ≥ 0 of resources and ν of groups (negative for a floor), and with the full
//! price p of an activity the sum of those it pays, no allocation `y` is worth more than
//! `Σ limits·prices + Σ max (f(y) − p·y)`. Less the value of the allocation in hand, `x`, that is
//!
//! `Σ [max (f(y) − p·y) − (f(x) − p·x)]  +  λ·(budget − spent) + Σ π·(limit − used) + Σ |ν|·(distance to its bound)`:
//!
//! a sum of terms none of which cancels, and each of which is 0 where the allocation is best. The gap is formed
//! from these, never as the difference of two large totals.

use crate::allocate::Prices;
use crate::numeric::cast::{f64_of_i64, f64_of_i128};

use super::formula::Range;
use super::model::{Choice, Domain, Model, Offer};

/// Millionths in one unit of a resource.
const MICROS: f64 = 1e6;

/// The allocation in hand.
#[derive(Debug)]
pub(super) struct Point {
    /// For each activity its count of steps, or its choice.
    pub(super) at: Vec<i64>,
    pub(super) spent: i64,
    pub(super) value: f64,
    /// The sum of the sizes of all values.
    pub(super) size: f64,
    pub(super) group_spent: Vec<i64>,
    /// In millionths, times the minor units in a currency unit.
    pub(super) used: Vec<i128>,
}

/// A sum with its rounding carried along (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        let next = self.total + value;
        self.lost += if self.total.abs() >= value.abs() {
            (self.total - next) + value
        } else {
            (value - next) + self.total
        };
        self.total = next;
    }

    pub(super) fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// The most by which any allocation, with each activity within its places, can beat a point; in value. It is
/// negative where all are worse, and may be minus infinity where there are none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    pub(super) most: f64,
    /// The sum of the sizes of its terms, to which its rounding is relative.
    pub(super) size: f64,
}

/// The lead over an allocation, at the prices or at others that rounding cannot tell from them.
pub(super) fn lead(
    model: &Model<'_>,
    point: &Point,
    prices: &Prices,
    places: impl Fn(usize) -> Range,
) -> Lead {
    let mut of_group = money_prices(model, prices);
    let moved = refine(model, point, prices, &mut of_group);
    lead_at(model, point, prices, (&of_group, moved), places)
}

/// The lead over any point, whether it keeps the limits or not, at the prices as they are.
pub(super) fn plain_lead(
    model: &Model<'_>,
    point: &Point,
    prices: &Prices,
    places: impl Fn(usize) -> Range,
) -> Lead {
    lead_at(
        model,
        point,
        prices,
        (&money_prices(model, prices), 0.0),
        places,
    )
}

/// The lead at full prices of money for each group, and what these cost.
fn lead_at(
    model: &Model<'_>,
    point: &Point,
    prices: &Prices,
    (of_group, cost): (&[f64], f64),
    places: impl Fn(usize) -> Range,
) -> Lead {
    let (mut sum, mut size) = (Sum::default(), Sum::default());
    let mut add = |term: f64| {
        sum.add(term);
        size.add(term.abs());
    };
    add(cost);
    for (number, domain) in model.activities.iter().enumerate() {
        let money = domain
            .group
            .and_then(|at| of_group.get(at))
            .copied()
            .unwrap_or(prices.budget);
        let at = point.at.get(number).copied().unwrap_or(0);
        let lead = domain.lead(places(number), at, money, &prices.resources, model.scale);
        if lead.is_infinite() {
            // Nothing is lawful here, or the prices bound nothing.
            return Lead {
                most: lead,
                size: 0.0,
            };
        }
        add(lead);
    }
    add(slack(model, point, prices));
    Lead {
        most: sum.value(),
        size: size.value(),
    }
}

/// Full prices of money for each group, so that chains are walked once.
fn money_prices(model: &Model<'_>, prices: &Prices) -> Vec<f64> {
    (0..model.groups.len())
        .map(|at| money_price(model, prices, Some(at)))
        .collect()
}

/// What the prices charge for room that the point leaves.
fn slack(model: &Model<'_>, point: &Point, prices: &Prices) -> f64 {
    let units = |minor: i64| f64_of_i64(minor) / f64_of_i64(model.scale);
    let mut sum = Sum::default();
    if let Some(budget) = model.budget {
        sum.add(prices.budget * units(whole_below(budget, model.grain) - point.spent));
    }
    let groups = model
        .groups
        .iter()
        .zip(&point.group_spent)
        .zip(&prices.groups);
    for ((group, &spent), &price) in groups {
        if price > 0.0 {
            // Without a cap of its own a group is capped by the budget; `prices_fault` saw to it.
            let cap = group.cap.or(model.budget).unwrap_or(i64::MAX);
            sum.add(price * units(whole_below(cap, group.grain) - spent));
        } else if price < 0.0 {
            sum.add(-price * units(spent - whole_above(group.floor, group.grain)));
        }
    }
    for ((limit, used), price) in model.limits.iter().zip(&point.used).zip(&prices.resources) {
        sum.add(price * (f64_of_i128(limit - used) / f64_of_i64(model.scale) / MICROS));
    }
    sum.value()
}

/// The most that can be spent below a limit, if all spends are multiples of a grain.
pub(super) fn whole_below(limit: i64, grain: i64) -> i64 {
    limit - limit.checked_rem(grain).unwrap_or(limit)
}

/// The least that can be spent above a floor, if all spends are multiples of a grain.
pub(super) fn whole_above(floor: i64, grain: i64) -> i64 {
    let over = floor.checked_rem(grain).unwrap_or(0);
    if over == 0 {
        floor
    } else {
        floor.saturating_add(grain - over)
    }
}

/// What a currency unit costs in a group: the budget's price and those of the groups up to the root.
fn money_price(model: &Model<'_>, prices: &Prices, group: Option<usize>) -> f64 {
    let mut sum = Sum::default();
    sum.add(prices.budget);
    for at in model.places_above(group) {
        sum.add(prices.groups.get(at).copied().unwrap_or(0.0));
    }
    sum.value()
}

/// Moves full prices by no more than their own rounding, to where the steps taken and left would put them; returns
/// what that costs in slack, which is nothing for groups that are at their bounds.
///
/// A group's price is stated as a difference from those around it. Where a floor holds up steps that return far less
/// than steps elsewhere, that difference has lost the digits that tell such steps apart.
fn refine(model: &Model<'_>, point: &Point, prices: &Prices, full: &mut [f64]) -> f64 {
    let own = |at: usize| prices.groups.get(at).copied().unwrap_or(0.0);
    // A group without a price of its own shares that of the group around it.
    let region = |at: usize| model.places_above(Some(at)).find(|&at| own(at).abs() > 0.0);
    let mut steps = vec![(f64::NEG_INFINITY, f64::INFINITY); model.groups.len()];
    for (domain, &at) in model.activities.iter().zip(&point.at) {
        let Some(slot) = domain.group.and_then(region).and_then(|r| steps.get_mut(r)) else {
            continue;
        };
        if let Offer::Steps {
            formula,
            low,
            high,
            uses,
            ..
        } = &domain.offer
        {
            let unit = formula.units(1);
            let uses = use_price(uses, &prices.resources);
            if at < *high {
                slot.0 = slot
                    .0
                    .max(formula.rise(at, at.saturating_add(1)) / unit - uses);
            }
            if at > *low {
                slot.1 = slot.1.min(formula.rise(at - 1, at) / unit - uses);
            }
        }
    }
    let mut moved = vec![0.0; full.len()];
    for (at, &(next, last)) in steps.iter().enumerate() {
        let noise: f64 = model.places_above(Some(at)).map(|at| own(at).abs()).sum();
        let noise = 8.0 * f64::EPSILON * (noise + prices.budget);
        let price = full.get(at).copied().unwrap_or(0.0);
        let shift = price.max(next).min(last) - price;
        if next <= last && shift.abs() <= noise {
            moved
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|slot| *slot = shift);
        }
    }
    let shift = |at: Option<usize>| {
        at.and_then(region)
            .and_then(|r| moved.get(r))
            .copied()
            .unwrap_or(0.0)
    };
    let mut cost = Sum::default();
    let groups = model
        .groups
        .iter()
        .zip(&point.group_spent)
        .zip(full.iter_mut());
    for (at, ((group, &spent), full)) in groups.enumerate() {
        *full += shift(Some(at));
        let change = (shift(Some(at)) - shift(group.parent)).abs();
        if change > 0.0 {
            let cap = group.cap.or(model.budget).unwrap_or(i64::MAX);
            let below_cap = whole_below(cap, group.grain).saturating_sub(spent);
            let above_floor = spent - whole_above(group.floor, group.grain);
            // A price that keeps its sign stays a price of the bound that it is of.
            let room = match own(at) {
                price if price >= change => below_cap,
                price if -price >= change => above_floor,
                _ => below_cap.max(above_floor),
            };
            cost.add(change * f64_of_i64(room) / f64_of_i64(model.scale));
        }
    }
    cost.value()
}

/// What uses cost.
fn use_price(uses: &[(usize, u64)], resources: &[f64]) -> f64 {
    uses.iter()
        .map(|(at, micros)| {
            let amount = crate::numeric::cast::f64_of_u64(*micros) / MICROS;
            amount * resources.get(*at).copied().unwrap_or(0.0)
        })
        .sum()
}

impl Domain<'_> {
    /// The most that this activity can gain on where it is, at these prices, within some of its places.
    fn lead(&self, places: Range, at: i64, money: f64, resources: &[f64], scale: i64) -> f64 {
        if places.low > places.high {
            return f64::NEG_INFINITY;
        }
        match &self.offer {
            Offer::Steps {
                formula,
                or_nothing: false,
                uses,
                ..
            } => formula.lead(places, at, money + use_price(uses, resources)),
            Offer::Steps {
                formula,
                low,
                or_nothing: true,
                uses,
                ..
            } => {
                let price = money + use_price(uses, resources);
                let over = |range: Range| formula.lead(range, at, price);
                let nothing = if places.low == 0 {
                    over(Range { low: 0, high: 0 })
                } else {
                    f64::NEG_INFINITY
                };
                let first = places.low.max(1);
                if first > places.high {
                    return nothing;
                }
                let some = Range {
                    low: low + first - 1,
                    high: low + places.high - 1,
                };
                nothing.max(over(some))
            }
            Offer::Menu { choices, .. } => {
                let empty = Choice::EMPTY;
                let here = usize::try_from(at).ok().and_then(|at| choices.get(at));
                let here = here.unwrap_or(&empty);
                let over = |choice: &Choice| {
                    let more = f64_of_i64(choice.cost - here.cost) / f64_of_i64(scale);
                    let uses =
                        use_price(&choice.uses, resources) - use_price(&here.uses, resources);
                    (choice.value - here.value) - money * more - uses
                };
                let (skip, last) = (places.low.max(0), places.high);
                choices
                    .iter()
                    .zip(0..)
                    .filter(|(choice, number)| choice.open && (skip..=last).contains(number))
                    .map(|(choice, _)| over(choice))
                    .fold(f64::NEG_INFINITY, f64::max)
            }
        }
    }
}

#[cfg(test)]
mod tests;
