//! The plan, put together from a book and the market's answer.

use std::collections::BTreeMap;

use super::CampaignError;
use super::answering::Question;
use super::asking::{EXISTING, HOURS, PROSPECTS};
use super::attack::{Aim, Directions, Standstill};
use super::models::units_of;
use super::plan::{HoursUsed, Plan, PlanLimit, PlanLine, PlanResources, PlanTotals, TerritoryLine};
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

/// What a plan is told from: a question, its answer, and the customers that have other facts by now.
pub(super) struct Telling<'m> {
    pub(super) question: Question<'m>,
    pub(super) allocation: &'m Allocation,
    /// Real money that is free.
    pub(super) free: Money,
    /// What may still be promised.
    pub(super) room: Money,
    pub(super) existing_most: Money,
    pub(super) bound: f64,
    pub(super) optimal: bool,
    pub(super) payback_price: f64,
    /// By their place in the book.
    pub(super) changed: Option<&'m BTreeMap<usize, Customer>>,
}

impl<'m> Telling<'m> {
    pub(super) fn plan(&self, census: &Census) -> Result<Plan, CampaignError> {
        let asking = self.question.asking;
        let mut given = self.allocation.lines().peekable();
        let mut flows = Flows::new(self.question.directions);
        let mut lines = Vec::with_capacity(self.question.targets.len());
        for (place, target) in self.question.targets.iter().enumerate() {
            let Some(customer) = self.customer(place) else {
                continue;
            };
            // Customers that cannot be attacked may have a line, of nothing.
            let answer = given.next_if(|line| line.id == customer.id());
            let line = match (target, answer) {
                (Err(limit), _) => idle(customer, limit.clone()),
                (Ok((aim, _)), Some(answer)) => {
                    flows.add(aim, answer.spend, answer.value);
                    self.line(customer, aim, &answer)?
                }
                (Ok(_), None) => idle(
                    customer,
                    PlanLimit::Nothing {
                        why: Standstill::NoStep,
                    },
                ),
            };
            lines.push(line);
        }
        let currency = asking.book.currency();
        let spend = spend_by_tier(&lines, currency)?;
        let payback = flows
            .together(self.question.directions, self.allocation.spent())?
            .payback(asking.terms.stance.convention());
        Ok(Plan::put_together(
            self.totals(payback),
            census.clone(),
            census.with_spend(spend)?,
            lines,
            self.resources()?,
        )?)
    }

    pub(super) fn customer(&self, place: usize) -> Option<&'m Customer> {
        let changed = self.changed.and_then(|changed| changed.get(&place));
        changed.or_else(|| self.question.asking.book.customers().get(place))
    }

    fn totals(&self, payback: Payback) -> PlanTotals {
        let (asking, allocation) = (self.question.asking, self.allocation);
        PlanTotals {
            currency: asking.book.currency(),
            budget: self.free,
            ceiling: self.room,
            existing_most: self.existing_most,
            effort: asking.terms.models.effort(),
            value: allocation.value(),
            bound: self.bound,
            optimal: self.optimal,
            shadow_price: allocation.shadow_price(),
            existing_price: price_of(allocation, EXISTING),
            prospects_price: price_of(allocation, PROSPECTS),
            payback_price: self.payback_price,
            payback,
        }
    }

    /// Territories and hours; `O(1)` without either.
    fn resources(&self) -> Result<PlanResources, CampaignError> {
        let asking = self.question.asking;
        let terms = asking.terms;
        if terms.territories.is_empty() && terms.hours.is_none() {
            return Ok(PlanResources::default());
        }
        let rooms = Rooms::new(asking, self.existing_most)?;
        let spends = self.question.spends(self.allocation);
        let sums = rooms.sums(self.question.targets, &spends);
        let used = |micros: i128| Quantity::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
        let hours = terms.hours.as_ref().map(|hours| HoursUsed {
            limit: hours.limit(),
            used: used(Rooms::hours(&sums)),
            price: self.price_of_an_hour(HOURS),
        });
        let territories = terms.territories.iter().zip(&asking.names).enumerate();
        let territories = territories.map(|(at, (territory, names))| {
            let (spent, micros) = rooms.territory(&sums, at);
            let hours = territory.hours().map(|limit| HoursUsed {
                limit,
                used: used(micros),
                price: self.price_of_an_hour(names.hours.as_str()),
            });
            Ok(TerritoryLine {
                territory: territory.id().clone(),
                floor: territory.floor(),
                cap: territory.cap(),
                spent: crate::money::from_wide(spent, asking.book.currency())?,
                price: price_of(self.allocation, names.money.as_str()),
                hours,
            })
        });
        Ok(PlanResources {
            territories: territories.collect::<Result<_, CampaignError>>()?,
            hours,
            heads: terms.hours.as_ref().map_or(0, super::terms::Hours::heads),
        })
    }

    /// Value per further hour: of a resource, or of the group that stands for hours of equal efforts.
    fn price_of_an_hour(&self, name: &str) -> f64 {
        let price = price_of(self.allocation, name);
        let effort = units_of(self.question.asking.terms.models.effort());
        match self.question.asking.uniform() {
            // A unit of the group is a currency unit, of which an effort's hours cost the effort.
            Some(each) => price * effort / (cast::f64_of_u64(each.micros()) * 1e-6),
            // A unit of the resource is an hour times the cost of an effort.
            None => price * effort,
        }
    }

    /// What a limit of the optimiser means for a customer.
    pub(super) fn limit_of(&self, customer: &Customer, answer: &allocate::Line<'_>) -> PlanLimit {
        let budget = || {
            if self.payback_price > 0.0 {
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
        let both = self
            .question
            .asking
            .terms
            .territories
            .iter()
            .zip(&self.question.asking.names);
        for (territory, names) in both {
            let id = || territory.id().clone();
            if names.hours.as_str() == name {
                return PlanLimit::TerritoryHours { territory: id() };
            }
            if names.money.as_str() == name {
                // The tighter of the two stands behind the group's one cap.
                let by_hours = territory
                    .hours()
                    .and_then(|hours| self.question.asking.money_of(hours));
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

    /// The full price of money for a customer: of the budget, of what bounds its tier and its territories, and of the hours
    /// that a currency unit's effort takes.
    pub(super) fn price_for(&self, customer: &Customer) -> f64 {
        let (asking, allocation) = (self.question.asking, self.allocation);
        let tier = match customer.tier() {
            Tier::Habitual | Tier::Starting => EXISTING,
            Tier::Prospect => PROSPECTS,
        };
        // Of equal hours the group stands for money, of others a unit of the resource for an hour times an effort's cost.
        let hours = match (&asking.terms.hours, asking.uniform()) {
            (Some(hours), None) => {
                cast::f64_of_u64(hours.per_effort().get(customer.tier()).micros()) * 1e-6
            }
            _ => 1.0,
        };
        let mut price = allocation.shadow_price() + price_of(allocation, tier);
        price += hours * price_of(allocation, HOURS);
        for names in asking
            .territories_around(customer)
            .into_iter()
            .filter_map(|at| asking.names.get(at))
        {
            price += price_of(allocation, names.money.as_str());
            price += hours * price_of(allocation, names.hours.as_str());
        }
        price
    }

    /// The line of a customer that can be attacked.
    pub(super) fn line(
        &self,
        customer: &Customer,
        aim: &Aim,
        answer: &allocate::Line<'_>,
    ) -> Result<PlanLine, CampaignError> {
        let (terms, directions) = (self.question.asking.terms, self.question.directions);
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
#[derive(Clone, Debug)]
pub(super) struct Flows {
    values: Vec<ExactSum>,
}

impl Flows {
    pub(super) fn new(directions: &Directions<'_>) -> Self {
        Self {
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

    /// What comes back of all of it for an outlay.
    pub(super) fn together(
        &self,
        directions: &Directions<'_>,
        outlay: Money,
    ) -> Result<CashFlow, CampaignError> {
        let periods = directions.models.economy().horizon.periods();
        let mut sums = vec![ExactSum::new(); cast::usize_of_u32(periods)];
        for (class, value) in directions.classes().iter().zip(&self.values) {
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
