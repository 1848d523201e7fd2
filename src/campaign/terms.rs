//! The terms of a plan: money, ceiling, stance, models, territories and hours.

use super::CampaignError;
use super::models::Models;
use crate::customer::ByTier;
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::stance::Stance;

/// What a plan is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Real money for the coming period.
    pub budget: Money,
    /// The most that may be promised to prospects, all virtual budgets together \[C6\].
    pub ceiling: Money,
    /// What is promised already and not yet resolved, under earlier plans:
    /// [`Ledger::outstanding`](crate::virtual_budget::Ledger::outstanding). It is reserved out of the budget
    /// before anything is given, and takes its room under the ceiling.
    pub committed: Money,
    /// How the plan must face its period.
    pub stance: Stance,
    /// How customers respond.
    pub models: Models,
    /// The territories that have bounds of their own; customers of others are bound by none.
    pub territories: Vec<Territory>,
    /// People's time, where it is scarce \[F3\].
    pub hours: Option<Hours>,
}

impl Terms {
    /// Terms with nothing promised so far, without territories and hours.
    ///
    /// Amounts are checked against the book when a plan is made.
    #[must_use]
    pub const fn new(budget: Money, ceiling: Money, stance: Stance, models: Models) -> Self {
        Self {
            budget,
            ceiling,
            committed: Money::zero(budget.currency()),
            stance,
            models,
            territories: Vec::new(),
            hours: None,
        }
    }

    /// The same with bounds for territories; they are checked together when a plan is made.
    #[must_use]
    pub fn with_territories(self, territories: Vec<Territory>) -> Self {
        Self {
            territories,
            ..self
        }
    }

    /// The same with people's time as a second resource \[F3\].
    #[must_use]
    pub fn with_hours(self, hours: Hours) -> Self {
        Self {
            hours: Some(hours),
            ..self
        }
    }

    /// The same with promises outstanding under earlier plans
    /// ([`Ledger::outstanding`](crate::virtual_budget::Ledger::outstanding)).
    #[must_use]
    pub fn with_committed(self, committed: Money) -> Self {
        Self { committed, ..self }
    }

    /// Real money that is free: the budget less what is reserved for promises already made.
    ///
    /// # Errors
    /// [`CampaignError::Committed`] if the promises come to more than the budget.
    pub fn free(&self) -> Result<Money, CampaignError> {
        self.beside_committed("budget", self.budget)
    }

    /// What may still be promised under the ceiling.
    ///
    /// # Errors
    /// [`CampaignError::Committed`] if the promises come to more than the ceiling.
    pub fn room(&self) -> Result<Money, CampaignError> {
        self.beside_committed("ceiling of virtual budgets", self.ceiling)
    }

    fn beside_committed(
        &self,
        subject: &'static str,
        limit: Money,
    ) -> Result<Money, CampaignError> {
        let left = limit.checked_sub(self.committed)?;
        if left.is_negative() {
            let committed = self.committed;
            return Err(CampaignError::Committed {
                subject,
                limit,
                committed,
            });
        }
        Ok(left)
    }
}

/// A territory as a node in the tree of budgets: what its customers, and those of the territories inside it, may get
/// together.
///
/// ```
/// use sortie::campaign::Territory;
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// let north = Territory::new(Id::new("north")?)
///     .within(Id::new("country")?)
///     .with_cap(Money::parse("4000.00", Currency::USD)?);
/// assert_eq!(north.parent().map(Id::as_str), Some("country"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    id: Id,
    parent: Option<Id>,
    floor: Option<Money>,
    cap: Option<Money>,
    hours: Option<Quantity>,
}

impl Territory {
    /// A territory without bounds; its customers are those that name it.
    #[must_use]
    pub const fn new(id: Id) -> Self {
        Self {
            id,
            parent: None,
            floor: None,
            cap: None,
            hours: None,
        }
    }

    /// The same inside of another territory.
    #[must_use]
    pub fn within(self, parent: Id) -> Self {
        Self {
            parent: Some(parent),
            ..self
        }
    }

    /// The same with the least that it spends.
    #[must_use]
    pub fn with_floor(self, floor: Money) -> Self {
        Self {
            floor: Some(floor),
            ..self
        }
    }

    /// The same with the most that it spends.
    #[must_use]
    pub fn with_cap(self, cap: Money) -> Self {
        Self {
            cap: Some(cap),
            ..self
        }
    }

    /// The same with the hours that its people have; the terms must say how long an effort takes.
    #[must_use]
    pub fn with_hours(self, hours: Quantity) -> Self {
        Self {
            hours: Some(hours),
            ..self
        }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// The territory that it is part of.
    #[must_use]
    pub const fn parent(&self) -> Option<&Id> {
        self.parent.as_ref()
    }

    /// The least that it spends, if anything.
    #[must_use]
    pub const fn floor(&self) -> Option<Money> {
        self.floor
    }

    /// The most that it spends, if there is a bound.
    #[must_use]
    pub const fn cap(&self) -> Option<Money> {
        self.cap
    }

    /// The hours of its people, if they are bounded.
    #[must_use]
    pub const fn hours(&self) -> Option<Quantity> {
        self.hours
    }
}

/// People's time as a resource beside money \[F3\]: what there is, and what each effort takes.
///
/// Where an effort takes the same time with everyone, hours are money of another colour: so many hours are so many
/// efforts, and the plan stays exact at any size. Where it differs, the plan is a search with two resources: proved
/// the best, or within a stated gap.
///
/// ```
/// use sortie::campaign::Hours;
/// use sortie::customer::ByTier;
/// let each = ByTier { habitual: "1".parse()?, starting: "1".parse()?, prospect: "2.5".parse()? };
/// let hours = Hours::new("400".parse()?, each).with_heads(10);
/// assert_eq!(hours.limit().to_string(), "400");
/// assert!(hours.uniform().is_none());
/// # Ok::<(), sortie::quantity::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    limit: Quantity,
    per_effort: ByTier<Quantity>,
    heads: u64,
}

impl Hours {
    /// The hours of all people together, and those that one effort takes on a customer of each tier, the way
    /// included. A customer in a programme of early warning takes no effort for it.
    #[must_use]
    pub const fn new(limit: Quantity, per_effort: ByTier<Quantity>) -> Self {
        Self {
            limit,
            per_effort,
            heads: 0,
        }
    }

    /// The same with the number of people, for figures per head.
    #[must_use]
    pub fn with_heads(self, heads: u64) -> Self {
        Self { heads, ..self }
    }

    /// The same with other hours in all.
    #[must_use]
    pub fn with_limit(self, limit: Quantity) -> Self {
        Self { limit, ..self }
    }

    /// Hours of all people together.
    #[must_use]
    pub const fn limit(&self) -> Quantity {
        self.limit
    }

    /// Hours that one effort takes, by tier.
    #[must_use]
    pub const fn per_effort(&self) -> &ByTier<Quantity> {
        &self.per_effort
    }

    /// How many people there are; 0 if it was not said.
    #[must_use]
    pub const fn heads(&self) -> u64 {
        self.heads
    }

    /// The hours of one effort, if they are above 0 and the same for every tier.
    #[must_use]
    pub fn uniform(&self) -> Option<Quantity> {
        let each = self.per_effort.habitual;
        let same = each == self.per_effort.starting && each == self.per_effort.prospect;
        (same && each > Quantity::ZERO).then_some(each)
    }
}
