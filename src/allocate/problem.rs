//! What is to be allocated, admitted as a whole.

use std::sync::{Arc, OnceLock};

use crate::document::{DocumentError, Fault};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

use super::activity::Activity;
use super::admission;
use super::concave::Layout;
use super::tree::Tree;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The most value that this budget can buy.
    Budget(Money),
    /// The least spend whose value reaches this.
    Target(f64),
}

/// Something other than money that is scarce: hours, calls, exposure.
///
/// ```
/// use sortie::allocate::Resource;
/// use sortie::id::Id;
/// let hours = Resource::new(Id::new("hours")?, "40.0".parse()?);
/// assert_eq!(hours.limit().to_string(), "40");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub(super) id: Id,
    pub(super) limit: Quantity,
}

/// A node in the tree of budgets: a territory, a region, the company.
///
/// Its spend is that of its members and of its child groups.
///
/// ```
/// use sortie::allocate::Group;
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// let north = Group::new(Id::new("north")?)
///     .with_parent(Id::new("company")?)
///     .with_cap(Money::parse("400.00", Currency::from_code("USD")?)?)
///     .with_members(vec![Id::new("a")?, Id::new("b")?]);
/// assert_eq!(north.members().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub(super) id: Id,
    pub(super) parent: Option<Id>,
    pub(super) floor: Option<Money>,
    pub(super) cap: Option<Money>,
    pub(super) members: Vec<Id>,
}

/// An allocation problem: an objective, activities, and what binds them.
///
/// Immutable, cheap to clone, and independent of the order in which its parts were handed in: everything is
/// kept, and answered, in the order of ids.
///
/// ```
/// use sortie::allocate::{Activity, Objective, Problem, solve};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::ModifiedExponential;
///
/// let usd = Currency::from_code("USD")?;
/// let problem = Problem::new(
///     usd,
///     Objective::Budget(Money::parse("100.00", usd)?),
///     vec![],
///     vec![
///         Activity::curve(Id::new("a")?, ModifiedExponential::new(100.0, 0.02)?),
///         Activity::curve(Id::new("b")?, ModifiedExponential::new(60.0, 0.05)?),
///     ],
///     vec![],
/// )?;
/// let allocation = solve(&problem)?;
/// let spends: Vec<String> = allocation.lines().map(|line| line.spend.to_string()).collect();
/// assert_eq!(spends, ["65.64 USD", "34.36 USD"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Problem {
    objective: Objective,
    parts: Arc<Parts>,
}

/// All but the objective.
#[derive(Clone, Debug)]
struct Parts {
    currency: Currency,
    resources: Vec<Resource>,
    activities: Vec<Activity>,
    groups: Vec<Group>,
    tree: Tree,
    /// Laid out when first asked for.
    layout: OnceLock<Option<Layout>>,
}

/// What another activity took the place of.
pub(super) struct Replaced {
    pub(super) activity: Activity,
    /// Whether the layout could stay; if not, the layout, if there was one.
    pub(super) stays: bool,
    pub(super) layout: Option<Layout>,
}

impl Problem {
    /// Admits a problem.
    ///
    /// # Errors
    /// [`DocumentError`] with *every* fault, each naming the path (such as `activities[3].cap`, by the order
    /// handed in), the value and the rule: ids that repeat, unknown references, amounts below zero or in another
    /// currency, floors above caps, amounts that are no multiples of their step, groups in a cycle, and so on.
    ///
    /// Contradictions *between* lawful constraints are found by [`solve`](super::solve()), as
    /// [`Infeasible`](super::Infeasible).
    pub fn new(
        currency: Currency,
        objective: Objective,
        resources: Vec<Resource>,
        activities: Vec<Activity>,
        groups: Vec<Group>,
    ) -> Result<Self, DocumentError> {
        let mut faults: Vec<Fault> = Vec::new();
        let draft = admission::Draft {
            currency,
            objective,
            resources,
            activities,
            groups,
        };
        let admitted = admission::admit(draft, &mut faults);
        if !faults.is_empty() {
            return Err(DocumentError::new(faults));
        }
        let parts = Parts {
            currency,
            resources: admitted.resources,
            activities: admitted.activities,
            groups: admitted.groups,
            tree: admitted.tree,
            layout: OnceLock::new(),
        };
        Ok(Self {
            objective,
            parts: Arc::new(parts),
        })
    }

    /// The same problem with another objective, sharing all else: for frontiers and what-if questions.
    ///
    /// # Errors
    /// [`DocumentError`] if the objective is not lawful in this problem.
    pub fn with_objective(&self, objective: Objective) -> Result<Self, DocumentError> {
        let mut faults = Vec::new();
        admission::check_objective(self.currency(), objective, &mut faults);
        if !faults.is_empty() {
            return Err(DocumentError::new(faults));
        }
        Ok(Self {
            objective,
            parts: Arc::clone(&self.parts),
        })
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.parts.currency
    }

    /// What is asked.
    #[must_use]
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// The resources, in the order of their ids.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.parts.resources
    }

    /// The activities, in the order of their ids.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        &self.parts.activities
    }

    /// The groups, in the order of their ids.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.parts.groups
    }

    /// The position of an activity in [`Problem::activities`].
    #[must_use]
    pub fn position(&self, id: &Id) -> Option<usize> {
        self.activities()
            .binary_search_by(|activity| activity.id().cmp(id))
            .ok()
    }

    /// The problem as a price search reads it; `None` if it needs a search. Laid out once, on first use.
    pub(super) fn layout(&self) -> Option<&Layout> {
        let parts = &self.parts;
        parts
            .layout
            .get_or_init(|| Layout::of(parts.currency, &parts.activities, &parts.tree))
            .as_ref()
    }

    /// Puts an admitted activity in the place of the one with its id. Copies the problem if others share it.
    pub(super) fn replace(&mut self, position: usize, activity: Activity) -> Replaced {
        let parts = Arc::make_mut(&mut self.parts);
        let stays = match parts.layout.get_mut() {
            Some(Some(layout)) => layout.replace(position, &activity),
            _ => false,
        };
        let layout = if stays {
            None
        } else {
            core::mem::take(&mut parts.layout).into_inner().flatten()
        };
        let activity = core::mem::replace(&mut parts.activities[position], activity);
        Replaced {
            activity,
            stays,
            layout,
        }
    }

    /// The groups as a forest over positions.
    pub(super) fn tree(&self) -> &Tree {
        &self.parts.tree
    }
}

impl PartialEq for Problem {
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.parts, &other.parts) && self.objective == other.objective)
            || (self.currency() == other.currency()
                && self.objective() == other.objective()
                && self.resources() == other.resources()
                && self.activities() == other.activities()
                && self.groups() == other.groups())
    }
}

impl Resource {
    /// A resource and how much of it there is.
    #[must_use]
    pub const fn new(id: Id, limit: Quantity) -> Self {
        Self { id, limit }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// How much there is.
    #[must_use]
    pub const fn limit(&self) -> Quantity {
        self.limit
    }
}

impl Group {
    /// A group without parent, bounds or members.
    #[must_use]
    pub const fn new(id: Id) -> Self {
        Self {
            id,
            parent: None,
            floor: None,
            cap: None,
            members: Vec::new(),
        }
    }

    /// The group that this one is part of.
    #[must_use]
    pub fn with_parent(mut self, parent: Id) -> Self {
        self.parent = Some(parent);
        self
    }

    /// The least that it spends.
    #[must_use]
    pub const fn with_floor(mut self, floor: Money) -> Self {
        self.floor = Some(floor);
        self
    }

    /// The most that it spends.
    #[must_use]
    pub const fn with_cap(mut self, cap: Money) -> Self {
        self.cap = Some(cap);
        self
    }

    /// The activities that belong to it directly.
    #[must_use]
    pub fn with_members(mut self, members: Vec<Id>) -> Self {
        self.members = members;
        self
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// The group that this one is part of.
    #[must_use]
    pub const fn parent(&self) -> Option<&Id> {
        self.parent.as_ref()
    }

    /// The least that it spends; `None` is 0.
    #[must_use]
    pub const fn floor(&self) -> Option<Money> {
        self.floor
    }

    /// The most that it spends; `None` is no cap.
    #[must_use]
    pub const fn cap(&self) -> Option<Money> {
        self.cap
    }

    /// The activities that belong to it directly; in a problem, in the order of their ids.
    #[must_use]
    pub fn members(&self) -> &[Id] {
        &self.members
    }
}

#[cfg(test)]
mod tests;
