//! The plan: money and tactic per customer, with what limits each.

mod document;
mod resources;
mod words;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::attack::{Attack, Standstill};
use super::virtual_budgets::VirtualBudgetTerms;
use crate::census::{Census, CensusError};
use crate::customer::Tier;
use crate::id::Id;
use crate::money::{Currency, Money, MoneyError};
use crate::quantity::Quantity;
use crate::stance::Payback;

pub use resources::{HoursUsed, PlanResources, TerritoryLine};

/// What keeps a customer from getting more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum PlanLimit {
    /// One more effort would not pay back within the limit of the stance \[F1\].
    Payback,
    /// One more effort would add nothing.
    Saturated,
    /// What the stance leaves to existing customers is spent \[C2, C3\].
    Offensiveness,
    /// The ceiling on promises is reached \[C6\].
    Ceiling,
    /// The budget is spent on what brings more.
    Budget,
    /// One more effort would be worth its money, but the whole would then pay back too late \[F1\].
    PaybackOfWhole,
    /// What its territory, or one around it, may have is spent.
    Territory {
        /// Which.
        territory: Id,
    },
    /// People's time is used up \[F3\].
    Hours,
    /// The time of its territory's people, or of one around it, is used up \[F3\].
    TerritoryHours {
        /// Which.
        territory: Id,
    },
    /// There is nothing to attack.
    Nothing {
        /// Why.
        why: Standstill,
    },
}

/// One customer's part of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanLine {
    /// Who.
    pub customer: Id,
    /// Its tier.
    pub tier: Tier,
    /// Money given, a whole number of efforts.
    pub spend: Money,
    /// What it is expected to bring over the horizon, discounted, in currency units; for a prospect less the
    /// claims to be expected on its virtual budget.
    pub value: f64,
    /// What one more effort would bring per currency unit, limits ignored; `None` where there is nothing to attack.
    pub marginal: Option<f64>,
    /// Why it does not get more.
    pub limited_by: PlanLimit,
    /// What is done with it; `None` if it is not attacked.
    pub attack: Option<Attack>,
    /// When the money comes back; `None` if it is not attacked.
    pub payback: Option<Payback>,
    /// For an attacked prospect: what is promised beside the work of planting \[C5\].
    pub virtual_budget: Option<VirtualBudgetTerms>,
}

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanTotals {
    /// Of all amounts.
    pub currency: Currency,
    /// Real money that was free: what is committed on earlier promises is not part of it.
    pub budget: Money,
    /// Most that could be promised, beside what is committed already \[C6\].
    pub ceiling: Money,
    /// Most that existing customers could have \[C2, C3\].
    pub existing_most: Money,
    /// Cost of one effort.
    pub effort: Money,
    /// What the plan is expected to bring, in currency units.
    pub value: f64,
    /// What no plan under these terms can exceed.
    pub bound: f64,
    /// Whether the plan is proved to be the best.
    pub optimal: bool,
    /// What one more unit of budget would bring.
    pub shadow_price: f64,
    /// What one more unit for existing customers would bring beyond that.
    pub existing_price: f64,
    /// What one more unit of ceiling would bring beyond that.
    pub prospects_price: f64,
    /// What one more unit of contribution within the payback limit of the whole would be worth beyond itself; 0 where
    /// there is no such limit, or it does not bind.
    pub payback_price: f64,
    /// When the whole comes back \[F1\].
    pub payback: Payback,
}

/// Where the next attack goes: the document `sortie/plan/1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    totals: PlanTotals,
    before: Census,
    after: Census,
    lines: Vec<PlanLine>,
    resources: PlanResources,
    spent: Money,
    exposure: Money,
    expected_claims: Money,
}

/// Parts that form no lawful plan.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// More is spent than there is.
    #[error("{subject} comes to {amount}, more than {limit}")]
    Over {
        /// What.
        subject: &'static str,
        /// How much.
        amount: Money,
        /// The limit.
        limit: Money,
    },
    /// Lines and census tell different stories.
    #[error(
        "lines spend {lines} on the {tier} tier and the census after says {census}; they must agree"
    )]
    CensusDiffers {
        /// The tier.
        tier: Tier,
        /// By the lines.
        lines: Money,
        /// By the census.
        census: Money,
    },
    /// Lines out of order, or a customer twice.
    #[error(
        "line {row} of customer {customer} is out of order; lines go by customer id, each once"
    )]
    Order {
        /// The line, from 0.
        row: usize,
        /// Its customer.
        customer: Id,
    },
    /// A territory's line that contradicts itself.
    #[error("territory {territory}: {rule}")]
    Territory {
        /// Which.
        territory: Id,
        /// What is wrong.
        rule: &'static str,
    },
    /// More hours than there are.
    #[error("hours used are {used}, more than the {limit} there are")]
    Hours {
        /// Used.
        used: Quantity,
        /// There.
        limit: Quantity,
    },
    /// A line whose parts contradict each other.
    #[error("line of customer {customer}: {rule}")]
    Line {
        /// Whose.
        customer: Id,
        /// What is wrong.
        rule: &'static str,
    },
    /// A sum is out of range or mixes currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The census cannot be.
    #[error(transparent)]
    Census(#[from] CensusError),
}

impl From<PlanError> for super::CampaignError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Money(source) => Self::Money(source),
            PlanError::Census(source) => Self::Census(source),
            other => Self::Problem(crate::document::Fault::new("plan", other).into()),
        }
    }
}

impl Plan {
    /// Puts parts together and checks that they agree.
    pub(super) fn put_together(
        totals: PlanTotals,
        before: Census,
        after: Census,
        lines: Vec<PlanLine>,
        resources: PlanResources,
    ) -> Result<Self, PlanError> {
        let currency = totals.currency;
        check_lines(&lines)?;
        for tier in Tier::ALL {
            let of_tier = lines
                .iter()
                .filter(|line| line.tier == tier)
                .map(|line| line.spend);
            let (spent, census) = (Money::total(of_tier, currency)?, after.tier(tier).spend);
            if spent != census {
                return Err(PlanError::CensusDiffers {
                    tier,
                    lines: spent,
                    census,
                });
            }
        }
        let spent = Money::total(lines.iter().map(|line| line.spend), currency)?;
        let promised = || lines.iter().filter_map(|line| line.virtual_budget.as_ref());
        let exposure = Money::total(promised().map(VirtualBudgetTerms::cap), currency)?;
        let expected_claims =
            Money::total(promised().map(VirtualBudgetTerms::expected_claim), currency)?;
        for (subject, amount, limit) in [
            ("spend", spent, totals.budget),
            ("exposure", exposure, totals.ceiling),
        ] {
            if amount.minor() > limit.minor() {
                return Err(PlanError::Over {
                    subject,
                    amount,
                    limit,
                });
            }
        }
        resources.check(currency)?;
        Ok(Self {
            totals,
            before,
            after,
            lines,
            resources,
            spent,
            exposure,
            expected_claims,
        })
    }

    /// Its figures.
    #[must_use]
    pub const fn totals(&self) -> &PlanTotals {
        &self.totals
    }

    /// Real money that was there.
    #[must_use]
    pub const fn budget(&self) -> Money {
        self.totals.budget
    }

    /// Money given to customers; for prospects that of the work of planting.
    #[must_use]
    pub const fn spent(&self) -> Money {
        self.spent
    }

    /// Money that found no use under the terms.
    #[must_use]
    pub fn unspent(&self) -> Money {
        Money::from_minor(
            self.totals.budget.minor() - self.spent.minor(),
            self.totals.currency,
        )
    }

    /// The worst case of all virtual budgets together \[C6\].
    #[must_use]
    pub const fn exposure(&self) -> Money {
        self.exposure
    }

    /// What of it is expected to be claimed.
    #[must_use]
    pub const fn expected_claims(&self) -> Money {
        self.expected_claims
    }

    /// When the whole comes back \[F1\].
    #[must_use]
    pub const fn payback(&self) -> Payback {
        self.totals.payback
    }

    /// The census from the records, before the plan.
    #[must_use]
    pub const fn census_before(&self) -> &Census {
        &self.before
    }

    /// The same customers with the plan's money: where resources would go \[T1\].
    #[must_use]
    pub const fn census_after(&self) -> &Census {
        &self.after
    }

    /// A line for each customer, in the order of ids.
    #[must_use]
    pub fn lines(&self) -> &[PlanLine] {
        &self.lines
    }

    /// What is scarce beside the one budget: territories and hours.
    #[must_use]
    pub const fn resources(&self) -> &PlanResources {
        &self.resources
    }

    /// The line of a customer. `O(log n)`.
    #[must_use]
    pub fn line(&self, customer: &Id) -> Option<&PlanLine> {
        let place = self
            .lines
            .binary_search_by(|line| line.customer.cmp(customer))
            .ok()?;
        self.lines.get(place)
    }

    /// Customers that are attacked.
    #[must_use]
    pub fn advanced(&self) -> u64 {
        crate::numeric::cast::u64_of_usize(
            self.lines
                .iter()
                .filter(|line| line.attack.is_some())
                .count(),
        )
    }

    /// The customers of a tier that are attacked, those that bring most first; ties by id.
    #[must_use]
    pub fn foremost(&self, tier: Tier) -> Vec<&PlanLine> {
        let attacked = |line: &&PlanLine| line.tier == tier && line.attack.is_some();
        let mut lines: Vec<&PlanLine> = self.lines.iter().filter(attacked).collect();
        lines.sort_by(|a, b| {
            let by_value = b.value.total_cmp(&a.value);
            by_value.then_with(|| a.customer.cmp(&b.customer))
        });
        lines
    }

    /// Whether it advances nobody: no action is called "maintain" \[F2\].
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.advanced() == 0
    }

    /// The price of money for a customer of a tier: budget and group together, per currency unit.
    #[must_use]
    pub fn price(&self, tier: Tier) -> f64 {
        let group = match tier {
            Tier::Habitual | Tier::Starting => self.totals.existing_price,
            Tier::Prospect => self.totals.prospects_price,
        };
        self.totals.shadow_price + group
    }

    /// Whole efforts of a line: its money over the cost of one.
    #[must_use]
    pub fn efforts(&self, line: &PlanLine) -> i64 {
        line.spend
            .minor()
            .checked_div(self.totals.effort.minor())
            .unwrap_or(0)
    }
}

fn check_lines(lines: &[PlanLine]) -> Result<(), PlanError> {
    let mut last: Option<&Id> = None;
    for (row, line) in lines.iter().enumerate() {
        if last.is_some_and(|last| *last >= line.customer) {
            return Err(PlanError::Order {
                row,
                customer: line.customer.clone(),
            });
        }
        last = Some(&line.customer);
        if let Some(rule) = broken_rule(line) {
            return Err(PlanError::Line {
                customer: line.customer.clone(),
                rule,
            });
        }
    }
    Ok(())
}

/// What a line's parts must have in common.
fn broken_rule(line: &PlanLine) -> Option<&'static str> {
    let given = !line.spend.is_zero();
    let fits = match &line.attack {
        None => true,
        Some(Attack::Iterate { .. }) => line.tier == Tier::Habitual,
        Some(Attack::Care { .. }) => line.tier == Tier::Starting,
        Some(Attack::Plant { .. }) => line.tier == Tier::Prospect,
    };
    if line.spend.is_negative() {
        Some("spend must be at least 0")
    } else if given != line.attack.is_some() || given != line.payback.is_some() {
        Some("money, attack and payback come together or not at all")
    } else if !fits {
        Some("each tier has one direction of attack: iterate, care, plant")
    } else if line.virtual_budget.is_some() != (given && line.tier == Tier::Prospect) {
        Some("an attacked prospect, and nobody else, has a virtual budget")
    } else if line
        .virtual_budget
        .as_ref()
        .is_some_and(|terms| terms.cap() != line.spend)
    {
        Some("the cap of a virtual budget is the money given")
    } else if !line.value.is_finite() || line.marginal.is_some_and(|marginal| !marginal.is_finite())
    {
        Some("value and marginal return must be finite")
    } else {
        None
    }
}
