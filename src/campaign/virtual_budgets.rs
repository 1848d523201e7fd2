//! The virtual budget that a plan plants for a prospect \[C5, C6\].

use super::models::PlantingModel;
use crate::customer::willingness::Stage;
use crate::fraction::Fraction;
use crate::money::{Money, MoneyError, apportion};

/// What becomes real once willingness has passed a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The rung to be reached.
    pub stage: Stage,
    /// What then accrues.
    pub accrues: Money,
}

/// The terms of one prospect's virtual budget: nothing now, more with each gate that willingness passes, never
/// more than the cap, and gone at the deadline \[C5, C6\].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualBudgetTerms {
    cap: Money,
    gates: Vec<Gate>,
    expected_claim: Money,
    deadline: u32,
}

impl VirtualBudgetTerms {
    /// Terms for a prospect that stands at `now`: the cap in equal parts over the gates before it, to the cent,
    /// earlier gates first. A prospect that is resolved already has one gate, which it has passed.
    pub(super) fn plant(
        cap: Money,
        now: Stage,
        model: &PlantingModel,
        deadline: u32,
    ) -> Result<Self, MoneyError> {
        let mut stages: Vec<Stage> = Stage::ALL
            .into_iter()
            .filter(|stage| *stage > now)
            .collect();
        if stages.is_empty() {
            stages.push(now);
        }
        let weights: Vec<(Stage, u64)> = stages.iter().map(|stage| (*stage, 1)).collect();
        let parts = apportion(cap, &weights)?;
        let gates: Vec<Gate> = stages
            .into_iter()
            .zip(parts)
            .map(|(stage, accrues)| Gate { stage, accrues })
            .collect();
        let expected = gates
            .iter()
            .map(|gate| part_of(gate.accrues, model.reaches(now, gate.stage)));
        let expected_claim = Money::total(expected, cap.currency())?;
        Ok(Self {
            cap,
            gates,
            expected_claim,
            deadline,
        })
    }

    /// Terms as a document states them.
    ///
    /// # Errors
    /// What is wrong, in words: gates that do not add up to the cap or go down, an expected claim above it.
    pub(super) fn from_parts(
        cap: Money,
        gates: Vec<Gate>,
        expected_claim: Money,
        deadline: u32,
    ) -> Result<Self, String> {
        let total = Money::total(gates.iter().map(|gate| gate.accrues), cap.currency())
            .map_err(|error| error.to_string())?;
        if total != cap || gates.iter().any(|gate| gate.accrues.is_negative()) {
            return Err(format!(
                "gates accrue {total}; they must add up to the cap of {cap}, none below 0"
            ));
        }
        if gates
            .iter()
            .zip(gates.iter().skip(1))
            .any(|(a, b)| a.stage >= b.stage)
        {
            return Err("gates must go up the ladder of willingness, each stage once".to_owned());
        }
        if expected_claim.is_negative() || expected_claim.minor() > cap.minor() {
            return Err(format!(
                "expected claim is {expected_claim}; it must lie between 0 and {cap}"
            ));
        }
        Ok(Self {
            cap,
            gates,
            expected_claim,
            deadline,
        })
    }

    /// The most that will ever have to be honoured: the worst case.
    #[must_use]
    pub const fn cap(&self) -> Money {
        self.cap
    }

    /// The gates still to be passed, upwards; their amounts add up to the cap.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// What is expected to be claimed: each gate's amount times the chance of passing it.
    #[must_use]
    pub const fn expected_claim(&self) -> Money {
        self.expected_claim
    }

    /// Periods after which what was not claimed expires.
    #[must_use]
    pub const fn deadline(&self) -> u32 {
        self.deadline
    }
}

/// A fraction of an amount, read to nine decimals, rounded to the nearest minor unit.
fn part_of(amount: Money, fraction: Fraction) -> Money {
    const BILLION: i128 = 1_000_000_000;
    let billionths =
        crate::numeric::cast::i64_clamped(fraction.get() * 1e9 + 0.5, 0, 1_000_000_000);
    let product = i128::from(amount.minor()) * i128::from(billionths);
    let rounded = (product + BILLION / 2).div_euclid(BILLION);
    Money::from_minor(
        i64::try_from(rounded).unwrap_or(amount.minor()),
        amount.currency(),
    )
}
