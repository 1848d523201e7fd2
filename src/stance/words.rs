//! The words of the law: one English sentence for each finding. The findings are the machine's form; a host
//! that speaks another language renders them itself.

use super::{Finding, Judgement, Verdict};

impl Finding {
    /// The finding in one English sentence, without a full stop.
    ///
    /// ```
    /// use sortie::stance::Finding;
    /// assert_eq!(
    ///     Finding::AdvancesNobody.sentence(),
    ///     "the plan advances nobody: it is stalled, and a stalled plan is no attack",
    /// );
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Advances { customers } => format!("customers advanced: {customers}"),
            Self::AdvancesNobody => {
                "the plan advances nobody: it is stalled, and a stalled plan is no attack".to_owned()
            }
            Self::NothingBefore => {
                "maintenance has nothing to maintain: no earlier plan with an investment was given; \
                 give one, or take the offence"
                    .to_owned()
            }
            Self::PaybackShorter { before, after } => {
                format!("payback shortens from {before} to {after}")
            }
            Self::PaybackNotShorter { before, after, shortest } => format!(
                "payback is {after} after {before} before; it must be strictly shorter, \
                 and {shortest} is not ruled out"
            ),
            Self::PaybackAtShortest { before, shortest } => format!(
                "payback was {before} and no plan pays back before {shortest}: it cannot shorten"
            ),
            Self::PaybackLonger { before, after } => {
                format!("payback lengthens from {before} to {after}; it must not")
            }
            Self::InvestmentFalls { before, after, most } => {
                format!("investment falls from {before} to {after}, at most {most} as required")
            }
            Self::InvestmentNotCut { before, after, most } => format!(
                "investment is {after} after {before} before; where payback cannot shorten, \
                 it must fall to {most} or less"
            ),
            Self::WithinPaybackLimit { limit, after } => {
                format!("payback is {after}, within the limit of {limit} periods")
            }
            Self::PaybackOverLimit { limit, after } => {
                format!("payback is {after}; the limit is {limit} periods")
            }
            _ => self.sentence_of_tiers(),
        }
    }

    fn sentence_of_tiers(&self) -> String {
        let percent = |share: &crate::fraction::Fraction| share.get() * 100.0;
        match self {
            Self::OffensivenessReached { smallest, actual } => format!(
                "prospects get {:.1} % of the money, at least {:.1} % as required",
                percent(actual),
                percent(smallest)
            ),
            Self::OffensivenessShort {
                smallest,
                actual,
                existing_most,
            } => format!(
                "prospects get {:.1} % of the money; at least {:.1} % is required, \
                 so existing customers may have {existing_most} at most",
                percent(actual),
                percent(smallest)
            ),
            Self::HeadroomKept { smallest, actual } => {
                format!("headroom is {actual}, at least {smallest} as required")
            }
            Self::HeadroomShort { smallest, actual } => {
                format!("headroom is {actual}; at least {smallest} must be left for prospects")
            }
            _ => String::new(),
        }
    }
}

impl Judgement {
    /// The verdict and its reasons in English: the faults, or for a lawful plan what holds.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (head, faulty) = match self.verdict() {
            Verdict::Lawful => ("lawful", false),
            Verdict::Stalled => ("stalled", true),
            Verdict::Refused => ("refused", true),
        };
        let parts: Vec<String> = self
            .findings()
            .iter()
            .filter(|finding| finding.is_fault() == faulty)
            .map(Finding::sentence)
            .collect();
        format!("{head}: {}", parts.join("; "))
    }
}
