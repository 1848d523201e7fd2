//! From the panel to a book: who each physician is at the as-of month, from the months before it alone.

use std::error::Error;

use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::campaign::Market;
use sortie::campaign::Terms;
use sortie::campaign::baselines::{Comparison, History, Rule};
use sortie::campaign::models::{CareModel, Economy, IterationModel, Models, PlantingModel};
use sortie::census::CensusRecord;
use sortie::customer::behaviour::{Behaviour, Doubt};
use sortie::customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use sortie::customer::habit::{Anchoring, Depth, Erosion, Ground, Habit, Practice, Scope};
use sortie::customer::willingness::Willingness;
use sortie::customer::{Book, Customer, Habitual, Prospect, Standing, Starting, Tier};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;
use sortie::stance::{Convention, PaybackOver, Periods, Stance};

use crate::assumptions as assumed;
use crate::estimate::Estimates;
use crate::panel::{Panel, Physician, PhysicianKind};

/// Months that the tier rule looks back.
pub const WINDOW: usize = 6;
/// Months of the window with a prescription that make a habit.
pub const ACTIVE_FOR_HABIT: usize = 5;
/// Months of calls that count as where resources go.
pub const RESOURCE_WINDOW: usize = 3;

/// The tier by the plain rule: prescribed in at least five of the last six months, has prescribed, never.
/// The month before the panel does not count.
pub fn tier_of(physician: &Physician, as_of: usize) -> Tier {
    if physician.months_active(as_of + 1 - WINDOW, as_of) >= ACTIVE_FOR_HABIT {
        Tier::Habitual
    } else if physician.scripts_in(1, as_of) > 0 {
        Tier::Starting
    } else {
        Tier::Prospect
    }
}

/// The id of a physician: zero-padded, so that the order of ids is that of numbers.
pub fn id_of(physician: &Physician) -> Result<Id, Box<dyn Error>> {
    Ok(Id::new(format!("{:04}", physician.id))?)
}

/// The first day of a month of the panel. The year is not recorded: month 1 stands as January 2001.
fn day_of(month: usize) -> Result<Date, Box<dyn Error>> {
    let years = i16::try_from((month - 1) / 12)?;
    Ok(Date::new(
        2001 + years,
        i8::try_from((month - 1) % 12 + 1)?,
        1,
    )?)
}

/// What the whole panel tells of any one physician.
struct Base {
    /// Beta prior of the chance of prescribing in a month, over physicians who ever did.
    prior: (f64, f64),
    /// Prescriptions in a month with any, of starting physicians, by kind.
    scripts_if_active: [f64; 3],
}

/// The book at the as-of month, and the records of the last three months.
pub fn book_of(panel: &Panel, as_of: usize) -> Result<(Book, Vec<CensusRecord>), Box<dyn Error>> {
    let base = base_of(panel, as_of);
    let mut customers = Vec::with_capacity(panel.physicians.len());
    let mut records = Vec::with_capacity(panel.physicians.len());
    for physician in &panel.physicians {
        customers.push(customer_of(physician, as_of, &base)?);
        let calls = physician.calls_in(as_of + 1 - RESOURCE_WINDOW, as_of);
        records.push(CensusRecord {
            customer: id_of(physician)?,
            // Results over the window of the tier rule, resources over the last quarter.
            result: Quantity::parse(&physician.scripts_in(as_of + 1 - WINDOW, as_of).to_string())?,
            spend: dollars(assumed::COST_OF_CALL)?.checked_mul(i64::from(calls))?,
        });
    }
    Ok((Book::of(Currency::USD, customers)?, records))
}

/// A whole number of dollars.
pub fn dollars(whole: i64) -> Result<Money, Box<dyn Error>> {
    Ok(Money::from_minor(1, Currency::USD)
        .checked_mul(whole)?
        .checked_mul(100)?)
}

fn base_of(panel: &Panel, as_of: usize) -> Base {
    let ever: Vec<&Physician> = panel
        .physicians
        .iter()
        .filter(|one| one.scripts_in(1, as_of) > 0)
        .collect();
    let from = as_of + 1 - WINDOW;
    let shares: Vec<f64> = ever
        .iter()
        .map(|one| one.months_active(from, as_of) as f64 / WINDOW as f64)
        .collect();
    let scripts_if_active = PhysicianKind::ALL.map(|kind| {
        let starting = ever
            .iter()
            .filter(|one| one.kind == kind && tier_of(one, as_of) == Tier::Starting);
        let (scripts, months) = starting.fold((0, 0), |(scripts, months), one| {
            (
                scripts + one.scripts_in(1, as_of),
                months + one.months_active(1, as_of),
            )
        });
        if months == 0 {
            1.0
        } else {
            f64::from(scripts) / months as f64
        }
    });
    Base {
        prior: beta_by_moments(&shares),
        scripts_if_active,
    }
}

/// Beta parameters whose binomial shares over the window have the mean and variance seen.
fn beta_by_moments(shares: &[f64]) -> (f64, f64) {
    let count = shares.len().max(2) as f64;
    let mean = (shares.iter().sum::<f64>() / count).clamp(0.01, 0.99);
    let variance = shares
        .iter()
        .map(|share| (share - mean) * (share - mean))
        .sum::<f64>()
        / (count - 1.0);
    let binomial = mean * (1.0 - mean);
    let trials = WINDOW as f64;
    // variance = binomial/n · (1 + (n−1)·overlap), overlap = 1/(a+b+1).
    let overlap = ((variance * trials / binomial - 1.0) / (trials - 1.0)).clamp(0.01, 0.99);
    let size = 1.0 / overlap - 1.0;
    (mean * size, (1.0 - mean) * size)
}

/// Chance of at least five active months in the next six, after `active` of `trials`: beta-binomial.
fn becomes_habit(prior: (f64, f64), active: usize, trials: usize) -> f64 {
    let (a, b) = (prior.0 + active as f64, prior.1 + (trials - active) as f64);
    let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let n = WINDOW as f64;
    (ACTIVE_FOR_HABIT..=WINDOW)
        .map(|k| {
            let k = k as f64;
            let ln_choose =
                libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
            libm::exp(ln_choose + ln_beta(a + k, b + n - k) - ln_beta(a, b))
        })
        .sum()
}

fn customer_of(
    physician: &Physician,
    as_of: usize,
    base: &Base,
) -> Result<Customer, Box<dyn Error>> {
    let window_from = as_of + 1 - WINDOW;
    let (scripts_a_month, standing) = match tier_of(physician, as_of) {
        Tier::Habitual => {
            let scripts = f64::from(physician.scripts_in(window_from, as_of)) / WINDOW as f64;
            (scripts, Standing::Habitual(habitual_of(physician, as_of)?))
        }
        Tier::Starting => {
            let active = physician.months_active(1, as_of).max(1) as f64;
            let scripts = f64::from(physician.scripts_in(1, as_of)) / active;
            (
                scripts,
                Standing::Starting(starting_of(physician, as_of, base)?),
            )
        }
        Tier::Prospect => {
            let kind = PhysicianKind::ALL
                .iter()
                .position(|kind| *kind == physician.kind)
                .unwrap_or(0);
            (
                base.scripts_if_active[kind],
                Standing::Prospect(prospect_of(physician, as_of)?),
            )
        }
    };
    let cents = (scripts_a_month * assumed::MARGIN_OF_SCRIPT as f64 * 100.0).round();
    let contribution = Money::from_minor(cents as i64, Currency::USD);
    Ok(Customer::new(
        id_of(physician)?,
        contribution,
        None,
        standing,
    )?)
}

/// A prescribing habit of one person, held by custom; its ground is taken to be professional.
fn habitual_of(physician: &Physician, as_of: usize) -> Result<Habitual, Box<dyn Error>> {
    let active = physician.months_active(as_of + 1 - WINDOW, as_of) as f64 / WINDOW as f64;
    let practice = || Practice::new("prescribes the drug");
    let depth = Depth::new(Scope::Individual, Ground::Profession, Anchoring::Custom)?;
    Ok(Habitual::new(vec![Habit::new(
        practice()?,
        practice()?,
        depth,
        Fraction::new(active)?,
    )])?)
}

/// A silence that the physician's own rhythm makes unlikely is taken for a doubt.
fn starting_of(
    physician: &Physician,
    as_of: usize,
    base: &Base,
) -> Result<Starting, Box<dyn Error>> {
    let first = physician
        .scripts
        .iter()
        .position(|scripts| *scripts > 0)
        .unwrap_or(0)
        + 1;
    let silent = physician.scripts[..as_of]
        .iter()
        .rev()
        .take_while(|scripts| **scripts == 0)
        .count();
    let (months, active) = (as_of + 1 - first, physician.months_active(first, as_of));
    let rhythm = (base.prior.0 + active as f64) / (base.prior.0 + base.prior.1 + months as f64);
    let unlikely = libm::pow(1.0 - rhythm, silent as f64) <= assumed::SILENCE_UNLIKELY;
    let mut doubts = Vec::new();
    if silent > 0 && unlikely {
        let raised = day_of(as_of + 1 - silent)?;
        doubts.push(Doubt::raise(
            Id::new("silence")?,
            raised,
            Fraction::new(assumed::SEVERITY_OF_SILENCE)?,
        ));
    }
    let window_active = physician.months_active(as_of + 1 - WINDOW, as_of);
    let untroubled = Fraction::new(becomes_habit(base.prior, window_active, WINDOW))?;
    Ok(Starting::new(
        untroubled,
        Behaviour::new(day_of(first)?, doubts, vec![])?,
    ))
}

/// Each call so far has planted one decision, in the customary order; the others are still to be planted.
fn prospect_of(physician: &Physician, as_of: usize) -> Result<Prospect, Box<dyn Error>> {
    let mut planted = Vec::new();
    for (place, scenario) in assumed::SCENARIOS.iter().enumerate() {
        let situation = Situation::new(
            Id::new(scenario.situation)?,
            Statement::new(scenario.words)?,
            Fraction::new(scenario.chance)?,
        )?;
        planted.push(DecisionScenario::new(DecisionDraft {
            id: Id::new(format!("{}-{}", place + 1, scenario.situation))?,
            situation,
            decision: scenario.decision.to_owned(),
            benefit: scenario.benefit.to_owned(),
            benefit_weight: Fraction::new(assumed::WEIGHT)?,
            harm: scenario.harm.to_owned(),
            harm_weight: Fraction::new(assumed::WEIGHT)?,
        })?);
    }
    let calls = usize::try_from(physician.calls_in(1, as_of))?;
    let candidates = planted.split_off(calls.min(planted.len()));
    Ok(Prospect::new(
        Willingness::new(day_of(1)?),
        planted,
        candidates,
    )?)
}

/// The rules of thumb beside a plan, by last month's calls and the prescriptions of the window.
///
/// # Errors
/// As [`Market::compare`].
pub fn rules_of_thumb(
    panel: &Panel,
    as_of: usize,
    market: &Market<'_>,
) -> Result<Vec<Comparison>, Box<dyn Error>> {
    let told = market.compare(&Rule::ALL, |customer| {
        let physician = panel
            .physicians
            .iter()
            .find(|one| format!("{:04}", one.id) == customer.id().as_str());
        physician.map_or(History::default(), |one| History {
            spent: u64::from(one.calls_in(as_of, as_of)),
            sales: u64::from(one.scripts_in(as_of + 1 - WINDOW, as_of)),
            is_existing: customer.tier() != Tier::Prospect,
        })
    })?;
    Ok(told)
}

/// The terms of the plan: the estimate sets what iteration can bring, the rest is assumed.
pub fn terms_of(estimates: &Estimates, budget: Money) -> Result<Terms, Box<dyn Error>> {
    let economy = Economy {
        horizon: Horizon::new(assumed::HORIZON_MONTHS)?,
        discount: DiscountRate::new(assumed::DISCOUNT_RATE)?,
    };
    let effort = dollars(assumed::COST_OF_CALL)?;
    let erosion = Erosion::new(
        Fraction::new(assumed::EROSION)?,
        Erosion::default().softening(),
    )?;
    let lag = 1;
    let shape = |success| -> Result<IterationModel, Box<dyn Error>> {
        // Within physicians response is flat after about two calls a month: one call brings 63 % of it.
        Ok(IterationModel::new(success, 1.0, lag)?.with_erosion(erosion, Fraction::ZERO))
    };
    let models = Models::judged(economy, effort)?.with_iteration(shape(Fraction::ONE)?);
    let success = success_that_lifts(&models, estimates.within.lift(2.0))?;
    let models = models
        .with_iteration(shape(success)?)
        .with_care(CareModel::new(
            Fraction::new(0.8)?,
            1.5,
            2,
            Fraction::new(0.1)?,
        )?)
        .with_planting(PlantingModel::new(
            Fraction::new(0.4)?,
            Fraction::new(0.5)?,
        )?);
    let stance = Stance::offence()
        .with_convention(Convention::discounted(economy.discount))
        .with_payback_limit(
            Periods::new(assumed::PAYBACK_MONTHS)?,
            PaybackOver::EachCustomer,
        )?
        .with_offensiveness_smallest(Fraction::new(assumed::OFFENSIVENESS_SMALLEST)?);
    let ceiling = effort.checked_mul(assumed::CEILING_CALLS)?;
    Ok(Terms::new(budget, ceiling, stance, models))
}

/// The chance of success with which iterating a prescribing habit lifts its worth by the share estimated.
fn success_that_lifts(models: &Models, lift: f64) -> Result<Fraction, Box<dyn Error>> {
    let unit = dollars(1)?;
    let depth = Depth::new(Scope::Individual, Ground::Profession, Anchoring::Custom)?;
    let practice = || Practice::new("prescribes the drug");
    let habit = Habit::new(practice()?, practice()?, depth, Fraction::ONE);
    let worth = models.habit_value(unit, depth);
    let gain = models
        .best_iteration(&[habit])
        .map_or(f64::INFINITY, |step| step.gain);
    Ok(Fraction::new((lift * worth / gain).clamp(0.0, 1.0))?)
}
