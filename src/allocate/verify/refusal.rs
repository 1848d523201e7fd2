//! What is wrong with an answer that is refused.

use thiserror::Error;

/// Why [`verify`](super::verify()) refuses an answer: it is not what it says it is.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The answer's lists are not those of the problem.
    #[error(
        "{list} of the answer do not match the problem: {found:?} stands where {wanted:?} is due"
    )]
    Mismatch {
        /// Which list.
        list: &'static str,
        /// What the answer has, or `nothing`.
        found: String,
        /// What the problem has, or `nothing`.
        wanted: String,
    },
    /// A spend or an option that the activity does not allow.
    #[error("activity {activity:?} {fault}")]
    Unlawful {
        /// The activity.
        activity: String,
        /// What it does, and what it may.
        fault: String,
    },
    /// A constraint that the spends break.
    #[error("{constraint} is broken: {spent} against {limit}")]
    Broken {
        /// The constraint, such as `budget` or `cap of group "north"`.
        constraint: String,
        /// What is spent or used.
        spent: String,
        /// What is allowed.
        limit: String,
    },
    /// A stated figure that the spends do not give.
    #[error("{figure} is stated as {stated}; recomputed it is {recomputed}")]
    Misstated {
        /// The figure, such as `value of activity "a"`.
        figure: String,
        /// What the answer says.
        stated: String,
        /// What the spends give.
        recomputed: String,
    },
    /// Prices that bound nothing.
    #[error("price {price} of {constraint} is unlawful; {rule}")]
    Price {
        /// What has the price.
        constraint: String,
        /// The price.
        price: f64,
        /// The rule.
        rule: &'static str,
    },
}
