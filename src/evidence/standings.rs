//! From evidence to the book: what events say of each customer, and what people noted beside them.

use std::collections::BTreeMap;

use thiserror::Error;

use super::EvidenceError;
use super::histories::Histories;
use super::history::History;
use super::practices::{Promotion, practices_kept};
use super::rhythm::BookRhythm;
use super::scope::ScopeRule;
use super::tier::Reading;
use crate::calendar::Date;
use crate::customer::behaviour::{Behaviour, BehaviourError, Doubt, Inducement};
use crate::customer::habit::{Depth, Habit, Judgement};
use crate::customer::{Customer, CustomerError, Habitual, Standing, StandingError, Starting, Tier};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast::{f64_of_i128, f64_of_u64, i64_of_f64};

/// What people know of one customer and no event says. All of it may be missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomerNotes {
    /// Why its habits are held, and how; missing, they are taken to be held for benefit, by custom.
    pub judgement: Option<Judgement>,
    /// The doubts that its early use raised.
    pub doubts: Vec<Doubt>,
    /// What it was induced by.
    pub inducements: Vec<Inducement>,
    /// Where it belongs in the tree of budgets.
    pub territory: Option<Id>,
    /// What it contributes a period; missing, it is reckoned from its amounts.
    pub contribution: Option<Money>,
}

/// What is known of the customers beside their events, and how the two are put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Notes {
    promotion: Promotion,
    margin: Fraction,
    untroubled: Fraction,
    scope: ScopeRule,
    share_least: Fraction,
    customers: BTreeMap<Id, CustomerNotes>,
}

/// A practice that carries less of a customer's use than this is no habit of it.
const SHARE_LEAST: f64 = 0.2;

impl Notes {
    /// Notes from how the product is promoted, the margin on what is paid, and the chance that early use
    /// becomes habit were every doubt settled.
    #[must_use]
    pub fn new(promotion: Promotion, margin: Fraction, untroubled: Fraction) -> Self {
        Self {
            promotion,
            margin,
            untroubled,
            scope: ScopeRule::default(),
            share_least: Fraction::clamped(SHARE_LEAST),
            customers: BTreeMap::new(),
        }
    }

    /// The same with another rule of scope.
    #[must_use]
    pub fn with_scope(self, scope: ScopeRule) -> Self {
        Self { scope, ..self }
    }

    /// The same with another least share of use, one fifth unless given, from which on a practice beside the
    /// most used is a habit of its own.
    #[must_use]
    pub fn with_share_least(self, share_least: Fraction) -> Self {
        Self {
            share_least,
            ..self
        }
    }

    /// The same with notes on one customer, in place of earlier ones.
    #[must_use]
    pub fn with_customer(mut self, customer: Id, notes: CustomerNotes) -> Self {
        self.customers.insert(customer, notes);
        self
    }

    /// How the product is promoted.
    #[must_use]
    pub const fn promotion(&self) -> &Promotion {
        &self.promotion
    }

    /// The notes on a customer.
    #[must_use]
    pub fn customer(&self, customer: &Id) -> Option<&CustomerNotes> {
        self.customers.get(customer)
    }
}

/// What is wrong with a customer whose evidence and notes do not fit together.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StandingFault {
    /// Neither amounts nor a note say what it contributes.
    #[error(
        "the log has no amounts and the notes no contribution; note what it contributes a period"
    )]
    NoContribution,
    /// More was credited than paid.
    #[error("its amounts come to {amount}; note what it contributes a period")]
    Credited {
        /// Their sum.
        amount: Money,
    },
    /// The contribution is more than money can hold.
    #[error("its contribution is out of range; note what it contributes a period")]
    Range,
    /// A noted contribution is refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// A noted contribution in another currency than the log's.
    #[error("its contribution is noted as {noted}; the log is in {currency}")]
    Currency {
        /// What was noted.
        noted: Money,
        /// The log's.
        currency: Currency,
    },
    /// Its doubts do not fit its first use.
    #[error(transparent)]
    Behaviour(#[from] BehaviourError),
    /// Its habits do not fit together.
    #[error(transparent)]
    Standing(#[from] StandingError),
}

/// A customer that cannot be brought into the book, and why.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("customer {customer}: {fault}")]
pub struct CustomerFault {
    /// Who.
    pub customer: Id,
    /// Why.
    pub fault: StandingFault,
}

/// The customers of a log as a book takes them, in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Standings {
    customers: Vec<Customer>,
    notes_unused: Vec<Id>,
}

impl Standings {
    /// The customers.
    #[must_use]
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// The customers, to be admitted to a book, with prospects or without.
    #[must_use]
    pub fn into_customers(self) -> Vec<Customer> {
        self.customers
    }

    /// Customers that were noted and have no event: prospects, or ids that were misspelt.
    #[must_use]
    pub fn notes_unused(&self) -> &[Id] {
        &self.notes_unused
    }
}

impl Histories {
    /// What the events say of each customer on a date, put together with the notes, ready for a book.
    ///
    /// - The tier is read with hysteresis ([`Histories::readings`]). A customer without events is in no log:
    ///   prospects join the book from elsewhere.
    /// - A habitual customer has a habit for each practice it keeps ([`practices_kept`]), of the scope that its
    ///   users show and the depth that was judged. A practice with the share `s` of the uses has had that share
    ///   of the repetitions: its strength is `1 − (1 − A)^s`, exact for unbroken use. Where no practice is
    ///   recorded, the one promoted is taken to be kept.
    /// - A starting customer has its first use from the log, its doubts and inducements from the notes. The
    ///   doubts of a customer who has become habitual are past.
    /// - The contribution of a period is margin × mean amount of an occasion × period ÷ expected gap, the gap
    ///   shrunk to the book's; a noted contribution goes before it.
    ///
    /// ```
    /// use sortie::calendar::Date;
    /// use sortie::customer::{Book, Tier, habit::Practice};
    /// use sortie::evidence::{
    ///     Door, EventLog, EventRow, Histories, Notes, Promotion, ReadingRules, RowPolicy,
    /// };
    /// use sortie::fraction::Fraction;
    /// use sortie::money::Currency;
    ///
    /// let (usd, as_of) = (Currency::USD, Date::new(2026, 3, 31)?);
    /// let days: Vec<String> = (1..=28).map(|day| format!("2026-03-{day:02}")).collect();
    /// let row = |date| EventRow { customer: "ward 7", date, amount: Some("40.00"), ..EventRow::default() };
    ///
    /// // From rows of events to a book: admit, read, fit, put together, admit.
    /// let door = Door { as_of, currency: Some(usd), roster: None, policy: RowPolicy::default() };
    /// let (log, _) = EventLog::admit(days.iter().map(|day| row(day)), &door)?;
    /// let histories = Histories::read(&log, ReadingRules::default());
    /// let promotion = Promotion::of(Practice::new("at admission")?);
    /// let notes = Notes::new(promotion, Fraction::new(0.5)?, Fraction::new(0.6)?);
    /// let standings = histories.standings(as_of, &histories.fit_rhythm(), &notes)?;
    /// let book = Book::of(usd, standings.into_customers())?;
    ///
    /// assert_eq!(book.customers()[0].tier(), Tier::Habitual);
    /// // Daily use of 40.00 at half margin, over periods of 30 days; the book's rhythm moves the cents.
    /// assert_eq!(book.customers()[0].contribution().minor() / 100, 600);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EvidenceError::AfterAsOf`] if a history goes on after the date; [`EvidenceError::Customers`] with every
    /// customer whose evidence and notes do not fit together. O(customers).
    pub fn standings(
        &self,
        as_of: Date,
        book: &BookRhythm,
        notes: &Notes,
    ) -> Result<Standings, EvidenceError> {
        let putting = Putting {
            histories: self,
            notes,
            nothing: CustomerNotes::default(),
        };
        let mut customers = Vec::with_capacity(self.len());
        let mut faults = vec![];
        for ((id, history), reading) in self.iter().zip(self.readings(as_of, book)?) {
            match putting.customer(id, history, &reading) {
                Ok(customer) => customers.push(customer),
                Err(fault) => faults.push(CustomerFault {
                    customer: id.clone(),
                    fault,
                }),
            }
        }
        if !faults.is_empty() {
            return Err(EvidenceError::Customers(faults));
        }
        let unknown = notes.customers.keys().filter(|id| self.get(id).is_none());
        Ok(Standings {
            customers,
            notes_unused: unknown.cloned().collect(),
        })
    }
}

/// What every customer is put together from.
struct Putting<'a> {
    histories: &'a Histories,
    notes: &'a Notes,
    nothing: CustomerNotes,
}

impl Putting<'_> {
    fn customer(
        &self,
        id: &Id,
        history: &History,
        reading: &Reading,
    ) -> Result<Customer, StandingFault> {
        let noted = self.notes.customer(id).unwrap_or(&self.nothing);
        let standing = match reading.tier() {
            Tier::Habitual => {
                let habits = self.habits(id, history, reading, noted);
                Standing::Habitual(Habitual::new(habits)?)
            }
            Tier::Starting | Tier::Prospect => {
                let (doubts, inducements) = (noted.doubts.clone(), noted.inducements.clone());
                let behaviour = Behaviour::new(history.rhythm().first(), doubts, inducements)?;
                Standing::Starting(Starting::new(self.notes.untroubled, behaviour))
            }
        };
        let contribution = self.contribution(history, reading, noted)?;
        let territory = noted.territory.clone();
        Ok(Customer::new(
            id.clone(),
            contribution,
            territory,
            standing,
        )?)
    }

    fn habits(
        &self,
        id: &Id,
        history: &History,
        reading: &Reading,
        noted: &CustomerNotes,
    ) -> Vec<Habit> {
        let promoted = self.notes.promotion.to(id);
        let scope = self.notes.scope.scope(history.users());
        let shallow = Depth::SHALLOWEST.at_scope(scope);
        let depth = noted
            .judgement
            .as_ref()
            .map_or(shallow, |judged| judged.depth(scope));
        let kept = practices_kept(history, self.notes.share_least);
        if kept.is_empty() {
            let strength = reading.strength();
            return vec![Habit::new(
                promoted.clone(),
                promoted.clone(),
                depth,
                strength,
            )];
        }
        let habit = |practice, share| {
            let strength = strength_of_share(reading.strength(), share);
            Habit::new(practice, promoted.clone(), depth, strength)
        };
        kept.into_iter()
            .map(|one| habit(one.practice, one.share))
            .collect()
    }

    fn contribution(
        &self,
        history: &History,
        reading: &Reading,
        noted: &CustomerNotes,
    ) -> Result<Money, StandingFault> {
        let currency = self.histories.currency();
        if let Some(noted) = noted.contribution {
            return match currency {
                Some(currency) if currency != noted.currency() => {
                    Err(StandingFault::Currency { noted, currency })
                }
                _ => Ok(noted),
            };
        }
        let currency = currency.ok_or(StandingFault::NoContribution)?;
        if history.amount_minor() < 0 {
            let amount = crate::money::from_wide(history.amount_minor(), currency)
                .map_err(|_| StandingFault::Range)?;
            return Err(StandingFault::Credited { amount });
        }
        let occasions = f64_of_u64(history.rhythm().occasions());
        let an_occasion = f64_of_i128(history.amount_minor()) / occasions;
        let a_period = f64::from(self.histories.rules().period_days()) / reading.gap_days();
        let minor = libm::round(self.notes.margin.get() * an_occasion * a_period);
        let minor = i64_of_f64(minor).ok_or(StandingFault::Range)?;
        Ok(Money::from_minor(minor, currency))
    }
}

/// 1 − (1 − A)^s: the strength of a practice that has had a share of the repetitions.
fn strength_of_share(strength: Fraction, share: Fraction) -> Fraction {
    if share == Fraction::ONE {
        return strength;
    }
    Fraction::clamped(-libm::expm1(share.get() * libm::log1p(-strength.get())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Together the practices of a customer make the strength of its whole use.
        #[test]
        fn strengths_of_shares_make_the_whole(strength in 0.0..=1.0, cut in 0.01..0.99) {
            let (strength, cut) = (Fraction::clamped(strength), Fraction::clamped(cut));
            let one = strength_of_share(strength, cut);
            let other = strength_of_share(strength, cut.complement());
            let left = one.complement().get() * other.complement().get();
            prop_assert!((left - strength.complement().get()).abs() < 1e-12);
            prop_assert!(one <= strength && other <= strength);
            prop_assert_eq!(strength_of_share(strength, Fraction::ONE), strength);
        }
    }
}
