//! Inducements: what draws a behaviour, and what it costs.

use serde::{Deserialize, Serialize};

use super::BehaviourError;
use crate::fraction::Fraction;
use crate::money::Money;
use crate::numeric::cast::f64_of_i64;

/// The least sales that a unit of outlay is expected to return: 1:1 \[B4\].
pub const SALES_MULTIPLE_LEAST: f64 = 1.0;

/// The most sales that a unit of outlay is expected to return: 1:10 \[B4\].
pub const SALES_MULTIPLE_MOST: f64 = 10.0;

/// What an inducement offers \[B4\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InducementKind {
    /// Something material: samples, equipment, a service.
    Material,
    /// Something professional: training, a study, a place among peers.
    Professional,
}

/// An inducement that draws a behaviour, and what it is expected to return \[B4\].
///
/// It holds a kind, an outlay and an expectation, and nothing else: there is no field in which its
/// size or its grant could depend on what the customer buys, so a performance-linked inducement
/// cannot be built \[B5\]. The expectation is ours; nobody is held to it.
///
/// ```
/// use sortie::customer::behaviour::{Inducement, InducementKind};
/// use sortie::fraction::Fraction;
/// use sortie::money::{Currency, Money};
///
/// let outlay = Money::parse("1000.00", Currency::from_code("USD")?)?;
/// let course = Inducement::new(InducementKind::Professional, outlay, 3.0)?;
///
/// // 25 % of 3,000 does not pay for 1,000: alone, a poor bargain.
/// assert_eq!(course.contribution(Fraction::new(0.25)?), -250.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A tie to purchases has no place to stand:
///
/// ```
/// use sortie::customer::behaviour::Inducement;
///
/// let tied = r#"{"kind": "material", "outlay": "10.00 USD", "sales_multiple": 2.0,
///               "per_purchase": true}"#;
/// assert!(serde_json::from_str::<Inducement>(tied).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "InducementFields", into = "InducementFields")]
pub struct Inducement {
    kind: InducementKind,
    outlay: Money,
    sales_multiple: f64,
}

impl Inducement {
    /// An inducement from its kind, its outlay, zero or more, and the sales expected per unit of
    /// outlay, from 1 to 10, before margin.
    ///
    /// # Errors
    /// [`BehaviourError::Negative`] for an outlay below zero; [`BehaviourError::Multiple`] for a
    /// multiple outside [1, 10].
    pub fn new(
        kind: InducementKind,
        outlay: Money,
        sales_multiple: f64,
    ) -> Result<Self, BehaviourError> {
        if outlay.is_negative() {
            return Err(BehaviourError::Negative {
                field: "outlay",
                amount: outlay,
            });
        }
        if !(SALES_MULTIPLE_LEAST..=SALES_MULTIPLE_MOST).contains(&sales_multiple) {
            return Err(BehaviourError::Multiple {
                value: sales_multiple,
            });
        }
        Ok(Self {
            kind,
            outlay,
            sales_multiple,
        })
    }

    /// What it offers.
    #[must_use]
    pub const fn kind(&self) -> InducementKind {
        self.kind
    }

    /// What it costs.
    #[must_use]
    pub const fn outlay(&self) -> Money {
        self.outlay
    }

    /// Sales expected per unit of outlay, before margin, from 1 to 10.
    #[must_use]
    pub const fn sales_multiple(&self) -> f64 {
        self.sales_multiple
    }

    /// What it costs in currency units, as a real number.
    #[must_use]
    pub fn outlay_units(&self) -> f64 {
        let currency = self.outlay.currency();
        f64_of_i64(self.outlay.minor()) / f64_of_i64(currency.minor_per_unit())
    }

    /// Expected sales in currency units, before margin.
    #[must_use]
    pub fn expected_sales(&self) -> f64 {
        self.sales_multiple * self.outlay_units()
    }

    /// Expected contribution in currency units: margin × multiple × outlay − outlay. Often negative;
    /// it is to be judged together with the habit that it helps to form.
    #[must_use]
    pub fn contribution(&self, margin: Fraction) -> f64 {
        margin.get() * self.expected_sales() - self.outlay_units()
    }
}

/// An inducement judged together with the habit that it helps to form \[B4\].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InducementWorth {
    /// What it brings by itself: margin × multiple × outlay − outlay.
    pub alone: f64,
    /// What it adds to the chance of a habit, times what the habit is worth.
    pub habit: f64,
    /// What it must add to the chance of a habit to be worth its outlay; above 1 it never is. 0 where it pays alone.
    pub chance_needed: f64,
}

impl InducementWorth {
    /// Both together, in currency units.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.alone + self.habit
    }
}

impl Inducement {
    /// Judges it together with the habit that it helps to form: `chance_added` is what it adds to the chance that
    /// use becomes habit, `habit` what that habit is worth, in currency units.
    ///
    /// ```
    /// use sortie::customer::behaviour::{Inducement, InducementKind};
    /// use sortie::fraction::Fraction;
    /// use sortie::money::{Currency, Money};
    ///
    /// let course = Inducement::new(
    ///     InducementKind::Professional,
    ///     Money::parse("1000.00", Currency::USD)?,
    ///     3.0,
    /// )?;
    /// // Alone it loses 250; a tenth more chance of a habit worth 4,000 makes it a good bargain.
    /// let worth = course.worth(Fraction::new(0.25)?, Fraction::new(0.1)?, 4_000.0)?;
    /// assert_eq!((worth.alone, worth.total(), worth.chance_needed), (-250.0, 150.0, 0.0625));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`BehaviourError::ValueAtStake`] for a habit whose worth is not finite or below zero.
    pub fn worth(
        &self,
        margin: Fraction,
        chance_added: Fraction,
        habit: f64,
    ) -> Result<InducementWorth, BehaviourError> {
        if !(habit >= 0.0 && habit.is_finite()) {
            return Err(BehaviourError::ValueAtStake {
                field: "value of the habit",
                value: habit,
            });
        }
        let alone = self.contribution(margin);
        let chance_needed = if alone >= 0.0 { 0.0 } else { -alone / habit };
        Ok(InducementWorth {
            alone,
            habit: chance_added.get() * habit,
            chance_needed,
        })
    }
}

/// An inducement as it stands in a document, before the laws are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InducementFields {
    kind: InducementKind,
    outlay: Money,
    sales_multiple: f64,
}

impl TryFrom<InducementFields> for Inducement {
    type Error = BehaviourError;

    fn try_from(fields: InducementFields) -> Result<Self, BehaviourError> {
        Self::new(fields.kind, fields.outlay, fields.sales_multiple)
    }
}

impl From<Inducement> for InducementFields {
    fn from(inducement: Inducement) -> Self {
        Self {
            kind: inducement.kind,
            outlay: inducement.outlay,
            sales_multiple: inducement.sales_multiple,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    proptest! {
        #[test]
        fn contribution_is_margin_on_sales_less_the_outlay(
            minor in 0_i64..1_000_000_000,
            multiple in 1.0..=10.0,
            margin in 0.0..=1.0,
        ) {
            let made = Inducement::new(InducementKind::Material, usd(minor), multiple).unwrap();
            let outlay = f64::from(i32::try_from(minor).unwrap()) / 100.0;
            let expected = outlay * (margin * multiple - 1.0);
            let found = made.contribution(Fraction::new(margin).unwrap());
            prop_assert!((found - expected).abs() <= 1e-9 * (1.0 + outlay * multiple));
            // Below break-even margin it loses, whatever its size.
            prop_assert!(minor == 0 || margin * multiple >= 1.0 || found < 0.0);
        }

        /// At the chance needed it neither gains nor loses; any more gains.
        #[test]
        fn the_chance_needed_is_where_it_breaks_even(
            minor in 1_i64..1_000_000,
            multiple in 1.0..=10.0,
            margin in 0.0..=1.0,
            habit in 1.0..1e6,
        ) {
            let made = Inducement::new(InducementKind::Material, usd(minor), multiple).unwrap();
            let margin = Fraction::new(margin).unwrap();
            let worth = |chance| made.worth(margin, Fraction::clamped(chance), habit).unwrap();
            let needed = worth(0.0).chance_needed;
            prop_assert_eq!(needed > 0.0, worth(0.0).alone < 0.0);
            if needed > 0.0 && needed < 0.9 {
                let scale = 1e-9 * (1.0 + made.expected_sales());
                prop_assert!(worth(needed).total().abs() <= scale);
                prop_assert!(worth(needed + 0.1).total() > 0.0);
            }
            for bad in [-1.0, f64::NAN, f64::INFINITY] {
                prop_assert!(made.worth(margin, Fraction::ONE, bad).is_err());
            }
        }

        #[test]
        fn documents_round_trip(minor in 0_i64..i64::MAX, multiple in 1.0..=10.0) {
            for kind in [InducementKind::Material, InducementKind::Professional] {
                let made = Inducement::new(kind, usd(minor), multiple).unwrap();
                let text = serde_json::to_string(&made).unwrap();
                prop_assert_eq!(serde_json::from_str::<Inducement>(&text).unwrap(), made);
            }
        }
    }

    #[test]
    fn the_multiple_stays_between_one_and_ten() {
        for lawful in [1.0, 10.0] {
            assert!(Inducement::new(InducementKind::Material, usd(1), lawful).is_ok());
        }
        for value in [0.999, 10.001, -1.0, 0.0, f64::NAN, f64::INFINITY] {
            assert_eq!(
                Inducement::new(InducementKind::Material, usd(1), value)
                    .unwrap_err()
                    .to_string(),
                format!(
                    "expected sales multiple is {value}: outlay to sales is between 1:1 and 1:10, \
                     so it must be from 1 to 10"
                )
            );
        }
        assert!(Inducement::new(InducementKind::Material, usd(-1), 2.0).is_err());
    }

    #[test]
    fn no_field_can_tie_it_to_purchases() {
        let made = Inducement::new(InducementKind::Professional, usd(1000), 2.5).unwrap();
        let text = serde_json::to_string(&made).unwrap();
        assert_eq!(
            text,
            r#"{"kind":"professional","outlay":"10.00 USD","sales_multiple":2.5}"#
        );
        for tie in ["per_purchase", "rebate", "target", "on_sales", "if_bought"] {
            let tied = text.replace('}', &format!(r#","{tie}":1}}"#));
            let refused = serde_json::from_str::<Inducement>(&tied).unwrap_err();
            assert!(refused.to_string().contains("unknown field"), "{refused}");
        }
    }
}
