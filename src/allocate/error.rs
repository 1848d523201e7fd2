//! Why there is no allocation.

use thiserror::Error;

/// A problem without an answer.
///
/// A problem that is wrong in itself never comes so far: [`Problem::new`](super::Problem::new) refuses it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AllocateError {
    /// No allocation keeps all the constraints.
    #[error("infeasible: {0}")]
    Infeasible(Infeasible),
    /// A total value that f64 cannot hold.
    #[error("the total value is beyond what a number can hold; measure values in a larger unit")]
    ValueOutOfRange,
    /// A curve of your own that broke a law of its trait; [`check_laws`](crate::response::check_laws) finds where.
    #[error(
        "the curve of activity {activity:?} is not lawful ({fault}); run response::check_laws on it"
    )]
    UnlawfulCurve {
        /// The activity.
        activity: String,
        /// What was seen.
        fault: String,
    },
    /// The search was stopped, or ran into its limits, before it found any allocation that keeps the constraints.
    #[error("search cut off after {work} nodes with no feasible allocation found; raise the limit")]
    CutOff {
        /// How many nodes were looked at.
        work: u64,
    },
    /// The final check of the answer failed: a fault in this crate, reported rather than answered wrongly.
    #[error("the answer failed its own check ({what}); please report this problem document")]
    FailedCheck {
        /// What failed.
        what: String,
    },
}

/// The constraints that contradict each other, and by how much.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Infeasible {
    /// What floors force is more than a constraint allows.
    #[error(
        "a spend of {forced} is forced by {floors}: {excess} more than {limit} allows ({allowed})"
    )]
    Floors {
        /// Whose floors.
        floors: String,
        /// What they force together, with its currency.
        forced: String,
        /// The constraint that is too low, such as `budget` or `cap of group "north"`.
        limit: String,
        /// What it allows.
        allowed: String,
        /// Forced less allowed.
        excess: String,
    },
    /// What a group must spend is more than its members can take.
    #[error(
        "floor of group {group:?} demands {demanded}, {shortfall} more than the caps of its members let it spend ({possible})"
    )]
    Caps {
        /// The group.
        group: String,
        /// Its floor.
        demanded: String,
        /// The most that its members can take.
        possible: String,
        /// Demanded less possible.
        shortfall: String,
    },
    /// A target beyond reach.
    #[error("target {target} is out of reach; the most that can be reached is {most}")]
    Target {
        /// The target.
        target: f64,
        /// The most value, or a proved bound on it.
        most: f64,
    },
    /// What required options force is more of a resource than there is.
    #[error(
        "required options and floors force {forced} of resource {resource:?}, {excess} more than its limit {limit}"
    )]
    Resource {
        /// The resource.
        resource: String,
        /// The least that is used.
        forced: String,
        /// The limit.
        limit: String,
        /// Forced less limit.
        excess: String,
    },
    /// A whole search found no allocation: each constraint alone can be kept, all together cannot.
    #[error("{constraints} cannot be kept together; {detail}")]
    Together {
        /// The constraints.
        constraints: String,
        /// What was found, with an amount.
        detail: String,
    },
}
