//! Modes of care: what it costs to resolve doubts, and how surely it does.

use serde::{Deserialize, Serialize};

use super::BehaviourError;
use crate::fraction::Fraction;
use crate::money::{Money, from_wide};

/// A way to care for behaviour \[B2\].
///
/// The two modes differ in what their cost grows with: person to person costs by the incident,
/// early warning by the programme and a little by the customer. Few incidents are cheaper handled
/// one by one; [`incidents_to_break_even`](Self::incidents_to_break_even) says from where on the
/// programme is the cheaper.
///
/// ```
/// use sortie::customer::behaviour::CareMode;
/// use sortie::fraction::Fraction;
/// use sortie::money::{Currency, Money};
///
/// let usd = Currency::from_code("USD")?;
/// let amount = |text| Money::parse(text, usd);
/// let visits = CareMode::person_to_person(amount("120.00")?, Fraction::new(0.6)?)?;
/// let programme = CareMode::early_warning(amount("5000.00")?, amount("2.00")?, Fraction::new(0.8)?)?;
///
/// assert_eq!(visits.cost(400, 30)?, amount("3600.00")?);
/// assert_eq!(programme.cost(400, 30)?, amount("5800.00")?);
/// assert_eq!(visits.incidents_to_break_even(&programme, 400)?, Some(49));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CareFields", into = "CareFields")]
pub struct CareMode {
    shape: Shape,
    resolves: Fraction,
}

/// What the cost of a mode grows with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    PersonToPerson {
        per_incident: Money,
    },
    EarlyWarning {
        per_programme: Money,
        per_customer: Money,
    },
}

impl CareMode {
    /// Care person to person: a doubt is answered after it is voiced, at a cost each time, and is
    /// resolved with the given probability.
    ///
    /// # Errors
    /// [`BehaviourError::Negative`] for a cost below zero.
    pub fn person_to_person(
        per_incident: Money,
        resolves: Fraction,
    ) -> Result<Self, BehaviourError> {
        not_negative("cost per incident", per_incident)?;
        let shape = Shape::PersonToPerson { per_incident };
        Ok(Self { shape, resolves })
    }

    /// Early warning with personalised communication: a programme that reaches every customer in it,
    /// before doubts are voiced, and resolves a doubt with the given probability.
    ///
    /// # Errors
    /// [`BehaviourError::Negative`] for a cost below zero; [`BehaviourError::Currency`] for two
    /// currencies.
    pub fn early_warning(
        per_programme: Money,
        per_customer: Money,
        resolves: Fraction,
    ) -> Result<Self, BehaviourError> {
        not_negative("cost per programme", per_programme)?;
        not_negative("cost per customer", per_customer)?;
        if per_programme.currency() != per_customer.currency() {
            return Err(BehaviourError::Currency {
                field: "cost per customer",
                amount: per_customer,
                other: per_programme,
            });
        }
        let shape = Shape::EarlyWarning {
            per_programme,
            per_customer,
        };
        Ok(Self { shape, resolves })
    }

    /// The name that documents use: `person_to_person` or `early_warning`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.shape {
            Shape::PersonToPerson { .. } => "person_to_person",
            Shape::EarlyWarning { .. } => "early_warning",
        }
    }

    /// The chance that it resolves a doubt.
    #[must_use]
    pub const fn resolves(&self) -> Fraction {
        self.resolves
    }

    /// Whether doubts are met before they are voiced: true of early warning alone.
    #[must_use]
    pub const fn acts_before_doubts(&self) -> bool {
        matches!(self.shape, Shape::EarlyWarning { .. })
    }

    /// What is paid once for the whole programme, however many customers it serves; zero person to
    /// person.
    #[must_use]
    pub const fn per_programme(&self) -> Money {
        match self.shape {
            Shape::PersonToPerson { per_incident } => Money::zero(per_incident.currency()),
            Shape::EarlyWarning { per_programme, .. } => per_programme,
        }
    }

    /// What one customer with so many incidents adds to the cost: the incidents person to person,
    /// the fee per customer in a programme.
    ///
    /// # Errors
    /// [`BehaviourError::Cost`] if the sum is more than money can hold.
    pub fn cost_of_customer(&self, incidents: u64) -> Result<Money, BehaviourError> {
        match self.shape {
            Shape::PersonToPerson { per_incident } => {
                Self::times(per_incident, incidents, 1, incidents)
            }
            Shape::EarlyWarning { per_customer, .. } => Ok(per_customer),
        }
    }

    /// What it costs to care for so many customers who have so many incidents between them; nothing
    /// when there is no customer.
    ///
    /// # Errors
    /// [`BehaviourError::Cost`] if the sum is more than money can hold.
    pub fn cost(&self, customers: u64, incidents: u64) -> Result<Money, BehaviourError> {
        if customers == 0 {
            return Ok(Money::zero(self.per_programme().currency()));
        }
        match self.shape {
            Shape::PersonToPerson { per_incident } => {
                Self::times(per_incident, incidents, customers, incidents)
            }
            Shape::EarlyWarning {
                per_programme,
                per_customer,
            } => {
                let customers_cost = Self::times(per_customer, customers, customers, incidents)?;
                per_programme
                    .checked_add(customers_cost)
                    .map_err(|source| BehaviourError::Cost {
                        customers,
                        incidents,
                        source,
                    })
            }
        }
    }

    /// The fewest incidents, among so many customers, at which the other mode costs no more than this
    /// one; none if there is no such number, or none that can be counted.
    ///
    /// # Errors
    /// [`BehaviourError::Cost`] if the sums are more than money can hold;
    /// [`BehaviourError::Currency`] for two currencies.
    pub fn incidents_to_break_even(
        &self,
        other: &Self,
        customers: u64,
    ) -> Result<Option<u64>, BehaviourError> {
        let (at_once, at_once_other) = (self.cost(customers, 0)?, other.cost(customers, 0)?);
        let (each, each_other) = (self.incident_minor(), other.incident_minor());
        if at_once.currency() != at_once_other.currency() {
            return Err(BehaviourError::Currency {
                field: "cost of the other mode",
                amount: at_once_other,
                other: at_once,
            });
        }
        let behind = i128::from(at_once_other.minor()) - i128::from(at_once.minor());
        let gained = i128::from(each) - i128::from(each_other);
        Ok(incidents_to_close(behind, gained))
    }

    /// Minor units that one more incident costs.
    const fn incident_minor(&self) -> i64 {
        match self.shape {
            Shape::PersonToPerson { per_incident } => per_incident.minor(),
            Shape::EarlyWarning { .. } => 0,
        }
    }

    /// An amount so many times over; the counts go into the error.
    fn times(
        amount: Money,
        times: u64,
        customers: u64,
        incidents: u64,
    ) -> Result<Money, BehaviourError> {
        let minor = i128::from(amount.minor()) * i128::from(times);
        from_wide(minor, amount.currency()).map_err(|source| BehaviourError::Cost {
            customers,
            incidents,
            source,
        })
    }
}

/// How many gains close the distance, rounded up.
fn incidents_to_close(behind: i128, gained: i128) -> Option<u64> {
    if behind <= 0 {
        return Some(0);
    }
    if gained <= 0 {
        return None;
    }
    u64::try_from((behind + gained - 1) / gained).ok()
}

/// Refuses an amount below zero.
fn not_negative(field: &'static str, amount: Money) -> Result<(), BehaviourError> {
    if amount.is_negative() {
        return Err(BehaviourError::Negative { field, amount });
    }
    Ok(())
}

/// A mode as it stands in a document: `{"mode": {"person_to_person": {…}}, "resolves": 0.6}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CareFields {
    mode: ModeFields,
    resolves: Fraction,
}

/// The costs of a mode as they stand in a document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ModeFields {
    PersonToPerson {
        per_incident: Money,
    },
    EarlyWarning {
        per_programme: Money,
        per_customer: Money,
    },
}

impl TryFrom<CareFields> for CareMode {
    type Error = BehaviourError;

    fn try_from(fields: CareFields) -> Result<Self, BehaviourError> {
        match fields.mode {
            ModeFields::PersonToPerson { per_incident } => {
                Self::person_to_person(per_incident, fields.resolves)
            }
            ModeFields::EarlyWarning {
                per_programme,
                per_customer,
            } => Self::early_warning(per_programme, per_customer, fields.resolves),
        }
    }
}

impl From<CareMode> for CareFields {
    fn from(care: CareMode) -> Self {
        let mode = match care.shape {
            Shape::PersonToPerson { per_incident } => ModeFields::PersonToPerson { per_incident },
            Shape::EarlyWarning {
                per_programme,
                per_customer,
            } => ModeFields::EarlyWarning {
                per_programme,
                per_customer,
            },
        };
        Self {
            mode,
            resolves: care.resolves,
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

    fn modes(incident: i64, programme: i64, customer: i64) -> (CareMode, CareMode) {
        let half = Fraction::clamped(0.5);
        (
            CareMode::person_to_person(usd(incident), half).unwrap(),
            CareMode::early_warning(usd(programme), usd(customer), half).unwrap(),
        )
    }

    proptest! {
        #[test]
        fn costs_grow_with_what_the_mode_is_priced_by(
            incident in 0_i64..10_000,
            programme in 0_i64..1_000_000,
            customer in 0_i64..1_000,
            customers in 1_u64..1_000,
            incidents in 0_u64..1_000,
        ) {
            let (visits, warning) = modes(incident, programme, customer);
            let wide = |value: u64| i64::try_from(value).unwrap();
            prop_assert_eq!(
                visits.cost(customers, incidents).unwrap().minor(),
                incident * wide(incidents)
            );
            prop_assert_eq!(
                warning.cost(customers, incidents).unwrap().minor(),
                programme + customer * wide(customers)
            );
            prop_assert_eq!(visits.cost(0, 0).unwrap(), usd(0));
            prop_assert_eq!(warning.cost(0, 0).unwrap(), usd(0));
            // One customer's part, and the programme's once, make up the whole.
            for mode in [visits, warning] {
                let parts = mode.per_programme().minor()
                    + mode.cost_of_customer(incidents).unwrap().minor()
                    + mode.cost_of_customer(0).unwrap().minor() * (wide(customers) - 1);
                prop_assert_eq!(mode.cost(customers, incidents).unwrap().minor(), parts);
            }
        }

        #[test]
        fn the_break_even_is_where_the_costs_cross(
            incident in 0_i64..500,
            programme in 0_i64..20_000,
            customer in 0_i64..50,
            customers in 1_u64..50,
        ) {
            let (visits, warning) = modes(incident, programme, customer);
            let dearer = |incidents| {
                visits.cost(customers, incidents).unwrap().minor()
                    >= warning.cost(customers, incidents).unwrap().minor()
            };
            match visits.incidents_to_break_even(&warning, customers).unwrap() {
                Some(incidents) => {
                    prop_assert!(dearer(incidents));
                    prop_assert!(incidents == 0 || !dearer(incidents - 1));
                }
                None => prop_assert!(incident == 0 && !dearer(1_000_000)),
            }
        }

        #[test]
        fn documents_round_trip(
            incident in 0_i64..10_000,
            programme in 0_i64..1_000_000,
            customer in 0_i64..1_000,
        ) {
            let (visits, warning) = modes(incident, programme, customer);
            for mode in [visits, warning] {
                let text = serde_json::to_string(&mode).unwrap();
                prop_assert_eq!(serde_json::from_str::<CareMode>(&text).unwrap(), mode);
            }
        }
    }

    #[test]
    fn bad_costs_are_refused_with_the_field() {
        let half = Fraction::clamped(0.5);
        assert_eq!(
            CareMode::person_to_person(usd(-1), half)
                .unwrap_err()
                .to_string(),
            "cost per incident is -0.01 USD: it must be zero or more"
        );
        let yen = Money::from_minor(5, Currency::from_code("JPY").unwrap());
        assert_eq!(
            CareMode::early_warning(usd(100), yen, half)
                .unwrap_err()
                .to_string(),
            "cost per customer is 5 JPY, not in the currency of 1.00 USD: use one currency for both"
        );
        let (visits, _) = modes(1, 1, 1);
        let abroad = CareMode::early_warning(yen, yen, half).unwrap();
        assert!(visits.incidents_to_break_even(&abroad, 1).is_err());
        let text = r#"{"mode":{"person_to_person":{"per_incident":"-1.00 USD"}},"resolves":0.5}"#;
        assert!(serde_json::from_str::<CareMode>(text).is_err());
    }

    #[test]
    fn a_cost_beyond_money_is_an_error() {
        let (visits, warning) = modes(i64::MAX, i64::MAX, 1);
        assert!(visits.cost(1, 1).is_ok());
        assert!(matches!(
            visits.cost(1, 2),
            Err(BehaviourError::Cost {
                customers: 1,
                incidents: 2,
                ..
            })
        ));
        assert!(warning.cost(1, 0).is_err());
        assert!(visits.cost_of_customer(u64::MAX).is_err());
    }
}
