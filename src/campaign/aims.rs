//! What could be done with each customer of a book: its attack, or why there is none.

use super::attack::{Aim, Directions, Surroundings};
use super::plan::PlanLimit;
use super::{CampaignError, Terms};
use crate::customer::acquaintance::{AcquaintanceGraph, Listening, depth_share};
use crate::customer::{Book, Customer, Standing};
use crate::fraction::Fraction;
use crate::numeric::cast;

/// A customer's attack with the cap that payback puts on it, or what keeps it from being attacked.
pub(super) type Target = Result<(Aim, Option<i64>), PlanLimit>;

/// Aims at customers of one book, one by one.
pub(super) struct Aiming<'a> {
    book: &'a Book,
    terms: &'a Terms,
    eases: Eases<'a>,
    /// One minor unit in currency units.
    unit: f64,
}

impl<'a> Aiming<'a> {
    pub(super) fn new(book: &'a Book, terms: &'a Terms) -> Self {
        Self {
            book,
            terms,
            eases: Eases::of(book, terms.models.planting().listening()),
            unit: 1.0 / cast::f64_of_i64(book.currency().minor_per_unit()),
        }
    }

    pub(super) fn at_all(&self, directions: &Directions<'_>) -> Result<Vec<Target>, CampaignError> {
        let places = self.book.customers().iter().enumerate();
        places
            .map(|(place, customer)| self.at(directions, place, customer))
            .collect()
    }

    /// The attack on the customer at a place of the book, which may have other facts by now.
    pub(super) fn at(
        &self,
        directions: &Directions<'_>,
        place: usize,
        customer: &Customer,
    ) -> Result<Target, CampaignError> {
        let around = Surroundings {
            ease: self.eases.at(place),
            chain: chain_of(self.book, self.terms, place, customer),
        };
        let aim = match directions.aim(customer, around)? {
            Ok(aim) => aim,
            Err(why) => return Ok(Err(PlanLimit::Nothing { why })),
        };
        let class = directions.classes().get(aim.class);
        let Some(test) = class.and_then(|class| class.test) else {
            return Ok(Ok((aim, None)));
        };
        let step = self.terms.models.effort().minor().unsigned_abs();
        let cap = aim.cap(test, self.unit, step)?;
        Ok(if cap == Some(0) {
            Err(PlanLimit::Payback)
        } else {
            Ok((aim, cap))
        })
    }
}

/// What is at stake among those who listen to a starting customer \[B1\].
fn chain_of(book: &Book, terms: &Terms, place: usize, customer: &Customer) -> f64 {
    let hearsay = terms.models.care().hearsay();
    match customer.standing() {
        Standing::Starting(_) if !hearsay.is_none() => {
            terms.models.chain_value(book, &hearsay.chain(book, place))
        }
        _ => 0.0,
    }
}

/// How much the acquaintances of each customer of a book ease its admission \[C4\].
struct Eases<'a> {
    /// `None` where nobody knows anybody, or nobody listens.
    graph: Option<&'a AcquaintanceGraph>,
    listening: &'a Listening,
    /// How deep the deepest habit of each customer is.
    depths: Vec<Fraction>,
}

impl<'a> Eases<'a> {
    fn of(book: &'a Book, listening: &'a Listening) -> Self {
        let graph = book.acquaintances().filter(|_| !listening.is_none());
        let depth = |customer: &Customer| match customer.standing() {
            Standing::Habitual(habitual) => {
                let shares = habitual
                    .habits()
                    .iter()
                    .map(|habit| depth_share(habit.depth()));
                shares.fold(Fraction::ZERO, |a, b| if b > a { b } else { a })
            }
            Standing::Starting(_) | Standing::Prospect(_) => Fraction::ZERO,
        };
        let depths = match graph {
            Some(_) => book.customers().iter().map(depth).collect(),
            None => Vec::new(),
        };
        Self {
            graph,
            listening,
            depths,
        }
    }

    fn at(&self, place: usize) -> Fraction {
        let depth = |known: usize| self.depths.get(known).copied().unwrap_or(Fraction::ZERO);
        match self.graph {
            Some(graph) => graph.ease(place, self.listening, depth),
            None => Fraction::ZERO,
        }
    }
}
