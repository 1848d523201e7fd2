//! From a book and a stance to a plan.

use super::CampaignError;
use super::attack::{Aim, Directions, Standstill, Surroundings};
use super::models::{Models, units_of};
use super::plan::{Plan, PlanLimit, PlanLine, PlanTotals};
use super::virtual_budgets::VirtualBudgetTerms;
use crate::allocate::{self, Allocation, Group, LimitedBy, Objective, Options, Problem};
use crate::census::Census;
use crate::customer::acquaintance::{AcquaintanceGraph, Listening, depth_share};
use crate::customer::{Book, ByTier, Customer, Standing, Tier};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::{ExactSum, cast};
use crate::stance::{CashFlow, Payback, PlanFigures, Stance};

/// What a plan is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Real money for the coming period.
    pub budget: Money,
    /// The most that may be promised to prospects, all virtual budgets together \[C6\].
    pub ceiling: Money,
    /// What is promised already and not yet resolved, under earlier plans:
    /// [`Ledger::outstanding`](crate::virtual_budget::Ledger::outstanding). It is reserved out of the budget
    /// before anything is given, and takes its room under the ceiling.
    pub committed: Money,
    /// How the plan must face its period.
    pub stance: Stance,
    /// How customers respond.
    pub models: Models,
}

impl Terms {
    /// Terms with nothing promised so far.
    ///
    /// Amounts are checked against the book when a plan is made.
    #[must_use]
    pub const fn new(budget: Money, ceiling: Money, stance: Stance, models: Models) -> Self {
        Self {
            budget,
            ceiling,
            committed: Money::zero(budget.currency()),
            stance,
            models,
        }
    }

    /// The same with promises outstanding under earlier plans
    /// ([`Ledger::outstanding`](crate::virtual_budget::Ledger::outstanding)).
    #[must_use]
    pub fn with_committed(self, committed: Money) -> Self {
        Self { committed, ..self }
    }

    /// Real money that is free: the budget less what is reserved for promises already made.
    ///
    /// # Errors
    /// [`CampaignError::Committed`] if the promises come to more than the budget.
    pub fn free(&self) -> Result<Money, CampaignError> {
        self.beside_committed("budget", self.budget)
    }

    /// What may still be promised under the ceiling.
    ///
    /// # Errors
    /// [`CampaignError::Committed`] if the promises come to more than the ceiling.
    pub fn room(&self) -> Result<Money, CampaignError> {
        self.beside_committed("ceiling of virtual budgets", self.ceiling)
    }

    fn beside_committed(
        &self,
        subject: &'static str,
        limit: Money,
    ) -> Result<Money, CampaignError> {
        let left = limit.checked_sub(self.committed)?;
        if left.is_negative() {
            let committed = self.committed;
            return Err(CampaignError::Committed {
                subject,
                limit,
                committed,
            });
        }
        Ok(left)
    }
}

/// The group of habitual and starting customers, and the group of prospects.
const EXISTING: &str = "existing";
const PROSPECTS: &str = "prospects";

/// Plans the next attack: money and tactic for each customer, provably the best under the terms.
///
/// The census is that of the records before the plan; its tally of the plan itself comes with the answer \[T1\].
/// Money given to prospects pays for the work of planting, and promises as much again, contingent on
/// willingness \[C5\]: the claims to be expected are taken off what the plan brings, the worst case of all
/// virtual budgets is held under the ceiling, and what is committed already is reserved out of the budget, so
/// what is promised can be paid \[C6\]. Since every prospect's worst case is one unit for each unit spent, the
/// ceiling is a cap on the group of prospects, which keeps the proof of the optimum exact.
///
/// # Errors
/// [`CampaignError`]: amounts that do not fit together, a census of another book, parameters outside what
/// curves allow.
///
/// `O(n log n)` for n customers; memory in proportion to n.
pub fn plan(book: &Book, census: &Census, terms: &Terms) -> Result<Plan, CampaignError> {
    Market::open(book, terms)?.plan(census)
}

/// A plan's market, solved: what the reasons, the what-if questions and the baselines of a plan are read from.
///
/// ```
/// use sortie::calendar::{DiscountRate, Horizon};
/// use sortie::campaign::models::{Economy, Models};
/// use sortie::campaign::{Market, Terms};
/// use sortie::customer::Book;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::Stance;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let economy = Economy { horizon: Horizon::new(12)?, discount: DiscountRate::new(0.01)? };
/// let terms = Terms {
///     budget: usd("1000.00")?,
///     ceiling: usd("200.00")?,
///     committed: Money::zero(Currency::USD),
///     stance: Stance::offence(),
///     models: Models::judged(economy, usd("150.00")?)?,
/// };
/// let book = Book::empty(Currency::USD);
/// let market = Market::open(&book, &terms)?;
/// assert!(market.allocation().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Market<'a> {
    pub(super) book: &'a Book,
    pub(super) terms: &'a Terms,
    pub(super) directions: Directions<'a>,
    /// By the book's order.
    pub(super) targets: Vec<Target>,
    problem: Problem,
    allocation: Allocation,
    pub(super) existing_most: Money,
}

impl<'a> Market<'a> {
    /// Turns a book and terms into activities, and allocates to them.
    ///
    /// # Errors
    /// As [`plan`].
    pub fn open(book: &'a Book, terms: &'a Terms) -> Result<Self, CampaignError> {
        check(book, terms)?;
        let directions = Directions::new(&terms.models, &terms.stance)?;
        let targets = aim_at_all(book, terms, &directions)?;
        let mut existing_most = terms.stance.existing_most(terms.free()?)?;
        let mut problem = problem_of(book, &targets, terms, existing_most)?;
        let mut allocation = solved(&problem, terms)?;
        // Part of the budget may find no use among prospects; the smallest offensiveness holds of what is spent.
        let beside =
            terms
                .stance
                .existing_most_beside(spent_on(&allocation, PROSPECTS, book.currency()))?;
        if spent_on(&allocation, EXISTING, book.currency()).minor() > beside.minor() {
            existing_most = beside;
            problem = problem_of(book, &targets, terms, existing_most)?;
            allocation = solved(&problem, terms)?;
        }
        Ok(Self {
            book,
            terms,
            directions,
            targets,
            problem,
            allocation,
            existing_most,
        })
    }

    /// The plan, with the census of the records before it.
    ///
    /// # Errors
    /// [`CampaignError`] for a census of another book or in another currency.
    pub fn plan(&self, census: &Census) -> Result<Plan, CampaignError> {
        check_census(self.book, census)?;
        put_together(self, census)
    }

    /// What was asked of the optimiser: one activity for each customer that can be attacked.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Its answer.
    #[must_use]
    pub const fn allocation(&self) -> &Allocation {
        &self.allocation
    }
}

fn check_census(book: &Book, census: &Census) -> Result<(), CampaignError> {
    let (currency, found) = (book.currency(), census.currency());
    if found != currency {
        let subject = "census";
        return Err(CampaignError::Currency {
            subject,
            currency,
            found,
        });
    }
    let (counted, held) = (
        census.customers(),
        cast::u64_of_usize(book.customers().len()),
    );
    if counted != held {
        return Err(CampaignError::CensusElsewhere { counted, held });
    }
    Ok(())
}

fn check(book: &Book, terms: &Terms) -> Result<(), CampaignError> {
    let currency = book.currency();
    let amounts = [
        ("budget", terms.budget.currency()),
        ("ceiling of virtual budgets", terms.ceiling.currency()),
        ("committed on virtual budgets", terms.committed.currency()),
        ("cost of an effort", terms.models.effort().currency()),
    ];
    if let Some((subject, found)) = amounts.into_iter().find(|(_, found)| *found != currency) {
        return Err(CampaignError::Currency {
            subject,
            currency,
            found,
        });
    }
    for (subject, amount) in [
        ("budget", terms.budget),
        ("ceiling of virtual budgets", terms.ceiling),
        ("committed on virtual budgets", terms.committed),
    ] {
        if amount.is_negative() {
            return Err(CampaignError::Negative { subject, amount });
        }
    }
    Ok(())
}

/// A customer's attack with the cap that payback puts on it, or what keeps it from being attacked.
pub(super) type Target = Result<(Aim, i64), PlanLimit>;

fn aim_at_all(
    book: &Book,
    terms: &Terms,
    directions: &Directions<'_>,
) -> Result<Vec<Target>, CampaignError> {
    let unit = 1.0 / cast::f64_of_i64(book.currency().minor_per_unit());
    let step = terms.models.effort().minor().unsigned_abs();
    let most = terms.free()?.minor().unsigned_abs();
    let eases = Eases::of(book, terms.models.planting().listening());
    let aim_at = |(place, customer): (usize, &Customer)| -> Result<Target, CampaignError> {
        let around = Surroundings {
            ease: eases.at(place),
            chain: chain_of(book, terms, place, customer),
        };
        let aim = match directions.aim(customer, around)? {
            Ok(aim) => aim,
            Err(standstill) => return Ok(Err(PlanLimit::Nothing { why: standstill })),
        };
        let test = directions
            .classes()
            .get(aim.class)
            .and_then(|class| class.test);
        let cap = i64::try_from(aim.cap(test, unit, step, most)?).unwrap_or(i64::MAX);
        let late = test.is_some() && cap == 0;
        Ok(if late {
            Err(PlanLimit::Payback)
        } else {
            Ok((aim, cap))
        })
    };
    book.customers().iter().enumerate().map(aim_at).collect()
}

/// What is at stake among those who listen to a starting customer \[B1\].
fn chain_of(book: &Book, terms: &Terms, place: usize, customer: &Customer) -> f64 {
    let hearsay = terms.models.care().hearsay();
    match customer.standing() {
        Standing::Starting(_) if !hearsay.is_none() => {
            terms.models.chain_value(book, &hearsay.chain(book, place))
        }
        _ => 0.0,
    }
}

/// How much the acquaintances of each customer of a book ease its admission \[C4\].
struct Eases<'a> {
    /// `None` where nobody knows anybody, or nobody listens.
    graph: Option<&'a AcquaintanceGraph>,
    listening: &'a Listening,
    /// How deep the deepest habit of each customer is.
    depths: Vec<Fraction>,
}

impl<'a> Eases<'a> {
    fn of(book: &'a Book, listening: &'a Listening) -> Self {
        let graph = book.acquaintances().filter(|_| !listening.is_none());
        let depth = |customer: &Customer| match customer.standing() {
            Standing::Habitual(habitual) => {
                let shares = habitual
                    .habits()
                    .iter()
                    .map(|habit| depth_share(habit.depth()));
                shares.fold(Fraction::ZERO, |a, b| if b > a { b } else { a })
            }
            Standing::Starting(_) | Standing::Prospect(_) => Fraction::ZERO,
        };
        let depths = match graph {
            Some(_) => book.customers().iter().map(depth).collect(),
            None => Vec::new(),
        };
        Self {
            graph,
            listening,
            depths,
        }
    }

    fn at(&self, place: usize) -> Fraction {
        let depth = |known: usize| self.depths.get(known).copied().unwrap_or(Fraction::ZERO);
        match self.graph {
            Some(graph) => graph.ease(place, self.listening, depth),
            None => Fraction::ZERO,
        }
    }
}

fn problem_of(
    book: &Book,
    targets: &[Target],
    terms: &Terms,
    existing_most: Money,
) -> Result<Problem, CampaignError> {
    let currency = book.currency();
    let step = terms.models.effort();
    let mut activities = Vec::with_capacity(targets.len());
    let mut members: ByTier<Vec<Id>> = ByTier::default();
    for (customer, target) in book.customers().iter().zip(targets) {
        let Ok((aim, cap)) = target else { continue };
        let cap = Money::from_minor(*cap, currency);
        activities.push(aim.activity(customer.id().clone(), step, cap));
        members.get_mut(customer.tier()).push(customer.id().clone());
    }
    let ByTier {
        mut habitual,
        starting,
        prospect,
    } = members;
    habitual.extend(starting);
    let group = |name: &str, cap: Money, members: Vec<Id>| -> Result<Group, CampaignError> {
        let id = Id::new(name).map_err(|error| crate::document::Fault::new("groups", error));
        Ok(
            Group::new(id.map_err(crate::document::DocumentError::from)?)
                .with_cap(cap)
                .with_members(members),
        )
    };
    let groups = vec![
        group(EXISTING, existing_most, habitual)?,
        group(PROSPECTS, terms.room()?, prospect)?,
    ];
    let objective = Objective::Budget(terms.free()?);
    Ok(Problem::new(
        currency,
        objective,
        Vec::new(),
        activities,
        groups,
    )?)
}

/// Curves are solved to the end; the search among menus ends where it is told to.
fn solved(problem: &Problem, terms: &Terms) -> Result<Allocation, CampaignError> {
    let Some(menus) = terms.models.menus() else {
        return Ok(allocate::solve(problem)?);
    };
    let options = Options::default().with_nodes_most(menus.search_most());
    let go_on = |_: &allocate::Progress| core::ops::ControlFlow::Continue(());
    Ok(allocate::solve_with(problem, options, go_on)?)
}

fn spent_on(allocation: &Allocation, group: &str, currency: Currency) -> Money {
    let line = allocation
        .groups()
        .iter()
        .find(|line| line.id.as_str() == group);
    line.map_or(Money::zero(currency), |line| line.spent)
}

fn put_together(market: &Market<'_>, census: &Census) -> Result<Plan, CampaignError> {
    let Market {
        book,
        terms,
        directions,
        targets,
        allocation,
        existing_most,
        ..
    } = market;
    let mut given = allocation.lines();
    let mut flows = Flows::new(directions);
    let mut lines = Vec::with_capacity(targets.len());
    for (customer, target) in book.customers().iter().zip(targets) {
        let line = match target {
            Err(limit) => idle(customer, limit.clone()),
            Ok((aim, cap)) => match given.next() {
                Some(answer) => {
                    flows.add(aim, answer.spend, answer.value);
                    attacked(customer, aim, *cap, &answer, terms, directions)?
                }
                None => idle(
                    customer,
                    PlanLimit::Nothing {
                        why: Standstill::NoStep,
                    },
                ),
            },
        };
        lines.push(line);
    }
    let spend = spend_by_tier(&lines, book.currency())?;
    let payback = flows
        .together(allocation.spent())?
        .payback(terms.stance.convention());
    let totals = PlanTotals {
        currency: book.currency(),
        budget: terms.free()?,
        ceiling: terms.room()?,
        existing_most: *existing_most,
        effort: terms.models.effort(),
        value: allocation.value(),
        bound: allocation.bound(),
        optimal: allocation.is_optimal(),
        shadow_price: allocation.shadow_price(),
        existing_price: price_of(allocation, EXISTING),
        prospects_price: price_of(allocation, PROSPECTS),
        payback,
    };
    Ok(Plan::put_together(
        totals,
        census.clone(),
        census.with_spend(spend)?,
        lines,
    )?)
}

fn price_of(allocation: &Allocation, group: &str) -> f64 {
    let line = allocation
        .groups()
        .iter()
        .find(|line| line.id.as_str() == group);
    line.map_or(0.0, |line| line.shadow_price)
}

fn idle(customer: &Customer, limit: PlanLimit) -> PlanLine {
    PlanLine {
        customer: customer.id().clone(),
        tier: customer.tier(),
        spend: Money::zero(customer.contribution().currency()),
        value: 0.0,
        marginal: None,
        limited_by: limit,
        attack: None,
        payback: None,
        virtual_budget: None,
    }
}

fn attacked(
    customer: &Customer,
    aim: &Aim,
    cap: i64,
    answer: &allocate::Line<'_>,
    terms: &Terms,
    directions: &Directions<'_>,
) -> Result<PlanLine, CampaignError> {
    let spend = answer.spend;
    let free = terms.free()?.minor();
    let limited_by = match &answer.limited_by {
        LimitedBy::Cap if cap < free - free % terms.models.effort().minor() => PlanLimit::Payback,
        LimitedBy::Cap | LimitedBy::Budget => PlanLimit::Budget,
        LimitedBy::Group(id) if id.as_str() == EXISTING => PlanLimit::Offensiveness,
        LimitedBy::Group(_) => PlanLimit::Ceiling,
        _ => PlanLimit::Saturated,
    };
    let mut line = PlanLine {
        spend,
        value: answer.value,
        marginal: answer.marginal,
        ..idle(customer, limited_by)
    };
    if spend.is_zero() {
        return Ok(line);
    }
    let units = units_of(spend);
    line.attack = directions.attack(customer, aim, units);
    line.payback = directions.classes().get(aim.class_at(units)).map(|class| {
        let flow = CashFlow::of_response(units, aim.value(units), 1.0, &class.timing);
        flow.map_or(Payback::Never, |flow| {
            flow.payback(terms.stance.convention())
        })
    });
    if let Standing::Prospect(prospect) = customer.standing() {
        let (now, model) = (prospect.willingness().stage(), terms.models.planting());
        let deadline = terms.models.economy().horizon.periods();
        line.virtual_budget = Some(VirtualBudgetTerms::plant(spend, now, model, deadline)?);
    }
    Ok(line)
}

fn spend_by_tier(lines: &[PlanLine], currency: Currency) -> Result<ByTier<Money>, CampaignError> {
    let of = |tier: Tier| {
        Money::total(
            lines.iter().filter(|l| l.tier == tier).map(|l| l.spend),
            currency,
        )
    };
    Ok(ByTier {
        habitual: of(Tier::Habitual)?,
        starting: of(Tier::Starting)?,
        prospect: of(Tier::Prospect)?,
    })
}

/// What comes back, by kind of attack: sums that no order of customers can change.
struct Flows<'a> {
    directions: &'a Directions<'a>,
    values: Vec<ExactSum>,
}

impl<'a> Flows<'a> {
    fn new(directions: &'a Directions<'a>) -> Self {
        Self {
            directions,
            values: vec![ExactSum::new(); directions.classes().len()],
        }
    }

    fn add(&mut self, aim: &Aim, spend: Money, value: f64) {
        if spend.is_zero() {
            return;
        }
        if let Some(sum) = self.values.get_mut(aim.class_at(units_of(spend))) {
            sum.add(value);
        }
    }

    fn together(&self, outlay: Money) -> Result<CashFlow, CampaignError> {
        let periods = self.directions.models.economy().horizon.periods();
        let mut sums = vec![ExactSum::new(); cast::usize_of_u32(periods)];
        for (class, value) in self.directions.classes().iter().zip(&self.values) {
            let value = value.value();
            for (sum, weight) in sums.iter_mut().zip(class.timing.weights()) {
                sum.add(value * weight);
            }
        }
        let contributions = sums.iter().map(ExactSum::value).collect();
        Ok(CashFlow::new(units_of(outlay), contributions)?)
    }
}

impl Plan {
    /// The figures by which a stance judges the plan \[F1, F2, C2\].
    ///
    /// # Errors
    /// [`StanceError`](crate::stance::StanceError) if they do not fit together, which a plan made here never shows.
    pub fn figures(&self) -> Result<PlanFigures, crate::stance::StanceError> {
        let after = self.census_after();
        let spend = |tier| after.tier(tier).spend;
        let existing = spend(Tier::Habitual).checked_add(spend(Tier::Starting))?;
        let parts = (existing, spend(Tier::Prospect));
        PlanFigures::new(self.budget(), parts, self.payback(), self.advanced())
    }
}
