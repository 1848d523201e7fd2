//! The three tiers and the one direction of attack for each \[F4\].

use core::fmt;

use serde::{Deserialize, Serialize};

/// Where a customer stands on the chain from decision to behaviour to habit \[F4\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Has formed a usage habit: the habit is iterated.
    Habitual,
    /// Has begun to use: the behaviour is cared for.
    Starting,
    /// Does not use yet: a decision is planted.
    Prospect,
}

impl Tier {
    /// All three, from the deepest in the business to the boundary.
    pub const ALL: [Self; 3] = [Self::Habitual, Self::Starting, Self::Prospect];

    /// The word that documents and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Habitual => "habitual",
            Self::Starting => "starting",
            Self::Prospect => "prospect",
        }
    }

    /// The one direction of attack for this tier \[F4\].
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Habitual => "iterate the habit",
            Self::Starting => "care for the behaviour",
            Self::Prospect => "plant a decision",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One value for each tier, so that no tier can be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByTier<T> {
    /// Of the habitual customers.
    pub habitual: T,
    /// Of the starting customers.
    pub starting: T,
    /// Of the prospects.
    pub prospect: T,
}

impl<T> ByTier<T> {
    /// The value of each tier, computed.
    pub fn from_fn(mut value: impl FnMut(Tier) -> T) -> Self {
        Self {
            habitual: value(Tier::Habitual),
            starting: value(Tier::Starting),
            prospect: value(Tier::Prospect),
        }
    }

    /// The value of one tier.
    #[must_use]
    pub const fn get(&self, tier: Tier) -> &T {
        match tier {
            Tier::Habitual => &self.habitual,
            Tier::Starting => &self.starting,
            Tier::Prospect => &self.prospect,
        }
    }

    /// The value of one tier, to change.
    pub const fn get_mut(&mut self, tier: Tier) -> &mut T {
        match tier {
            Tier::Habitual => &mut self.habitual,
            Tier::Starting => &mut self.starting,
            Tier::Prospect => &mut self.prospect,
        }
    }

    /// Each tier with its value, in the order of [`Tier::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Tier, &T)> {
        Tier::ALL.into_iter().map(|tier| (tier, self.get(tier)))
    }
}
