//! The three axes of a habit, each a chain.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who has the habit: the first axis of [`Depth`](super::Depth) \[H2\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One person uses the product by habit.
    Individual,
    /// A group does: a team, a ward, a shift.
    Group,
    /// The organisation does.
    Organisation,
}

/// Why they have the habit: the second axis of [`Depth`](super::Depth) \[H2\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// A personal or material benefit.
    Benefit,
    /// A professional or scientific conviction.
    Profession,
    /// A rule of management.
    Institution,
}

/// How the habit is held: the third axis of [`Depth`](super::Depth) \[H3\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchoring {
    /// Custom: it is done because it has been done.
    Custom,
    /// A written rule: a guideline, a formulary, a standing order.
    WrittenRule,
    /// A process: the work cannot go on without it.
    Process,
    /// Performance appraisal: people are judged by it.
    Appraisal,
}

/// Which of the three axes of a habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Who has it.
    Scope,
    /// Why they have it.
    Ground,
    /// How it is held.
    Anchoring,
}

impl Axis {
    /// All three, in their order.
    pub const ALL: [Self; 3] = [Self::Scope, Self::Ground, Self::Anchoring];

    /// The name that documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Ground => "ground",
            Self::Anchoring => "anchoring",
        }
    }
}

impl Scope {
    /// Every scope, from the narrowest to the widest.
    pub const ALL: [Self; 3] = [Self::Individual, Self::Group, Self::Organisation];

    /// The name that documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Group => "group",
            Self::Organisation => "organisation",
        }
    }

    /// Steps above the bottom of the chain, 0 to 2.
    #[must_use]
    pub const fn level(self) -> u32 {
        match self {
            Self::Individual => 0,
            Self::Group => 1,
            Self::Organisation => 2,
        }
    }

    /// The next wider scope, if there is one.
    #[must_use]
    pub const fn deeper(self) -> Option<Self> {
        match self {
            Self::Individual => Some(Self::Group),
            Self::Group => Some(Self::Organisation),
            Self::Organisation => None,
        }
    }

    /// The next narrower scope, if there is one.
    #[must_use]
    pub const fn shallower(self) -> Option<Self> {
        match self {
            Self::Individual => None,
            Self::Group => Some(Self::Individual),
            Self::Organisation => Some(Self::Group),
        }
    }
}

impl Ground {
    /// Every ground, from the slightest to the firmest.
    pub const ALL: [Self; 3] = [Self::Benefit, Self::Profession, Self::Institution];

    /// The name that documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Benefit => "benefit",
            Self::Profession => "profession",
            Self::Institution => "institution",
        }
    }

    /// Steps above the bottom of the chain, 0 to 2.
    #[must_use]
    pub const fn level(self) -> u32 {
        match self {
            Self::Benefit => 0,
            Self::Profession => 1,
            Self::Institution => 2,
        }
    }

    /// The next firmer ground, if there is one.
    #[must_use]
    pub const fn deeper(self) -> Option<Self> {
        match self {
            Self::Benefit => Some(Self::Profession),
            Self::Profession => Some(Self::Institution),
            Self::Institution => None,
        }
    }

    /// The next slighter ground, if there is one.
    #[must_use]
    pub const fn shallower(self) -> Option<Self> {
        match self {
            Self::Benefit => None,
            Self::Profession => Some(Self::Benefit),
            Self::Institution => Some(Self::Profession),
        }
    }
}

impl Anchoring {
    /// Every anchoring, from the loosest to the firmest.
    pub const ALL: [Self; 4] = [
        Self::Custom,
        Self::WrittenRule,
        Self::Process,
        Self::Appraisal,
    ];

    /// The name that documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::WrittenRule => "written_rule",
            Self::Process => "process",
            Self::Appraisal => "appraisal",
        }
    }

    /// Steps above the bottom of the chain, 0 to 3.
    #[must_use]
    pub const fn level(self) -> u32 {
        match self {
            Self::Custom => 0,
            Self::WrittenRule => 1,
            Self::Process => 2,
            Self::Appraisal => 3,
        }
    }

    /// The next firmer anchoring, if there is one.
    #[must_use]
    pub const fn deeper(self) -> Option<Self> {
        match self {
            Self::Custom => Some(Self::WrittenRule),
            Self::WrittenRule => Some(Self::Process),
            Self::Process => Some(Self::Appraisal),
            Self::Appraisal => None,
        }
    }

    /// The next looser anchoring, if there is one.
    #[must_use]
    pub const fn shallower(self) -> Option<Self> {
        match self {
            Self::Custom => None,
            Self::WrittenRule => Some(Self::Custom),
            Self::Process => Some(Self::WrittenRule),
            Self::Appraisal => Some(Self::Process),
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Anchoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
