//! Which decisions to plant for the money: exact for small sets, lazy greedy with a proved bound for large.

use std::collections::{BTreeMap, BinaryHeap};

use super::ranked::Ranked;
use super::{
    PlantingError,
    probability::{Planting, gain_in, probability_of},
};
use crate::{
    customer::decision::DecisionScenario, fraction::Fraction, id::Id, money::Money, numeric::cast,
};

/// The most offers for which the choice is made exactly.
pub const EXACT_OFFERS_MOST: usize = 20;

/// The share of the best possible gain in strength that the greedy choice reaches at the least, whatever the
/// costs: ½(1 − 1/e), for the better of the greedy choice by gain per cost and the best single offer, the
/// gain being monotone and submodular (Khuller, Moss & Naor 1999; Krause & Guestrin 2005). With equal costs
/// it is 1 − 1/e (Nemhauser, Wolsey & Fisher 1978). The probability gained reaches the same share, being a
/// concave function of the strength.
pub const GREEDY_SHARE: f64 = 0.316_060_279_414_278_84;

/// Bounds are widened by this much, relatively, to cover the rounding of their sums.
const BOUND_SLACK: f64 = 1e-12;

/// A scenario that may be planted, at its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The scenario.
    pub scenario: DecisionScenario,
    /// What planting it costs, ≥ 0.
    pub cost: Money,
}

/// How good a choice is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// No other choice within the budget is better.
    Exact,
    /// At least [`GREEDY_SHARE`] of the best gain; the bound says how close it is in fact.
    Greedy,
}

/// The scenarios chosen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// Their ids, in order.
    pub scenarios: Vec<Id>,
    /// What they cost together.
    pub spent: Money,
    /// −ln(1 − P) with them planted.
    pub strength: f64,
    /// P with them planted.
    pub probability: Fraction,
    /// No choice within the budget has more strength than this.
    pub strength_bound: f64,
    /// No choice within the budget has a higher probability than this.
    pub probability_bound: Fraction,
    /// How good the choice is known to be.
    pub proof: Proof,
}

/// Chooses which scenarios to plant with one prospect within a budget, so that it is likeliest to act.
///
/// Exact up to [`EXACT_OFFERS_MOST`] offers; above that lazy greedy, O(n log n) and a few evaluations more.
/// `ease` is the chance that acquaintances bring the prospect to use by themselves. The order of the offers
/// does not matter; of equal choices the same one is always made.
///
/// # Errors
/// [`PlantingError`]: a scenario twice, a situation with two chances, a negative cost or budget, mixed
/// currencies, an ease of 1.
///
/// ```
/// # use sortie::{customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement}, id::Id};
/// use sortie::{fraction::Fraction, money::{Currency, Money}, planting::{Offer, Proof, choose}};
/// # let offer = |id: &str, place: &str, chance: f64, pull: f64, cost: &str| {
/// #     let text = Statement::new(format!("situation {place}")).unwrap();
/// #     let scenario = DecisionScenario::new(DecisionDraft {
/// #         id: Id::new(id).unwrap(),
/// #         situation: Situation::new(Id::new(place).unwrap(), text, Fraction::new(chance).unwrap()).unwrap(),
/// #         decision: "use it".into(), benefit: "gain".into(), harm: "loss".into(),
/// #         benefit_weight: Fraction::new(pull).unwrap(), harm_weight: Fraction::new(pull).unwrap(),
/// #     }).unwrap();
/// #     Offer { scenario, cost: Money::parse(cost, Currency::USD).unwrap() }
/// # };
/// // Two decisions for one situation, one for another: the second situation is worth more than the second
/// // decision in the first.
/// let offers = [
///     offer("a", "audit", 0.5, 0.6, "10.00"),
///     offer("b", "audit", 0.5, 0.6, "10.00"),
///     offer("c", "closing", 0.3, 0.6, "10.00"),
/// ];
/// let choice = choose(&offers, Fraction::ZERO, Money::parse("20.00", Currency::USD)?)?;
/// let ids: Vec<&str> = choice.scenarios.iter().map(|id| id.as_str()).collect();
/// assert_eq!((ids, choice.proof), (vec!["a", "c"], Proof::Exact));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn choose(offers: &[Offer], ease: Fraction, budget: Money) -> Result<Choice, PlantingError> {
    let base = Planting::new(ease)?.strength();
    let market = Market::admit(offers, budget)?;
    let (places, bound, proof) = if market.items.len() <= EXACT_OFFERS_MOST {
        let places = market.search();
        let gain = market.gain_of(&places);
        (places, gain, Proof::Exact)
    } else {
        let (places, bound) = market.greedy();
        (places, bound, Proof::Greedy)
    };
    market.choice(places, base, bound, proof, budget)
}

/// One offer, in the terms of the search.
#[derive(Clone, Copy)]
struct Item {
    situation: usize,
    pull: Fraction,
    cost: i64,
}

/// The offers that the budget can pay for, in the order of their ids.
struct Market<'a> {
    items: Vec<Item>,
    offers: Vec<&'a Offer>,
    chances: Vec<Fraction>,
    budget: i64,
}

impl<'a> Market<'a> {
    fn admit(offers: &'a [Offer], budget: Money) -> Result<Self, PlantingError> {
        if budget.is_negative() {
            return Err(PlantingError::NegativeBudget {
                minor: budget.minor(),
            });
        }
        let mut sorted: Vec<&Offer> = offers.iter().collect();
        sorted.sort_by(|a, b| a.scenario.id().cmp(b.scenario.id()));
        let mut planted = Planting::new(Fraction::ZERO)?;
        let mut places: BTreeMap<&Id, usize> = BTreeMap::new();
        let mut market = Self {
            items: Vec::new(),
            offers: Vec::new(),
            chances: Vec::new(),
            budget: budget.minor(),
        };
        for offer in sorted {
            // Repeated scenarios and differing chances are refused here, affordable or not.
            planted.plant(&offer.scenario)?;
            budget.compare(offer.cost)?;
            if offer.cost.is_negative() {
                return Err(PlantingError::NegativeCost {
                    id: offer.scenario.id().clone(),
                    minor: offer.cost.minor(),
                });
            }
            let situation = offer.scenario.situation();
            let next = places.len();
            let place = *places.entry(situation.id()).or_insert(next);
            if place == next {
                market.chances.push(situation.chance());
            }
            if offer.cost.minor() <= market.budget {
                market.offers.push(offer);
                market.items.push(Item {
                    situation: place,
                    pull: offer.scenario.pull(),
                    cost: offer.cost.minor(),
                });
            }
        }
        Ok(market)
    }

    fn gain(&self, item: &Item, misses: &[f64]) -> f64 {
        let chance = self.chances.get(item.situation).copied();
        let miss = misses.get(item.situation).copied().unwrap_or(0.0);
        gain_in(chance.unwrap_or(Fraction::ZERO), miss, item.pull)
    }

    fn nothing(&self) -> Vec<f64> {
        vec![0.0; self.chances.len()]
    }

    /// Strength that a set of offers adds.
    fn gain_of(&self, places: &[usize]) -> f64 {
        let mut misses = self.nothing();
        let items = places.iter().filter_map(|place| self.items.get(*place));
        items
            .map(|item| {
                let gain = self.gain(item, &misses);
                plant(&mut misses, item);
                gain
            })
            .sum()
    }

    /// Lazy greedy by gain per cost against the best single offer; and a bound on the gain of any choice.
    fn greedy(&self) -> (Vec<usize>, f64) {
        let mut misses = self.nothing();
        let (mut left, mut gain, mut chosen) = (self.budget, 0.0, Vec::new());
        let mut heap: BinaryHeap<Ranked> = (0..self.items.len())
            .filter_map(|place| self.ranked(place, &misses))
            .collect();
        let mut best_single: Option<(f64, usize)> = None;
        for ranked in &heap {
            if best_single.is_none_or(|(best, at)| {
                ranked.gain > best || (ranked.gain >= best && ranked.place < at)
            }) {
                best_single = Some((ranked.gain, ranked.place));
            }
        }
        let mut bound = self.relaxed(&misses, &[], self.budget);
        while let Some(top) = heap.pop() {
            let Some(item) = self.items.get(top.place).filter(|item| item.cost <= left) else {
                continue;
            };
            // Gains only fall, so a value that still leads when it is fresh is the largest.
            let Some(fresh) = self.ranked(top.place, &misses) else {
                continue;
            };
            if heap.peek().is_some_and(|next| *next > fresh) {
                heap.push(fresh);
                continue;
            }
            plant(&mut misses, item);
            left -= item.cost;
            gain += fresh.gain;
            chosen.push(top.place);
        }
        bound = bound.min(gain + self.relaxed(&misses, &chosen, self.budget));
        match best_single {
            Some((single, place)) if single > gain => (vec![place], bound),
            _ => (chosen, bound),
        }
    }

    fn ranked(&self, place: usize, misses: &[f64]) -> Option<Ranked> {
        let item = self.items.get(place)?;
        let gain = self.gain(item, misses);
        Some(Ranked::new(gain, item.cost, place, ()))
    }

    /// The most that the offers not chosen could add to what is planted, fractions of offers allowed. By
    /// submodularity no set adds more than the sum of its single gains.
    fn relaxed(&self, misses: &[f64], chosen: &[usize], budget: i64) -> f64 {
        let mut taken = vec![false; self.items.len()];
        for place in chosen {
            if let Some(flag) = taken.get_mut(*place) {
                *flag = true;
            }
        }
        let open = taken.iter().enumerate().filter(|(_, taken)| !**taken);
        let mut ranked: Vec<Ranked> = open.filter_map(|(at, _)| self.ranked(at, misses)).collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        let (mut left, mut sum) = (budget, 0.0);
        for Ranked { gain, cost, .. } in ranked {
            if cost <= left {
                left -= cost;
                sum += gain;
            } else {
                sum += gain * (cast::f64_of_i64(left) / cast::f64_of_i64(cost));
                break;
            }
        }
        sum * (1.0 + BOUND_SLACK)
    }

    /// The best set, by depth-first search with the relaxed bound.
    fn search(&self) -> Vec<usize> {
        let (start, _) = self.greedy();
        let mut best = (self.gain_of(&start), start);
        let mut search = Search {
            market: self,
            chosen: Vec::new(),
            best: &mut best,
        };
        search.visit(0, &self.nothing(), self.budget, 0.0);
        best.1
    }

    fn choice(
        &self,
        mut places: Vec<usize>,
        base: f64,
        gain_bound: f64,
        proof: Proof,
        budget: Money,
    ) -> Result<Choice, PlantingError> {
        places.sort_unstable();
        let chosen: Vec<&&Offer> = places
            .iter()
            .filter_map(|at| self.offers.get(*at))
            .collect();
        let mut planting = Planting::new(Fraction::ZERO)?;
        for offer in &chosen {
            planting.plant(&offer.scenario)?;
        }
        let strength = base + planting.strength();
        let strength_bound = match proof {
            Proof::Exact => strength,
            Proof::Greedy => strength.max((base + gain_bound) * (1.0 + BOUND_SLACK)),
        };
        Ok(Choice {
            spent: Money::total(chosen.iter().map(|offer| offer.cost), budget.currency())?,
            scenarios: chosen
                .iter()
                .map(|offer| offer.scenario.id().clone())
                .collect(),
            strength,
            probability: probability_of(strength),
            strength_bound,
            probability_bound: probability_of(strength_bound),
            proof,
        })
    }
}

fn plant(misses: &mut [f64], item: &Item) {
    if let Some(miss) = misses.get_mut(item.situation) {
        *miss += libm::log1p(-item.pull.get());
    }
}

/// A depth-first search over taking and leaving each offer, in the order of ids.
struct Search<'a, 'b> {
    market: &'a Market<'b>,
    chosen: Vec<usize>,
    best: &'a mut (f64, Vec<usize>),
}

impl Search<'_, '_> {
    fn visit(&mut self, place: usize, misses: &[f64], left: i64, gain: f64) {
        if gain > self.best.0 {
            *self.best = (gain, self.chosen.clone());
        }
        let Some(item) = self.market.items.get(place) else {
            return;
        };
        let past: Vec<usize> = (0..place).collect();
        // At most 2^20 leaves; a branch that cannot beat the best by more than rounding is left.
        let most = gain + self.market.relaxed(misses, &past, left);
        if most <= self.best.0 * (1.0 + BOUND_SLACK) {
            return;
        }
        if item.cost <= left {
            let mut with = misses.to_vec();
            let added = self.market.gain(item, misses);
            plant(&mut with, item);
            self.chosen.push(place);
            self.visit(place + 1, &with, left - item.cost, gain + added);
            self.chosen.pop();
        }
        self.visit(place + 1, misses, left, gain);
    }
}

#[cfg(test)]
mod tests;
