//! The lines of an answer, by column or one by one.

use crate::money::Money;
use crate::numeric::cast::usize_of_u32;

use super::super::activity::{Kind, MenuOption};
use super::super::concave::Layout;
use super::super::problem::Problem;
use super::{LimitedBy, Line, LineParts};

#[derive(Clone, Debug)]
pub(super) enum Lines {
    /// In columns, by position in the problem, which holds the ids.
    Columns(Problem, Columns),
    /// Read from elsewhere.
    Own(Vec<LineParts>),
}

/// One answer per activity, in columns: by the items of the problem's layout where `limits` are, else by position.
#[derive(Clone, Debug, Default)]
pub(in crate::allocate) struct Columns {
    pub(in crate::allocate) spend: Vec<i64>,
    pub(in crate::allocate) value: Vec<f64>,
    /// NaN-free: 0 for menus, whose marginal is not shown.
    pub(in crate::allocate) marginal: Vec<f64>,
    pub(in crate::allocate) limits: Limits,
    /// The position of the option taken, plus one; 0 for none. Empty if the problem has no menus.
    pub(in crate::allocate) option: Vec<u32>,
}

/// [`LimitedBy`] by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::allocate) enum Limit {
    Floor,
    MinimumIfAny,
    Cap,
    Saturated,
    Group(u32),
    Resource(u32),
    Budget,
}

/// What limits each activity.
#[derive(Clone, Debug)]
pub(in crate::allocate) enum Limits {
    /// By position.
    Each(Vec<Limit>),
    /// By item, as all columns then are: in a byte each, where all members of a group share the constraint that holds them.
    Shared {
        own: Vec<Own>,
        /// By position of the group; the budget's members come last.
        constraints: Vec<Limit>,
    },
}

/// What limits an item of its own, if anything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::allocate) enum Own {
    Floor,
    MinimumIfAny,
    Cap,
    Saturated,
    Nothing,
}

impl Default for Limits {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Limits {
    /// What limits the activity at a position, an item of the layout and a member of the group.
    fn at(&self, position: usize, item: usize, group: u32) -> Limit {
        match self {
            Self::Each(each) => each[position],
            Self::Shared { own, constraints } => match own[item] {
                Own::Floor => Limit::Floor,
                Own::MinimumIfAny => Limit::MinimumIfAny,
                Own::Cap => Limit::Cap,
                Own::Saturated => Limit::Saturated,
                Own::Nothing => {
                    let groups = constraints.len().saturating_sub(1);
                    constraints[usize_of_u32(group).min(groups)]
                }
            },
        }
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        let (len, other_len) = (self.len(), other.len());
        len == other_len && (0..len).all(|at| self.get(at) == other.get(at))
    }
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Columns(_, columns) => columns.spend.len(),
            Self::Own(lines) => lines.len(),
        }
    }

    /// `at` is below `len`.
    pub(super) fn get(&self, at: usize) -> Line<'_> {
        match self {
            Self::Columns(problem, columns) => columns.line(problem, at),
            Self::Own(lines) => {
                let parts = &lines[at];
                Line {
                    id: &parts.id,
                    spend: parts.spend,
                    value: parts.value,
                    marginal: parts.marginal,
                    option: parts.option.as_ref(),
                    limited_by: parts.limited_by.clone(),
                }
            }
        }
    }
}

impl Columns {
    /// Spend, value and option taken (as in [`Columns::option`]) of the activity at a position, in the layout that
    /// these columns were made for.
    pub(in crate::allocate) fn spent_at(
        &self,
        position: usize,
        layout: Option<&Layout>,
    ) -> (i64, f64, u32) {
        let at = self.place(position, layout);
        let option = self.option.get(at).copied().unwrap_or(0);
        (self.spend[at], self.value[at], option)
    }

    /// Where the activity at a position stands in the columns.
    fn place(&self, position: usize, layout: Option<&Layout>) -> usize {
        match (&self.limits, layout) {
            (Limits::Shared { .. }, Some(layout)) => layout.item_at(position),
            _ => position,
        }
    }

    /// Columns are as long as the problem's activities, and hold only its positions.
    fn line<'a>(&self, problem: &'a Problem, position: usize) -> Line<'a> {
        let activity = &problem.activities()[position];
        let at = self.place(position, problem.layout());
        let taken = self.option.get(at).copied().unwrap_or(0);
        let option = match activity.kind() {
            Kind::Menu(menu) => usize_of_u32(taken)
                .checked_sub(1)
                .and_then(|position| menu.options().get(position)),
            Kind::Spending(_) => None,
        };
        let group = problem.tree().group_of(position);
        let limited_by = match self.limits.at(position, at, group) {
            Limit::Floor => LimitedBy::Floor,
            Limit::MinimumIfAny => LimitedBy::MinimumIfAny,
            Limit::Cap => LimitedBy::Cap,
            Limit::Saturated => LimitedBy::Saturated,
            Limit::Group(group) => {
                LimitedBy::Group(problem.groups()[usize_of_u32(group)].id().clone())
            }
            Limit::Resource(resource) => {
                LimitedBy::Resource(problem.resources()[usize_of_u32(resource)].id().clone())
            }
            Limit::Budget => LimitedBy::Budget,
        };
        let is_curve = activity.as_spending().is_some();
        Line {
            id: activity.id(),
            spend: Money::from_minor(self.spend[at], problem.currency()),
            value: self.value[at],
            marginal: is_curve.then(|| self.marginal[at]),
            option: option.map(MenuOption::id),
            limited_by,
        }
    }
}

#[cfg(test)]
mod tests;
