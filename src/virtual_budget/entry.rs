//! Entries: what may be written into the ledger.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::{Id, IdError},
    money::Money,
};

macro_rules! name_of {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub(super) Id);

        impl $name {
            /// Admits a name by the rules of [`Id`].
            ///
            /// # Errors
            /// [`IdError`], naming what is wrong with it.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                Id::new(text).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<Id> for $name {
            fn from(id: Id) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

name_of! {
    /// Names an entry. The caller gives it, so that a retry after a lost answer is known for what it is.
    EntryId
}
name_of! {
    /// Names a virtual budget within its ledger.
    VirtualBudgetId
}
name_of! {
    /// Names a promise within its virtual budget.
    PromiseId
}

/// One line of the journal. Plain data: whether it is lawful is decided when it is posted.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The caller's name for it.
    pub id: EntryId,
    /// The day it takes effect; never before that of the entry posted last.
    pub on: Date,
    /// What happened.
    pub event: Event,
}

/// What can happen to virtual budgets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The ceiling over the promises outstanding of all budgets is set; 0 until then. Not below what is
    /// outstanding: what is promised can always be paid.
    Ceiling {
        /// The new ceiling, ≥ 0.
        ceiling: Money,
    },
    /// A budget is planted: it exists, and nothing is in it yet.
    Plant {
        /// The new budget.
        budget: VirtualBudgetId,
        /// The prospect it is for.
        customer: Id,
        /// Its own cap over all it may ever accrue, > 0.
        cap: Money,
        /// The rung on which the prospect stands.
        stage: Stage,
    },
    /// A gate of willingness was passed, and the budget grows.
    Accrue {
        /// The budget.
        budget: VirtualBudgetId,
        /// The rung reached; it must be above the rung held: no progress, no budget.
        gate: Stage,
        /// By how much, > 0.
        amount: Money,
    },
    /// The prospect fell back: accrual stops until a gate is passed again, and what is not committed is
    /// released.
    StepBack {
        /// The budget.
        budget: VirtualBudgetId,
        /// The rung it fell to, below the rung held.
        to: Stage,
    },
    /// A promise is made out of what is uncommitted.
    Commit {
        /// The budget.
        budget: VirtualBudgetId,
        /// The new promise.
        promise: PromiseId,
        /// How much is promised, > 0.
        amount: Money,
        /// The last day on which it may be claimed.
        due: Date,
        /// The judged chance that it will be claimed.
        likelihood: Fraction,
    },
    /// A promise is claimed, in part or whole, up to its due day.
    Claim {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// How much is paid, > 0.
        amount: Money,
    },
    /// What is left of a promise expires, after its due day.
    Expire {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
    },
    /// Part or all of what is left of a promise is released by agreement.
    Release {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// How much, > 0.
        amount: Money,
    },
    /// Part or all of what is not committed is released.
    ReleaseUncommitted {
        /// The budget.
        budget: VirtualBudgetId,
        /// How much, > 0.
        amount: Money,
    },
    /// A claim is reversed: claimed falls, released rises.
    Return {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise whose claim is reversed.
        promise: PromiseId,
        /// How much comes back, > 0.
        amount: Money,
    },
}

impl Event {
    /// The verb used in journals and messages.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Ceiling { .. } => "ceiling",
            Self::Plant { .. } => "plant",
            Self::Accrue { .. } => "accrue",
            Self::StepBack { .. } => "step_back",
            Self::Commit { .. } => "commit",
            Self::Claim { .. } => "claim",
            Self::Expire { .. } => "expire",
            Self::Release { .. } => "release",
            Self::ReleaseUncommitted { .. } => "release_uncommitted",
            Self::Return { .. } => "return",
        }
    }

    /// The budget concerned; `None` for the ceiling, which concerns all.
    #[must_use]
    pub const fn budget(&self) -> Option<&VirtualBudgetId> {
        match self {
            Self::Ceiling { .. } => None,
            Self::Plant { budget, .. }
            | Self::Accrue { budget, .. }
            | Self::StepBack { budget, .. }
            | Self::Commit { budget, .. }
            | Self::Claim { budget, .. }
            | Self::Expire { budget, .. }
            | Self::Release { budget, .. }
            | Self::ReleaseUncommitted { budget, .. }
            | Self::Return { budget, .. } => Some(budget),
        }
    }

    /// The promise concerned, if one is.
    #[must_use]
    pub const fn promise(&self) -> Option<&PromiseId> {
        match self {
            Self::Commit { promise, .. }
            | Self::Claim { promise, .. }
            | Self::Expire { promise, .. }
            | Self::Release { promise, .. }
            | Self::Return { promise, .. } => Some(promise),
            Self::Ceiling { .. }
            | Self::Plant { .. }
            | Self::Accrue { .. }
            | Self::StepBack { .. }
            | Self::ReleaseUncommitted { .. } => None,
        }
    }

    /// The amount stated, if one is.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Ceiling { ceiling: amount }
            | Self::Plant { cap: amount, .. }
            | Self::Accrue { amount, .. }
            | Self::Commit { amount, .. }
            | Self::Claim { amount, .. }
            | Self::Release { amount, .. }
            | Self::ReleaseUncommitted { amount, .. }
            | Self::Return { amount, .. } => Some(*amount),
            Self::StepBack { .. } | Self::Expire { .. } => None,
        }
    }
}
