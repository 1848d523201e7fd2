//! From a book and a stance to a plan.

use super::aims::{Aiming, Target};
use super::answering::{Answered, Question};
use super::asking::Asking;
use super::assembly::Telling;
use super::attack::Directions;
use super::plan::Plan;
use super::{CampaignError, Terms};
use crate::allocate::{Allocation, Problem};
use crate::census::Census;
use crate::customer::Book;
use crate::numeric::cast;

/// Plans the next attack: money and tactic for each customer, provably the best under the terms.
///
/// The census is that of the records before the plan; its tally of the plan itself comes with the answer \[T1\].
/// Money given to prospects pays for the work of planting, and promises as much again, contingent on
/// willingness \[C5\]: the claims to be expected are taken off what the plan brings, the worst case of all
/// virtual budgets is held under the ceiling, and what is committed already is reserved out of the budget, so
/// what is promised can be paid \[C6\]. Since every prospect's worst case is one unit for each unit spent, the
/// ceiling is a cap on the group of prospects, which keeps the proof of the optimum exact.
///
/// # Errors
/// [`CampaignError`]: amounts that do not fit together, a census of another book, parameters outside what
/// curves allow.
///
/// `O(n log n)` for n customers; memory in proportion to n.
pub fn plan(book: &Book, census: &Census, terms: &Terms) -> Result<Plan, CampaignError> {
    Market::open(book, terms)?.plan(census)
}

/// A plan's market, solved: what the reasons, the what-if questions and the baselines of a plan are read from.
///
/// ```
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::campaign::models::{Economy, Models};
/// use sortie::campaign::{Market, Terms};
/// use sortie::customer::Book;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::Stance;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let models = Models::judged(economy, usd("150.00")?)?;
/// let terms = Terms::new(usd("1000.00")?, usd("200.00")?, Stance::offence(), models);
/// let book = Book::empty(Currency::USD);
/// let market = Market::open(&book, &terms)?;
/// assert!(market.allocation().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Market<'a> {
    pub(super) book: &'a Book,
    pub(super) terms: &'a Terms,
    pub(super) directions: Directions<'a>,
    /// By the book's order.
    pub(super) targets: Vec<Target>,
    pub(super) asking: Asking<'a>,
    pub(super) answered: Answered,
}

impl<'a> Market<'a> {
    /// Turns a book and terms into activities, and allocates to them.
    ///
    /// # Errors
    /// As [`plan`].
    pub fn open(book: &'a Book, terms: &'a Terms) -> Result<Self, CampaignError> {
        check(book, terms)?;
        let directions = Directions::new(&terms.models, &terms.stance)?;
        let targets = Aiming::new(book, terms).at_all(&directions)?;
        let asking = Asking::new(book, terms)?;
        let question = Question {
            asking: &asking,
            directions: &directions,
            targets: &targets,
        };
        let answered = question.answer()?;
        Ok(Self {
            book,
            terms,
            directions,
            targets,
            asking,
            answered,
        })
    }

    pub(super) fn question(&self) -> Question<'_> {
        Question {
            asking: &self.asking,
            directions: &self.directions,
            targets: &self.targets,
        }
    }

    pub(super) fn telling(&self) -> Result<Telling<'_>, CampaignError> {
        Ok(Telling {
            question: self.question(),
            allocation: &self.answered.allocation,
            free: self.terms.free()?,
            room: self.terms.room()?,
            existing_most: self.answered.existing_most,
            bound: self.answered.bound,
            optimal: self.answered.optimal,
            payback_price: self.answered.payback_price,
            changed: None,
        })
    }

    /// The plan, with the census of the records before it.
    ///
    /// # Errors
    /// [`CampaignError`] for a census of another book or in another currency.
    pub fn plan(&self, census: &Census) -> Result<Plan, CampaignError> {
        check_census(self.book, census)?;
        self.telling()?.plan(census)
    }

    /// What was asked of the optimiser: one activity for each customer that can be attacked.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.answered.problem
    }

    /// Its answer.
    #[must_use]
    pub const fn allocation(&self) -> &Allocation {
        &self.answered.allocation
    }
}

pub(super) fn check_census(book: &Book, census: &Census) -> Result<(), CampaignError> {
    let (currency, found) = (book.currency(), census.currency());
    if found != currency {
        let subject = "census";
        return Err(CampaignError::Currency {
            subject,
            currency,
            found,
        });
    }
    let (counted, held) = (
        census.customers(),
        cast::u64_of_usize(book.customers().len()),
    );
    if counted != held {
        return Err(CampaignError::CensusElsewhere { counted, held });
    }
    Ok(())
}

pub(super) fn check(book: &Book, terms: &Terms) -> Result<(), CampaignError> {
    let currency = book.currency();
    let amounts = [
        ("budget", terms.budget.currency()),
        ("ceiling of virtual budgets", terms.ceiling.currency()),
        ("committed on virtual budgets", terms.committed.currency()),
        ("cost of an effort", terms.models.effort().currency()),
    ];
    if let Some((subject, found)) = amounts.into_iter().find(|(_, found)| *found != currency) {
        return Err(CampaignError::Currency {
            subject,
            currency,
            found,
        });
    }
    for (subject, amount) in [
        ("budget", terms.budget),
        ("ceiling of virtual budgets", terms.ceiling),
        ("committed on virtual budgets", terms.committed),
    ] {
        if amount.is_negative() {
            return Err(CampaignError::Negative { subject, amount });
        }
    }
    Ok(())
}
