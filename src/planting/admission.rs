//! Which prospects to admit first, when admitting one eases the next \[C4\].

use std::collections::BinaryHeap;

use super::ranked::Ranked as RankedWith;
use super::{PlantingError, VALUE_MOST};
use crate::{
    customer::acquaintance::{AcquaintanceGraph, Listening},
    fraction::Fraction,
    id::Id,
    money::Money,
    numeric::{ExactSum, cast},
};

/// A prospect that may be worked on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Its place in the graph.
    pub place: usize,
    /// What admission work on it costs, ≥ 0, in the currency of the budget.
    pub cost: Money,
    /// The chance that the work leads to use, acquaintances apart.
    pub chance: Fraction,
    /// What its use is worth, from 0 to [`VALUE_MOST`].
    pub value: f64,
    /// How deep a habit it is expected to form, which is what those who listen to it will see.
    pub depth: Fraction,
}

/// The market for admission: candidates, who listens to them, and what existing habits do already.
///
/// Working on a set S of candidates is worth
///
/// F(S) = Σ over candidates i of vᵢ·mᵢ·(1 − (1 − aᵢ if i ∈ S)·Π over j ∈ S known to i of (1 − w·aⱼ·dⱼ))
///
/// beyond what would happen anyway: v the value, a the chance, d the depth, w the listening times the
/// strength of the tie, and mᵢ = 1 − ease the chance that the customers it knows have not won it already. One
/// step of spread is counted, from those worked on to those who listen to them. F never falls and its gains
/// diminish (each term is one minus a product of chances), so lazy greedy carries a guarantee: with equal
/// costs at least 1 − 1/e of the best (Nemhauser, Wolsey & Fisher 1978); with any costs at least ½(1 − 1/e)
/// for the better of the greedy set and the best single candidate, if the budget alone limits the choice.
/// Whatever limits it, [`Admission::bound`] is proved for the case at hand and is as a rule far closer.
#[derive(Clone, Debug)]
pub struct Spread<'a> {
    graph: &'a AcquaintanceGraph,
    listening: Listening,
    candidates: Vec<Candidate>,
    /// For each place of the graph the candidate there, or `u32::MAX`.
    candidate_at: Vec<u32>,
    /// mᵢ for each candidate.
    untouched: Vec<f64>,
}

/// A prospect chosen for admission.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Admitted {
    /// The prospect.
    pub id: Id,
    /// What the work costs.
    pub cost: Money,
    /// What it added to the value of those chosen before it, spread included.
    pub gain: f64,
    /// The part of the gain that is its own use; the rest is ease given to others.
    pub own: f64,
}

/// The prospects chosen, in the order in which they should be worked on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Admission {
    /// The prospects.
    pub admitted: Vec<Admitted>,
    /// What they cost together.
    pub spent: Money,
    /// F of the set.
    pub value: f64,
    /// No set within the budget and of that size is worth more.
    pub bound: f64,
}

const NOBODY: u32 = u32::MAX;

impl<'a> Spread<'a> {
    /// Admits candidates. `depth` says how deep the habit of the customer at a place is now, 0 for none.
    /// O(ties of the candidates).
    ///
    /// # Errors
    /// [`PlantingError`]: a place outside the graph or named twice, a value that is negative, not finite
    /// or above [`VALUE_MOST`], a negative cost.
    pub fn new(
        graph: &'a AcquaintanceGraph,
        listening: Listening,
        mut candidates: Vec<Candidate>,
        depth: impl Fn(usize) -> Fraction,
    ) -> Result<Self, PlantingError> {
        candidates.sort_by_key(|candidate| candidate.place);
        let mut candidate_at = vec![NOBODY; graph.len()];
        let mut untouched = Vec::with_capacity(candidates.len());
        for (number, candidate) in candidates.iter().enumerate() {
            let place = candidate.place;
            let (Some(id), Some(cell)) =
                (graph.customers().get(place), candidate_at.get_mut(place))
            else {
                return Err(PlantingError::PlaceUnknown {
                    place,
                    customers: graph.len(),
                });
            };
            if *cell != NOBODY {
                return Err(PlantingError::CandidateRepeated { id: id.clone() });
            }
            if !(0.0..=VALUE_MOST).contains(&candidate.value) {
                return Err(PlantingError::Value {
                    id: id.clone(),
                    value: candidate.value,
                });
            }
            if candidate.cost.is_negative() {
                return Err(PlantingError::NegativeCost {
                    id: id.clone(),
                    minor: candidate.cost.minor(),
                });
            }
            *cell = cast::u32_of_usize(number);
            untouched.push(1.0 - graph.ease(place, &listening, &depth).get());
        }
        Ok(Self {
            graph,
            listening,
            candidates,
            candidate_at,
            untouched,
        })
    }

    /// The candidates, in the order of their places.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Chooses at most `count` candidates within the budget, by lazy greedy over gain per cost. Ties go to
    /// the smaller id. A candidate that adds nothing is not chosen. O(candidates + ties), plus a few
    /// evaluations for each one chosen.
    ///
    /// # Errors
    /// [`PlantingError::NegativeBudget`], [`PlantingError::Money`] for mixed currencies.
    pub fn select(&self, budget: Money, count: usize) -> Result<Admission, PlantingError> {
        if budget.is_negative() {
            return Err(PlantingError::NegativeBudget {
                minor: budget.minor(),
            });
        }
        for candidate in &self.candidates {
            budget.compare(candidate.cost)?;
        }
        let greedy = self.greedy(budget.minor(), count);
        let single = self.best_single(budget.minor(), count);
        // What the best single candidate does not reach, the greedy set does, but for odd costs.
        let (chosen, value) = match single {
            Some(chosen) if chosen.gain > greedy.value => {
                let value = chosen.gain;
                (vec![chosen], value)
            }
            _ => (greedy.chosen, greedy.value),
        };
        self.admission(&chosen, value, greedy.bound, budget)
    }

    fn greedy(&self, budget: i64, count: usize) -> Greedy {
        let mut miss = self.untouched.clone();
        let ranked = (0..self.candidates.len()).filter_map(|at| self.ranked(at, &miss));
        let affordable = ranked.filter(|ranked| ranked.cost <= budget && ranked.gain > 0.0);
        let mut heap: BinaryHeap<Ranked> = affordable.collect::<Vec<_>>().into();
        let mut bound = relaxed(heap.iter().copied(), budget, count);
        let (mut left, mut chosen, mut dropped) = (budget, Vec::new(), Vec::new());
        let mut sum = ExactSum::new();
        while chosen.len() < count {
            let Some(top) = heap.pop() else { break };
            if top.cost > left {
                dropped.push(top);
                continue;
            }
            // Gains only fall, so a value that still leads when it is fresh is the largest.
            let Some(fresh) = self
                .ranked(top.place, &miss)
                .filter(|fresh| fresh.gain > 0.0)
            else {
                continue;
            };
            if heap.peek().is_some_and(|next| *next > fresh) {
                heap.push(fresh);
                continue;
            }
            self.admit(top.place, &mut miss);
            left -= top.cost;
            sum.add(fresh.gain);
            chosen.push(fresh);
        }
        // Stale gains are too large, never too small, so they bound what the rest could add.
        let rest = heap.into_iter().chain(dropped);
        bound = bound.min(sum.value() + relaxed(rest, budget, count));
        Greedy {
            chosen,
            value: sum.value(),
            bound,
        }
    }

    fn best_single(&self, budget: i64, count: usize) -> Option<Ranked> {
        let ranked = (0..self.candidates.len()).filter_map(|at| self.ranked(at, &self.untouched));
        ranked
            .filter(|ranked| ranked.cost <= budget && ranked.gain > 0.0 && count > 0)
            .max_by(|a, b| a.gain.total_cmp(&b.gain).then(b.place.cmp(&a.place)))
    }

    /// What working on a candidate adds, given the chance that each candidate is not won yet.
    fn ranked(&self, at: usize, miss: &[f64]) -> Option<Ranked> {
        let candidate = self.candidates.get(at)?;
        let own = candidate.value * miss.get(at)? * candidate.chance.get();
        let mut gain = own;
        self.listeners(candidate, |listener, pass| {
            if let (Some(heard), Some(miss)) = (self.candidates.get(listener), miss.get(listener)) {
                gain += heard.value * miss * pass;
            }
        });
        Some(Ranked::new(gain, candidate.cost.minor(), at, own))
    }

    /// Marks a candidate as worked on.
    fn admit(&self, at: usize, miss: &mut [f64]) {
        let Some(candidate) = self.candidates.get(at) else {
            return;
        };
        if let Some(own) = miss.get_mut(at) {
            *own *= 1.0 - candidate.chance.get();
        }
        self.listeners(candidate, |listener, pass| {
            if let Some(miss) = miss.get_mut(listener) {
                *miss *= 1.0 - pass;
            }
        });
    }

    /// Calls `hear` for each candidate that listens to this one, with the chance that it is brought to use
    /// by it: ties of several kinds between the two act as independent causes.
    fn listeners(&self, candidate: &Candidate, mut hear: impl FnMut(usize, f64)) {
        let mut open: Option<(usize, f64)> = None;
        for tie in self.graph.known_by(candidate.place) {
            let listener = match self.candidate_at.get(tie.place) {
                Some(&number) if number != NOBODY => cast::usize_of_u32(number),
                _ => continue,
            };
            let reach = self
                .listening
                .reach(tie.kind, tie.strength, candidate.depth)
                * candidate.chance.get();
            open = match open {
                // Rows are sorted, so ties to one listener stand together.
                Some((last, pass)) if last == listener => Some((last, pass + reach - pass * reach)),
                Some((last, pass)) => {
                    hear(last, pass);
                    Some((listener, reach))
                }
                None => Some((listener, reach)),
            };
        }
        if let Some((last, pass)) = open {
            hear(last, pass);
        }
    }

    fn admission(
        &self,
        chosen: &[Ranked],
        value: f64,
        bound: f64,
        budget: Money,
    ) -> Result<Admission, PlantingError> {
        let currency = budget.currency();
        let admitted: Vec<Admitted> = chosen
            .iter()
            .filter_map(|ranked| {
                let place = self.candidates.get(ranked.place)?.place;
                Some(Admitted {
                    id: self.graph.customers().get(place)?.clone(),
                    cost: Money::from_minor(ranked.cost, currency),
                    gain: ranked.gain,
                    own: ranked.with,
                })
            })
            .collect();
        Ok(Admission {
            spent: Money::total(admitted.iter().map(|one| one.cost), currency)?,
            admitted,
            value,
            bound: bound.max(value),
        })
    }
}

/// With the part of the gain that is the candidate's own.
type Ranked = RankedWith<f64>;

struct Greedy {
    chosen: Vec<Ranked>,
    value: f64,
    bound: f64,
}

/// The most that candidates of these gains could add: fractions allowed, either limit alone.
fn relaxed(ranked: impl Iterator<Item = Ranked>, budget: i64, count: usize) -> f64 {
    let mut ranked: Vec<Ranked> = ranked.collect();
    if ranked.len() > count {
        let by_gain = |a: &Ranked, b: &Ranked| b.gain.total_cmp(&a.gain);
        ranked.sort_unstable_by(by_gain);
    }
    let by_count: ExactSum = ranked.iter().take(count).map(|one| one.gain).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let (mut left, mut by_cost) = (budget, ExactSum::new());
    for one in ranked {
        if one.cost > left {
            by_cost.add(one.gain * (cast::f64_of_i64(left) / cast::f64_of_i64(one.cost)));
            break;
        }
        left -= one.cost;
        by_cost.add(one.gain);
    }
    // Widened to cover the rounding of the gains themselves.
    by_count.value().min(by_cost.value()) * (1.0 + 1e-12)
}

#[cfg(test)]
mod tests;
