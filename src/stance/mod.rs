//! How a plan faces its period: payback, posture, and the law that follows from them.
//!
//! * [`CashFlow`], [`Timing`] and [`Payback`]: when an outlay comes back, simple or discounted, by a stated
//!   [`Convention`]; [`Payback::Never`] is a value.
//! * [`PaybackTest`]: "pay back within P" as a constraint on spend, the cap of a concave response, and for an
//!   S-shaped one the [`Window`] of zero or at least a minimum, up to a cap.
//! * [`Stance`]: offence or aggressive maintenance \[F1\], the payback limit, the smallest acceptable
//!   offensiveness \[C2\] and the headroom \[C3\]. It knows no budget, so one stance serves many.
//! * [`Stance::judge`]: a [`Judgement`] is a value with its findings, never a bool. A plan that advances
//!   nobody is stalled \[F2\].
//!
//! ```
//! use sortie::fraction::Fraction;
//! use sortie::money::{Currency, Money};
//! use sortie::stance::{Payback, Periods, PlanFigures, Stance, Verdict};
//!
//! let usd = |minor| Money::from_minor(minor, Currency::USD);
//! let months = |n| Periods::new(n).map(Payback::After);
//! let before = PlanFigures::new(usd(900_00), (usd(800_00), usd(100_00)), months(8.0)?, 40)?;
//! let now = PlanFigures::new(usd(700_00), (usd(500_00), usd(100_00)), months(6.5)?, 31)?;
//!
//! let stance = Stance::aggressive_maintenance(Fraction::ZERO);
//! let judgement = stance.judge(Some(&before), &now, Payback::AT_ONCE)?;
//! assert_eq!(judgement.verdict(), Verdict::Lawful);
//! assert_eq!(
//!     judgement.sentence(),
//!     "lawful: customers advanced: 31; payback shortens from 8.00 periods to 6.50 periods",
//! );
//! # Ok::<(), sortie::stance::StanceError>(())
//! ```

mod cash_flow;
mod constraint;
mod error;
mod law;
mod payback;
mod posture;
mod share;
mod words;

pub use cash_flow::{CashFlow, PERIODS_MOST, Timing};
pub use constraint::{PaybackTest, Window, shortest_payback};
pub use error::StanceError;
pub use law::{Finding, Judgement, PlanFigures, Verdict, investment_most};
pub use payback::{Arrival, Convention, Payback, Periods, level_payback};
pub use posture::{PaybackLimit, PaybackOver, Posture, Stance};

#[cfg(test)]
mod tests;
