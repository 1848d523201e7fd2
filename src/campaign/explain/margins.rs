//! What one more unit of everything that is scarce would bring: by planning again with it, not by its price alone.

use serde::{Deserialize, Serialize};

use crate::campaign::{CampaignError, Market, Terms};
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::stance::Periods;

/// What there would be more of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Margin {
    /// Budget.
    Money {
        /// How much.
        more: Money,
    },
    /// The ceiling on promises: exposure \[C6\].
    Ceiling {
        /// How much.
        more: Money,
    },
    /// People's time \[F3\].
    Hours {
        /// How much.
        more: Quantity,
    },
    /// The payback limit \[F1\].
    Payback {
        /// How much longer.
        more: Periods,
    },
    /// The cap of a territory.
    Territory {
        /// Which.
        territory: Id,
        /// How much.
        more: Money,
    },
}

/// What one more unit would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneMore {
    /// Of what.
    pub more: Margin,
    /// The value of the plan with it, less that of the plan without, in currency units. Below 0 only where a plan is not
    /// proved to be the best.
    pub value: f64,
}

impl Market<'_> {
    /// What one more effort of budget, of promises, of each territory's cap, the hours of one more effort and one more period
    /// of payback would bring, each by itself: as many plans as there are answers.
    ///
    /// # Errors
    /// As [`Market::open`].
    pub fn one_more(&self) -> Result<Vec<OneMore>, CampaignError> {
        let terms = self.terms;
        let effort = terms.models.effort();
        let mut asked: Vec<(Margin, Terms)> = vec![
            (
                Margin::Money { more: effort },
                Terms {
                    budget: terms.budget.checked_add(effort)?,
                    ..terms.clone()
                },
            ),
            (
                Margin::Ceiling { more: effort },
                Terms {
                    ceiling: terms.ceiling.checked_add(effort)?,
                    ..terms.clone()
                },
            ),
        ];
        if let Some(hours) = terms.hours {
            let each = hours.per_effort();
            let more = each.habitual.max(each.starting).max(each.prospect);
            if let Some(limit) = hours.limit().checked_add(more) {
                let terms = terms.clone().with_hours(hours.with_limit(limit));
                asked.push((Margin::Hours { more }, terms));
            }
        }
        if let Some(limit) = terms.stance.payback_limit() {
            let more = Periods::new(1.0)?;
            let longer = Periods::new(limit.within().get() + more.get())?;
            let stance = terms.stance.with_payback_limit(longer, limit.over())?;
            asked.push((
                Margin::Payback { more },
                Terms {
                    stance,
                    ..terms.clone()
                },
            ));
        }
        for (at, territory) in terms.territories.iter().enumerate() {
            let Some(cap) = territory.cap() else { continue };
            let raised = territory.clone().with_cap(cap.checked_add(effort)?);
            let mut territories = terms.territories.clone();
            territories[at] = raised;
            asked.push((
                Margin::Territory {
                    territory: territory.id().clone(),
                    more: effort,
                },
                terms.clone().with_territories(territories),
            ));
        }
        let now = self.allocation().value();
        let answer = |(more, terms): (Margin, Terms)| {
            let value = Market::open(self.book, &terms)?.allocation().value() - now;
            Ok(OneMore { more, value })
        };
        asked.into_iter().map(answer).collect()
    }
}
