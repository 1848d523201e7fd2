//! Terms offered to a prospect before anything is promised: what each gate would add, and what that means
//! for the optimiser.

use thiserror::Error;

use crate::{
    customer::willingness::{Stage, Transitions},
    fraction::Fraction,
    money::{Money, MoneyError},
    numeric::cast,
};

/// What a virtual budget would accrue at each gate, up to its own cap, and the chance that what is promised
/// is claimed.
///
/// Two figures follow for the optimiser: the expected claims belong in its objective, the worst case in its
/// constraint against the ceiling \[C6\].
///
/// ```
/// use sortie::{customer::willingness::{Stage, Transitions}, fraction::Fraction};
/// use sortie::{money::{Currency, Money}, virtual_budget::Terms};
/// let usd = |text| Money::parse(text, Currency::USD);
/// let terms = Terms::new(
///     usd("300.00")?,
///     &[(Stage::Interested, usd("100.00")?), (Stage::Resolved, usd("200.00")?)],
///     Fraction::new(0.5)?,
/// )?;
/// let judged = Transitions::ladder([Fraction::new(0.2)?; 4], [Fraction::ZERO; 4])?;
/// assert_eq!(terms.worst_case(Stage::Interested), usd("200.00")?);
/// assert!(terms.expected_claims(Stage::Aware, &judged, 1) == 10.0); // 100 × .2 × .5
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    cap: Money,
    /// Minor units for the gates aware, interested, weighing, resolved.
    at_gate: [i64; Stage::COUNT - 1],
    likelihood: Fraction,
}

/// Terms that are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TermsError {
    /// A cap that leaves nothing to offer.
    #[error("cap of the terms is {cap}; it must be above 0")]
    CapNotPositive {
        /// The cap.
        cap: Money,
    },
    /// The bottom rung has no gate.
    #[error("terms add {amount} at unaware, which is no gate; start with aware")]
    NoGate {
        /// The amount.
        amount: Money,
    },
    /// A gate named twice.
    #[error("terms name the gate {gate} twice; add its amounts up")]
    GateRepeated {
        /// The gate.
        gate: Stage,
    },
    /// Nothing, or less than nothing.
    #[error("terms add {amount} at {gate}; the amount must be above 0, or the gate be left out")]
    NotPositive {
        /// The gate.
        gate: Stage,
        /// The amount.
        amount: Money,
    },
    /// More than the cap.
    #[error("terms add up to {total} over all gates; the cap is {cap}")]
    CapPassed {
        /// Over all gates.
        total: Money,
        /// The cap.
        cap: Money,
    },
    /// Mixed currencies, or a sum out of range.
    #[error("terms: {0}")]
    Money(#[from] MoneyError),
}

impl Terms {
    /// Admits terms: a cap, what each gate adds, and the chance that what is promised will be claimed.
    ///
    /// # Errors
    /// [`TermsError`]: no cap, an amount not above 0, a gate twice or none, a sum above the cap.
    pub fn new(
        cap: Money,
        accruals: &[(Stage, Money)],
        likelihood: Fraction,
    ) -> Result<Self, TermsError> {
        if cap.minor() <= 0 {
            return Err(TermsError::CapNotPositive { cap });
        }
        let mut at_gate = [0; Stage::COUNT - 1];
        for &(gate, amount) in accruals {
            if amount.minor() <= 0 {
                return Err(TermsError::NotPositive { gate, amount });
            }
            let cell = gate
                .place()
                .checked_sub(1)
                .and_then(|place| at_gate.get_mut(place));
            match cell {
                None => return Err(TermsError::NoGate { amount }),
                Some(cell) if *cell != 0 => return Err(TermsError::GateRepeated { gate }),
                Some(cell) => *cell = amount.minor(),
            }
        }
        let total = Money::total(accruals.iter().map(|(_, amount)| *amount), cap.currency())?;
        if total.minor() > cap.minor() {
            return Err(TermsError::CapPassed { total, cap });
        }
        Ok(Self {
            cap,
            at_gate,
            likelihood,
        })
    }

    /// The budget's own cap.
    #[must_use]
    pub const fn cap(&self) -> Money {
        self.cap
    }

    /// The chance that what is promised will be claimed.
    #[must_use]
    pub const fn likelihood(&self) -> Fraction {
        self.likelihood
    }

    /// What a gate adds; 0 where the terms are silent.
    #[must_use]
    pub fn accrual_at(&self, gate: Stage) -> Money {
        let amount = self.gates().find(|(at, _)| *at == gate);
        Money::from_minor(amount.map_or(0, |(_, minor)| minor), self.cap.currency())
    }

    /// The most that can still accrue for a prospect on the given rung, and so be claimed: what all gates
    /// above it add. In whole minor units, for a constraint against the ceiling.
    #[must_use]
    pub fn worst_case(&self, held: Stage) -> Money {
        let above = self.gates().filter(|(gate, _)| *gate > held);
        // No more than the cap, so the sum is in range.
        Money::from_minor(above.map(|(_, minor)| minor).sum(), self.cap.currency())
    }

    /// Expected claims within the given number of periods for a prospect on the given rung, in currency
    /// units: Σ over the gates above it of amount × chance of reaching the gate × likelihood of a claim.
    #[must_use]
    pub fn expected_claims(&self, held: Stage, transitions: &Transitions, periods: u32) -> f64 {
        let above = self.gates().filter(|(gate, _)| *gate > held);
        let minor: f64 = above
            .map(|(gate, minor)| {
                cast::f64_of_i64(minor) * transitions.reach(held, gate, periods).get()
            })
            .sum();
        minor * self.likelihood.get() / cast::f64_of_i64(self.cap.currency().minor_per_unit())
    }

    fn gates(&self) -> impl Iterator<Item = (Stage, i64)> + '_ {
        Stage::ALL.into_iter().skip(1).zip(self.at_gate)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    #[test]
    fn terms_are_refused_by_name() {
        let half = Fraction::new(0.5).unwrap();
        let refused =
            |cap, accruals: &[(Stage, Money)]| Terms::new(usd(cap), accruals, half).unwrap_err();
        assert!(matches!(refused(0, &[]), TermsError::CapNotPositive { .. }));
        assert!(matches!(
            refused(9, &[(Stage::Unaware, usd(1))]),
            TermsError::NoGate { .. }
        ));
        assert!(matches!(
            refused(9, &[(Stage::Aware, usd(0))]),
            TermsError::NotPositive { .. }
        ));
        let twice = [(Stage::Aware, usd(1)), (Stage::Aware, usd(1))];
        assert!(matches!(
            refused(9, &twice),
            TermsError::GateRepeated { gate: Stage::Aware }
        ));
        let over = [(Stage::Aware, usd(700)), (Stage::Resolved, usd(301))];
        assert_eq!(
            refused(1_000, &over).to_string(),
            "terms add up to 10.01 USD over all gates; the cap is 10.00 USD"
        );
        let mixed = [(
            Stage::Aware,
            Money::from_minor(1, Currency::from_code("EUR").unwrap()),
        )];
        assert!(matches!(refused(9, &mixed), TermsError::Money(_)));
        assert!(Terms::new(usd(1_001), &over, half).is_ok());
    }

    #[test]
    fn expected_claims_weigh_each_gate_by_the_chance_of_reaching_it() {
        let half = Fraction::new(0.5).unwrap();
        let gates = [(Stage::Aware, usd(8_000)), (Stage::Interested, usd(4_000))];
        let terms = Terms::new(usd(12_000), &gates, Fraction::new(0.25).unwrap()).unwrap();
        let ladder = Transitions::ladder([half; 4], [Fraction::ZERO; 4]).unwrap();
        // One period: half of them reach aware, nobody interested. Two: three quarters, and a quarter.
        for (periods, expected) in [(0, 0.0), (1, 10.0), (2, 17.5)] {
            let found = terms.expected_claims(Stage::Unaware, &ladder, periods);
            assert!((found - expected).abs() < 1e-12, "{found} after {periods}");
        }
    }

    proptest! {
        #[test]
        fn expected_claims_lie_between_nothing_and_the_worst_case(
            parts in proptest::array::uniform4(1_i64..1_000_000), likelihood in 0.0..=1.0_f64,
            up in 0.0..=1.0_f64, periods in 0_u32..20, held in 0_usize..5,
        ) {
            let accruals: Vec<_> = Stage::ALL.into_iter().skip(1).zip(parts.map(usd)).collect();
            let chance = Fraction::new(likelihood).unwrap();
            let terms = Terms::new(usd(parts.iter().sum()), &accruals, chance).unwrap();
            let chain = Transitions::ladder([Fraction::new(up).unwrap(); 4], [Fraction::ZERO; 4]).unwrap();
            let held = Stage::ALL[held];
            let (expected, worst) = (terms.expected_claims(held, &chain, periods), terms.worst_case(held));
            let worst_units = cast::f64_of_i64(worst.minor()) / 100.0;
            prop_assert!(expected >= 0.0 && expected <= worst_units * (1.0 + 1e-12));
            prop_assert!(terms.expected_claims(held, &chain, periods + 1) >= expected * (1.0 - 1e-12));
            let by_gate: i64 = Stage::ALL.into_iter().filter(|gate| *gate > held).map(|gate| terms.accrual_at(gate).minor()).sum();
            prop_assert_eq!(by_gate, worst.minor());
            if let Some(next) = held.next() {
                prop_assert!(terms.worst_case(next).minor() < worst.minor());
            }
        }
    }
}
