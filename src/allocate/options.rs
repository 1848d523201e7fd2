//! How much work a solve may do, and how it tells of its progress.

/// Limits of a solve. They count work, never time, so that the same problem always has the same answer.
///
/// ```
/// use sortie::allocate::Options;
/// let options = Options::default().with_nodes_most(10_000);
/// assert_eq!(options.nodes_most(), 10_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    nodes_most: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes_most: 1_000_000,
        }
    }
}

impl Options {
    /// The most nodes that a search looks at. Concave problems need no search and never meet it.
    #[must_use]
    pub const fn with_nodes_most(mut self, nodes: u64) -> Self {
        self.nodes_most = nodes;
        self
    }

    /// See [`Options::with_nodes_most`].
    #[must_use]
    pub const fn nodes_most(&self) -> u64 {
        self.nodes_most
    }
}

/// How far a solve is, handed to the callback of [`solve_with`](super::solve_with).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Nodes of the search looked at, or passes over all activities.
    pub work: u64,
    /// The best value found so far (with a target, the least spend, if known); `None` before the first feasible allocation.
    pub value: Option<f64>,
    /// The proved bound on the value so far, infinite before the first (with a target, the least spend not yet ruled out).
    pub bound: f64,
}

impl Progress {
    /// A report.
    #[must_use]
    pub const fn new(work: u64, value: Option<f64>, bound: f64) -> Self {
        Self { work, value, bound }
    }
}
