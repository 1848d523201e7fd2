//! The audit of past spending: where resources have come to follow purchases.

use std::collections::BTreeMap;
use std::fmt;

use super::BehaviourError;
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money, from_wide};
use crate::numeric::cast::{f64_of_i128, u64_of_usize};
use crate::numeric::{RankCorrelation, centred_ranks};
use crate::quantity::Quantity;

/// What was spent on a customer, and what it had bought before: one row of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PastSpend {
    /// Whom it is about.
    pub customer: Id,
    /// Resources spent on it in the window audited, at least zero.
    pub spend: Money,
    /// What it bought in the window before that, in one unit for all.
    pub sales: Quantity,
}

/// Whether past spending was tied to past purchases: structural investment \[B5\].
///
/// Nobody writes such a tie down, and it creeps in all the same: who bought most is visited most. The audit
/// ranks the customers by what they had bought and by what was spent on them afterwards. If the two ranks go
/// together more than chance would have it, spending is flagged as structural. The sales must be those of a
/// window *before* the spending: sales that follow spending may be its effect, and say nothing of a tie.
///
/// ```
/// use sortie::customer::behaviour::{PastSpend, StructuralAudit};
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::quantity::Quantity;
///
/// let row = |id: &str, spend: &str, sales: &str| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(PastSpend {
///         customer: Id::new(id)?,
///         spend: Money::parse(spend, Currency::USD)?,
///         sales: Quantity::parse(sales)?,
///     })
/// };
/// let rows = [
///     row("a", "10.00", "1")?, row("b", "20.00", "2")?, row("c", "35.00", "5")?,
///     row("d", "50.00", "6")?, row("e", "80.00", "9")?, row("f", "99.00", "20")?,
/// ];
/// let audit = StructuralAudit::of(rows, Fraction::new(0.01)?)?;
/// assert!(audit.is_flagged());
/// assert_eq!(
///     audit.to_string(),
///     "spending followed past purchases: rank correlation 1.00 over 6 customers, p = 0.0014; the 2 \
///      who had bought most got 60.9 % of 294.00 USD"
/// );
/// assert_eq!(audit.foremost(1)[0].customer.as_str(), "f");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StructuralAudit {
    level: Fraction,
    correlation: Option<RankCorrelation>,
    spent: Option<Money>,
    customers: u64,
    top: Top,
    tied: Vec<TiedSpend>,
}

/// A customer whose spend and purchases rank on the same side of the middle, and how far out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TiedSpend {
    /// Who.
    pub customer: Id,
    /// What was spent on it.
    pub spend: Money,
    /// What it had bought.
    pub sales: Quantity,
    /// Its part of the correlation: the product of the two ranks' distances from the middle, in half ranks.
    pub pull: i128,
}

/// The fifth that had bought most, ties by id.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Top {
    customers: u64,
    spend_minor: i128,
    all_minor: i128,
}

/// The share of customers whose part of the spending is told.
const TOP_ONE_IN: usize = 5;

impl StructuralAudit {
    /// Audits past spending, in any order; several rows of one customer add up. A tie is flagged if chance
    /// would bring a rank correlation this high with less than the given probability.
    ///
    /// An audit of nobody, or of spending or sales that do not vary, is lawful and flags nothing.
    /// O(n log n).
    ///
    /// # Errors
    /// [`BehaviourError::AuditSpend`] for spend below zero or in another currency than the row before;
    /// [`BehaviourError::AuditSum`] for rows of one customer whose sum is out of range.
    pub fn of(
        rows: impl IntoIterator<Item = PastSpend>,
        level: Fraction,
    ) -> Result<Self, BehaviourError> {
        let (currency, rows) = added_up(rows)?;
        let ranked: Vec<(i64, u64)> = rows
            .iter()
            .map(|row| (row.spend.minor(), row.sales.micros()))
            .collect();
        let top = Top::of(&rows);
        let spent = currency
            .map(|currency| from_wide(top.all_minor, currency))
            .transpose()
            .map_err(|_| BehaviourError::AuditSum { customer: None })?;
        Ok(Self {
            level,
            correlation: RankCorrelation::of(&ranked),
            spent,
            customers: u64_of_usize(rows.len()),
            top,
            tied: tied(rows),
        })
    }

    /// Whether spending followed past purchases more than chance would have it.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.correlation
            .is_some_and(|found| found.p_rising() < self.level.get())
    }

    /// The rank correlation of spend and past sales, with its p-values; none for fewer than three customers,
    /// or where one of the two is the same for all.
    #[must_use]
    pub const fn correlation(&self) -> Option<&RankCorrelation> {
        self.correlation.as_ref()
    }

    /// The probability below which a tie is flagged.
    #[must_use]
    pub const fn level(&self) -> Fraction {
        self.level
    }

    /// How many customers were audited.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// The share of all spending that went to the fifth who had bought most, rounded up to whole customers;
    /// none if nothing was spent. Untied spending would give them about a fifth.
    #[must_use]
    pub fn share_of_top_fifth(&self) -> Option<Fraction> {
        (self.top.all_minor > 0).then(|| {
            Fraction::clamped(f64_of_i128(self.top.spend_minor) / f64_of_i128(self.top.all_minor))
        })
    }

    /// The customers on whom the tie rests most, the foremost first, ties by id: much was spent on those who
    /// had bought much. Where they are many, that is where spending is to be untied.
    #[must_use]
    pub fn foremost(&self, count: usize) -> &[TiedSpend] {
        self.tied.get(..count).unwrap_or(&self.tied)
    }
}

impl fmt::Display for StructuralAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(found) = self.correlation else {
            return write!(
                f,
                "nothing to tell of {} customers: at least three are needed, with different spend and different purchases",
                self.customers
            );
        };
        let said = if self.is_flagged() {
            "spending followed past purchases"
        } else {
            "no tie of spending to past purchases is shown"
        };
        write!(
            f,
            "{said}: rank correlation {:.2} over {} customers, p ",
            found.coefficient(),
            self.customers
        )?;
        if found.p_rising() < 0.0001 {
            write!(f, "< 0.0001")?;
        } else {
            write!(f, "= {:.4}", found.p_rising())?;
        }
        if let (Some(share), Some(spent)) = (self.share_of_top_fifth(), self.spent) {
            write!(
                f,
                "; the {} who had bought most got {:.1} % of {spent}",
                self.top.customers,
                share.get() * 100.0
            )?;
        }
        Ok(())
    }
}

/// One row a customer, in the order of ids.
fn added_up(
    rows: impl IntoIterator<Item = PastSpend>,
) -> Result<(Option<Currency>, Vec<PastSpend>), BehaviourError> {
    let mut currency = None;
    let mut customers: BTreeMap<Id, (Money, Quantity)> = BTreeMap::new();
    for row in rows {
        let kept_in = *currency.get_or_insert(row.spend.currency());
        if row.spend.is_negative() || row.spend.currency() != kept_in {
            return Err(BehaviourError::AuditSpend {
                customer: row.customer,
                spend: row.spend,
                currency: kept_in,
            });
        }
        let entry = customers
            .entry(row.customer.clone())
            .or_insert((Money::zero(kept_in), Quantity::ZERO));
        let spend = entry.0.checked_add(row.spend).ok();
        let sum = spend.zip(entry.1.checked_add(row.sales));
        *entry = sum.ok_or(BehaviourError::AuditSum {
            customer: Some(row.customer),
        })?;
    }
    let rows = customers
        .into_iter()
        .map(|(customer, (spend, sales))| PastSpend {
            customer,
            spend,
            sales,
        });
    Ok((currency, rows.collect()))
}

impl Top {
    fn of(rows: &[PastSpend]) -> Self {
        let mut order: Vec<&PastSpend> = rows.iter().collect();
        order.sort_by(|a, b| b.sales.cmp(&a.sales).then(a.customer.cmp(&b.customer)));
        let count = rows.len().div_ceil(TOP_ONE_IN);
        let minor = |row: &&PastSpend| i128::from(row.spend.minor());
        Self {
            customers: u64_of_usize(count),
            spend_minor: order.iter().take(count).map(minor).sum(),
            all_minor: order.iter().map(minor).sum(),
        }
    }
}

fn tied(rows: Vec<PastSpend>) -> Vec<TiedSpend> {
    let spends = centred_ranks(&rows, |row| row.spend.minor());
    let sales = centred_ranks(&rows, |row| row.sales);
    let mut tied: Vec<TiedSpend> = rows
        .into_iter()
        .zip(spends.into_iter().zip(sales))
        .filter(|(_, (spend, sale))| *spend > 0 && *sale > 0)
        .map(|(row, (spend, sale))| TiedSpend {
            customer: row.customer,
            spend: row.spend,
            sales: row.sales,
            pull: i128::from(spend) * i128::from(sale),
        })
        .collect();
    tied.sort_by(|a, b| b.pull.cmp(&a.pull).then(a.customer.cmp(&b.customer)));
    tied
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: &str, spend: i64, sales: u64) -> PastSpend {
        PastSpend {
            customer: Id::new(id).unwrap(),
            spend: Money::from_minor(spend, Currency::USD),
            sales: Quantity::from_micros(sales),
        }
    }

    fn level(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    #[test]
    fn spending_that_ignores_purchases_is_not_flagged() {
        let rows = (0..40).map(|n| row(&format!("c{n:02}"), 100 * (n * 17 % 40), 40));
        let audit = StructuralAudit::of(rows, level(0.05)).unwrap();
        assert_eq!(audit.correlation(), None);
        assert!(!audit.is_flagged());
        assert_eq!(
            audit.to_string(),
            "nothing to tell of 40 customers: at least three are needed, with different spend and different purchases"
        );
        // More to those who bought less is no tie either, however sure.
        let rows = (0..40).map(|n| {
            row(
                &format!("c{n:02}"),
                4_000 - 100 * n,
                u64::try_from(n).unwrap(),
            )
        });
        let audit = StructuralAudit::of(rows, level(0.05)).unwrap();
        assert!(!audit.is_flagged() && audit.correlation().unwrap().p_either() < 1e-6);
        assert!(audit.foremost(3).is_empty());
        assert!(
            audit.to_string().starts_with(
                "no tie of spending to past purchases is shown: rank correlation -1.00"
            )
        );
    }

    #[test]
    fn the_fifth_and_the_foremost_are_those_of_the_hand() {
        // Six customers: the fifth, rounded up, is two. Ties in sales go by id.
        let rows = [
            row("a", 0, 9),
            row("b", 500, 9),
            row("c", 300, 9),
            row("d", 100, 1),
            row("e", 100, 2),
            row("f", 0, 0),
        ];
        let audit = StructuralAudit::of(rows.clone(), level(0.05)).unwrap();
        assert_eq!(audit.share_of_top_fifth(), Some(level(0.5)));
        // Spend in doubled centred ranks: a, f −4; d, e 0; c 3; b 5. Sales: a, b, c 3; e −1; d −3; f −5.
        // Σ products: −12 + 15 + 9 + 0 + 0 + 20 = 32; Σ² 66 and 62.
        let found = audit.correlation().unwrap();
        assert!((found.coefficient() - 32.0 / (66.0_f64 * 62.0).sqrt()).abs() < 1e-15);
        let foremost: Vec<(&str, i128)> = audit
            .foremost(9)
            .iter()
            .map(|one| (one.customer.as_str(), one.pull))
            .collect();
        assert_eq!(foremost, [("b", 15), ("c", 9)]);
        assert_eq!(audit.foremost(1).len(), 1);
        // Rows of one customer add up, in any order.
        let mut split = rows.to_vec();
        split.push(row("b", -0, 0));
        split.extend([row("g", 10, 1), row("g", 20, 3)]);
        let mut whole = rows.to_vec();
        whole.push(row("g", 30, 4));
        split.reverse();
        assert_eq!(
            StructuralAudit::of(split, level(0.05)).unwrap(),
            StructuralAudit::of(whole, level(0.05)).unwrap()
        );
    }

    #[test]
    fn an_audit_of_nobody_is_lawful_and_bad_rows_are_refused() {
        let nobody = StructuralAudit::of([], level(0.05)).unwrap();
        assert_eq!((nobody.customers(), nobody.share_of_top_fifth()), (0, None));
        assert!(!nobody.is_flagged());
        let below = StructuralAudit::of([row("a", -1, 0)], level(0.05)).unwrap_err();
        assert_eq!(
            below.to_string(),
            "spend on a is -0.01 USD: it must be zero or more, in USD as the rows before"
        );
        let mut euro = row("b", 1, 0);
        euro.spend = Money::from_minor(1, Currency::from_code("EUR").unwrap());
        let mixed = StructuralAudit::of([row("a", 1, 0), euro], level(0.05)).unwrap_err();
        assert_eq!(
            mixed.to_string(),
            "spend on b is 0.01 EUR: it must be zero or more, in USD as the rows before"
        );
        let vast = StructuralAudit::of([row("a", i64::MAX, 0), row("a", 1, 0)], level(0.05));
        assert_eq!(
            vast.unwrap_err().to_string(),
            "rows of a add up to more than can be held: choose larger units"
        );
        let vast = StructuralAudit::of([row("a", i64::MAX, 0), row("b", 1, 0)], level(0.05));
        assert_eq!(
            vast.unwrap_err().to_string(),
            "all rows add up to more than can be held: choose larger units"
        );
    }

    proptest! {
        #[test]
        fn the_order_of_the_rows_is_immaterial_and_shares_are_shares(
            rows in prop::collection::vec((0..6_i64, 0..6_u64), 0..30),
        ) {
            let mut rows: Vec<PastSpend> = rows
                .into_iter()
                .enumerate()
                .map(|(place, (spend, sales))| row(&format!("c{place:02}"), spend, sales))
                .collect();
            let audit = StructuralAudit::of(rows.clone(), level(0.05)).unwrap();
            rows.reverse();
            prop_assert_eq!(&StructuralAudit::of(rows.clone(), level(0.05)).unwrap(), &audit);
            // Who is listed got and bought more than the middle; the list is in order.
            for pair in audit.foremost(99).windows(2) {
                prop_assert!(pair[0].pull >= pair[1].pull && pair[1].pull > 0);
            }
            // A stricter level never flags what a laxer one does not.
            let strict = StructuralAudit::of(rows, level(0.001)).unwrap();
            prop_assert!(audit.is_flagged() || !strict.is_flagged());
        }
    }
}
