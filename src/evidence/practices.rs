//! Habit mining: the practices observed against the practice promoted \[H1\].

use std::collections::BTreeMap;

use super::EvidenceError;
use super::histories::Histories;
use super::history::History;
use super::rhythm::BookRhythm;
use crate::calendar::Date;
use crate::customer::Tier;
use crate::customer::habit::{Divergence, Practice};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::numeric::cast::f64_of_u64;

/// How the product is promoted: to everybody, and to some in another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    general: Practice,
    to: BTreeMap<Id, Practice>,
}

impl Promotion {
    /// One practice promoted to everybody.
    #[must_use]
    pub const fn of(general: Practice) -> Self {
        Self {
            general,
            to: BTreeMap::new(),
        }
    }

    /// The same, but another practice to one customer.
    #[must_use]
    pub fn with(mut self, customer: Id, practice: Practice) -> Self {
        self.to.insert(customer, practice);
        self
    }

    /// What is promoted to a customer.
    #[must_use]
    pub fn to(&self, customer: &Id) -> &Practice {
        self.to.get(customer).unwrap_or(&self.general)
    }
}

/// One practice of one customer, with what it carries.
#[derive(Debug, Clone, PartialEq)]
pub struct PracticeUse {
    /// The practice.
    pub practice: Practice,
    /// Its uses.
    pub uses: u64,
    /// Their share of the customer's uses whose practice is known.
    pub share: Fraction,
}

/// The practices that a customer keeps: the one it uses most, and every other that carries at least this
/// share of its uses. The most used comes first, ties by name; none where no practice is recorded.
///
/// Of a customer with more practices than are counted ([`NAMES_KEPT`](super::NAMES_KEPT)) those of the sample
/// are judged: their uses are exact, the shares are of all uses, and a practice outside the sample is unseen.
#[must_use]
pub fn practices_kept(history: &History, share_least: Fraction) -> Vec<PracticeUse> {
    let all = f64_of_u64(history.practices().uses());
    let mut kept: Vec<(&Id, u64)> = history.practices().kept();
    kept.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let uses = kept.into_iter().map(|(name, uses)| PracticeUse {
        practice: Practice::from(name.clone()),
        uses,
        share: Fraction::clamped(f64_of_u64(uses) / all),
    });
    uses.enumerate()
        .filter(|(place, practice)| *place == 0 || practice.share >= share_least)
        .map(|(_, practice)| practice)
        .collect()
}

/// How many customers and how much use something carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Carried {
    /// Customers that keep it.
    pub customers: u64,
    /// Those of them that are habitual.
    pub habitual: u64,
    /// Uses by these customers.
    pub uses: u64,
}

impl Carried {
    const fn add(&mut self, other: Self) {
        self.customers += other.customers;
        self.habitual += other.habitual;
        self.uses += other.uses;
    }
}

/// What mining finds: who uses the product as promoted, who uses it otherwise, and how.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::habit::Practice;
/// use sortie::evidence::{Door, EventLog, EventRow, Histories, Promotion, ReadingRules, RowPolicy};
/// use sortie::fraction::Fraction;
///
/// let rows = [("a", "night shift"), ("b", "night shift"), ("c", "by phone"), ("d", "as told")];
/// let rows = rows.map(|(customer, practice)| EventRow {
///     customer,
///     date: "2026-03-02",
///     practice: Some(practice),
///     ..EventRow::default()
/// });
/// let as_of = Date::new(2026, 3, 31)?;
/// let door = Door { as_of, currency: None, roster: None, policy: RowPolicy::default() };
/// let (log, _) = EventLog::admit(rows, &door)?;
/// let histories = Histories::read(&log, ReadingRules::default());
///
/// let promotion = Promotion::of(Practice::new("as told")?);
/// let mined = histories.mine(as_of, &histories.fit_rhythm(), &promotion, Fraction::new(0.2)?)?;
/// let foremost = &mined.divergences()[0];
/// assert_eq!(foremost.0.to_string(), "night shift instead of as told");
/// assert_eq!(foremost.1.customers, 2);
/// assert_eq!(mined.as_promoted().customers, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PracticesFound {
    as_promoted: Carried,
    /// In the order of rank.
    divergences: Vec<(Divergence, Carried)>,
    unrecorded: Carried,
    sampled: u64,
}

impl PracticesFound {
    /// Customers who keep the practice promoted to them, and what they carry.
    #[must_use]
    pub const fn as_promoted(&self) -> Carried {
        self.as_promoted
    }

    /// The divergences, those kept by most customers first, then by most uses, then by name: where growth is
    /// found \[H1\].
    #[must_use]
    pub fn divergences(&self) -> &[(Divergence, Carried)] {
        &self.divergences
    }

    /// Customers of whom no practice is recorded, and uses without a practice, theirs and the others'.
    #[must_use]
    pub const fn unrecorded(&self) -> Carried {
        self.unrecorded
    }

    /// Customers with more practices than are counted, of whom some may be unseen.
    #[must_use]
    pub const fn sampled(&self) -> u64 {
        self.sampled
    }

    /// Adds what was found among other customers, in any order.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut tally = Tally::default();
        tally.take(self);
        tally.take(other);
        tally.ranked()
    }
}

/// Counts on their way, by divergence.
#[derive(Default)]
struct Tally {
    found: PracticesFound,
    divergences: BTreeMap<Divergence, Carried>,
}

impl Tally {
    fn take(&mut self, found: &PracticesFound) {
        self.found.as_promoted.add(found.as_promoted);
        self.found.unrecorded.add(found.unrecorded);
        self.found.sampled += found.sampled;
        for (divergence, carried) in &found.divergences {
            self.diverge(divergence.clone(), *carried);
        }
    }

    fn diverge(&mut self, divergence: Divergence, carried: Carried) {
        self.divergences.entry(divergence).or_default().add(carried);
    }

    fn customer(
        &mut self,
        history: &History,
        habitual: bool,
        promoted: &Practice,
        share_least: Fraction,
    ) {
        let habitual = u64::from(habitual);
        let named = history.practices().uses();
        self.found.unrecorded.uses += history.events() - named.min(history.events());
        self.found.sampled += u64::from(history.practices().is_sampled());
        let kept = practices_kept(history, share_least);
        if kept.is_empty() {
            self.found.unrecorded.customers += 1;
            self.found.unrecorded.habitual += habitual;
        }
        for one in kept {
            let carried = Carried {
                customers: 1,
                habitual,
                uses: one.uses,
            };
            match Divergence::between(&one.practice, promoted) {
                Some(divergence) => self.diverge(divergence, carried),
                None => self.found.as_promoted.add(carried),
            }
        }
    }

    fn ranked(self) -> PracticesFound {
        let mut divergences: Vec<(Divergence, Carried)> = self.divergences.into_iter().collect();
        divergences.sort_by(|a, b| {
            let (more, fewer) = (&b.1, &a.1);
            (more.customers, more.uses)
                .cmp(&(fewer.customers, fewer.uses))
                .then_with(|| a.0.cmp(&b.0))
        });
        PracticesFound {
            divergences,
            ..self.found
        }
    }
}

impl Histories {
    /// Holds the practices that customers keep against the one promoted to them, on a date. A practice is
    /// kept if it is the most used or carries at least the share given. O(customers).
    ///
    /// # Errors
    /// [`EvidenceError::AfterAsOf`] if a history goes on after the date.
    pub fn mine(
        &self,
        as_of: Date,
        book: &BookRhythm,
        promotion: &Promotion,
        share_least: Fraction,
    ) -> Result<PracticesFound, EvidenceError> {
        let mut tally = Tally::default();
        for ((id, history), reading) in self.iter().zip(self.readings(as_of, book)?) {
            let habitual = reading.tier() == Tier::Habitual;
            tally.customer(history, habitual, promotion.to(id), share_least);
        }
        Ok(tally.ranked())
    }
}
