//! The answer: spends, prices, and how good it is.

mod lines;

use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

use super::concave::Revision;
use super::problem::Problem;

use lines::Lines;
pub(super) use lines::{Columns, Limit, Limits, Own};

/// How good an allocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Proved best.
    Optimal,
    /// The best found, with a proved bound on what is possible.
    ///
    /// A search answers so too where values of both signs cancel to next to nothing: its bound is rounded upwards by
    /// what the terms, values and prices of spends, can be off, and that may be more than 10⁻¹² of what is left.
    Bounded {
        /// Why the gap was not closed.
        because: Unclosed,
    },
}

/// Why a gap between value and bound was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unclosed {
    /// The search met its limit of nodes.
    Nodes,
    /// The caller's callback stopped the search.
    Stopped,
    /// It was read from a document, which does not say.
    NotSaid,
}

/// What keeps an activity from more (or, at its floor, from less).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitedBy {
    /// Its floor holds it up.
    Floor,
    /// It takes its least spend, less than which is not allowed.
    MinimumIfAny,
    /// Its own cap.
    Cap,
    /// The next step, or any better option, adds nothing.
    Saturated,
    /// The innermost group that binds.
    Group(Id),
    /// A resource.
    Resource(Id),
    /// The budget.
    Budget,
}

/// What one activity received.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// The activity.
    pub id: &'a Id,
    /// What it spends.
    pub spend: Money,
    /// What that is worth.
    pub value: f64,
    /// Gain of the next step per currency unit, floor and cap ignored; `None` for a menu.
    pub marginal: Option<f64>,
    /// The option taken; `None` for a curve, or if none is taken.
    pub option: Option<&'a Id>,
    /// What keeps it there.
    pub limited_by: LimitedBy,
}

/// What a resource is used for, and its price.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceLine {
    /// The resource.
    pub id: Id,
    /// How much is used; a use finer than six decimals is rounded up for show (it is never rounded in the solve).
    pub used: Quantity,
    /// Value per further unit of the resource.
    pub shadow_price: f64,
}

/// What a group spends, and its price.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLine {
    /// The group.
    pub id: Id,
    /// What it spends.
    pub spent: Money,
    /// Value per currency unit that its cap holds back; negative where its floor binds.
    pub shadow_price: f64,
}

/// Prices from which anyone can compute a bound: for any prices λ ≥ 0, no allocation is worth more than
/// `Σ λ·limit + Σ max(value − price of the spend)`.
///
/// All are in value per currency unit (resources: per unit), for a target too. Groups and resources are in the
/// order of their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// Of the budget (for a target: value of a currency unit at the margin).
    pub budget: f64,
    /// Of each resource.
    pub resources: Vec<f64>,
    /// Of each group; negative where a floor binds.
    pub groups: Vec<f64>,
}

/// One part of a covered problem: activities restricted to ranges, and prices that bound it.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The restrictions, by position of activity.
    pub restrictions: Vec<Restriction>,
    /// Prices that show that nothing in here is better.
    pub prices: Prices,
}

/// A range for one activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Position in [`Problem::activities`].
    pub activity: u32,
    /// Least spend in minor units; for a menu the least choice, 0 being none and `k` the `k`-th option by id.
    pub low: i64,
    /// Greatest spend in minor units, or choice.
    pub high: i64,
}

/// The proof that an answer carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificate {
    /// The prices of the whole problem.
    pub prices: Prices,
    /// The leaves of a search that closed what the prices left open; empty where prices alone prove it.
    pub leaves: Vec<Leaf>,
}

/// An answer to a [`Problem`].
///
/// ```
/// # use sortie::allocate::{Activity, Objective, Problem, Status, solve};
/// # use sortie::id::Id;
/// # use sortie::money::{Currency, Money};
/// # use sortie::response::Power;
/// let eur = Currency::from_code("EUR")?;
/// let problem = Problem::new(
///     eur,
///     Objective::Budget(Money::parse("1000.00", eur)?),
///     vec![],
///     vec![Activity::curve(Id::new("a")?, Power::new(5.0, 0.3)?)],
///     vec![],
/// )?;
/// let allocation = solve(&problem)?;
/// assert_eq!(allocation.status(), Status::Optimal);
/// assert_eq!(allocation.spent().to_string(), "1000.00 EUR");
/// assert!(allocation.gap() <= 1e-12 * allocation.value());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    currency: Currency,
    status: Status,
    value: f64,
    bound: f64,
    gap: f64,
    spent: Money,
    unspent: Option<Money>,
    shadow_price: f64,
    resources: Vec<ResourceLine>,
    groups: Vec<GroupLine>,
    lines: Lines,
    certificate: Certificate,
}

/// The figures of an answer as a whole, for [`Allocation::from_parts`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Proved or not.
    pub status: Status,
    /// What is reached.
    pub value: f64,
    /// With a budget, what no allocation can exceed; with a target, a spend that none can undercut.
    pub bound: f64,
    /// The distance between answer and bound.
    pub gap: f64,
    /// What is spent.
    pub spent: Money,
    /// What is left of the budget; `None` with a target.
    pub unspent: Option<Money>,
    /// Value per further currency unit; with a target, spend per further unit of value.
    pub shadow_price: f64,
}

/// One activity's answer, owned; see [`Line`].
#[derive(Clone, Debug, PartialEq)]
pub struct LineParts {
    /// The activity.
    pub id: Id,
    /// What it spends.
    pub spend: Money,
    /// What that is worth.
    pub value: f64,
    /// Gain of the next step per currency unit; `None` for a menu.
    pub marginal: Option<f64>,
    /// The option taken.
    pub option: Option<Id>,
    /// What keeps it there.
    pub limited_by: LimitedBy,
}

impl Allocation {
    /// Puts an answer together, in the order of ids. Nothing is checked but that order: `verify` is for that.
    #[must_use]
    pub fn from_parts(
        currency: Currency,
        totals: Totals,
        mut resources: Vec<ResourceLine>,
        mut groups: Vec<GroupLine>,
        mut lines: Vec<LineParts>,
        certificate: Certificate,
    ) -> Self {
        resources.sort_by(|a, b| a.id.cmp(&b.id));
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        lines.sort_by(|a, b| a.id.cmp(&b.id));
        Self::put_together(
            currency,
            totals,
            (resources, groups),
            Lines::Own(lines),
            certificate,
        )
    }

    /// The same from columns by position.
    pub(super) fn from_columns(
        problem: &Problem,
        totals: Totals,
        resources: Vec<ResourceLine>,
        groups: Vec<GroupLine>,
        columns: Columns,
        certificate: Certificate,
    ) -> Self {
        let lines = Lines::Columns(problem.clone(), columns);
        let currency = problem.currency();
        Self::put_together(currency, totals, (resources, groups), lines, certificate)
    }

    /// The columns of an answer made from them.
    pub(super) const fn columns(&self) -> Option<&Columns> {
        match &self.lines {
            Lines::Columns(_, columns) => Some(columns),
            Lines::Own(_) => None,
        }
    }

    /// Takes the columns out, and lets go of the problem.
    pub(super) fn take_columns(&mut self) -> Option<Columns> {
        match core::mem::replace(&mut self.lines, Lines::Own(Vec::new())) {
            Lines::Columns(_, columns) => Some(columns),
            Lines::Own(_) => None,
        }
    }

    /// Puts revised columns back, and takes over new totals and prices.
    pub(super) fn revise(&mut self, problem: &Problem, columns: Columns, revision: Revision) {
        let totals = revision.totals;
        self.value = totals.value;
        self.bound = totals.bound;
        self.gap = totals.gap;
        self.spent = totals.spent;
        self.unspent = totals.unspent;
        self.shadow_price = totals.shadow_price;
        let rows = revision.group_spent.iter().zip(&revision.prices.groups);
        for (line, (&minor, &shadow_price)) in self.groups.iter_mut().zip(rows) {
            line.spent = Money::from_minor(minor, self.currency);
            line.shadow_price = shadow_price;
        }
        self.certificate.prices = revision.prices;
        self.lines = Lines::Columns(problem.clone(), columns);
    }

    fn put_together(
        currency: Currency,
        totals: Totals,
        (resources, groups): (Vec<ResourceLine>, Vec<GroupLine>),
        lines: Lines,
        certificate: Certificate,
    ) -> Self {
        Self {
            currency,
            status: totals.status,
            value: totals.value,
            bound: totals.bound,
            gap: totals.gap,
            spent: totals.spent,
            unspent: totals.unspent,
            shadow_price: totals.shadow_price,
            resources,
            groups,
            lines,
            certificate,
        }
    }

    /// The currency of all amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// How good it is.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Whether it is proved best.
    #[must_use]
    pub fn is_optimal(&self) -> bool {
        self.status == Status::Optimal
    }

    /// What is reached.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// With a budget, what no allocation can exceed; with a target, a spend in currency units that no
    /// allocation can undercut.
    #[must_use]
    pub const fn bound(&self) -> f64 {
        self.bound
    }

    /// The distance between answer and bound, absolute; never negative.
    #[must_use]
    pub const fn gap(&self) -> f64 {
        self.gap
    }

    /// What is spent.
    #[must_use]
    pub const fn spent(&self) -> Money {
        self.spent
    }

    /// What is left of the budget; `None` with a target.
    #[must_use]
    pub const fn unspent(&self) -> Option<Money> {
        self.unspent
    }

    /// Value per further currency unit of budget; with a target, spend per further unit of value.
    #[must_use]
    pub const fn shadow_price(&self) -> f64 {
        self.shadow_price
    }

    /// The resources, in the order of their ids.
    #[must_use]
    pub fn resources(&self) -> &[ResourceLine] {
        &self.resources
    }

    /// The groups, in the order of their ids.
    #[must_use]
    pub fn groups(&self) -> &[GroupLine] {
        &self.groups
    }

    /// The proof.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// How many activities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no activities.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every activity, in the order of ids.
    #[must_use]
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> + '_ {
        (0..self.len()).map(|at| self.line_at(at))
    }

    /// The line of one activity. Logarithmic in the number of activities.
    #[must_use]
    pub fn line(&self, id: &Id) -> Option<Line<'_>> {
        let at = match &self.lines {
            Lines::Columns(problem, _) => problem.position(id)?,
            Lines::Own(lines) => lines.binary_search_by(|line| line.id.cmp(id)).ok()?,
        };
        Some(self.line_at(at))
    }

    fn line_at(&self, at: usize) -> Line<'_> {
        self.lines.get(at)
    }
}
