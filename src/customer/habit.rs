//! Habits: what a customer does with the product without deciding it anew each time.
//!
//! A [`Habit`] records how the product is really used beside how it is promoted \[H1\], and how deep
//! the use has sunk \[H2\]. Depth has three axes, each a short chain:
//!
//! | axis | from | | | to |
//! |---|---|---|---|---|
//! | [`Scope`]: who has it | individual | group | | organisation |
//! | [`Ground`]: why they have it | benefit | profession | | institution |
//! | [`Anchoring`]: how it is held | custom | written rule | process | appraisal |
//!
//! [`Depth`] is a point in the product of the chains and is ordered as such: one depth exceeds
//! another when no axis is lower. Two depths may be incomparable, and no number says which of those
//! two is the deeper. An [`Iteration`] moves up that order \[H3\]; [`Erosion`] says what time and
//! rivals do to a habit that nobody moves \[H4\].

mod axes;
mod depth;
mod erosion;
mod iteration;
mod judgement;
mod practice;

pub use axes::{Anchoring, Axis, Ground, Scope};
pub use depth::Depth;
pub use erosion::Erosion;
pub use iteration::Iteration;
pub use judgement::Judgement;
pub use practice::{Divergence, Habit, Practice};

/// Why a habit, or a step of one, is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HabitError {
    /// The ground is institution, yet nothing is written down.
    #[error(
        "ground institution with anchoring {anchoring}: what an institution demands is written \
         down somewhere; record anchoring written_rule or above, or ground profession"
    )]
    UnwrittenInstitution {
        /// The anchoring that was handed in.
        anchoring: Anchoring,
    },
    /// An iteration would lower an axis.
    #[error(
        "iteration from {from} to {to} lowers {axis}: an iteration never moves an axis down; \
         aim at {join}, which keeps what is held"
    )]
    IterationDown {
        /// Where the habit stands.
        from: Depth,
        /// Where it was to go.
        to: Depth,
        /// The first axis that would fall: scope, ground or anchoring.
        axis: &'static str,
        /// The least depth that is above both.
        join: Depth,
    },
    /// An iteration would go nowhere.
    #[error("iteration from {at} to itself: an iteration deepens at least one axis")]
    IterationNowhere {
        /// Where the habit stands.
        at: Depth,
    },
    /// An iteration starts at another depth than the habit's.
    #[error("iteration from {from} on a habit at {at}: an iteration starts where the habit stands")]
    IterationElsewhere {
        /// Where the habit stands.
        at: Depth,
        /// Where the iteration starts.
        from: Depth,
    },
    /// A judgement that rests on nothing that can be read.
    #[error("evidence of a judgement is {rule}")]
    Evidence {
        /// What is wrong with it, and what to do.
        rule: &'static str,
    },
    /// A parameter of [`Erosion`] is out of its range.
    #[error("erosion parameter {name} is {value}: it must be {rule}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The value handed in.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
}
