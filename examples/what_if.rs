//! What if: change the plan's budget, one customer, one constraint, and see who gains, who loses, and why.
//!
//! ```text
//! cargo run --release --example what_if                    month 6, two thirds of last month's money
//! cargo run --release --example what_if -- 12 90000.00     month 12, 90,000 dollars
//! cargo run --release --example what_if -- --json          the difference of a budget cut, as a document
//! ```

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "an example prints, counts in small numbers, and shares modules with the main example"
)]

#[path = "detailing/assumptions.rs"]
mod assumptions;
#[path = "detailing/estimate.rs"]
mod estimate;
#[path = "detailing/month.rs"]
mod month;
#[path = "detailing/panel.rs"]
mod panel;
#[path = "detailing/people.rs"]
mod people;

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use sortie::campaign::what_if::{Change, Difference, Held, Replanned};
use sortie::campaign::{Hours, Market, Plan, Terms};
use sortie::census::Census;
use sortie::customer::{Book, ByTier, Customer, Tier};
use sortie::fraction::Fraction;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;
use sortie::stance::{PaybackOver, Periods};

use month::Month;

const HELP: &str = "\
What a change to the plan for 1,000 physicians would do: who gains, who loses, and why.

usage: what_if [AS_OF] [BUDGET] [--json]

  AS_OF   the month from whose end the plan looks ahead, 6 to 22; default 6
  BUDGET  money for the coming month in dollars; default: two thirds of last month's calls
  --json  print the difference that a cut of the budget by a tenth makes (sortie/difference/1) alone";

/// How many of those who gain or lose are shown.
const SHOWN: usize = 3;

struct Arguments {
    as_of: usize,
    budget: Option<Money>,
    json: bool,
}

fn arguments() -> Result<Option<Arguments>, Box<dyn Error>> {
    let mut parsed = Arguments {
        as_of: 6,
        budget: None,
        json: false,
    };
    let mut place = 0;
    for word in std::env::args().skip(1) {
        match (place, word.as_str()) {
            (_, "--help" | "-h") => return Ok(None),
            (_, "--json") => parsed.json = true,
            (0, _) => {
                place = 1;
                parsed.as_of = month::as_of(&word)?;
            }
            (1, _) => {
                place = 2;
                parsed.budget = Some(Money::parse(&word, Currency::USD)?);
            }
            _ => return Err(format!("unexpected argument {word:?}; see --help").into()),
        }
    }
    Ok(Some(parsed))
}

/// Everything that the questions start from.
struct Start {
    book: Book,
    census: Census,
    terms: Terms,
    plan: Plan,
}

fn start(arguments: &Arguments) -> Result<Start, Box<dyn Error>> {
    let Month {
        book,
        census,
        terms,
        ..
    } = Month::open(&month::data(), arguments.as_of, arguments.budget)?;
    let plan = sortie::campaign::plan(&book, &census, &terms)?;
    Ok(Start {
        book,
        census,
        terms,
        plan,
    })
}

/// A tenth less, in whole calls.
fn a_tenth_less(terms: &Terms) -> Result<Money, Box<dyn Error>> {
    let effort = terms.models.effort();
    let calls = terms.budget.minor() / effort.minor();
    Ok(effort.checked_mul(calls - calls / 10)?)
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let start = start(arguments)?;
    let cut = Change::Budget(a_tenth_less(&start.terms)?);
    let mut held = Held::open(&start.book, &start.terms)?;
    let (difference, looked_at) = asked(&mut held, &start, cut)?;
    if arguments.json {
        return Ok(serde_json::to_string_pretty(&difference)?);
    }
    let mut out = String::new();
    let physicians = start.book.customers().len();
    writeln!(
        out,
        "WHAT IF, on the plan for month {} and {physicians} physicians\n\nThe plan: {} spent on {} physicians, expected to bring {:.0}, back after {}.\n",
        arguments.as_of + 1,
        start.plan.spent(),
        start.plan.advanced(),
        start.plan.totals().value,
        start.plan.payback(),
    )?;
    heading(&mut out, "1. The budget is cut by a tenth")?;
    tell(&mut out, &difference, looked_at)?;

    let foremost = foremost(&start)?;
    heading(
        &mut out,
        &format!(
            "2. And physician {} writes half of what it wrote",
            foremost.id()
        ),
    )?;
    let halved = Money::from_minor(foremost.contribution().minor() / 2, Currency::USD);
    let (id, standing) = (foremost.id().clone(), foremost.standing().clone());
    let changed = Customer::new(id, halved, None, standing)?;
    let (difference, looked_at) = asked(&mut held, &start, Change::Customer(Box::new(changed)))?;
    tell(&mut out, &difference, looked_at)?;

    let fifth = Fraction::new(0.2)?;
    let bolder = start.terms.stance.with_offensiveness_smallest(fifth);
    heading(&mut out, "3. A fifth of the money must move the boundary")?;
    tell_terms(
        &mut out,
        &start,
        &Terms {
            stance: bolder,
            ..start.terms.clone()
        },
    )?;

    for (number, within, over, words) in [
        (
            4,
            7.0,
            PaybackOver::EachCustomer,
            "Every physician must pay back within 7 months",
        ),
        (
            5,
            4.0,
            PaybackOver::WholePlan,
            "The whole must pay back within 4 months, whoever carries it",
        ),
    ] {
        let within = Periods::new(within)?;
        let stance = start.terms.stance.with_payback_limit(within, over)?;
        heading(&mut out, &format!("{number}. {words}"))?;
        tell_terms(
            &mut out,
            &start,
            &Terms {
                stance,
                ..start.terms.clone()
            },
        )?;
    }

    heading(
        &mut out,
        "6. Ten people have 80 hours each; a call takes 1 hour, with a prospect 2",
    )?;
    let hours = |text: &str| Quantity::parse(text);
    let per_effort = ByTier {
        habitual: hours("1")?,
        starting: hours("1")?,
        prospect: hours("2")?,
    };
    let team = Hours::new(hours("800")?, per_effort).with_heads(10);
    tell_terms(&mut out, &start, &start.terms.clone().with_hours(team))?;

    heading(&mut out, "7. One more of everything, by planning again")?;
    let market = Market::open(&start.book, &start.terms)?;
    for one in market.one_more()? {
        writeln!(out, "  {}", one.sentence())?;
    }
    writeln!(
        out,
        "\nWho is looked at is followed from the plan before; where all are, the plan was made afresh. Both give the same plan."
    )?;
    Ok(out)
}

/// Asks a held market; what it cannot follow is planned afresh, and the market opened anew is not kept.
fn asked(
    held: &mut Held<'_>,
    start: &Start,
    change: Change,
) -> Result<(Difference, usize), Box<dyn Error>> {
    let before = held.plan(&start.census)?;
    Ok(match held.change(change)? {
        Replanned::Followed {
            difference,
            looked_at,
        } => (*difference, looked_at),
        Replanned::Afresh(question) => {
            let (_, difference) = question.plan(&before, &start.census)?;
            (difference, start.book.customers().len())
        }
        _ => return Err("an answer of a newer kind".into()),
    })
}

/// The customer that brings most.
fn foremost(start: &Start) -> Result<&Customer, Box<dyn Error>> {
    let lines = start.plan.lines().iter();
    let most = lines
        .max_by(|a, b| a.value.total_cmp(&b.value))
        .ok_or("nobody is in the book")?;
    Ok(start
        .book
        .get(&most.customer)
        .ok_or("the plan is of another book")?)
}

/// Other terms, planned afresh.
fn tell_terms(out: &mut String, start: &Start, terms: &Terms) -> Result<(), Box<dyn Error>> {
    let plan = sortie::campaign::plan(&start.book, &start.census, terms)?;
    let difference = Difference::between(&start.plan, &plan)?;
    tell(out, &difference, start.book.customers().len())?;
    let totals = plan.totals();
    if !totals.optimal {
        writeln!(
            out,
            "  Not proved the best: no plan brings more than {:.0}, {:.2} % above this one.",
            totals.bound,
            (totals.bound / totals.value - 1.0) * 100.0
        )?;
    }
    if let Some(offensiveness) = plan.census_after().offensiveness() {
        let prospects = plan.census_after().tier(Tier::Prospect).spend;
        writeln!(
            out,
            "  Prospects get {prospects}, {:.1} % of the money.",
            offensiveness.get() * 100.0
        )?;
    }
    if let Some(hours) = &plan.resources().hours {
        let heads = plan.value_per_head().unwrap_or(0.0);
        let each = plan.value_per_hour().unwrap_or(0.0);
        let utilisation = hours.utilisation().unwrap_or(0.0) * 100.0;
        writeln!(
            out,
            "  {} of {} hours used ({utilisation:.1} %); {each:.0} an hour, {heads:.0} a head; one more hour would bring {:.2}.",
            hours.used, hours.limit, hours.price
        )?;
    }
    writeln!(out)?;
    Ok(())
}

fn tell(out: &mut String, difference: &Difference, looked_at: usize) -> Result<(), Box<dyn Error>> {
    writeln!(out, "  {}.", capital(&difference.sentence()))?;
    for (name, found) in [
        ("gain", difference.gainers()),
        ("lose", difference.losers()),
    ] {
        let shown: Vec<String> = found.iter().take(SHOWN).map(|one| one.sentence()).collect();
        if !shown.is_empty() {
            writeln!(
                out,
                "  Those who {name} most:\n    {}",
                shown.join("\n    ")
            )?;
        }
    }
    let (before, after) = (difference.before(), difference.after());
    writeln!(
        out,
        "  The price of money was {:.2} and is {:.2}. Physicians looked at: {looked_at}.\n",
        before.shadow_price, after.shadow_price
    )?;
    Ok(())
}

fn capital(clause: &str) -> String {
    let mut letters = clause.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn heading(out: &mut String, title: &str) -> std::fmt::Result {
    writeln!(out, "{title}\n{}", "─".repeat(title.chars().count()))
}

fn main() -> ExitCode {
    let outcome = arguments().and_then(|arguments| match arguments {
        None => Ok(HELP.to_owned()),
        Some(arguments) => run(&arguments),
    });
    month::end("what_if", outcome)
}
