//! One move up the lattice of depths.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Axis, Depth, HabitError};

/// A deepening of a habit, from one depth to a greater one \[H3\].
///
/// It cannot be built if any axis would fall, nor if nothing would rise. [`Depth::next_steps`] lists
/// those that raise one axis by one; a longer one is lawful, and [`steps`](Self::steps) tells how
/// many such moves it takes.
///
/// ```
/// use sortie::customer::habit::{Anchoring, Depth, Ground, HabitError, Iteration, Scope};
///
/// let ward = Depth::new(Scope::Group, Ground::Profession, Anchoring::Custom)?;
/// let protocol = Depth::new(Scope::Group, Ground::Profession, Anchoring::WrittenRule)?;
/// let iteration = Iteration::new(ward, protocol)?;
/// assert_eq!(iteration.steps(), 1);
///
/// let refused = Iteration::new(protocol, ward);
/// assert!(matches!(refused, Err(HabitError::IterationDown { axis: "anchoring", .. })));
/// # Ok::<(), HabitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "IterationFields", into = "IterationFields")]
pub struct Iteration {
    from: Depth,
    to: Depth,
}

impl Iteration {
    /// An iteration between two depths.
    ///
    /// # Errors
    /// [`HabitError::IterationDown`] if an axis of `to` is below that of `from`;
    /// [`HabitError::IterationNowhere`] if the two are equal.
    pub fn new(from: Depth, to: Depth) -> Result<Self, HabitError> {
        if from == to {
            return Err(HabitError::IterationNowhere { at: from });
        }
        let axis = if to.scope() < from.scope() {
            "scope"
        } else if to.ground() < from.ground() {
            "ground"
        } else if to.anchoring() < from.anchoring() {
            "anchoring"
        } else {
            return Ok(Self { from, to });
        };
        Err(HabitError::IterationDown {
            from,
            to,
            axis,
            join: from.join(to),
        })
    }

    /// Where the habit stands.
    #[must_use]
    pub const fn from(&self) -> Depth {
        self.from
    }

    /// Where it goes.
    #[must_use]
    pub const fn to(&self) -> Depth {
        self.to
    }

    /// Whether it raises an axis.
    #[must_use]
    pub fn raises(&self, axis: Axis) -> bool {
        let (from, to) = (self.from, self.to);
        match axis {
            Axis::Scope => from.scope() < to.scope(),
            Axis::Ground => from.ground() < to.ground(),
            Axis::Anchoring => from.anchoring() < to.anchoring(),
        }
    }

    /// How many single steps it takes, at least 1.
    #[must_use]
    pub const fn steps(&self) -> u32 {
        self.from.distance(self.to)
    }
}

impl fmt::Display for Iteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)
    }
}

/// The two ends as they stand in a document, before the law is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IterationFields {
    from: Depth,
    to: Depth,
}

impl TryFrom<IterationFields> for Iteration {
    type Error = HabitError;

    fn try_from(fields: IterationFields) -> Result<Self, HabitError> {
        Self::new(fields.from, fields.to)
    }
}

impl From<Iteration> for IterationFields {
    fn from(iteration: Iteration) -> Self {
        Self {
            from: iteration.from,
            to: iteration.to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::habit::{Anchoring, Ground, Scope};

    #[test]
    fn exactly_the_upward_moves_exist() {
        for from in Depth::all() {
            for to in Depth::all() {
                let built = Iteration::new(from, to);
                assert_eq!(built.is_ok(), from < to, "{from} {to}");
                if let Ok(iteration) = built {
                    assert!(iteration.to().scope() >= iteration.from().scope());
                    assert!(iteration.to().ground() >= iteration.from().ground());
                    assert!(iteration.to().anchoring() >= iteration.from().anchoring());
                    assert_eq!(iteration.steps(), to.rank() - from.rank());
                    let raised = Axis::ALL.into_iter().filter(|axis| iteration.raises(*axis));
                    let raised: Vec<&str> = raised.map(Axis::name).collect();
                    let differs = [
                        ("scope", from.scope().level() != to.scope().level()),
                        ("ground", from.ground().level() != to.ground().level()),
                        (
                            "anchoring",
                            from.anchoring().level() != to.anchoring().level(),
                        ),
                    ];
                    let differs = differs.into_iter().filter(|(_, differs)| *differs);
                    assert_eq!(raised, differs.map(|(axis, _)| axis).collect::<Vec<_>>());
                    let text = serde_json::to_string(&iteration).unwrap();
                    assert_eq!(serde_json::from_str::<Iteration>(&text).unwrap(), iteration);
                }
            }
        }
    }

    #[test]
    fn a_refusal_names_the_axis_and_the_way_out() {
        let from = Depth::new(Scope::Group, Ground::Profession, Anchoring::Process).unwrap();
        let to = Depth::new(Scope::Organisation, Ground::Benefit, Anchoring::Custom).unwrap();
        assert_eq!(
            Iteration::new(from, to).unwrap_err().to_string(),
            "iteration from group/profession/process to organisation/benefit/custom lowers ground: \
             an iteration never moves an axis down; aim at organisation/profession/process, which \
             keeps what is held"
        );
        assert_eq!(
            Iteration::new(from, from).unwrap_err().to_string(),
            "iteration from group/profession/process to itself: an iteration deepens at least one \
             axis"
        );
    }
}
