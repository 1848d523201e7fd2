//! A solved problem kept for questions of what would change.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::document::DocumentError;
use crate::id::Id;
use crate::money::Money;
use crate::numeric::ExactSum;
use crate::numeric::cast::{u32_of_usize, usize_of_u32};

use super::super::{Activity, AllocateError, Allocation, Line, Objective, Problem, solve};
use super::layout::Market;

/// Activities nearest the price that are looked at first.
const OPEN_FIRST: usize = 64;
/// By how much a price must clear the gains left out of sight, relative to them.
const CLEARANCE: f64 = 1e-9;

/// A change to a problem: another budget, activities put in the place of those with their ids, added, or taken out.
///
/// ```
/// use sortie::allocate::Change;
/// use sortie::id::Id;
/// let change = Change::new().without(Id::new("north-17")?);
/// assert!(!change.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    budget: Option<Money>,
    activities: BTreeMap<Id, Option<Activity>>,
}

/// What a change would do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shift {
    /// The value of the whole allocation after the change.
    pub value: f64,
    /// What is spent after it.
    pub spent: Money,
    /// What is left of the budget after it; `None` with a target.
    pub unspent: Option<Money>,
    /// The price of the budget after it.
    pub shadow_price: f64,
    /// The activities that spend otherwise than before, and those that the change names; in the order of ids.
    pub moved: Vec<Moved>,
}

/// One activity before and after a change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moved {
    /// The activity.
    pub id: Id,
    /// Spend and value before; `None` if it was not there.
    pub before: Option<(Money, f64)>,
    /// Spend and value after; `None` if it was taken out.
    pub after: Option<(Money, f64)>,
}

/// Why a change has no answer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The changed problem is not lawful.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The changed problem has no allocation.
    #[error(transparent)]
    Allocate(#[from] AllocateError),
}

/// A problem with its answer, laid out so that small changes are answered by looking at few activities.
///
/// Of each activity it keeps the gain of the next step and that of the last one taken, sorted. A change frees or takes
/// some money; only the activities whose gains lie nearest the price can move, so the market is solved again over those
/// few, with what is left for them, and the result holds for the whole if its price clears the gains of all that were
/// left out. The answer is the same, bit for bit, as that of solving the changed problem afresh.
///
/// Small changes are quick for concave activities without groups, with a budget. For everything else, and for changes that
/// move a large part of the activities, the changed problem is solved afresh.
///
/// ```
/// use sortie::allocate::{Activity, Change, Objective, Problem, Retained};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::Power;
///
/// let usd = Currency::from_code("USD")?;
/// let budget = Objective::Budget(Money::parse("100.00", usd)?);
/// let activity = |name: &str, scale: f64| -> Result<Activity, Box<dyn std::error::Error>> {
///     Ok(Activity::curve(Id::new(name)?, Power::new(scale, 0.5)?))
/// };
/// let activities = vec![activity("a", 3.0)?, activity("b", 4.0)?];
/// let retained = Retained::of(&Problem::new(usd, budget, vec![], activities, vec![])?)?;
/// let shift = retained.what_if(&Change::new().with_activity(activity("a", 4.0)?))?;
/// let after: Vec<String> = shift.moved.iter().filter_map(|m| m.after).map(|(m, _)| m.to_string()).collect();
/// assert_eq!(after, ["50.00 USD", "50.00 USD"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Retained {
    problem: Problem,
    allocation: Allocation,
    ladders: Option<Ladders>,
}

/// Gains per currency unit on both sides of the price, by position.
#[derive(Clone, Debug)]
struct Ladders {
    /// Of next steps, the largest first; those that gain nothing are left out.
    next: Vec<(f64, u32)>,
    /// Of last steps taken that no floor forces, the smallest first.
    last: Vec<(f64, u32)>,
    value: ExactSum,
}

impl Change {
    /// No change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With another budget.
    #[must_use]
    pub const fn with_budget(mut self, budget: Money) -> Self {
        self.budget = Some(budget);
        self
    }

    /// With this activity in the place of the one with its id, or added.
    #[must_use]
    pub fn with_activity(mut self, activity: Activity) -> Self {
        self.activities
            .insert(activity.id().clone(), Some(activity));
        self
    }

    /// Without this activity.
    #[must_use]
    pub fn without(mut self, id: Id) -> Self {
        self.activities.insert(id, None);
        self
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.budget.is_none() && self.activities.is_empty()
    }

    /// The changed problem. Linear in the number of activities.
    ///
    /// # Errors
    /// [`DocumentError`] if it is not lawful.
    pub fn apply(&self, problem: &Problem) -> Result<Problem, DocumentError> {
        let kept = problem.activities().iter();
        let mut activities: Vec<Activity> = kept
            .filter(|activity| !self.activities.contains_key(activity.id()))
            .cloned()
            .collect();
        activities.extend(self.activities.values().flatten().cloned());
        Problem::new(
            problem.currency(),
            self.objective(problem),
            problem.resources().to_vec(),
            activities,
            problem.groups().to_vec(),
        )
    }

    fn objective(&self, problem: &Problem) -> Objective {
        self.budget.map_or(problem.objective(), Objective::Budget)
    }
}

impl Retained {
    /// Solves a problem and keeps it. Takes a few times as long as [`solve`], and 32 bytes an activity.
    ///
    /// # Errors
    /// Those of [`solve`].
    pub fn of(problem: &Problem) -> Result<Self, AllocateError> {
        let allocation = solve(problem)?;
        let market = Market::of(problem)
            .filter(|market| market.budget.is_some() && market.layout.nodes.len() == 1);
        let ladders = market.map(|market| Ladders::of(&market, &allocation));
        Ok(Self {
            problem: problem.clone(),
            allocation,
            ladders,
        })
    }

    /// The problem kept.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Its answer.
    #[must_use]
    pub const fn allocation(&self) -> &Allocation {
        &self.allocation
    }

    /// What a change would do. Nothing kept is altered.
    ///
    /// # Errors
    /// [`ChangeError`] if the changed problem is not lawful or has no allocation.
    pub fn what_if(&self, change: &Change) -> Result<Shift, ChangeError> {
        let Some(ladders) = &self.ladders else {
            return self.afresh(change);
        };
        let longest = ladders.next.len().max(ladders.last.len());
        let mut open = OPEN_FIRST;
        loop {
            if let Some(shift) = self.near(ladders, change, open) {
                return Ok(shift);
            }
            // Beyond a quarter of all, solving afresh is no dearer.
            if open > longest / 4 && open >= longest.min(4 * OPEN_FIRST) {
                return self.afresh(change);
            }
            open *= 4;
        }
    }

    /// Solves again over the `open` activities on either side of the price; `None` if the price leaves their range.
    fn near(&self, ladders: &Ladders, change: &Change, open: usize) -> Option<Shift> {
        let Objective::Budget(budget) = change.objective(&self.problem) else {
            return None;
        };
        let step = |money: Option<Money>| money.map_or(1, Money::minor);
        let step_of = |activity: &Activity| activity.as_spending().map(|terms| step(terms.step()));
        // Another step would ask for another kind of search.
        let old = self.problem.activities().first().and_then(step_of);
        let mut changed = change.activities.values().flatten();
        if changed.any(|activity| step_of(activity) != old) {
            return None;
        }
        let (few, most) = ladders.few(open);
        let mut activities = Vec::with_capacity(few.len() + change.activities.len());
        let mut rest = i128::from(self.allocation.spent().minor());
        let mut leave = |id: &Id| {
            let line = self.allocation.line(id);
            rest -= line.map_or(0, |line| i128::from(line.spend.minor()));
        };
        for position in few {
            let activity = &self.problem.activities()[usize_of_u32(position)];
            if !change.activities.contains_key(activity.id()) {
                leave(activity.id());
                activities.push(activity.clone());
            }
        }
        for (id, activity) in &change.activities {
            leave(id);
            activities.extend(activity.clone());
        }
        let Ok(left) = i64::try_from(i128::from(budget.minor()) - rest) else {
            return None;
        };
        if left < 0 {
            return None;
        }
        let currency = self.problem.currency();
        let objective = Objective::Budget(Money::from_minor(left, currency));
        let resources = self.problem.resources().to_vec();
        let Ok(few) = Problem::new(currency, objective, resources, activities, vec![]) else {
            // The whole says better where the fault lies.
            return None;
        };
        Market::of(&few)?;
        let Ok(answer) = solve(&few) else {
            return None;
        };
        let price = answer.shadow_price();
        let (low, high) = most;
        if !(low <= 0.0 || price > low * (1.0 + CLEARANCE)) || price >= high * (1.0 - CLEARANCE) {
            return None;
        }
        let spent = rest + i128::from(answer.spent().minor());
        self.shift(change, budget, &answer, spent, ladders)
    }

    /// The answer for the few as one for all.
    fn shift(
        &self,
        change: &Change,
        budget: Money,
        answer: &Allocation,
        spent: i128,
        ladders: &Ladders,
    ) -> Option<Shift> {
        let mut value = ladders.value.clone();
        let mut moved = Vec::new();
        for line in answer.lines() {
            let old = self.allocation.line(line.id);
            let named = change.activities.contains_key(line.id);
            if named || old.as_ref().is_none_or(|old| old.spend != line.spend) {
                value.add(-old.as_ref().map_or(0.0, |old| old.value));
                value.add(line.value);
                moved.push(Moved::of(old.as_ref(), Some(&line), line.id));
            }
        }
        for (id, activity) in &change.activities {
            let old = self.allocation.line(id);
            if let (None, Some(old)) = (activity, old) {
                value.add(-old.value);
                moved.push(Moved::of(Some(&old), None, id));
            }
        }
        moved.sort_by(|a, b| a.id.cmp(&b.id));
        let value = value.value();
        let spent = Money::from_minor(i64::try_from(spent).ok()?, budget.currency());
        let unspent = budget.checked_sub(spent).ok()?;
        value.is_finite().then_some(Shift {
            value,
            spent,
            unspent: Some(unspent),
            shadow_price: answer.shadow_price(),
            moved,
        })
    }

    /// The changed problem solved as a whole, beside the answer kept.
    fn afresh(&self, change: &Change) -> Result<Shift, ChangeError> {
        let answer = solve(&change.apply(&self.problem)?)?;
        let mut moved = Vec::new();
        for line in answer.lines() {
            let old = self.allocation.line(line.id);
            let named = change.activities.contains_key(line.id);
            let same = |old: &Line<'_>| old.spend == line.spend && old.option == line.option;
            if named || !old.as_ref().is_some_and(same) {
                moved.push(Moved::of(old.as_ref(), Some(&line), line.id));
            }
        }
        for (id, activity) in &change.activities {
            if let (None, Some(old)) = (activity, self.allocation.line(id)) {
                moved.push(Moved::of(Some(&old), None, id));
            }
        }
        moved.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Shift {
            value: answer.value(),
            spent: answer.spent(),
            unspent: answer.unspent(),
            shadow_price: answer.shadow_price(),
            moved,
        })
    }
}

impl Moved {
    fn of(before: Option<&Line<'_>>, after: Option<&Line<'_>>, id: &Id) -> Self {
        let known = |line: &Line<'_>| (line.spend, line.value);
        Self {
            id: id.clone(),
            before: before.map(known),
            after: after.map(known),
        }
    }
}

impl Ladders {
    fn of(market: &Market<'_>, allocation: &Allocation) -> Self {
        let layout = market.layout;
        let unit = layout.unit;
        let mut ladders = Self {
            next: Vec::with_capacity(allocation.len()),
            last: Vec::with_capacity(allocation.len()),
            value: ExactSum::new(),
        };
        for (position, line) in allocation.lines().enumerate() {
            ladders.value.add(line.value);
            let item = layout.item_at(position);
            let taken = line.spend.minor() / unit.minor;
            let position = u32_of_usize(position);
            let next = line.marginal.unwrap_or(0.0);
            if next > 0.0 && taken < layout.columns.cap[item] {
                ladders.next.push((next, position));
            }
            if taken > layout.columns.floor[item] {
                let (gain, _) = market.curve(item).gain(taken - 1, unit);
                let last = super::report::per_currency_unit(market, gain);
                ladders.last.push((last, position));
            }
        }
        ladders
            .next
            .sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ladders
            .last
            .sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ladders
    }

    /// The first `open` positions of both ladders, in order, and the gains that bound what is left out: the largest next
    /// gain and the smallest last one.
    fn few(&self, open: usize) -> (Vec<u32>, (f64, f64)) {
        let next = self.next.iter().take(open).map(|&(_, at)| at);
        let last = self.last.iter().take(open).map(|&(_, at)| at);
        let mut few: Vec<u32> = next.chain(last).collect();
        few.sort_unstable();
        few.dedup();
        let low = self.next.get(open).map_or(0.0, |&(gain, _)| gain);
        let high = self.last.get(open).map_or(f64::INFINITY, |&(gain, _)| gain);
        (few, (low, high))
    }
}
