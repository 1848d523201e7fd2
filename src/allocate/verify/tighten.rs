//! Takes from each activity what it could only have if others had less than they must, or more than they can.
//!
//! Prices bound what is left more closely: an offer that no feasible allocation can take needs no price to refuse it.

use super::bound::{whole_above, whole_below};
use super::model::{Model, Offer, open_choices, use_of};

/// Passes over the problem; few, since each drops far less than the one before.
const PASSES: usize = 3;

/// The least and the most that may be spent.
#[derive(Clone, Copy, Debug)]
struct Limits {
    low: i128,
    high: i128,
}

impl Limits {
    fn within(self, other: Self) -> Self {
        Self {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    /// What one may spend, if all spend within `self`, and `all` is what each by itself could.
    fn left_for(self, one: Self, all: Self) -> Self {
        Self {
            low: self.low.saturating_sub(all.high - one.high),
            high: self.high.saturating_sub(all.low - one.low),
        }
    }
}

impl Model<'_> {
    /// Drops every place that no allocation within the limits, and within `most` spent in all, can take.
    pub(super) fn tighten(&mut self, most: i64) {
        // What one pass drops is news to the next.
        for _ in 0..PASSES {
            self.tighten_once(most);
        }
    }

    fn tighten_once(&mut self, most: i64) {
        let spends = self.spends_left(i128::from(most));
        let least: Vec<Vec<i128>> = (self.activities.iter())
            .map(|domain| domain.offer.least_uses(self.limits.len(), self.scale))
            .collect();
        let spare: Vec<i128> = (self.limits.iter().enumerate())
            .map(|(at, limit)| {
                let forced = least.iter().filter_map(|uses| uses.get(at));
                limit.saturating_sub(forced.fold(0, |sum: i128, used| sum.saturating_add(*used)))
            })
            .collect();
        for ((domain, spends), least) in self.activities.iter_mut().zip(spends).zip(least) {
            let uses: Vec<i128> = spare.iter().zip(least).map(|(a, b)| a + b).collect();
            domain.offer.restrict(spends, &uses, self.scale);
        }
    }

    /// What is left for each activity beside the others, by the tree of groups.
    fn spends_left(&self, most: i128) -> Vec<Limits> {
        let none = Limits { low: 0, high: 0 };
        let mut inside = vec![none; self.groups.len()];
        let mut total = none;
        let own: Vec<Limits> = (self.activities.iter())
            .map(|domain| domain.offer.spends(most))
            .collect();
        for (domain, own) in self.activities.iter().zip(&own) {
            let sum = domain.group.and_then(|at| inside.get_mut(at));
            add(sum.unwrap_or(&mut total), *own);
        }
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_cached_key(|at| self.places_above(Some(*at)).count());
        let bounds: Vec<Limits> = (self.groups.iter())
            .map(|node| Limits {
                low: i128::from(whole_above(node.floor, node.grain)),
                high: (node.cap).map_or(i128::MAX, |cap| i128::from(whole_below(cap, node.grain))),
            })
            .collect();
        for &at in order.iter().rev() {
            let (Some(sum), Some(bound), Some(group)) =
                (inside.get(at), bounds.get(at), self.groups.get(at))
            else {
                continue;
            };
            let share = sum.within(*bound);
            let above = group.parent.and_then(|parent| inside.get_mut(parent));
            add(above.unwrap_or(&mut total), share);
        }
        let root = Limits { low: 0, high: most };
        let mut left = vec![root; self.groups.len()];
        for at in order {
            let (Some(sum), Some(bound), Some(group)) =
                (inside.get(at), bounds.get(at), self.groups.get(at))
            else {
                continue;
            };
            let around = group.parent.map_or((Some(root), Some(total)), |parent| {
                (left.get(parent).copied(), inside.get(parent).copied())
            });
            let (Some(space), Some(all)) = around else {
                continue;
            };
            let share = sum.within(*bound);
            if let Some(slot) = left.get_mut(at) {
                *slot = space.left_for(share, all).within(*bound);
            }
        }
        (self.activities.iter().zip(own))
            .map(|(domain, own)| {
                let space = domain.group.and_then(|at| left.get(at)).unwrap_or(&root);
                let all = domain.group.and_then(|at| inside.get(at)).unwrap_or(&total);
                space.left_for(own, *all)
            })
            .collect()
    }
}

fn add(sum: &mut Limits, more: Limits) {
    sum.low = sum.low.saturating_add(more.low);
    sum.high = sum.high.saturating_add(more.high);
}

impl Offer<'_> {
    /// The least and the most that it could spend by itself.
    fn spends(&self, most: i128) -> Limits {
        match self {
            Self::Steps {
                formula,
                low,
                high,
                or_nothing,
                ..
            } => {
                let step = i128::from(formula.step);
                let top = (i128::from(*high) * step).min(most);
                // Where even the least spend is too much, nothing is left.
                let nothing = *or_nothing && top < i128::from(*low) * step;
                Limits {
                    low: i128::from(self.least()),
                    high: if nothing { 0 } else { top },
                }
            }
            Self::Menu { choices, first } => {
                let costs = open_choices(choices, *first).map(|choice| i128::from(choice.cost));
                Limits {
                    low: i128::from(self.least()),
                    high: costs.max().unwrap_or(0),
                }
            }
        }
    }

    /// The least use of each resource, in millionths times the minor units in a currency unit.
    fn least_uses(&self, resources: usize, scale: i64) -> Vec<i128> {
        let least = |at: usize| match self {
            Self::Steps { uses, .. } => i128::from(use_of(uses, at)) * i128::from(self.least()),
            Self::Menu { choices, first } => {
                let uses = open_choices(choices, *first).map(|choice| use_of(&choice.uses, at));
                i128::from(uses.min().unwrap_or(0)) * i128::from(scale)
            }
        };
        (0..resources).map(least).collect()
    }

    /// Keeps what spends within limits and uses no more than this of each resource.
    fn restrict(&mut self, spends: Limits, uses_most: &[i128], scale: i64) {
        match self {
            Self::Steps {
                formula,
                low,
                high,
                or_nothing,
                uses,
            } => {
                let step = i128::from(formula.step);
                let fit = |amount: i128, per: i128| {
                    i64::try_from(amount.div_euclid(per))
                        .unwrap_or(i64::MAX)
                        .max(-1)
                };
                *high = (*high).min(fit(spends.high, step));
                for (at, most) in uses_most.iter().enumerate() {
                    let per_step = i128::from(use_of(uses, at)) * step;
                    if per_step > 0 {
                        *high = (*high).min(fit(*most, per_step));
                    }
                }
                if spends.low > 0 {
                    *low = (*low).max(fit(spends.low + step - 1, step));
                    *or_nothing = false;
                }
            }
            Self::Menu { choices, .. } => {
                for choice in choices {
                    let over = (uses_most.iter().enumerate()).any(|(at, most)| {
                        i128::from(use_of(&choice.uses, at)) * i128::from(scale) > *most
                    });
                    let cost = i128::from(choice.cost);
                    choice.open &= cost >= spends.low && cost <= spends.high && !over;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
