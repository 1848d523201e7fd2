//! The words of the reasons: facts in, one English sentence out. A host that speaks another language renders
//! the facts itself.

use super::{
    CapCause, Conflict, Exhaustion, Limit, LineReasons, Margin, NextBest, OneMore, PlanLimit,
    PlanReasons, Remedy, WishKind,
};

impl Limit {
    /// The limit in one English clause.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Floor => "its floor holds it up".to_owned(),
            Self::MinimumIfAny => "it takes the least that is allowed if anything is".to_owned(),
            Self::Cap => "its own cap is reached".to_owned(),
            Self::Saturated => "more would add nothing".to_owned(),
            Self::Group(id) => format!("group {id} has no more to give"),
            Self::Resource(id) => format!("resource {id} is used up"),
            Self::Budget => "the budget is spent on what brings more".to_owned(),
            Self::Payback => PlanLimit::Payback.sentence().to_owned(),
            Self::PaybackOfWhole => PlanLimit::PaybackOfWhole.sentence().to_owned(),
            Self::Offensiveness => PlanLimit::Offensiveness.sentence().to_owned(),
            Self::Ceiling => PlanLimit::Ceiling.sentence().to_owned(),
            Self::Territory(id) => format!("what territory {id} may have is spent"),
            Self::Hours => PlanLimit::Hours.sentence().to_owned(),
            Self::TerritoryHours(id) => format!("the hours of territory {id} are used up"),
            Self::Nothing(why) => why.sentence().to_owned(),
            Self::Other => "a limit of another kind is reached".to_owned(),
        }
    }
}

impl Remedy {
    /// The change in one English clause.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::RaiseCap { from, to, cause } => {
                let whose = match cause {
                    CapCause::Asked => "its cap",
                    CapCause::Payback => "the cap that payback puts on it",
                    CapCause::Willingness => "the cap of its willingness",
                    CapCause::Tactics => "the cap of what can be done with it",
                };
                format!("{whose} rises from {from} to {to}")
            }
            Self::AcceptPayback {
                limit,
                needed: Some(needed),
            } => {
                format!(
                    "a payback of {:.2} periods is accepted instead of {limit}",
                    needed.get()
                )
            }
            Self::AcceptPayback {
                limit,
                needed: None,
            } => {
                format!(
                    "a spend that never pays back is accepted, against a limit of {limit} periods"
                )
            }
            Self::AcceptPaybackOfWhole { limit } => {
                format!("the whole may take longer to pay back than {limit} periods")
            }
            Self::LeaveMoreToExisting => "the stance leaves more to existing customers".to_owned(),
            Self::RaiseCeiling => "the ceiling on promises rises".to_owned(),
            Self::RaiseTerritory { territory } => format!("territory {territory} is allowed more"),
            Self::MoreHours { territory: None } => "there are more hours".to_owned(),
            Self::MoreHours {
                territory: Some(territory),
            } => format!("the people of territory {territory} have more hours"),
            Self::Find { missing } => missing.remedy().to_owned(),
            Self::PassGate => "its willingness passes the next gate".to_owned(),
            Self::PriceFalls { from, to } => {
                let (from, to) = told_apart(*from, *to);
                format!("the price of money falls from {from} to {to}")
            }
            Self::ReturnRises { times } => {
                format!("it returns {} times as much", told_apart(*times, 1.0).0)
            }
            Self::RaiseGroup { group } => format!("group {group} is allowed more"),
            Self::RaiseResource { resource } => format!("there is more of {resource}"),
        }
    }
}

/// Two figures with as many decimals, two to nine, as it takes to tell them apart.
fn told_apart(one: f64, other: f64) -> (String, String) {
    let with = |decimals: usize| (format!("{one:.decimals$}"), format!("{other:.decimals$}"));
    let apart = (2..9).map(with).find(|(one, other)| one != other);
    apart.unwrap_or_else(|| with(9))
}

impl LineReasons {
    /// The reasons of a line in one English sentence, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut parts = vec![format!(
            "{} gets {}: {}",
            self.id,
            self.spend,
            self.limited_by.sentence()
        )];
        if let Some(last) = self.last_gain {
            parts.push(format!(
                "its last step returns {last:.2} for 1, money is worth {:.2}",
                self.price
            ));
        }
        match &self.next_best {
            Some(NextBest::Customer { id, gain }) => {
                parts.push(format!(
                    "the next-best use of it is {id}, at {gain:.2} for 1"
                ));
            }
            Some(NextBest::Unspent) => parts.push("nobody else waits for it".to_owned()),
            None => {}
        }
        let changes: Vec<String> = self.to_get_more.iter().map(Remedy::sentence).collect();
        if !changes.is_empty() {
            parts.push(format!("it gets more if {}", changes.join(", or if ")));
        }
        if !self.spend.is_zero() {
            let loss = format!("{:.2} to {:.2}", self.loss.least, self.loss.most);
            parts.push(format!("without it the plan loses {loss}"));
        }
        parts.join("; ")
    }
}

impl OneMore {
    /// What it would bring, in one English clause without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} would bring {:.2}", self.more.sentence(), self.value)
    }
}

impl Margin {
    /// What there would be more of, in an English noun phrase.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Money { more } => format!("{more} more of budget"),
            Self::Ceiling { more } => format!("{more} more of promises to prospects"),
            Self::Hours { more } => format!("{more} more hours"),
            Self::Payback { more } => {
                let noun = if (more.get() - 1.0).abs() < f64::EPSILON {
                    "period"
                } else {
                    "periods"
                };
                format!("a payback longer by {more} {noun}")
            }
            Self::Territory { territory, more } => format!("{more} more for territory {territory}"),
        }
    }
}

impl PlanReasons {
    /// Why the budget is or is not exhausted, in one English sentence without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let spent = self.spent;
        match self.exhaustion {
            Exhaustion::Exhausted => format!(
                "all of {spent} is spent; one more unit of money would bring {:.2}",
                self.price
            ),
            Exhaustion::LessThanAStep { unspent, step } => format!(
                "{spent} is spent; the {unspent} left over is less than one further step of {step}"
            ),
            Exhaustion::NobodyWaits { unspent } => format!(
                "{spent} is spent; {unspent} is left over, since nobody can use more under these limits"
            ),
            Exhaustion::NoBudget => format!("{spent} is spent, the least that reaches the target"),
        }
    }
}

impl Conflict {
    /// The conflict in one English sentence without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let wish = |kind, amount| match kind {
            WishKind::Floor => format!("at least {amount}"),
            WishKind::Cap => format!("at most {amount}"),
        };
        let names: Vec<String> = self
            .wishes
            .iter()
            .map(|(each, _)| format!("{} ({})", each.name, wish(each.kind, each.amount)))
            .collect();
        let give = self.wishes.first().map_or(String::new(), |(_, give)| {
            format!("; any one of them would have to give {give}")
        });
        format!("these cannot all be kept: {}{give}", names.join(", "))
    }
}
