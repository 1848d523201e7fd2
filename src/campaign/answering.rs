//! How a plan's question is answered: the largest part of the constraints that the exact market can hold, the rest
//! checked, and only what then fails is put to the search.

use super::aims::Target;
use super::asking::{Asked, Asking, EXISTING, Form, PROSPECTS, Weighing};
use super::attack::Directions;
use super::explain::{Wish, WishKind, Wishes};
use super::rooms::Rooms;
use super::{CampaignError, whole_payback};
use crate::allocate::{self, AllocateError, Allocation, Options, Problem};
use crate::customer::Tier;
use crate::document::{DocumentError, Fault};
use crate::id::Id;
use crate::money::Money;
use crate::stance::PaybackOver;

/// What was asked in the end, and its answer.
pub(super) struct Answered {
    pub(super) problem: Problem,
    pub(super) allocation: Allocation,
    pub(super) form: Form,
    /// The most that existing customers could have.
    pub(super) existing_most: Money,
    /// What no plan under the terms can exceed.
    pub(super) bound: f64,
    /// Whether it is proved to be the best.
    pub(super) optimal: bool,
    /// Value for each currency unit by which the whole might pay back short of its outlay within the limit.
    pub(super) payback_price: f64,
}

/// Nodes of a search among curves with resources: what is left open then is a gap that the plan states.
const SEARCH_MOST: u64 = 200;

/// Whether a search ended before it found any plan, or showed that there is none.
const fn is_cut_off(error: &CampaignError) -> bool {
    matches!(error, CampaignError::Allocate(AllocateError::CutOff { .. }))
}

/// A question at work.
pub(super) struct Question<'a> {
    pub(super) asking: &'a Asking<'a>,
    pub(super) directions: &'a Directions<'a>,
    pub(super) targets: &'a [Target],
}

impl Question<'_> {
    /// The best plan. Part of the budget may find no use among prospects, and the smallest offensiveness holds of
    /// what is spent: existing ≤ k·prospects, k = (1 − o)/o.
    ///
    /// Since existing + prospects ≤ budget, that implies existing ≤ (1 − o)·budget, which is asked first. An answer
    /// that keeps the law is the best. One that does not, and leaves money over, gives prospects all that is worth
    /// anything with them, so that no plan gives them more, and existing customers may have k times as much: asked
    /// again with that, the answer is the best that wastes nothing on prospects for the sake of the share.
    pub(super) fn answer(&self) -> Result<Answered, CampaignError> {
        let terms = self.asking.terms;
        let free = terms.free()?;
        let most = terms.stance.existing_most(free)?;
        let first = self.within(most)?;
        if self.keeps_the_share(&first)? {
            return Ok(first);
        }
        if !self.is_plain() {
            return self.lowered(&first);
        }
        let effort = terms.models.effort().minor();
        let left = |answered: &Answered| free.minor() - answered.allocation.spent().minor();
        let mut answered = first;
        if left(&answered) < effort {
            // What is spent is whole efforts, so the share is one of those that the budget holds.
            let whole = Money::from_minor(free.minor() - free.minor() % effort, free.currency());
            answered = self.within(terms.stance.existing_most(whole)?)?;
            if self.keeps_the_share(&answered)? {
                return Ok(answered);
            }
        }
        if left(&answered) < effort {
            return self.lowered(&answered);
        }
        let (_, prospects) = self.by_tier(&answered);
        let given = Money::from_minor(prospects, free.currency());
        let bound = answered.bound;
        let mut answered = self.within(terms.stance.existing_most_beside(given)?)?;
        if !self.keeps_the_share(&answered)? {
            answered = self.lowered(&answered)?;
            answered.bound = bound;
        }
        Ok(answered)
    }

    fn keeps_the_share(&self, answered: &Answered) -> Result<bool, CampaignError> {
        let (existing, prospects) = self.by_tier(answered);
        let given = Money::from_minor(prospects, self.asking.book.currency());
        let beside = self.asking.terms.stance.existing_most_beside(given)?;
        Ok(existing <= beside.minor())
    }

    /// The best plan found that keeps the share, where something else than their worth holds prospects back: the most
    /// for existing customers is lowered, by halves, until the share is kept.
    ///
    /// The bound: existing customers get no more than the most that was found, or more, and then prospects get at least
    /// what that asks for; and the answer without the law is a bound of its own.
    fn lowered(&self, first: &Answered) -> Result<Answered, CampaignError> {
        let terms = self.asking.terms;
        let effort = terms.models.effort();
        let at = |efforts: i64| {
            Money::from_minor(efforts.saturating_mul(effort.minor()), effort.currency())
        };
        let (mut low, mut high) = (0, first.existing_most.minor() / effort.minor() + 1);
        let mut best = self.within(at(0));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.within(at(middle)) {
                Ok(answered) if self.keeps_the_share(&answered)? => {
                    (low, best) = (middle, Ok(answered));
                }
                Ok(_) => high = middle,
                // Floors that existing customers must fill ask for more.
                Err(error) if error.is_infeasible() || is_cut_off(&error) => low = middle,
                Err(error) => return Err(error),
            }
        }
        let mut best = best?;
        let above = self.bound_above(at(low))?.max(best.bound);
        best.bound = first.bound.min(above);
        let value = best.allocation.value();
        best.optimal = best.bound - value <= whole_payback::PROVED * value.abs();
        best.bound = best.bound.max(value);
        Ok(best)
    }

    /// What no plan can exceed that gives existing customers more than this, and prospects therefore their share beside it.
    fn bound_above(&self, existing: Money) -> Result<f64, CampaignError> {
        let terms = self.asking.terms;
        if !terms.territories.is_empty() || self.is_over_whole() {
            return Ok(f64::INFINITY);
        }
        let free = terms.free()?;
        let (mut short, mut least) = (0, free.minor());
        while least - short > 1 {
            let middle = short + (least - short) / 2;
            let given = Money::from_minor(middle, free.currency());
            if terms.stance.existing_most_beside(given)?.minor() > existing.minor() {
                least = middle;
            } else {
                short = middle;
            }
        }
        let asked = Asked {
            form: Form::Tiers,
            existing_most: terms.stance.existing_most(free)?,
            prospects_least: Some(Money::from_minor(least, free.currency())),
        };
        if least > terms.room()?.minor() {
            return Ok(f64::NEG_INFINITY);
        }
        let weighing = Weighing::default();
        let problem = self.asking.problem(self.targets, asked, &weighing, false)?;
        match self.solved(&problem) {
            Ok(allocation) => Ok(allocation.bound()),
            Err(error) if error.is_infeasible() => Ok(f64::NEG_INFINITY),
            // Nothing was found, and nothing shown: the bound of the first answer stands.
            Err(error) if is_cut_off(&error) => Ok(f64::INFINITY),
            Err(other) => Err(other),
        }
    }

    /// Whether nothing but their worth and the ceiling holds prospects back.
    pub(super) fn is_plain(&self) -> bool {
        let terms = self.asking.terms;
        terms.territories.is_empty()
            && terms.hours.is_none()
            && terms.models.menus().is_none()
            && !self.is_over_whole()
    }

    fn is_over_whole(&self) -> bool {
        let limit = self.asking.terms.stance.payback_limit();
        limit.is_some_and(|limit| limit.over() == PaybackOver::WholePlan)
    }

    /// The best plan with so much for existing customers.
    fn within(&self, most: Money) -> Result<Answered, CampaignError> {
        let found = self.weighed(most, &Weighing::default())?;
        if self.is_over_whole() {
            return whole_payback::keep(self, found);
        }
        Ok(found)
    }

    /// The best plan where values and money that is kept count for other than themselves.
    pub(super) fn weighed(
        &self,
        most: Money,
        weighing: &Weighing,
    ) -> Result<Answered, CampaignError> {
        let solve = |form: Form| -> Result<Answered, CampaignError> {
            let problem =
                self.asking
                    .problem(self.targets, Asked::of(form, most), weighing, false)?;
            let allocation = self.solved(&problem)?;
            Ok(Answered {
                bound: allocation.bound(),
                optimal: allocation.is_optimal(),
                problem,
                allocation,
                form,
                existing_most: most,
                payback_price: 0.0,
            })
        };
        if self.asking.terms.territories.is_empty() {
            return solve(Form::Tiers);
        }
        // Each leaves constraints out: an answer that keeps them all the same is that of the whole.
        let rooms = Rooms::new(self.asking, most)?;
        for form in [Form::Tiers, Form::Territories] {
            let found = solve(form)?;
            let sums = rooms.sums(self.targets, &self.spends(&found.allocation));
            if rooms.keep(&sums) {
                return Ok(found);
            }
        }
        solve(Form::Both)
    }

    /// Where floors of territories ask for more than there is: the fewest wishes that conflict.
    fn refused(&self, error: AllocateError) -> CampaignError {
        let conflict = match error {
            AllocateError::Infeasible(_) => self.wishes().ok().and_then(|wishes| wishes.conflict()),
            _ => None,
        };
        match conflict {
            Some(conflict) => CampaignError::Conflict(Box::new(conflict)),
            None => error.into(),
        }
    }

    /// Budget, territories, and what payback lets each customer in them take, as wishes.
    fn wishes(&self) -> Result<Wishes, CampaignError> {
        let (asking, terms) = (self.asking, self.asking.terms);
        let named = |text: String| {
            Id::new(text).map_err(|error| DocumentError::from(Fault::new("territories", error)))
        };
        let all = named("all customers".to_owned())?;
        let wish = |name: String, about: &Id, kind, amount| -> Result<Wish, CampaignError> {
            Ok(Wish {
                name: named(name)?,
                about: about.clone(),
                kind,
                amount,
            })
        };
        let budget = wish("the budget".to_owned(), &all, WishKind::Cap, terms.free()?)?;
        let mut wishes = Wishes::new(asking.book.currency()).with(budget);
        if let Some(cap) = asking.hours_cap() {
            let hours = wish("the hours, as money".to_owned(), &all, WishKind::Cap, cap)?;
            wishes = wishes.with(hours);
        }
        for (at, territory) in terms.territories.iter().enumerate() {
            let name = territory.id();
            let about = &asking.names[at].money;
            let around = asking
                .parent_of(at)
                .map_or(&all, |at| &asking.names[at].money);
            wishes = wishes.with_inside(about, around);
            if let Some(floor) = territory.floor() {
                let text = format!("the floor of territory {name}");
                wishes = wishes.with(wish(text, about, WishKind::Floor, floor)?);
            }
            if let Some(cap) = territory.cap() {
                let text = format!("the cap of territory {name}");
                wishes = wishes.with(wish(text, about, WishKind::Cap, cap)?);
            }
            if let Some(cap) = territory.hours().and_then(|hours| asking.money_of(hours)) {
                let text = format!("the hours of territory {name}, as money");
                wishes = wishes.with(wish(text, about, WishKind::Cap, cap)?);
            }
        }
        for (customer, target) in asking.book.customers().iter().zip(self.targets) {
            let Some(at) = asking.territories_around(customer).first().copied() else {
                continue;
            };
            wishes = wishes.with_inside(customer.id(), &asking.names[at].money);
            let cap = match target {
                Ok((_, cap)) => *cap,
                Err(_) => Some(0),
            };
            if let Some(cap) = cap {
                let text = format!("what {} can take", customer.id());
                let cap = Money::from_minor(cap, asking.book.currency());
                wishes = wishes.with(wish(text, customer.id(), WishKind::Cap, cap)?);
            }
        }
        Ok(wishes)
    }

    /// Curves alone are solved to the end; the search among menus ends where it is told to, that with hours and other
    /// resources beside money after [`SEARCH_MOST`] nodes.
    fn solved(&self, problem: &Problem) -> Result<Allocation, CampaignError> {
        let nodes = match self.asking.terms.models.menus() {
            Some(menus) => menus.search_most(),
            None if problem.resources().is_empty() => {
                return allocate::solve(problem).map_err(|error| self.refused(error));
            }
            None => SEARCH_MOST,
        };
        let options = Options::default().with_nodes_most(nodes);
        let go_on = |_: &allocate::Progress| core::ops::ControlFlow::Continue(());
        allocate::solve_with(problem, options, go_on).map_err(|error| self.refused(error))
    }

    /// The spends of an answer by the book's order, in minor units.
    pub(super) fn spends(&self, allocation: &Allocation) -> Vec<i64> {
        let mut lines = allocation.lines().peekable();
        let customers = self.asking.book.customers().iter().zip(self.targets);
        customers
            .map(|(customer, target)| {
                if target.is_err() {
                    return 0;
                }
                // Money that is kept has a line of its own among those of customers.
                while lines.peek().is_some_and(|line| line.id < customer.id()) {
                    lines.next();
                }
                match lines.peek() {
                    Some(line) if line.id == customer.id() => line.spend.minor(),
                    _ => 0,
                }
            })
            .collect()
    }

    fn by_tier(&self, answered: &Answered) -> (i64, i64) {
        if answered.form == Form::Tiers && answered.payback_price == 0.0 {
            let spent = |name: &str| {
                let mut lines = answered.allocation.groups().iter();
                let line = lines.find(|line| line.id.as_str() == name);
                line.map_or(0, |line| line.spent.minor())
            };
            return (spent(EXISTING), spent(PROSPECTS));
        }
        let spends = self.spends(&answered.allocation);
        let customers = self.asking.book.customers().iter().zip(spends);
        customers.fold(
            (0, 0),
            |(existing, prospects), (customer, spend)| match customer.tier() {
                Tier::Prospect => (existing, prospects + spend),
                Tier::Habitual | Tier::Starting => (existing + spend, prospects),
            },
        )
    }
}
