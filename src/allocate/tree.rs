//! The groups as a forest over positions, in minor units.

/// No group: the budget itself.
pub(super) const ROOT: u32 = u32::MAX;

/// The forest of groups. Positions are those of [`Problem::groups`](super::Problem::groups) and
/// [`Problem::activities`](super::Problem::activities).
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// For each activity the group that it is a member of, or [`ROOT`]. Empty if there are no groups.
    pub(super) group_of: Vec<u32>,
    /// For each group its parent, or [`ROOT`].
    pub(super) parent: Vec<u32>,
    /// For each group its floor, in minor units.
    pub(super) floor: Vec<i64>,
    /// For each group its cap, in minor units; `i64::MAX` for none.
    pub(super) cap: Vec<i64>,
    /// The groups, every parent before its children.
    pub(super) downwards: Vec<u32>,
}

impl Tree {
    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.parent.len()
    }

    /// The group of an activity, or [`ROOT`].
    pub(super) fn group_of(&self, activity: usize) -> u32 {
        self.group_of.get(activity).copied().unwrap_or(ROOT)
    }
}

#[cfg(test)]
mod tests;
