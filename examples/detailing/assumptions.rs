//! What the data do not hold. Every figure here is an assumption and is printed as one.

/// Contribution margin of one new prescription, its renewals included, in dollars.
pub const MARGIN_OF_SCRIPT: i64 = 400;
/// Cost of one sales call, in dollars.
pub const COST_OF_CALL: i64 = 150;
/// Months that a plan looks ahead.
pub const HORIZON_MONTHS: u32 = 12;
/// Discount rate a month.
pub const DISCOUNT_RATE: f64 = 0.01;
/// Longest payback that is acceptable, in months.
pub const PAYBACK_MONTHS: f64 = 12.0;
/// Smallest share of the money that must move the boundary of the business.
pub const OFFENSIVENESS_SMALLEST: f64 = 0.05;
/// Ceiling on all virtual budgets together, in calls.
pub const CEILING_CALLS: i64 = 150;
/// Share of last month's money that is there for the plan: it is asked for when money is short.
pub const BUDGET_SHARE_PERCENT: i64 = 67;
/// Share of a habit lost by itself in a month, for the shallowest.
pub const EROSION: f64 = 0.03;
/// Severity of the doubt that a silence unlike the physician's own rhythm points to.
pub const SEVERITY_OF_SILENCE: f64 = 0.3;
/// A silence is a doubt if the physician's own rhythm makes it this unlikely.
pub const SILENCE_UNLIKELY: f64 = 0.25;
/// How much benefit and harm of each decision scenario weigh.
pub const WEIGHT: f64 = 0.10;

/// A decision scenario: situation, its words, its chance within the horizon, decision, benefit, harm.
pub struct Scenario {
    pub situation: &'static str,
    pub words: &'static str,
    pub chance: f64,
    pub decision: &'static str,
    pub benefit: &'static str,
    pub harm: &'static str,
}

/// What one call each could plant, in the order in which a representative would raise them.
pub const SCENARIOS: [Scenario; 6] = [
    Scenario {
        situation: "new-patient",
        words: "a patient presents with the condition for the first time",
        chance: 0.9,
        decision: "begin with this drug",
        benefit: "one dose a day, so the course is finished",
        harm: "a course broken off half-way returns as a relapse",
    },
    Scenario {
        situation: "no-response",
        words: "a patient does not respond to the present drug after four weeks",
        chance: 0.6,
        decision: "switch to this drug at the next visit",
        benefit: "another way of acting, so a second chance of response",
        harm: "four more weeks on a drug that has not worked",
    },
    Scenario {
        situation: "side-effects",
        words: "a patient complains of side effects of the present drug",
        chance: 0.5,
        decision: "switch to this drug the same day",
        benefit: "fewer interactions to watch",
        harm: "the patient stops treatment without saying so",
    },
    Scenario {
        situation: "new-patient",
        words: "a patient presents with the condition for the first time",
        chance: 0.9,
        decision: "hand over the starter pack of this drug",
        benefit: "the patient begins today, not after the pharmacy opens",
        harm: "one patient in five never fetches the first package",
    },
    Scenario {
        situation: "no-response",
        words: "a patient does not respond to the present drug after four weeks",
        chance: 0.6,
        decision: "write this drug into the note for the colleague on call",
        benefit: "whoever sees the patient next knows what was decided",
        harm: "the next colleague starts the old drug over again",
    },
    Scenario {
        situation: "side-effects",
        words: "a patient complains of side effects of the present drug",
        chance: 0.5,
        decision: "ask about this drug's record in the elderly",
        benefit: "the patients who suffer most are served first",
        harm: "a fall at home that a gentler drug would have spared",
    },
];
