//! The law of a stance: what a plan must do, judged by its figures, as a value with its reasons.
//!
//! Offence asks that somebody is advanced, within the payback limit. Aggressive maintenance \[F1\] asks more,
//! against a previous plan: the payback must strictly shorten; where it provably cannot, it must not lengthen
//! and the investment must strictly fall. Under either, a plan that advances nobody is stalled \[F2\].

#![deny(clippy::float_arithmetic)]

use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Payback, Periods, Posture, Stance, StanceError};
use crate::{
    fraction::Fraction,
    money::{Money, MoneyError},
};

/// The figures of a plan that the law looks at.
///
/// ```
/// use sortie::money::{Currency, Money};
/// use sortie::stance::{Payback, Periods, PlanFigures};
/// let usd = |minor| Money::from_minor(minor, Currency::USD);
/// let payback = Payback::After(Periods::new(4.0)?);
/// let figures = PlanFigures::new(usd(100_00), (usd(60_00), usd(20_00)), payback, 7)?;
/// assert_eq!(figures.invested()?, usd(80_00));
/// assert_eq!(figures.headroom()?, usd(40_00));
/// assert_eq!(figures.offensiveness().map(|share| share.get()), Some(0.25));
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanFigures {
    budget: Money,
    existing: Money,
    prospects: Money,
    payback: Payback,
    advanced: u64,
}

impl PlanFigures {
    /// A plan's budget, what it invests in (existing customers, prospects), the payback of the whole, and how
    /// many customers it advances.
    ///
    /// # Errors
    /// [`StanceError::Negative`] for a negative amount; [`StanceError::OverBudget`] if more is invested than the budget
    /// holds; [`StanceError::Money`] for mixed currencies or a sum out of range.
    pub fn new(
        budget: Money,
        (existing, prospects): (Money, Money),
        payback: Payback,
        advanced: u64,
    ) -> Result<Self, StanceError> {
        let parts = [
            ("budget", budget),
            ("spend on existing customers", existing),
            ("spend on prospects", prospects),
        ];
        if let Some((subject, amount)) = parts.into_iter().find(|(_, part)| part.is_negative()) {
            return Err(StanceError::Negative { subject, amount });
        }
        let invested = existing.checked_add(prospects)?;
        if invested.compare(budget)? == Ordering::Greater {
            return Err(StanceError::OverBudget { invested, budget });
        }
        Ok(Self {
            budget,
            existing,
            prospects,
            payback,
            advanced,
        })
    }

    /// What the plan could spend.
    #[must_use]
    pub const fn budget(&self) -> Money {
        self.budget
    }

    /// What it invests in habitual and starting customers.
    #[must_use]
    pub const fn existing(&self) -> Money {
        self.existing
    }

    /// What it invests in prospects.
    #[must_use]
    pub const fn prospects(&self) -> Money {
        self.prospects
    }

    /// The payback of the whole.
    #[must_use]
    pub const fn payback(&self) -> Payback {
        self.payback
    }

    /// How many customers it advances.
    #[must_use]
    pub const fn advanced(&self) -> u64 {
        self.advanced
    }

    /// What it invests in all.
    ///
    /// # Errors
    /// None that a lawful value can meet; the sum was checked.
    pub fn invested(&self) -> Result<Money, MoneyError> {
        self.existing.checked_add(self.prospects)
    }

    /// What the first two tiers leave over \[C3\].
    ///
    /// # Errors
    /// None that a lawful value can meet; the difference was checked.
    pub fn headroom(&self) -> Result<Money, MoneyError> {
        self.budget.checked_sub(self.existing)
    }

    /// The share of what is invested that goes to prospects \[C2\]; `None` if nothing is invested.
    #[must_use]
    pub fn offensiveness(&self) -> Option<Fraction> {
        super::share::share_of(self.prospects, self.existing)
    }
}

/// Whether a plan is lawful under its stance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It attacks, and keeps every rule of its stance.
    Lawful,
    /// It advances nobody \[F2\].
    Stalled,
    /// It breaks a rule of its stance.
    Refused,
}

/// One thing that the law found. Words for it are in [`Finding::sentence`]; a host may render its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// Customers are advanced.
    Advances {
        /// How many.
        customers: u64,
    },
    /// Nobody is advanced: the plan is stalled \[F2\].
    AdvancesNobody,
    /// Maintenance has no plan to be measured against, or one that invested nothing. A fault.
    NothingBefore,
    /// The payback strictly shortens \[F1\].
    PaybackShorter {
        /// Of the previous plan.
        before: Payback,
        /// Of this plan.
        after: Payback,
    },
    /// The payback does not shorten, though nothing proves that it cannot. A fault.
    PaybackNotShorter {
        /// Of the previous plan.
        before: Payback,
        /// Of this plan.
        after: Payback,
        /// No plan pays back sooner than this.
        shortest: Payback,
    },
    /// No plan pays back sooner than the previous one did: shortening is provably out of reach.
    PaybackAtShortest {
        /// Of the previous plan.
        before: Payback,
        /// No plan pays back sooner than this.
        shortest: Payback,
    },
    /// The payback lengthens. A fault under maintenance.
    PaybackLonger {
        /// Of the previous plan.
        before: Payback,
        /// Of this plan.
        after: Payback,
    },
    /// The investment falls by as much as is asked.
    InvestmentFalls {
        /// Of the previous plan.
        before: Money,
        /// Of this plan.
        after: Money,
        /// The most that was lawful.
        most: Money,
    },
    /// The payback cannot shorten, and the investment does not fall as it must. A fault.
    InvestmentNotCut {
        /// Of the previous plan.
        before: Money,
        /// Of this plan.
        after: Money,
        /// The most that is lawful.
        most: Money,
    },
    /// The whole plan pays back within its limit.
    WithinPaybackLimit {
        /// The limit.
        limit: Periods,
        /// Of this plan.
        after: Payback,
    },
    /// The whole plan pays back too late. A fault.
    PaybackOverLimit {
        /// The limit.
        limit: Periods,
        /// Of this plan.
        after: Payback,
    },
    /// Prospects get at least the share asked for \[C2\].
    OffensivenessReached {
        /// The least share.
        smallest: Fraction,
        /// The share.
        actual: Fraction,
    },
    /// Prospects get too small a share \[C2\]. A fault.
    OffensivenessShort {
        /// The least share.
        smallest: Fraction,
        /// The share; nothing invested counts as 0.
        actual: Fraction,
        /// The most that existing customers could have beside what these prospects get.
        existing_most: Money,
    },
    /// The first two tiers leave over what they must \[C3\].
    HeadroomKept {
        /// The least.
        smallest: Money,
        /// What is left.
        actual: Money,
    },
    /// The first two tiers leave too little over \[C3\]. A fault.
    HeadroomShort {
        /// The least.
        smallest: Money,
        /// What is left.
        actual: Money,
    },
}

impl Finding {
    /// Whether it makes the plan unlawful ([`Finding::AdvancesNobody`] makes it stalled).
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        matches!(
            self,
            Self::AdvancesNobody
                | Self::NothingBefore
                | Self::PaybackNotShorter { .. }
                | Self::PaybackLonger { .. }
                | Self::InvestmentNotCut { .. }
                | Self::PaybackOverLimit { .. }
                | Self::OffensivenessShort { .. }
                | Self::HeadroomShort { .. }
        )
    }
}

/// A verdict with its reasons: those that hold and those that do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Finding>", into = "Vec<Finding>")]
pub struct Judgement {
    findings: Vec<Finding>,
}

impl Judgement {
    /// The verdict that follows from the findings.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let faults = self.findings.iter().filter(|finding| finding.is_fault());
        let stalls = self.findings.contains(&Finding::AdvancesNobody);
        match (faults.count(), stalls) {
            (0, _) => Verdict::Lawful,
            (_, true) => Verdict::Stalled,
            (_, false) => Verdict::Refused,
        }
    }

    /// Everything that was looked at, in a fixed order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What makes it unlawful; empty for a lawful plan.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_fault())
    }
}

impl From<Vec<Finding>> for Judgement {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings }
    }
}

impl From<Judgement> for Vec<Finding> {
    fn from(judgement: Judgement) -> Self {
        judgement.findings
    }
}

impl Stance {
    /// Judges a plan by this stance: `previous` is the plan before it, and `shortest` a payback that no
    /// plan can undercut (see [`super::shortest_payback`]); [`Payback::AT_ONCE`] claims nothing.
    ///
    /// # Errors
    /// [`StanceError::Money`] if the amounts are in different currencies.
    pub fn judge(
        &self,
        previous: Option<&PlanFigures>,
        plan: &PlanFigures,
        shortest: Payback,
    ) -> Result<Judgement, StanceError> {
        let mut findings = vec![match plan.advanced {
            0 => Finding::AdvancesNobody,
            customers => Finding::Advances { customers },
        }];
        if let Posture::AggressiveMaintenance { cut_by } = self.posture() {
            judge_maintenance(cut_by, previous, plan, shortest, &mut findings)?;
        }
        self.judge_limits(plan, &mut findings)?;
        Ok(Judgement { findings })
    }

    fn judge_limits(
        &self,
        plan: &PlanFigures,
        findings: &mut Vec<Finding>,
    ) -> Result<(), StanceError> {
        let after = plan.payback;
        if let Some(limit) = self.payback_limit() {
            // A limit on each customer is one on the whole: sums of lawful flows are lawful.
            let limit = limit.within();
            findings.push(if after.is_within(limit) {
                Finding::WithinPaybackLimit { limit, after }
            } else {
                Finding::PaybackOverLimit { limit, after }
            });
        }
        let smallest = self.offensiveness_smallest();
        if smallest > Fraction::ZERO && !plan.invested()?.is_zero() {
            let existing_most = super::share::existing_beside(smallest, plan.prospects)?;
            let actual = plan.offensiveness().unwrap_or(Fraction::ZERO);
            let reached = plan.existing.compare(existing_most)? != Ordering::Greater;
            findings.push(if reached {
                Finding::OffensivenessReached { smallest, actual }
            } else {
                Finding::OffensivenessShort {
                    smallest,
                    actual,
                    existing_most,
                }
            });
        }
        if let Some(smallest) = self.headroom_smallest() {
            let actual = plan.headroom()?;
            findings.push(if actual.compare(smallest)? == Ordering::Less {
                Finding::HeadroomShort { smallest, actual }
            } else {
                Finding::HeadroomKept { smallest, actual }
            });
        }
        Ok(())
    }
}

/// Law 11: the payback strictly shortens; where it provably cannot, it does not lengthen and the investment
/// strictly falls.
fn judge_maintenance(
    cut_by: Fraction,
    previous: Option<&PlanFigures>,
    plan: &PlanFigures,
    shortest: Payback,
    findings: &mut Vec<Finding>,
) -> Result<(), StanceError> {
    let invested_before = previous.map(PlanFigures::invested).transpose()?;
    let (Some(previous), Some(invested_before)) = (
        previous,
        invested_before.filter(|invested| !invested.is_zero()),
    ) else {
        findings.push(Finding::NothingBefore);
        return Ok(());
    };
    let (before, after) = (previous.payback, plan.payback);
    if after.is_shorter_than(before) {
        findings.push(Finding::PaybackShorter { before, after });
        return Ok(());
    }
    if shortest.is_shorter_than(before) {
        findings.push(Finding::PaybackNotShorter {
            before,
            after,
            shortest,
        });
        return Ok(());
    }
    findings.push(Finding::PaybackAtShortest { before, shortest });
    if before.is_shorter_than(after) {
        findings.push(Finding::PaybackLonger { before, after });
    }
    let invested = plan.invested()?;
    let most = investment_most(invested_before, cut_by)?;
    findings.push(if invested.compare(most)? == Ordering::Greater {
        Finding::InvestmentNotCut {
            before: invested_before,
            after: invested,
            most,
        }
    } else {
        Finding::InvestmentFalls {
            before: invested_before,
            after: invested,
            most,
        }
    });
    Ok(())
}

/// The most that a maintenance plan may invest where its payback cannot shorten: less than before by the
/// share `cut_by` of it, rounded up, and by one minor unit at least \[F1\].
///
/// # Errors
/// [`StanceError::Negative`] if the previous investment is negative.
///
/// ```
/// use sortie::fraction::Fraction;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::investment_most;
/// let before = Money::from_minor(1000_00, Currency::USD);
/// assert_eq!(investment_most(before, Fraction::ZERO)?.minor(), 999_99);
/// assert_eq!(investment_most(before, Fraction::new(0.1)?)?.minor(), 900_00);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn investment_most(before: Money, cut_by: Fraction) -> Result<Money, StanceError> {
    if before.is_negative() {
        return Err(StanceError::Negative {
            subject: "previous investment",
            amount: before,
        });
    }
    let cut = super::share::part_rounded_up(before, cut_by).minor().max(1);
    let most = before.minor().saturating_sub(cut).max(0);
    Ok(Money::from_minor(most, before.currency()))
}
