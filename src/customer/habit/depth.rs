//! The lattice that the three axes of a habit span.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Anchoring, Ground, HabitError, Iteration, Scope};

/// How deep a habit has sunk: a point in the product of the chains of [`Scope`], [`Ground`] and
/// [`Anchoring`] \[H3\].
///
/// One law ties the axes: ground institution implies an anchoring of written rule or above. The 33
/// lawful points form a distributive lattice: [`meet`](Self::meet) and [`join`](Self::join) work
/// axis by axis and stay lawful.
///
/// The order is partial: `a <= b` when no axis of `a` exceeds that of `b`. Incomparable depths
/// compare as `None`, so there is no `Ord` and no "deeper than" between them.
///
/// ```
/// use sortie::customer::habit::{Anchoring, Depth, Ground, Scope};
///
/// let surgeon = Depth::new(Scope::Individual, Ground::Profession, Anchoring::Custom)?;
/// let ward = Depth::new(Scope::Group, Ground::Benefit, Anchoring::Custom)?;
/// assert_eq!(surgeon.partial_cmp(&ward), None);
/// let both = surgeon.join(ward);
/// assert!(surgeon < both && ward < both);
/// assert_eq!(surgeon.distance(ward), 2);
///
/// // A rule of management that is written nowhere is none.
/// assert!(Depth::new(Scope::Group, Ground::Institution, Anchoring::Custom).is_err());
/// # Ok::<(), sortie::customer::habit::HabitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "DepthFields", into = "DepthFields")]
pub struct Depth {
    scope: Scope,
    ground: Ground,
    anchoring: Anchoring,
}

impl Depth {
    /// The shallowest habit: one person, for benefit, by custom.
    pub const SHALLOWEST: Self = Self {
        scope: Scope::Individual,
        ground: Ground::Benefit,
        anchoring: Anchoring::Custom,
    };

    /// The deepest habit: the organisation, by rule of management, held by appraisal.
    pub const DEEPEST: Self = Self {
        scope: Scope::Organisation,
        ground: Ground::Institution,
        anchoring: Anchoring::Appraisal,
    };

    /// A depth from its three axes.
    ///
    /// # Errors
    /// [`HabitError::UnwrittenInstitution`] if the ground is institution and the anchoring custom.
    pub const fn new(
        scope: Scope,
        ground: Ground,
        anchoring: Anchoring,
    ) -> Result<Self, HabitError> {
        if matches!(
            (ground, anchoring),
            (Ground::Institution, Anchoring::Custom)
        ) {
            return Err(HabitError::UnwrittenInstitution { anchoring });
        }
        Ok(Self {
            scope,
            ground,
            anchoring,
        })
    }

    /// The same ground and anchoring at another scope; lawful whatever the scope.
    #[must_use]
    pub const fn at_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Every lawful depth, in the order of rank, then scope, ground and anchoring: each comes after
    /// all that are below it.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Scope::ALL
            .into_iter()
            .flat_map(|scope| Ground::ALL.into_iter().map(move |ground| (scope, ground)))
            .flat_map(|(scope, ground)| {
                Anchoring::ALL
                    .into_iter()
                    .filter_map(move |anchoring| Self::new(scope, ground, anchoring).ok())
            })
            .collect();
        all.sort_by_key(Depth::sort_key);
        all
    }

    /// Who has the habit.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Why they have it.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        self.ground
    }

    /// How it is held.
    #[must_use]
    pub const fn anchoring(&self) -> Anchoring {
        self.anchoring
    }

    /// Steps above [`SHALLOWEST`](Self::SHALLOWEST), 0 to 7: the rank in the lattice.
    ///
    /// `a < b` implies `a.rank() < b.rank()`; the converse does not hold, so the rank is no measure
    /// of depth between incomparable habits.
    #[must_use]
    pub const fn rank(&self) -> u32 {
        self.scope.level() + self.ground.level() + self.anchoring.level()
    }

    /// A total order that extends the partial one, for sorting and for keys: rank, then scope,
    /// ground and anchoring. It breaks ties; it does not say which habit is deeper.
    #[must_use]
    pub const fn sort_key(&self) -> (u32, Scope, Ground, Anchoring) {
        (self.rank(), self.scope, self.ground, self.anchoring)
    }

    /// The greatest depth below both: the lesser of each axis.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        Self {
            scope: self.scope.min(other.scope),
            ground: self.ground.min(other.ground),
            anchoring: self.anchoring.min(other.anchoring),
        }
    }

    /// The least depth above both: the greater of each axis.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            scope: self.scope.max(other.scope),
            ground: self.ground.max(other.ground),
            anchoring: self.anchoring.max(other.anchoring),
        }
    }

    /// The fewest single steps, up or down, from one depth to the other, through lawful depths.
    ///
    /// It is the sum over the axes of the levels between them, and a metric.
    #[must_use]
    pub const fn distance(self, other: Self) -> u32 {
        self.scope.level().abs_diff(other.scope.level())
            + self.ground.level().abs_diff(other.ground.level())
            + self.anchoring.level().abs_diff(other.anchoring.level())
    }

    /// The single steps that deepen the habit: at most one an axis, in the order scope, ground,
    /// anchoring; none from [`DEEPEST`](Self::DEEPEST).
    ///
    /// From an unwritten habit there is no step to ground institution: the rule is written first.
    #[must_use]
    pub fn next_steps(self) -> Vec<Iteration> {
        let wider = self.scope.deeper().map(|scope| Self { scope, ..self });
        let firmer = self
            .ground
            .deeper()
            .and_then(|ground| Self::new(self.scope, ground, self.anchoring).ok());
        let tighter = self
            .anchoring
            .deeper()
            .map(|anchoring| Self { anchoring, ..self });
        [wider, firmer, tighter]
            .into_iter()
            .flatten()
            .filter_map(|to| Iteration::new(self, to).ok())
            .collect()
    }

    /// The depths one step below: where erosion can take the habit \[H4\], in the order scope,
    /// ground, anchoring; none from [`SHALLOWEST`](Self::SHALLOWEST).
    #[must_use]
    pub fn steps_down(self) -> Vec<Self> {
        let narrower = self.scope.shallower().map(|scope| Self { scope, ..self });
        let slighter = self
            .ground
            .shallower()
            .map(|ground| Self { ground, ..self });
        let looser = self
            .anchoring
            .shallower()
            .and_then(|anchoring| Self::new(self.scope, self.ground, anchoring).ok());
        [narrower, slighter, looser].into_iter().flatten().collect()
    }
}

impl PartialOrd for Depth {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let axes = [
            self.scope.cmp(&other.scope),
            self.ground.cmp(&other.ground),
            self.anchoring.cmp(&other.anchoring),
        ];
        let rises = axes.contains(&Ordering::Less);
        let falls = axes.contains(&Ordering::Greater);
        match (rises, falls) {
            (false, false) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (true, true) => None,
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scope, self.ground, self.anchoring)
    }
}

/// The axes as they stand in a document, before the law is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DepthFields {
    scope: Scope,
    ground: Ground,
    anchoring: Anchoring,
}

impl TryFrom<DepthFields> for Depth {
    type Error = HabitError;

    fn try_from(fields: DepthFields) -> Result<Self, HabitError> {
        Self::new(fields.scope, fields.ground, fields.anchoring)
    }
}

impl From<Depth> for DepthFields {
    fn from(depth: Depth) -> Self {
        Self {
            scope: depth.scope,
            ground: depth.ground,
            anchoring: depth.anchoring,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    // There are only 33 lawful depths: the laws are checked for every pair and triple, which is
    // more than any sample could do.

    #[test]
    fn thirty_three_depths_are_lawful_and_three_are_not() {
        let all = Depth::all();
        assert_eq!(all.len(), 33);
        assert_eq!(all[0], Depth::SHALLOWEST);
        assert_eq!(all[32], Depth::DEEPEST);
        for scope in Scope::ALL {
            assert_eq!(
                Depth::new(scope, Ground::Institution, Anchoring::Custom)
                    .unwrap_err()
                    .to_string(),
                "ground institution with anchoring custom: what an institution demands is written \
                 down somewhere; record anchoring written_rule or above, or ground profession"
            );
        }
    }

    #[test]
    fn the_order_is_the_product_of_the_chains() {
        for a in Depth::all() {
            for b in Depth::all() {
                let below =
                    a.scope <= b.scope && a.ground <= b.ground && a.anchoring <= b.anchoring;
                assert_eq!(a <= b, below, "{a} {b}");
                assert_eq!(a.partial_cmp(&b), b.partial_cmp(&a).map(Ordering::reverse));
                assert_eq!(a.partial_cmp(&b) == Some(Ordering::Equal), a == b);
                if a < b {
                    assert!(a.rank() < b.rank());
                    assert!(a.sort_key() < b.sort_key());
                }
            }
        }
    }

    #[test]
    fn meet_and_join_are_the_bounds_of_the_order() {
        for a in Depth::all() {
            for b in Depth::all() {
                let (meet, join) = (a.meet(b), a.join(b));
                assert!(Depth::new(meet.scope, meet.ground, meet.anchoring).is_ok());
                assert!(Depth::new(join.scope, join.ground, join.anchoring).is_ok());
                for c in Depth::all() {
                    // The universal properties, from the order alone.
                    assert_eq!(c <= a && c <= b, c <= meet, "{a} {b} {c}");
                    assert_eq!(a <= c && b <= c, join <= c, "{a} {b} {c}");
                    assert_eq!(a.meet(b.join(c)), a.meet(b).join(a.meet(c)));
                }
            }
        }
    }

    #[test]
    fn steps_are_the_covers_of_the_order() {
        for a in Depth::all() {
            let above: Vec<Depth> = a.next_steps().iter().map(Iteration::to).collect();
            for b in Depth::all() {
                let between = Depth::all().into_iter().any(|c| a < c && c < b);
                let covers = a < b && !between;
                assert_eq!(above.contains(&b), covers, "{a} {b}");
                assert_eq!(b.steps_down().contains(&a), covers, "{a} {b}");
            }
        }
        assert!(Depth::DEEPEST.next_steps().is_empty());
        assert!(Depth::SHALLOWEST.steps_down().is_empty());
    }

    #[test]
    fn distance_is_the_shortest_walk_through_lawful_depths() {
        for start in Depth::all() {
            let mut walked = vec![(start, 0)];
            let mut queue = VecDeque::from([(start, 0)]);
            while let Some((at, steps)) = queue.pop_front() {
                let up = at.next_steps().into_iter().map(|step| step.to());
                for next in up.chain(at.steps_down()) {
                    if walked.iter().all(|(seen, _)| *seen != next) {
                        walked.push((next, steps + 1));
                        queue.push_back((next, steps + 1));
                    }
                }
            }
            assert_eq!(walked.len(), 33);
            for (end, steps) in walked {
                assert_eq!(start.distance(end), steps, "{start} {end}");
                let (meet, join) = (start.meet(end), start.join(end));
                assert_eq!(join.rank() - meet.rank(), steps);
            }
        }
    }

    #[test]
    fn names_and_documents_agree() {
        for depth in Depth::all() {
            let text = serde_json::to_string(&depth).unwrap();
            assert_eq!(
                text,
                format!(
                    r#"{{"scope":"{}","ground":"{}","anchoring":"{}"}}"#,
                    depth.scope, depth.ground, depth.anchoring
                )
            );
            assert_eq!(serde_json::from_str::<Depth>(&text).unwrap(), depth);
        }
    }

    #[test]
    fn an_unlawful_document_gets_the_constructors_sentence() {
        let text = r#"{"scope":"group","ground":"institution","anchoring":"custom"}"#;
        let refused = serde_json::from_str::<Depth>(text).unwrap_err().to_string();
        assert!(
            refused.starts_with("ground institution with anchoring custom: "),
            "{refused}"
        );
        for text in [
            r#"{"scope":"group","ground":"benefit"}"#,
            r#"{"scope":"group","ground":"benefit","anchoring":null}"#,
            r#"{"scope":"Group","ground":"benefit","anchoring":"custom"}"#,
            r#"{"scope":"group","scope":"group","ground":"benefit","anchoring":"custom"}"#,
            r#"{"scope":"group","ground":"benefit","anchoring":"custom","depth":3}"#,
        ] {
            assert!(serde_json::from_str::<Depth>(text).is_err(), "{text}");
        }
    }
}
