//! Menus in a tree of budgets: all that a group's members can take together becomes one menu, from the innermost groups
//! out, and what is left is menus under one budget.
//!
//! A group's menu would be long. But at a price of money around the group, the best whole loses in each group no more
//! than the gap between the bound at that price and the answer in hand. So only what loses as little need be on the
//! menu (bounds by price: Geoffrion 1974; sums without dominated states: Pisinger 1995). The gap is not known
//! at first; what is left out grows less until it is.

use crate::numeric::cast;

use super::super::tree::Tree;
use super::branch::{self, Ended, Limits, Progress};
use super::form::Form;
use super::group::{GROWTH, Groups, HAIR, Members, STEEP};
use super::knapsack;
use super::repair::Answer;

/// Choices up to which a tree is grown for its leaves: it seldom proves what fronts prove.
const FEW: usize = 200;
/// The part of all work that the tree may take, and four times what its prices may.
const SHOWN_SHARE: u64 = 16;
/// How often the loss that is looked at is changed.
const TURNS: usize = 100;
/// Turns in which the price may still change.
const PRICED: usize = 8;
/// The part of all states that fronts may take: sorted, each takes as long as several of a table.
const STATES_SHARE: u64 = 4;
/// The part of all work that the prices to begin with may take.
const PRICES_SHARE: u64 = 4;
/// States for each choice up to which fronts are short.
const SHORT: u64 = 32;
/// The loss that is looked at first, as a share of all values.
const FIRST: f64 = 1e-6;
/// What the bound can be off by, as a share of all values: a few roundings of the values and of what they cost.
const NOISE: f64 = 16.0 * (1.0 + STEEP) * f64::EPSILON;
/// The gap that counts as closed, as a share of the value.
const CLOSED: f64 = 8e-13;

/// Combines groups of menus, and searches what that cannot decide. A goal is as in [`branch::search`].
pub(super) fn search(
    form: &Form<'_>,
    tree: &Tree,
    goal: Option<f64>,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Ended {
    let groups = Groups::of(
        form,
        tree,
        limits.states / STATES_SHARE,
        limits.work / PRICES_SHARE,
    );
    match groups.and_then(|groups| Search::of(form, groups).run(goal, progress)) {
        Some(combined) if combined.complete || is_decided(&combined, goal) => {
            shown(form, combined, goal, limits)
        }
        None => branch::search(form, goal, limits, progress),
        Some(combined) => nearer(branch::search(form, goal, limits, progress), combined),
    }
}

/// Whether it is known if a goal is reached.
fn is_decided(ended: &Ended, goal: Option<f64>) -> bool {
    goal.is_some_and(|goal| ended.value() >= goal || ended.bound < goal)
}

/// What is decided, with what shows it to whoever checks it: the prices of least bound without a search, and leaves where
/// there are few choices and a small tree shows it too.
fn shown(form: &Form<'_>, combined: Ended, goal: Option<f64>, limits: Limits) -> Ended {
    let decided = Ended {
        complete: true,
        ..combined
    };
    if limits.leaves == 0 {
        return decided;
    }
    let few = Limits {
        work: limits.work / SHOWN_SHARE,
        ..limits
    };
    let spans = form.spans();
    let prices = branch::root(form, &spans, few).prices;
    let leaves = match &decided.answer {
        Some(answer) if form.choices.len() <= FEW => {
            branch::leaves_of(form, prices.clone(), answer, goal, few)
        }
        _ => Vec::new(),
    };
    Ended {
        prices,
        leaves,
        ..decided
    }
}

/// The better answer of two searches, and the nearer bound.
fn nearer(searched: Ended, combined: Ended) -> Ended {
    let bound = searched.bound.min(combined.bound);
    let answer = if searched.value() < combined.value() {
        combined.answer
    } else {
        searched.answer
    };
    Ended {
        bound: answer
            .as_ref()
            .map_or(bound, |answer| bound.max(answer.value)),
        answer,
        ..searched
    }
}

/// The search for the gap within which groups are looked at.
struct Search<'f, 'a> {
    form: &'f Form<'a>,
    groups: Groups,
    price: f64,
    /// The loss that is looked at.
    wanted: f64,
    /// The least bound of any price, and that price.
    lowest: (f64, f64),
    found: Option<Ended>,
}

/// One turn of it.
struct Turn {
    answer: Answer,
    /// How far the answer is below the bound at the price.
    loss: f64,
    /// How far above the answer another of these menus can be.
    above: f64,
    /// The price of money of these menus.
    price: f64,
}

impl<'f, 'a> Search<'f, 'a> {
    fn of(form: &'f Form<'a>, groups: Groups) -> Self {
        let price = groups.settled.of_budget();
        Self {
            form,
            price,
            wanted: FIRST * groups.size,
            lowest: (f64::INFINITY, price),
            found: None,
            groups,
        }
    }

    /// The best of the whole; `None` where it takes too many states.
    fn run(mut self, goal: Option<f64>, progress: &mut Progress<'_>) -> Option<Ended> {
        for turn in 0..TURNS {
            let before = self.groups.states;
            if !self.groups.is_usable(self.price, self.groups.budget) {
                break;
            }
            let Some(menus) = self.groups.near(self.price, self.wanted) else {
                break;
            };
            let Some(seen) = self.turn(&menus) else {
                // Not even the cheapest of these fit.
                self.wanted *= GROWTH;
                continue;
            };
            let next = seen.price;
            let closed = self.note(seen);
            let best = self.found.as_ref()?;
            if closed || is_decided(best, goal) || !progress(Some(best.value()), best.bound) {
                break;
            }
            self.price = if turn < PRICED { next } else { self.lowest.1 };
            let gap = self.lowest.0 - best.value() + HAIR * self.groups.size;
            let taken = before.saturating_sub(self.groups.states);
            // Where fronts are short, all that the gap leaves open is looked at next.
            let is_short = taken <= SHORT * cast::u64_of_usize(self.groups.choices());
            self.wanted = if is_short {
                gap
            } else {
                gap.min(self.wanted * GROWTH)
            };
        }
        self.found
    }

    /// The best of what loses little.
    fn turn(&self, near: &Members) -> Option<Turn> {
        let menus = near.menus();
        let budget = i128::from(self.groups.budget);
        if menus.least() > budget {
            return None;
        }
        let packing = knapsack::pack(&menus, budget, self.groups.states);
        let spent: i128 = (packing.taken.cost.iter().map(|cost| i128::from(*cost))).sum();
        let room = self.price * cast::f64_of_i128(budget - spent);
        let taken = self.groups.taken(near, &packing.taken.place);
        let value = self.form.value(&taken);
        debug_assert!(self.form.fits(&self.form.sums(&taken)));
        Some(Turn {
            answer: Answer { taken, value },
            loss: near.loss(&packing.taken.place) + room,
            above: packing.bound - packing.value,
            price: packing.price,
        })
    }

    /// Takes up what a turn has shown; whether that closes the gap.
    fn note(&mut self, seen: Turn) -> bool {
        let value = seen.answer.value;
        if value + seen.loss < self.lowest.0 {
            self.lowest = (value + seen.loss, self.price);
        }
        let closed = seen.loss <= self.wanted;
        if self
            .found
            .as_ref()
            .is_none_or(|found| found.value() < value)
        {
            let settled = &self.groups.settled;
            self.found = Some(ended(seen.answer, settled.prices(settled.of_budget())));
        }
        let noise = NOISE * self.groups.size;
        if let Some(best) = &mut self.found {
            let in_hand = best.value();
            let of_menus = if closed {
                value + seen.above
            } else {
                f64::INFINITY
            };
            best.bound = (self.lowest.0.min(of_menus) + noise).max(in_hand);
            // Where values cancel, the noise of those that are not taken is more than counts as closed.
            best.complete = closed && best.bound - in_hand <= CLOSED * in_hand.abs();
        }
        closed
    }
}

/// An answer of which nothing is shown yet.
const fn ended(answer: Answer, prices: Vec<f64>) -> Ended {
    Ended {
        answer: Some(answer),
        bound: f64::INFINITY,
        prices,
        complete: false,
        leaves: Vec::new(),
        nodes: 1,
        work: 0,
        closest: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
