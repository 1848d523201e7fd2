//! The plan, put together from a book and the market's answer.

use super::CampaignError;
use super::answering::Answered;
use super::asking::{EXISTING, HOURS, PROSPECTS};
use super::attack::{Aim, Directions, Standstill};
use super::models::units_of;
use super::plan::{HoursUsed, Plan, PlanLimit, PlanLine, PlanResources, PlanTotals, TerritoryLine};
use super::planning::Market;
use super::rooms::Rooms;
use super::virtual_budgets::VirtualBudgetTerms;
use super::whole_payback::refused_by;
use crate::allocate::{self, Allocation, LimitedBy};
use crate::census::Census;
use crate::customer::{ByTier, Customer, Standing, Tier};
use crate::money::{Currency, Money};
use crate::numeric::{ExactSum, cast};
use crate::quantity::Quantity;
use crate::stance::{CashFlow, Payback, PlanFigures};

pub(super) fn put_together(market: &Market<'_>, census: &Census) -> Result<Plan, CampaignError> {
    let Market {
        book,
        terms,
        directions,
        targets,
        answered,
        ..
    } = market;
    let allocation = &answered.allocation;
    let mut given = allocation.lines();
    let mut flows = Flows::new(directions);
    let mut lines = Vec::with_capacity(targets.len());
    for (customer, target) in book.customers().iter().zip(targets) {
        let line = match target {
            Err(limit) => idle(customer, limit.clone()),
            Ok((aim, _)) => match given.next() {
                Some(answer) => {
                    flows.add(aim, answer.spend, answer.value);
                    market.line(customer, aim, &answer)?
                }
                None => idle(
                    customer,
                    PlanLimit::Nothing {
                        why: Standstill::NoStep,
                    },
                ),
            },
        };
        lines.push(line);
    }
    let spend = spend_by_tier(&lines, book.currency())?;
    let payback = flows
        .together(allocation.spent())?
        .payback(terms.stance.convention());
    let totals = totals_of(market, answered, payback)?;
    let resources = resources_of(market)?;
    Ok(Plan::put_together(
        totals,
        census.clone(),
        census.with_spend(spend)?,
        lines,
        resources,
    )?)
}

pub(super) fn totals_of(
    market: &Market<'_>,
    answered: &Answered,
    payback: Payback,
) -> Result<PlanTotals, CampaignError> {
    let (terms, allocation) = (market.terms, &answered.allocation);
    Ok(PlanTotals {
        currency: market.book.currency(),
        budget: terms.free()?,
        ceiling: terms.room()?,
        existing_most: answered.existing_most,
        effort: terms.models.effort(),
        value: allocation.value(),
        bound: answered.bound,
        optimal: answered.optimal,
        shadow_price: allocation.shadow_price(),
        existing_price: price_of(allocation, EXISTING),
        prospects_price: price_of(allocation, PROSPECTS),
        payback_price: answered.payback_price,
        payback,
    })
}

/// Territories and hours; `O(1)` without either.
fn resources_of(market: &Market<'_>) -> Result<PlanResources, CampaignError> {
    let (terms, answered) = (market.terms, &market.answered);
    if terms.territories.is_empty() && terms.hours.is_none() {
        return Ok(PlanResources::default());
    }
    let rooms = Rooms::new(&market.asking, answered.existing_most)?;
    let question = market.question();
    let sums = rooms.sums(&market.targets, &question.spends(&answered.allocation));
    let used = |micros: i128| Quantity::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
    let hours = terms.hours.as_ref().map(|hours| HoursUsed {
        limit: hours.limit(),
        used: used(Rooms::hours(&sums)),
        price: market.price_of_an_hour(HOURS),
    });
    let territories = terms
        .territories
        .iter()
        .zip(&market.asking.names)
        .enumerate();
    let territories = territories.map(|(at, (territory, names))| {
        let (spent, micros) = rooms.territory(&sums, at);
        let hours = territory.hours().map(|limit| HoursUsed {
            limit,
            used: used(micros),
            price: market.price_of_an_hour(names.hours.as_str()),
        });
        Ok(TerritoryLine {
            territory: territory.id().clone(),
            floor: territory.floor(),
            cap: territory.cap(),
            spent: crate::money::from_wide(spent, market.book.currency())?,
            price: price_of(&answered.allocation, names.money.as_str()),
            hours,
        })
    });
    Ok(PlanResources {
        territories: territories.collect::<Result<_, CampaignError>>()?,
        hours,
        heads: terms.hours.as_ref().map_or(0, super::terms::Hours::heads),
    })
}

/// The price of a group, or of the resource of that name.
pub(super) fn price_of(allocation: &Allocation, name: &str) -> f64 {
    let group = allocation
        .groups()
        .iter()
        .find(|line| line.id.as_str() == name)
        .map(|line| line.shadow_price);
    let resource = || {
        let mut lines = allocation.resources().iter();
        let line = lines.find(|line| line.id.as_str() == name)?;
        Some(line.shadow_price)
    };
    group.or_else(resource).unwrap_or(0.0)
}

impl Market<'_> {
    /// Value per further hour: of a resource, or of the group that stands for hours of equal efforts.
    fn price_of_an_hour(&self, name: &str) -> f64 {
        let price = price_of(&self.answered.allocation, name);
        let effort = units_of(self.terms.models.effort());
        match self.asking.uniform() {
            // A unit of the group is a currency unit, of which an effort's hours cost the effort.
            Some(each) => price * effort / (cast::f64_of_u64(each.micros()) * 1e-6),
            // A unit of the resource is an hour times the cost of an effort.
            None => price * effort,
        }
    }

    /// What a limit of the optimiser means for a customer.
    fn limit_of(&self, customer: &Customer, answer: &allocate::Line<'_>) -> PlanLimit {
        let budget = || {
            if self.answered.payback_price > 0.0 {
                let price = self.price_for(customer);
                refused_by(answer.marginal, price)
            } else {
                PlanLimit::Budget
            }
        };
        match &answer.limited_by {
            // Payback alone puts caps on customers.
            LimitedBy::Cap => PlanLimit::Payback,
            LimitedBy::Budget => budget(),
            LimitedBy::Group(id) | LimitedBy::Resource(id) => match id.as_str() {
                EXISTING => PlanLimit::Offensiveness,
                PROSPECTS => PlanLimit::Ceiling,
                HOURS => PlanLimit::Hours,
                name => self.territory_limit(name),
            },
            _ => PlanLimit::Saturated,
        }
    }

    fn territory_limit(&self, name: &str) -> PlanLimit {
        let both = self.terms.territories.iter().zip(&self.asking.names);
        for (territory, names) in both {
            let id = || territory.id().clone();
            if names.hours.as_str() == name {
                return PlanLimit::TerritoryHours { territory: id() };
            }
            if names.money.as_str() == name {
                // The tighter of the two stands behind the group's one cap.
                let by_hours = territory
                    .hours()
                    .and_then(|hours| self.asking.money_of(hours));
                let tighter = by_hours
                    .is_some_and(|by| territory.cap().is_none_or(|cap| by.minor() < cap.minor()));
                return if tighter {
                    PlanLimit::TerritoryHours { territory: id() }
                } else {
                    PlanLimit::Territory { territory: id() }
                };
            }
        }
        PlanLimit::Budget
    }

    /// The full price of money for a customer: of the budget and of the groups and money resources around it.
    fn price_for(&self, customer: &Customer) -> f64 {
        let allocation = &self.answered.allocation;
        let tier = match customer.tier() {
            Tier::Habitual | Tier::Starting => EXISTING,
            Tier::Prospect => PROSPECTS,
        };
        let territories = self.asking.territories_around(customer).into_iter();
        let territories = territories.filter_map(|at| self.asking.names.get(at));
        let territories = territories.map(|names| price_of(allocation, names.money.as_str()));
        allocation.shadow_price() + price_of(allocation, tier) + territories.sum::<f64>()
    }

    /// The line of a customer that can be attacked.
    pub(super) fn line(
        &self,
        customer: &Customer,
        aim: &Aim,
        answer: &allocate::Line<'_>,
    ) -> Result<PlanLine, CampaignError> {
        let (terms, directions) = (self.terms, &self.directions);
        let spend = answer.spend;
        let mut line = PlanLine {
            spend,
            value: answer.value,
            marginal: answer.marginal,
            ..idle(customer, self.limit_of(customer, answer))
        };
        if spend.is_zero() {
            return Ok(line);
        }
        let units = units_of(spend);
        line.attack = directions.attack(customer, aim, units);
        line.payback = directions.classes().get(aim.class_at(units)).map(|class| {
            let flow = CashFlow::of_response(units, aim.value(units), 1.0, &class.timing);
            flow.map_or(Payback::Never, |flow| {
                flow.payback(terms.stance.convention())
            })
        });
        if let Standing::Prospect(prospect) = customer.standing() {
            let (now, model) = (prospect.willingness().stage(), terms.models.planting());
            let deadline = terms.models.economy().horizon.periods();
            line.virtual_budget = Some(VirtualBudgetTerms::plant(spend, now, model, deadline)?);
        }
        Ok(line)
    }
}

pub(super) fn idle(customer: &Customer, limit: PlanLimit) -> PlanLine {
    PlanLine {
        customer: customer.id().clone(),
        tier: customer.tier(),
        spend: Money::zero(customer.contribution().currency()),
        value: 0.0,
        marginal: None,
        limited_by: limit,
        attack: None,
        payback: None,
        virtual_budget: None,
    }
}

fn spend_by_tier(lines: &[PlanLine], currency: Currency) -> Result<ByTier<Money>, CampaignError> {
    let of = |tier: Tier| {
        Money::total(
            lines.iter().filter(|l| l.tier == tier).map(|l| l.spend),
            currency,
        )
    };
    Ok(ByTier {
        habitual: of(Tier::Habitual)?,
        starting: of(Tier::Starting)?,
        prospect: of(Tier::Prospect)?,
    })
}

/// What comes back, by kind of attack: sums that no order of customers can change.
pub(super) struct Flows<'a> {
    directions: &'a Directions<'a>,
    values: Vec<ExactSum>,
}

impl<'a> Flows<'a> {
    pub(super) fn new(directions: &'a Directions<'a>) -> Self {
        Self {
            directions,
            values: vec![ExactSum::new(); directions.classes().len()],
        }
    }

    pub(super) fn add(&mut self, aim: &Aim, spend: Money, value: f64) {
        if spend.is_zero() {
            return;
        }
        if let Some(sum) = self.values.get_mut(aim.class_at(units_of(spend))) {
            sum.add(value);
        }
    }

    pub(super) fn together(&self, outlay: Money) -> Result<CashFlow, CampaignError> {
        let periods = self.directions.models.economy().horizon.periods();
        let mut sums = vec![ExactSum::new(); cast::usize_of_u32(periods)];
        for (class, value) in self.directions.classes().iter().zip(&self.values) {
            let value = value.value();
            for (sum, weight) in sums.iter_mut().zip(class.timing.weights()) {
                sum.add(value * weight);
            }
        }
        let contributions = sums.iter().map(ExactSum::value).collect();
        Ok(CashFlow::new(units_of(outlay), contributions)?)
    }
}

impl Plan {
    /// The figures by which a stance judges the plan \[F1, F2, C2\].
    ///
    /// # Errors
    /// [`StanceError`](crate::stance::StanceError) if they do not fit together, which a plan made here never shows.
    pub fn figures(&self) -> Result<PlanFigures, crate::stance::StanceError> {
        let after = self.census_after();
        let spend = |tier| after.tier(tier).spend;
        let existing = spend(Tier::Habitual).checked_add(spend(Tier::Starting))?;
        let parts = (existing, spend(Tier::Prospect));
        PlanFigures::new(self.budget(), parts, self.payback(), self.advanced())
    }
}
