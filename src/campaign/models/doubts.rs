//! The price of doubts left open, over a whole book \[B1\].

use super::{Models, units_of};
use crate::customer::acquaintance::Listening;
use crate::customer::behaviour::{BehaviourError, Chain, DoubtPrices};
use crate::customer::{Book, Customer, Standing};
use crate::id::Id;

/// The open doubts of one customer, and what leaving them open costs.
#[derive(Clone, Debug, PartialEq)]
pub struct PricedDoubts {
    /// Whose.
    pub customer: Id,
    /// The price of each and of all together, in currency units.
    pub prices: DoubtPrices,
    /// The customers that a doubt passed on may reach.
    pub chain: Chain,
}

/// How far doubts travel: who listens, and over how many ties. By default nobody does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hearsay {
    listening: Listening,
    steps: u32,
}

impl Hearsay {
    /// Doubts that travel over so many ties at most, as far as acquaintances listen.
    #[must_use]
    pub const fn new(listening: Listening, steps: u32) -> Self {
        Self { listening, steps }
    }

    /// Whether nobody hears of a doubt.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.steps == 0 || self.listening.is_none()
    }

    /// The chain of customers that a doubt of the one at a place may reach.
    #[must_use]
    pub fn chain(&self, book: &Book, place: usize) -> Chain {
        match book.acquaintances() {
            Some(graph) if !self.is_none() => Chain::of(graph, place, &self.listening, self.steps),
            _ => Chain::default(),
        }
    }
}

impl Models {
    /// What is at stake with a customer over the horizon, in currency units: of a habitual one the worth of its
    /// habit, of several the worthiest; of a starting one that of a first habit, as likely as it is now. A prospect
    /// brings nothing yet.
    #[must_use]
    pub fn value_at_stake(&self, customer: &Customer) -> f64 {
        match customer.standing() {
            Standing::Habitual(habitual) => habitual
                .habits()
                .iter()
                .map(|habit| self.habit_value(customer.contribution(), habit.depth()))
                .fold(0.0, f64::max),
            Standing::Starting(starting) => {
                starting.adoption().get() * self.first_habit_value(customer)
            }
            Standing::Prospect(_) => 0.0,
        }
    }

    /// What a first habit of a customer would be worth over the horizon, in currency units.
    #[must_use]
    pub fn first_habit_value(&self, customer: &Customer) -> f64 {
        units_of(customer.contribution()) * self.present_value(&self.first_habit_flow())
    }

    /// What is at stake among those whom a doubt of the customer at a place may reach.
    pub(crate) fn chain_value(&self, book: &Book, chain: &Chain) -> f64 {
        chain.value(|place| {
            let customer = book.customers().get(place);
            customer.map_or(0.0, |customer| self.value_at_stake(customer))
        })
    }

    /// The open doubts of a book with their prices \[B1\]: the customer whose doubts cost most together first, ties by
    /// id. Each price is what the doubt takes off the chance of a habit, times the worth of a first habit and what
    /// is at stake among those who listen to the customer, as [`CareModel`](super::CareModel) says they do.
    ///
    /// ```
    /// use sortie::calendar::{Date, DiscountRate, Horizon};
    /// use sortie::campaign::models::{Economy, Models};
    /// use sortie::customer::behaviour::{Behaviour, Doubt};
    /// use sortie::customer::{Book, Customer, Standing, Starting};
    /// use sortie::fraction::Fraction;
    /// use sortie::id::Id;
    /// use sortie::money::{Currency, Money};
    ///
    /// let usd = |text| Money::parse(text, Currency::USD);
    /// let day = Date::new(2026, 3, 2)?;
    /// let doubt = Doubt::raise(Id::new("storage")?, day, Fraction::new(0.4)?);
    /// let behaviour = Behaviour::new(day, vec![doubt], vec![])?;
    /// let standing = Standing::Starting(Starting::new(Fraction::new(0.5)?, behaviour));
    /// let ward = Customer::new(Id::new("ward 7")?, usd("100.00")?, None, standing)?;
    /// let book = Book::of(Currency::USD, [ward])?;
    ///
    /// let economy = Economy { horizon: Horizon::new(4)?, discount: DiscountRate::NONE };
    /// let models = Models::judged(economy, usd("150.00")?)?;
    /// let priced = models.price_doubts(&book)?;
    /// // A first habit after two periods: 100·(.9 + .81); the doubt takes .5 × .4 of it.
    /// assert!((priced[0].prices.together() - 0.2 * 171.0).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`BehaviourError::ValueAtStake`] for values beyond what a float can hold.
    pub fn price_doubts(&self, book: &Book) -> Result<Vec<PricedDoubts>, BehaviourError> {
        let mut priced = vec![];
        for (place, customer) in book.customers().iter().enumerate() {
            let Standing::Starting(starting) = customer.standing() else {
                continue;
            };
            let behaviour = starting.behaviour();
            if behaviour.open_doubts().next().is_none() {
                continue;
            }
            let chain = self.care().hearsay().chain(book, place);
            let at_stake = self.chain_value(book, &chain);
            let own = self.first_habit_value(customer);
            priced.push(PricedDoubts {
                customer: customer.id().clone(),
                prices: DoubtPrices::of(behaviour, starting.untroubled(), own, at_stake)?,
                chain,
            });
        }
        priced.sort_by(|a, b| {
            let dearer = b.prices.together().total_cmp(&a.prices.together());
            dearer.then_with(|| a.customer.cmp(&b.customer))
        });
        Ok(priced)
    }
}
