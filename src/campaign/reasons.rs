//! A plan's market, explained: reasons with the cause of each cap, baselines, and the curves of best value
//! and payback against investment.

use super::aims::Aiming;
use super::attack::Directions;
use super::baselines::{Baseline, BaselineError, Comparison, History, Rule};
use super::explain::{CapCause, Explainer, Limit, LineReasons, Loss, PlanReasons, Remedy};
use super::plan::PlanLimit;
use super::{CampaignError, Market, Terms};
use crate::customer::{Book, Customer, Tier};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::Money;
use crate::numeric::cast;
use crate::stance::{CashFlow, Payback, StanceError};

use super::attack::Aim;
use super::models::units_of;

/// One point of the curves of best value and payback against investment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontierPoint {
    /// The money that was there.
    pub budget: Money,
    /// What the best plan spends of it.
    pub spent: Money,
    /// What that plan brings, in currency units.
    pub value: f64,
    /// What one more unit of budget would bring.
    pub shadow_price: f64,
    /// When the whole comes back \[F1\].
    pub payback: Payback,
    /// The share that goes to prospects \[C2\]; `None` if nothing is spent.
    pub offensiveness: Option<Fraction>,
}

/// The best value and its payback at each of several budgets: the trade between them, seen.
///
/// Everything but the budget is as in the terms. `O(k·n log n)` for k budgets.
///
/// # Errors
/// As [`super::plan`], for the first budget at fault.
pub fn frontier(
    book: &Book,
    terms: &Terms,
    budgets: impl IntoIterator<Item = Money>,
) -> Result<Vec<FrontierPoint>, CampaignError> {
    let point = |budget: Money| {
        let terms = Terms {
            budget,
            ..terms.clone()
        };
        let market = Market::open(book, &terms)?;
        let allocation = market.allocation();
        Ok(FrontierPoint {
            budget,
            spent: allocation.spent(),
            value: allocation.value(),
            shadow_price: allocation.shadow_price(),
            payback: market.payback()?,
            offensiveness: market.offensiveness(),
        })
    };
    budgets.into_iter().map(point).collect()
}

impl<'a> Market<'a> {
    /// Reads reasons off this market.
    #[must_use]
    pub fn explainer(&self) -> Explainer<'_> {
        Explainer::new(self.problem(), self.allocation())
    }

    /// Why a customer gets what it gets, and what would have to change for it to get more, in the words of the plan: tiers,
    /// territories, hours, payback. `None` for a customer that is not in the book.
    #[must_use]
    pub fn reasons(&self, explainer: &Explainer<'_>, customer: &Id) -> Option<LineReasons> {
        let place = self.book.place(customer)?;
        let one = self.book.customers().get(place)?;
        let telling = self.telling().ok()?;
        let limit = match self.targets.get(place)? {
            Err(limit) => return Some(self.idle_reasons(one, limit, telling.price_for(one))),
            Ok(_) => telling.limit_of(one, &self.allocation().line(customer)?),
        };
        let mut reasons = explainer.line(customer, |id| self.cause_of_cap(id))?;
        if limit != PlanLimit::Payback {
            reasons.limited_by = Limit::of_plan(&limit);
        }
        reasons.price = telling.price_for(one);
        let told = reasons.to_get_more.into_iter();
        let told = told.filter(|remedy| {
            !matches!(
                remedy,
                Remedy::RaiseGroup { .. } | Remedy::RaiseResource { .. }
            )
        });
        reasons.to_get_more = self.remedy_of(&limit).into_iter().chain(told).collect();
        Some(reasons)
    }

    /// What would lift a limit of the plan itself.
    fn remedy_of(&self, limit: &PlanLimit) -> Option<Remedy> {
        Some(match limit {
            PlanLimit::Offensiveness => Remedy::LeaveMoreToExisting,
            PlanLimit::Ceiling => Remedy::RaiseCeiling,
            PlanLimit::Hours => Remedy::MoreHours { territory: None },
            PlanLimit::Territory { territory } => Remedy::RaiseTerritory {
                territory: territory.clone(),
            },
            PlanLimit::TerritoryHours { territory } => Remedy::MoreHours {
                territory: Some(territory.clone()),
            },
            PlanLimit::PaybackOfWhole => Remedy::AcceptPaybackOfWhole {
                limit: self.terms.stance.payback_limit()?.within(),
            },
            PlanLimit::Nothing { why } => Remedy::Find { missing: *why },
            PlanLimit::Payback | PlanLimit::Saturated | PlanLimit::Budget => return None,
        })
    }

    /// The reasons of a customer that cannot be attacked, or whose first effort would come back too late.
    fn idle_reasons(&self, customer: &Customer, limit: &PlanLimit, price: f64) -> LineReasons {
        let late = || self.first_effort_is_late(customer);
        let remedy = match limit {
            PlanLimit::Payback => late(),
            other => self.remedy_of(other),
        };
        LineReasons {
            id: customer.id().clone(),
            spend: Money::zero(self.book.currency()),
            limited_by: Limit::of_plan(limit),
            price,
            next_gain: None,
            last_gain: None,
            next_best: None,
            to_get_more: remedy.into_iter().collect(),
            loss: Loss {
                least: 0.0,
                most: 0.0,
            },
        }
    }

    /// The payback that one effort on this customer needs.
    fn first_effort_is_late(&self, customer: &Customer) -> Option<Remedy> {
        let limit = self.terms.stance.payback_limit()?.within();
        let free = Terms {
            stance: self.terms.stance.without_payback_limit(),
            ..self.terms.clone()
        };
        let aiming = Aiming::new(self.book, &free);
        let directions = Directions::new(&free.models, &free.stance).ok()?;
        let place = self.book.place(customer.id())?;
        let (aim, _) = aiming.at(&directions, place, customer).ok()?.ok()?;
        let effort = units_of(self.terms.models.effort());
        let class = directions.classes().get(aim.class_at(effort))?;
        let flow = CashFlow::of_response(effort, aim.value(effort), 1.0, &class.timing).ok()?;
        let needed = flow.payback(self.terms.stance.convention()).periods();
        Some(Remedy::AcceptPayback { limit, needed })
    }

    /// Why the whole is as it is.
    #[must_use]
    pub fn whole(&self) -> PlanReasons {
        self.explainer().whole()
    }

    /// The rules of thumb beside this plan; `history` tells of each customer's last period.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn compare(
        &self,
        rules: &[Rule],
        history: impl Fn(&Customer) -> History,
    ) -> Result<Vec<Comparison>, BaselineError> {
        let attacked: Vec<(&Customer, &Aim)> = self.attacked().collect();
        let told = |at: usize| {
            attacked
                .get(at)
                .map_or(History::default(), |(one, _)| history(one))
        };
        let flow = |at: usize, spend: Money| match attacked.get(at) {
            Some((_, aim)) => self.flow(aim, spend),
            None => CashFlow::new(0.0, Vec::new()),
        };
        let optimum = self.allocation().value();
        let convention = self.terms.stance.convention();
        let beside = |rule: &Rule| {
            let baseline = Baseline::compute(*rule, self.problem(), told)?;
            baseline.beside(self.problem(), optimum, convention, told, flow)
        };
        rules.iter().map(beside).collect()
    }

    /// When the whole comes back \[F1\].
    ///
    /// # Errors
    /// [`StanceError`] if a sum is beyond `f64`.
    pub fn payback(&self) -> Result<Payback, StanceError> {
        let given = self.attacked().zip(self.allocation().lines());
        let spent = given.filter(|(_, line)| !line.spend.is_zero());
        let flows = spent.map(|((_, aim), line)| self.flow(aim, line.spend));
        let flows = flows.collect::<Result<Vec<_>, _>>()?;
        Ok(CashFlow::together(&flows)?.payback(self.terms.stance.convention()))
    }

    /// When spends on customers of this book would come back together, by the same curves and timings; those that cannot
    /// be attacked bring nothing.
    ///
    /// # Errors
    /// [`StanceError`] if a sum is beyond `f64`.
    pub fn payback_of(&self, spends: &[(&Customer, Money)]) -> Result<Payback, StanceError> {
        let mut flows = Vec::new();
        for (customer, spend) in spends.iter().filter(|(_, spend)| !spend.is_zero()) {
            let place = self.book.place(customer.id());
            let target = place.and_then(|place| self.targets.get(place));
            flows.push(match target {
                Some(Ok((aim, _))) => self.flow(aim, *spend)?,
                _ => CashFlow::new(units_of(*spend), Vec::new())?,
            });
        }
        Ok(CashFlow::together(&flows)?.payback(self.terms.stance.convention()))
    }

    /// The share of the money that goes to prospects \[C2\]; `None` if nothing is spent.
    #[must_use]
    pub fn offensiveness(&self) -> Option<Fraction> {
        let given = self.attacked().zip(self.allocation().lines());
        let (mut part, mut whole) = (0_i128, 0_i128);
        for ((customer, _), line) in given {
            let minor = i128::from(line.spend.minor());
            whole += minor;
            if customer.tier() == Tier::Prospect {
                part += minor;
            }
        }
        (whole > 0).then(|| Fraction::clamped(cast::f64_of_i128(part) / cast::f64_of_i128(whole)))
    }

    /// The customers that can be attacked, in the order of the problem's activities.
    fn attacked(&self) -> impl Iterator<Item = (&'a Customer, &Aim)> {
        let both = self.book.customers().iter().zip(&self.targets);
        both.filter_map(|(customer, target)| Some((customer, &target.as_ref().ok()?.0)))
    }

    /// What a spend on an aim brings, period by period.
    fn flow(&self, aim: &Aim, spend: Money) -> Result<CashFlow, StanceError> {
        let units = units_of(spend);
        match self.directions.classes().get(aim.class_at(units)) {
            Some(class) => CashFlow::of_response(units, aim.value(units), 1.0, &class.timing),
            None => CashFlow::new(units, Vec::new()),
        }
    }

    /// A cap below the budget is one of payback: the longer payback that the next effort needs is told.
    fn cause_of_cap(&self, id: &Id) -> Option<(CapCause, Option<Remedy>)> {
        let place = self.book.place(id)?;
        let (aim, cap) = self.targets.get(place)?.as_ref().ok()?;
        let cap = (*cap)?;
        let class = self.directions.classes().get(aim.class)?;
        let limit = self
            .terms
            .stance
            .payback_limit()
            .filter(|_| class.test.is_some())?
            .within();
        let next = cap.saturating_add(self.terms.models.effort().minor());
        let next = Money::from_minor(next, self.terms.budget.currency());
        let needed = self
            .flow(aim, next)
            .ok()?
            .payback(self.terms.stance.convention());
        let remedy = Remedy::AcceptPayback {
            limit,
            needed: needed.periods(),
        };
        Some((CapCause::Payback, Some(remedy)))
    }

    /// What a customer's whole efforts would bring, from none to `most`: its response curve with the price of
    /// money beside it, for drawing. Empty for a customer that cannot be attacked.
    #[must_use]
    pub fn curve_of(&self, customer: &Id, most: u64) -> Vec<(Money, f64)> {
        let place = self.book.place(customer);
        let target = place.and_then(|place| self.targets.get(place));
        let Some(Ok((aim, _))) = target else {
            return Vec::new();
        };
        let effort = self.terms.models.effort();
        (0..=most)
            .filter_map(|efforts| {
                let spend = effort.checked_mul(i64::try_from(efforts).ok()?).ok()?;
                Some((spend, aim.value(units_of(spend))))
            })
            .collect()
    }
}
