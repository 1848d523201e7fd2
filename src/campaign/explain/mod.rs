//! Why this amount: machine-readable reasons for every line of an allocation and for the whole, and the
//! smallest set of wishes that conflict. The words are rendered apart ([`LineReasons::sentence`] and its
//! like), so that a host can translate.
//!
//! Nothing here decides anything: every figure is read off the problem, the allocation and its prices.

mod conflict;
mod line;
mod margins;
mod whole;
mod words;

use serde::{Deserialize, Serialize};

use super::{PlanLimit, Standstill};
use crate::allocate::LimitedBy;
use crate::id::Id;
use crate::money::Money;
use crate::stance::Periods;

pub use conflict::{Conflict, Wish, WishKind, Wishes};
pub use line::Explainer;
pub use margins::{Margin, OneMore};
pub use whole::{
    Exhaustion, GroupPrice, LimitCount, OneMoreError, PlanReasons, ResourcePrice, worth_of_money,
};

/// What keeps a line from more: [`LimitedBy`] as a document writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Its floor holds it up.
    Floor,
    /// It takes the least that is allowed if anything is.
    MinimumIfAny,
    /// Its cap; [`LineReasons::to_get_more`] says whose.
    Cap,
    /// More adds nothing.
    Saturated,
    /// A group that binds.
    Group(Id),
    /// A resource.
    Resource(Id),
    /// The budget.
    Budget,
    /// Not even one effort pays back within the limit \[F1\].
    Payback,
    /// One more effort would make the whole pay back too late \[F1\].
    PaybackOfWhole,
    /// What the stance leaves to existing customers is spent \[C2, C3\].
    Offensiveness,
    /// The ceiling on promises is reached \[C6\].
    Ceiling,
    /// What a territory may have is spent.
    Territory(Id),
    /// People's time is used up \[F3\].
    Hours,
    /// The time of a territory's people is used up \[F3\].
    TerritoryHours(Id),
    /// There is nothing to attack.
    Nothing(Standstill),
    /// Something of a newer kind.
    Other,
}

impl Limit {
    /// What a plan's limit is here; that of a cap says whose it is in [`LineReasons::to_get_more`].
    #[must_use]
    pub fn of_plan(limit: &PlanLimit) -> Self {
        match limit {
            PlanLimit::Payback => Self::Payback,
            PlanLimit::Saturated => Self::Saturated,
            PlanLimit::Offensiveness => Self::Offensiveness,
            PlanLimit::Ceiling => Self::Ceiling,
            PlanLimit::Budget => Self::Budget,
            PlanLimit::PaybackOfWhole => Self::PaybackOfWhole,
            PlanLimit::Territory { territory } => Self::Territory(territory.clone()),
            PlanLimit::Hours => Self::Hours,
            PlanLimit::TerritoryHours { territory } => Self::TerritoryHours(territory.clone()),
            PlanLimit::Nothing { why } => Self::Nothing(*why),
        }
    }
}

impl From<&LimitedBy> for Limit {
    fn from(limited_by: &LimitedBy) -> Self {
        match limited_by {
            LimitedBy::Floor => Self::Floor,
            LimitedBy::MinimumIfAny => Self::MinimumIfAny,
            LimitedBy::Cap => Self::Cap,
            LimitedBy::Saturated => Self::Saturated,
            LimitedBy::Group(id) => Self::Group(id.clone()),
            LimitedBy::Resource(id) => Self::Resource(id.clone()),
            LimitedBy::Budget => Self::Budget,
        }
    }
}

/// Where a cap on a customer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapCause {
    /// It was asked for.
    Asked,
    /// Beyond it the spend would not pay back in time.
    Payback,
    /// The prospect's willingness has not passed the next gate \[C5\].
    Willingness,
    /// Nothing is left to do with the customer in this period: its tactics are used up.
    Tactics,
}

/// What would have to change for a customer to get more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remedy {
    /// A cap would have to be raised to the next step.
    RaiseCap {
        /// The cap.
        from: Money,
        /// The spend that the next step needs.
        to: Money,
        /// Whose cap it is.
        cause: CapCause,
    },
    /// A longer payback would have to be acceptable.
    AcceptPayback {
        /// The limit.
        limit: Periods,
        /// The payback at the next step; absent if it never pays back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needed: Option<Periods>,
    },
    /// Willingness would have to pass its next gate \[C5\].
    PassGate,
    /// The whole would have to be allowed a longer payback.
    AcceptPaybackOfWhole {
        /// The limit.
        limit: Periods,
    },
    /// The stance would have to leave more to existing customers \[C2, C3\].
    LeaveMoreToExisting,
    /// The ceiling on promises would have to rise \[C6\].
    RaiseCeiling,
    /// A territory would have to be allowed more.
    RaiseTerritory {
        /// Which.
        territory: Id,
    },
    /// There would have to be more of people's time \[F3\].
    MoreHours {
        /// Of whose people; absent for all of them together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        territory: Option<Id>,
    },
    /// Something to attack would have to be there.
    Find {
        /// What is missing.
        missing: Standstill,
    },
    /// The price of money would have to fall: by more budget, or less demand elsewhere.
    PriceFalls {
        /// The price now, in value per currency unit.
        from: f64,
        /// The gain of the customer's next step per currency unit.
        to: f64,
    },
    /// The customer's own response would have to return this many times as much.
    ReturnRises {
        /// More than 1.
        times: f64,
    },
    /// A group would have to be allowed more.
    RaiseGroup {
        /// The group.
        group: Id,
    },
    /// More of a resource would have to be there.
    RaiseResource {
        /// The resource.
        resource: Id,
    },
}

/// The next-best use of a customer's last unit of money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextBest {
    /// Another customer would take it.
    Customer {
        /// Who.
        id: Id,
        /// What it would gain there, in value per currency unit.
        gain: f64,
    },
    /// It would stay unspent.
    Unspent,
}

/// What the plan would lose if a customer got nothing and its money went to the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// At least this: what the spend returns beyond the price of its money (to the rounding of a step).
    pub least: f64,
    /// At most this: all that the spend returns.
    pub most: f64,
}

/// The reasons of one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineReasons {
    /// Whose.
    pub id: Id,
    /// What it gets.
    pub spend: Money,
    /// What keeps it there.
    pub limited_by: Limit,
    /// Its full price of money: that of the budget, of its groups, and of what each unit uses of resources.
    pub price: f64,
    /// What its next step would gain per currency unit; absent for a menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_gain: Option<f64>,
    /// What its last step gains per currency unit; absent for a menu and for no spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_gain: Option<f64>,
    /// Who would take its last unit; absent if it spends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_best: Option<NextBest>,
    /// What would have to change for it to get more, the nearest first; empty if more adds nothing.
    pub to_get_more: Vec<Remedy>,
    /// What would be lost without it.
    pub loss: Loss,
}

#[cfg(test)]
mod tests;
