//! The words of a plan: facts in, one English sentence out. The facts are the machine's form; a host that
//! speaks another language renders them itself.

use super::{Plan, PlanLimit, PlanLine};
use crate::campaign::models::CareMeans;
use crate::campaign::{Attack, Standstill};

impl Attack {
    /// What is done, in one English clause without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Iterate {
                practice,
                from,
                to,
                chance,
            } => format!(
                "deepen the habit {practice:?} from {from} to {to}, which succeeds with {:.1} %",
                chance * 100.0,
                practice = practice.as_str(),
            ),
            Self::Care {
                means: Some(means),
                adoption_before,
                adoption_after,
                ..
            } => format!(
                "{}: use becomes habit with {:.1} % instead of {:.1} %",
                by(*means),
                adoption_after * 100.0,
                adoption_before * 100.0
            ),
            Self::Care {
                open_doubts: 0,
                adoption_before,
                adoption_after,
                means: None,
            } => format!(
                "warn early, before doubts are voiced: use becomes habit with {:.1} % instead of {:.1} %",
                adoption_after * 100.0,
                adoption_before * 100.0
            ),
            Self::Care {
                open_doubts,
                adoption_before,
                adoption_after,
                means: None,
            } => format!(
                "settle {open_doubts} open {}: use becomes habit with {:.1} % instead of {:.1} %",
                if *open_doubts == 1 { "doubt" } else { "doubts" },
                adoption_after * 100.0,
                adoption_before * 100.0
            ),
            Self::Plant {
                scenarios,
                chance_before,
                chance_after,
            } => format!(
                "plant {} {}: the chance of acting rises from {:.1} % to {:.1} %",
                scenarios.len(),
                if scenarios.len() == 1 {
                    "decision"
                } else {
                    "decisions"
                },
                chance_before * 100.0,
                chance_after * 100.0
            ),
        }
    }
}

/// What is done for a customer by these means.
fn by(means: CareMeans) -> String {
    let visits = match means.visits {
        0 => return "take it into the programme of early warning".to_owned(),
        1 => "answer its severest doubt in person".to_owned(),
        visits => format!("answer its {visits} severest doubts in person"),
    };
    if means.early_warning {
        format!("{visits} and take it into the programme of early warning")
    } else {
        visits
    }
}

impl Standstill {
    /// Why there is nothing to attack, in one English clause.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoContribution => "it contributes nothing, so deeper use would bring nothing",
            Self::NoStep => "no deeper step of its habits pays within the horizon",
            Self::NoDoubt => "no doubt stands between its use and a habit",
            Self::NoScenario => "no decision scenario is left to plant; write one",
            Self::ClaimsOutweigh => {
                "planting would bring no more than what is expected to be claimed for it"
            }
        }
    }
}

impl Standstill {
    /// What would have to be there, in one English clause.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoContribution => "it comes to contribute something",
            Self::NoStep => {
                "a habit of it has a deeper step that pays, or the plan looks further ahead"
            }
            Self::NoDoubt => "it voices a doubt, or doubts not voiced are taken to be there",
            Self::NoScenario => "another decision scenario is written for it",
            Self::ClaimsOutweigh => {
                "a scenario pulls harder, it contributes more, or less is expected to be claimed"
            }
        }
    }
}

impl PlanLimit {
    /// Why a customer gets no more, in one English clause.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Payback => "one more effort would not pay back in time",
            Self::Saturated => "one more effort would add nothing",
            Self::Offensiveness => "what the stance leaves to existing customers is spent",
            Self::Ceiling => "the ceiling on promises is reached",
            Self::Budget => "the budget is spent on what brings more",
            Self::PaybackOfWhole => "the whole would then pay back too late",
            Self::Territory { .. } => "what its territory may have is spent",
            Self::Hours => "the hours are used up",
            Self::TerritoryHours { .. } => "the hours of its territory are used up",
            Self::Nothing { why } => why.sentence(),
        }
    }
}

impl Plan {
    /// Why a line is as it is, in one English sentence without a full stop: what is done, and what keeps it from
    /// more, with the marginal return against the price of money.
    #[must_use]
    pub fn reason(&self, line: &PlanLine) -> String {
        let limit = line.limited_by.sentence();
        let next = match line.marginal {
            Some(marginal) => format!(
                " (one more effort returns {marginal:.2} for 1, money is worth {:.2})",
                self.price(line.tier)
            ),
            None => String::new(),
        };
        match &line.attack {
            Some(attack) => format!("{}; no more, since {limit}{next}", attack.sentence()),
            None => format!("not attacked, since {limit}{next}"),
        }
    }
}
