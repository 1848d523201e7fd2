//! The difference between two plans: the document `sortie/difference/1`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::campaign::{Plan, PlanLimit, PlanLine};
use crate::document::{Document, DocumentError, Fields, schema_name};
use crate::id::Id;
use crate::money::{Money, MoneyError};
use crate::stance::Payback;

/// A plan's figures, as far as two plans are compared by them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Real money that was there.
    pub budget: Money,
    /// Money given.
    pub spent: Money,
    /// The worst case of all virtual budgets.
    pub exposure: Money,
    /// What the plan is expected to bring, in currency units.
    pub value: f64,
    /// What one more unit of budget would bring.
    pub shadow_price: f64,
    /// When the whole comes back.
    pub payback: Payback,
    /// How many customers are attacked.
    pub attacked: u64,
}

/// One side of a changed line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// What it gets.
    pub spend: Money,
    /// What that is expected to bring.
    pub value: f64,
    /// What keeps it from more.
    pub limited_by: PlanLimit,
}

/// A customer whose money changes; a side is absent if the customer is in one plan only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineChange {
    /// Who.
    pub customer: Id,
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
}

impl LineChange {
    /// What it gains in money; negative if it loses.
    ///
    /// # Errors
    /// [`MoneyError`] if the sides are in different currencies, which a difference made here never shows.
    pub fn gain(&self) -> Result<Money, MoneyError> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => after.spend.checked_sub(before.spend),
            (None, Some(after)) => Ok(after.spend),
            (Some(before), None) => Money::zero(before.spend.currency()).checked_sub(before.spend),
            (None, None) => Err(MoneyError::Malformed {
                text: String::new(),
            }),
        }
    }

    /// The change in one English sentence without a full stop: from what to what, and what keeps it there.
    #[must_use]
    pub fn sentence(&self) -> String {
        let who = &self.customer;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let verb = if after.spend.minor() > before.spend.minor() {
                    "gains"
                } else {
                    "loses"
                };
                format!(
                    "{who} {verb}: {} instead of {}, since {}",
                    after.spend,
                    before.spend,
                    after.limited_by.sentence()
                )
            }
            (None, Some(after)) => format!("{who} is new and gets {}", after.spend),
            (Some(before), None) => format!("{who} is gone, and {} with it", before.spend),
            (None, None) => format!("{who} does not change"),
        }
    }
}

/// Two plans, and every customer whose money differs between them.
///
/// ```
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::campaign::models::{Economy, Models};
/// use sortie::campaign::what_if::{Change, WhatIf};
/// use sortie::campaign::{Terms, plan};
/// use sortie::census::Census;
/// use sortie::customer::Book;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::Stance;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let terms = Terms::new(usd("1000.00")?, usd("200.00")?, Stance::offence(), Models::judged(economy, usd("150.00")?)?);
/// let book = Book::empty(Currency::USD);
/// let census = Census::take(&book, &[])?;
/// let before = plan(&book, &census, &terms)?;
/// let less = WhatIf::new(&book, &terms, [Change::Budget(usd("800.00")?)])?;
/// let (_, difference) = less.plan(&before, &census)?;
/// assert!(difference.changes().is_empty());
/// assert_eq!(difference.after().budget.to_string(), "800.00 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    before: Totals,
    after: Totals,
    unchanged: u64,
    changes: Vec<LineChange>,
}

impl Difference {
    /// Compares two plans, customer by customer. `O(n)`.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMixed`] for plans in different currencies.
    pub fn between(before: &Plan, after: &Plan) -> Result<Self, MoneyError> {
        before.spent().compare(after.spent())?;
        let mut changes = Vec::new();
        let mut unchanged = 0;
        let (mut old, mut new) = (
            before.lines().iter().peekable(),
            after.lines().iter().peekable(),
        );
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some(_), None) => core::cmp::Ordering::Less,
                (None, Some(_)) => core::cmp::Ordering::Greater,
                (Some(old), Some(new)) => old.customer.cmp(&new.customer),
            };
            let left = if order.is_le() { old.next() } else { None };
            let right = if order.is_ge() { new.next() } else { None };
            let same = left.map(|line| line.spend) == right.map(|line| line.spend);
            match left.or(right) {
                Some(line) if !same => changes.push(LineChange {
                    customer: line.customer.clone(),
                    before: left.map(side),
                    after: right.map(side),
                }),
                _ => unchanged += 1,
            }
        }
        Ok(Self {
            before: totals(before),
            after: totals(after),
            unchanged,
            changes,
        })
    }

    /// A difference whose changes are known, in the order of ids.
    pub(super) const fn of_changes(
        before: Totals,
        after: Totals,
        unchanged: u64,
        changes: Vec<LineChange>,
    ) -> Self {
        Self {
            before,
            after,
            unchanged,
            changes,
        }
    }

    /// The plan before.
    #[must_use]
    pub const fn before(&self) -> &Totals {
        &self.before
    }

    /// The plan after.
    #[must_use]
    pub const fn after(&self) -> &Totals {
        &self.after
    }

    /// How many customers get what they got.
    #[must_use]
    pub const fn unchanged(&self) -> u64 {
        self.unchanged
    }

    /// The customers whose money differs, in the order of ids.
    #[must_use]
    pub fn changes(&self) -> &[LineChange] {
        &self.changes
    }

    /// Those who get more, the largest gain first, then by id.
    #[must_use]
    pub fn gainers(&self) -> Vec<&LineChange> {
        self.sorted(|gain| gain > 0)
    }

    /// Those who get less, the largest loss first, then by id.
    #[must_use]
    pub fn losers(&self) -> Vec<&LineChange> {
        self.sorted(|gain| gain < 0)
    }

    /// The whole in one English sentence without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (before, after) = (&self.before, &self.after);
        format!(
            "value {:.2} instead of {:.2} ({:+.2}), {} spent instead of {}, payback {} instead of {}; \
             {} gain, {} lose, {} keep what they had",
            after.value,
            before.value,
            after.value - before.value,
            after.spent,
            before.spent,
            after.payback,
            before.payback,
            self.gainers().len(),
            self.losers().len(),
            self.unchanged
        )
    }

    fn sorted(&self, wanted: impl Fn(i64) -> bool) -> Vec<&LineChange> {
        let gain = |change: &LineChange| change.gain().map_or(0, Money::minor);
        let mut found: Vec<&LineChange> = self
            .changes
            .iter()
            .filter(|change| wanted(gain(change)))
            .collect();
        found.sort_by_key(|change| {
            (
                core::cmp::Reverse(gain(change).unsigned_abs()),
                &change.customer,
            )
        });
        found
    }
}

fn side(line: &PlanLine) -> Side {
    Side {
        spend: line.spend,
        value: line.value,
        limited_by: line.limited_by.clone(),
    }
}

fn totals(plan: &Plan) -> Totals {
    Totals {
        budget: plan.budget(),
        spent: plan.spent(),
        exposure: plan.exposure(),
        value: plan.totals().value,
        shadow_price: plan.totals().shadow_price,
        payback: plan.payback(),
        attacked: plan.advanced(),
    }
}

#[derive(Serialize)]
struct DifferenceWritten<'a> {
    schema: String,
    before: &'a Totals,
    after: &'a Totals,
    unchanged: u64,
    changes: &'a [LineChange],
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = DifferenceWritten {
            schema: schema_name::<Self>(),
            before: &self.before,
            after: &self.after,
            unchanged: self.unchanged,
            changes: &self.changes,
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Difference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

impl Document for Difference {
    const KIND: &'static str = "difference";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let before = fields.read("before", |totals| totals.value());
        let after = fields.read("after", |totals| totals.value());
        let unchanged = fields.read("unchanged", |count| count.count());
        let changes = fields.read("changes", |changes| {
            changes.each(|change| {
                let read: LineChange = change.value()?;
                if read.before.is_none() && read.after.is_none() {
                    return Err(change
                        .fault("change has neither before nor after; give one")
                        .into());
                }
                Ok(read)
            })
        });
        let difference = (|| {
            Some(Self {
                before: before?,
                after: after?,
                unchanged: unchanged?,
                changes: changes?,
            })
        })();
        fields.finish_with(difference)
    }
}
