//! A plan's market held open: small changes are followed in the time that they themselves take.

mod tell;

use std::collections::BTreeMap;

use super::difference::{Difference, Totals};
use super::{Change, WhatIf};
use crate::allocate::Solved;
use crate::campaign::aims::{Aiming, Target};
use crate::campaign::answering::Question;
use crate::campaign::asking::{Asked, Asking, EXISTING, Form, PROSPECTS, Weighing, nothing_for};
use crate::campaign::assembly::{Flows, Telling, price_of};
use crate::campaign::attack::Directions;
use crate::campaign::planning::{check, check_census};
use crate::campaign::{CampaignError, Plan, PlanLimit, Terms};
use crate::census::Census;
use crate::customer::{Book, Customer, Tier};
use crate::money::Money;

/// What happened to a change.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Replanned {
    /// It was made, and this is what it changes.
    Followed {
        /// Who gains, who loses, and why.
        difference: Box<Difference>,
        /// How many customers were looked at; all of them if the market had to be solved from the start.
        looked_at: usize,
    },
    /// It changes more than can be followed, and nothing was changed: the question, to be planned afresh.
    Afresh(Box<WhatIf>),
}

/// A solved plan that follows changes in place: the budget, the facts about one customer, a ceiling that does not bind.
///
/// After a change the plan is, byte for byte, the one made afresh from the changed book and terms. Only the customers
/// between the old and the new price are looked at, and the difference tells only of them; the whole plan is put
/// together when it is [asked for](Self::plan).
///
/// Handed back as a [`WhatIf`] is what changes everybody's attack or the kind of question: another stance, a
/// customer that becomes or ceases to be a prospect, one with acquaintances who listen, bounds of tiers that start or
/// stop to bind, and every change where territories, hours, menus or a payback limit over the whole are part of the terms.
///
/// ```
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::campaign::Terms;
/// use sortie::campaign::models::{Economy, Models};
/// use sortie::campaign::what_if::{Change, Held, Replanned};
/// use sortie::customer::Book;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::Stance;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let models = Models::judged(economy, usd("150.00")?)?;
/// let terms = Terms::new(usd("1000.00")?, usd("200.00")?, Stance::offence(), models);
/// let book = Book::empty(Currency::USD);
/// let mut held = Held::open(&book, &terms)?;
/// let Replanned::Followed { difference, .. } = held.change(Change::Budget(usd("800.00")?))? else {
///     return Err("a budget is followed".into());
/// };
/// assert_eq!(difference.after().budget.to_string(), "800.00 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Held<'a> {
    book: &'a Book,
    /// As they were at first.
    terms: &'a Terms,
    asking: Asking<'a>,
    aiming: Aiming<'a>,
    directions: Directions<'a>,
    targets: Vec<Target>,
    /// One activity for each customer of the book, in its order; none where nothing can be followed.
    solved: Option<Solved>,
    now: Now,
    changed: BTreeMap<usize, Customer>,
    /// By the book's order.
    told: Vec<Told>,
    tally: Tally,
}

/// The terms that changes have moved.
#[derive(Clone, Copy, Debug)]
struct Now {
    budget: Money,
    ceiling: Money,
    free: Money,
    room: Money,
    existing_most: Money,
}

/// What was last told of a customer.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    spend: i64,
    value: f64,
    limited_by: PlanLimit,
}

/// Sums over all customers.
#[derive(Clone, Debug)]
struct Tally {
    existing: i128,
    prospects: i128,
    attacked: u64,
    flows: Flows,
}

impl<'a> Held<'a> {
    /// Solves the market of a book and terms, and keeps it.
    ///
    /// # Errors
    /// As [`Market::open`](crate::campaign::Market::open).
    pub fn open(book: &'a Book, terms: &'a Terms) -> Result<Self, CampaignError> {
        check(book, terms)?;
        let directions = Directions::new(&terms.models, &terms.stance)?;
        let aiming = Aiming::new(book, terms);
        let targets = aiming.at_all(&directions)?;
        let asking = Asking::new(book, terms)?;
        let free = terms.free()?;
        let existing_most = terms.stance.existing_most(free)?;
        let mut held = Self {
            now: Now {
                budget: terms.budget,
                ceiling: terms.ceiling,
                free,
                room: terms.room()?,
                existing_most,
            },
            tally: Tally {
                existing: 0,
                prospects: 0,
                attacked: 0,
                flows: Flows::new(&directions),
            },
            book,
            terms,
            asking,
            aiming,
            directions,
            targets,
            solved: None,
            changed: BTreeMap::new(),
            told: Vec::new(),
        };
        if held.question().is_plain() {
            let asked = Asked::of(Form::Tiers, existing_most);
            let weighing = Weighing::default();
            let problem = held.asking.problem(&held.targets, asked, &weighing, true)?;
            let solved = Solved::new(problem)?;
            held.solved = Some(solved);
            held.tell_all();
            if !held.keeps_the_share()? {
                held.solved = None;
            }
        }
        Ok(held)
    }

    /// Makes a change, if it can be followed.
    ///
    /// # Errors
    /// As [`WhatIf::new`] and [`Market::open`](crate::campaign::Market::open); nothing is changed then.
    pub fn change(&mut self, change: Change) -> Result<Replanned, CampaignError> {
        if self.solved.is_none() {
            return self.afresh(change);
        }
        match change {
            Change::Customer(customer) => self.replace(*customer),
            Change::Budget(budget) => self.set_budget(budget),
            Change::Ceiling(ceiling) => self.set_ceiling(ceiling),
            other @ Change::Stance(_) => self.afresh(other),
        }
    }

    /// The plan as it stands. `O(n)`, in the time of telling it, not of solving it.
    ///
    /// # Errors
    /// [`CampaignError`] for a census of another book or in another currency.
    pub fn plan(&self, census: &Census) -> Result<Plan, CampaignError> {
        check_census(self.book, census)?;
        match &self.solved {
            Some(solved) => self.telling(solved).plan(census),
            None => self.what_if(None)?.market()?.plan(census),
        }
    }

    /// The book and the terms as they stand, for any other question.
    ///
    /// # Errors
    /// As [`WhatIf::new`].
    pub fn what_if(&self, change: Option<Change>) -> Result<WhatIf, CampaignError> {
        let customers = self.changed.values().cloned();
        let customers = customers.map(|customer| Change::Customer(Box::new(customer)));
        let now = [
            Change::Budget(self.now.budget),
            Change::Ceiling(self.now.ceiling),
        ];
        WhatIf::new(self.book, self.terms, customers.chain(now).chain(change))
    }

    /// Whether small changes are followed at all under these terms.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.solved.is_some()
    }

    fn afresh(&self, change: Change) -> Result<Replanned, CampaignError> {
        let asked = self.what_if(Some(change))?;
        Ok(Replanned::Afresh(Box::new(asked)))
    }

    fn question(&self) -> Question<'_> {
        Question {
            asking: &self.asking,
            directions: &self.directions,
            targets: &self.targets,
        }
    }

    fn telling<'m>(&'m self, solved: &'m Solved) -> Telling<'m> {
        let allocation = solved.allocation();
        Telling {
            question: self.question(),
            allocation,
            free: self.now.free,
            room: self.now.room,
            existing_most: self.now.existing_most,
            bound: allocation.bound(),
            optimal: allocation.is_optimal(),
            payback_price: 0.0,
            changed: Some(&self.changed),
        }
    }

    fn set_budget(&mut self, budget: Money) -> Result<Replanned, CampaignError> {
        let terms = Terms {
            budget,
            ceiling: self.now.ceiling,
            ..self.terms.clone()
        };
        check(self.book, &terms)?;
        let free = terms.free()?;
        let then = Now {
            budget,
            free,
            existing_most: self.terms.stance.existing_most(free)?,
            ..self.now
        };
        self.moved(then, Change::Budget(budget))
    }

    fn set_ceiling(&mut self, ceiling: Money) -> Result<Replanned, CampaignError> {
        let terms = Terms {
            budget: self.now.budget,
            ceiling,
            ..self.terms.clone()
        };
        check(self.book, &terms)?;
        let then = Now {
            ceiling,
            room: terms.room()?,
            ..self.now
        };
        self.moved(then, Change::Ceiling(ceiling))
    }

    /// Moves budget and ceiling, if the bounds of tiers that come with them are slack before and after.
    fn moved(&mut self, then: Now, change: Change) -> Result<Replanned, CampaignError> {
        let before = self.totals()?;
        let (now, Some(solved)) = (self.now, self.solved.as_mut()) else {
            return self.afresh(change);
        };
        let resolved = if then.free == now.free {
            None
        } else {
            Some(solved.set_budget(then.free)?)
        };
        let followed = self.followed(resolved.as_ref());
        self.now = then;
        let lawful = self.bounds_are_slack(then);
        let difference = self.tell(followed, &before)?;
        if lawful && self.keeps_the_share()? {
            return Ok(difference);
        }
        self.now = now;
        if let Some(solved) = self.solved.as_mut() {
            if then.free != now.free {
                solved.set_budget(now.free)?;
            }
        }
        self.tell_all();
        self.afresh(change)
    }

    /// Whether the caps that the problem has on tiers are those that terms ask for, or neither binds.
    fn bounds_are_slack(&self, then: Now) -> bool {
        let Some(solved) = &self.solved else {
            return false;
        };
        let effort = self.terms.models.effort().minor();
        let sides = [(EXISTING, then.existing_most), (PROSPECTS, then.room)];
        sides.into_iter().all(|(name, most)| {
            let asked = (most.minor() < then.free.minor()).then_some(most);
            let groups = solved.problem().groups().iter();
            let mut groups = groups.zip(solved.allocation().groups());
            let found = groups.find(|(group, _)| group.id().as_str() == name);
            found.is_some_and(|(group, line)| {
                let slack = |cap: Option<Money>| {
                    cap.is_none_or(|cap| line.spent.minor().saturating_add(effort) <= cap.minor())
                };
                group.cap() == asked || (slack(group.cap()) && slack(asked))
            })
        })
    }

    fn replace(&mut self, customer: Customer) -> Result<Replanned, CampaignError> {
        let Some(place) = self.book.place(customer.id()) else {
            let customer = customer.id().clone();
            return Err(CampaignError::Unknown { customer });
        };
        let existing = |customer: &Customer| customer.tier() != Tier::Prospect;
        let old = self
            .changed
            .get(&place)
            .or_else(|| self.book.customers().get(place));
        let moves = old.is_none_or(|old| existing(old) != existing(&customer));
        let abroad = customer.contribution().currency() != self.book.currency();
        if moves || abroad || self.is_listened_to(place) {
            return self.afresh(Change::Customer(Box::new(customer)));
        }
        let before = self.totals()?;
        let target = self.aiming.at(&self.directions, place, &customer)?;
        let effort = self.terms.models.effort();
        let weighing = Weighing::default();
        let activity = self
            .asking
            .activity(&customer, &target, Form::Tiers, &weighing)?;
        let activity = match activity {
            Some(activity) => activity,
            None => nothing_for(&customer, effort)?,
        };
        let Some(solved) = self.solved.as_mut() else {
            return self.afresh(Change::Customer(Box::new(customer)));
        };
        let resolved = solved.set_activity(activity)?;
        let followed = self
            .followed(Some(&resolved))
            .map(|(looked_at, mut places)| {
                places.push(place);
                places.sort_unstable();
                places.dedup();
                (looked_at.max(1), places)
            });
        // Out of the sums with the old facts, back into them with the new.
        let old = self.told.get(place).cloned();
        if let Some(old) = &old {
            self.count(place, old, -1.0);
        }
        let Some(kept) = self.targets.get_mut(place) else {
            return self.afresh(Change::Customer(Box::new(customer)));
        };
        let target_before = core::mem::replace(kept, target);
        let customer_before = self.changed.insert(place, customer.clone());
        if let Some(old) = &old {
            self.count(place, old, 1.0);
        }
        // Caps that earlier changes left behind as slack may bind now.
        let lawful = self.bounds_are_slack(self.now);
        let difference = self.tell(followed, &before)?;
        if lawful && self.keeps_the_share()? {
            return Ok(difference);
        }
        self.put_back(place, target_before, customer_before)?;
        self.afresh(Change::Customer(Box::new(customer)))
    }

    fn put_back(
        &mut self,
        place: usize,
        target: Target,
        customer: Option<Customer>,
    ) -> Result<(), CampaignError> {
        if let Some(kept) = self.targets.get_mut(place) {
            *kept = target;
        }
        match customer {
            Some(customer) => self.changed.insert(place, customer),
            None => self.changed.remove(&place),
        };
        let effort = self.terms.models.effort();
        let old = self
            .changed
            .get(&place)
            .or_else(|| self.book.customers().get(place));
        if let (Some(old), Some(target)) = (old, self.targets.get(place)) {
            let weighing = Weighing::default();
            let activity = self.asking.activity(old, target, Form::Tiers, &weighing)?;
            let activity = match activity {
                Some(activity) => activity,
                None => nothing_for(old, effort)?,
            };
            if let Some(solved) = self.solved.as_mut() {
                solved.set_activity(activity)?;
            }
        }
        self.tell_all();
        Ok(())
    }

    /// Whether the attack on somebody else depends on this customer.
    fn is_listened_to(&self, place: usize) -> bool {
        let models = &self.terms.models;
        let nobody = models.planting().listening().is_none() && models.care().hearsay().is_none();
        let graph = self.book.acquaintances().filter(|_| !nobody);
        graph.is_some_and(|graph| {
            graph.known_by(place).next().is_some() || graph.knows(place).next().is_some()
        })
    }

    /// The smallest offensiveness, of what is spent.
    fn keeps_the_share(&self) -> Result<bool, CampaignError> {
        let currency = self.book.currency();
        let prospects = crate::money::from_wide(self.tally.prospects, currency)?;
        let beside = self.terms.stance.existing_most_beside(prospects)?;
        Ok(self.tally.existing <= i128::from(beside.minor()))
    }

    fn totals(&self) -> Result<Totals, CampaignError> {
        let currency = self.book.currency();
        let spent = crate::money::from_wide(self.tally.existing + self.tally.prospects, currency)?;
        let flow = self.tally.flows.together(&self.directions, spent)?;
        let allocation = self.solved.as_ref().map(Solved::allocation);
        Ok(Totals {
            budget: self.now.free,
            spent,
            exposure: crate::money::from_wide(self.tally.prospects, currency)?,
            value: allocation.map_or(0.0, crate::allocate::Allocation::value),
            shadow_price: allocation.map_or(0.0, crate::allocate::Allocation::shadow_price),
            payback: flow.payback(self.terms.stance.convention()),
            attacked: self.tally.attacked,
        })
    }
}

/// The price of money for existing customers and for prospects, where a market is held open.
impl Held<'_> {
    /// Budget and group together, per currency unit; 0 where nothing is followed.
    #[must_use]
    pub fn price(&self, tier: Tier) -> f64 {
        let name = match tier {
            Tier::Habitual | Tier::Starting => EXISTING,
            Tier::Prospect => PROSPECTS,
        };
        let Some(solved) = &self.solved else {
            return 0.0;
        };
        let allocation = solved.allocation();
        allocation.shadow_price() + price_of(allocation, name)
    }
}
