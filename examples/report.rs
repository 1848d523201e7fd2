//! The campaign as one self-contained page that a director could be shown: no network, no script.
//!
//! ```text
//! cargo run --release --example report                        writes target/report.html
//! cargo run --release --example report -- 12 90000 page.html  month 12, 90,000 dollars, another file
//! ```

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "an example prints, counts in small numbers, and shares modules with the main example"
)]

#[path = "detailing/assumptions.rs"]
mod assumptions;
#[path = "report/charts.rs"]
mod charts;
#[path = "detailing/estimate.rs"]
mod estimate;
#[path = "detailing/month.rs"]
mod month;
#[path = "report/page.rs"]
mod page;
#[path = "detailing/panel.rs"]
mod panel;
#[path = "detailing/people.rs"]
mod people;
#[path = "report/svg.rs"]
mod svg;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use sortie::campaign::baselines::Comparison;
use sortie::campaign::explain::{Conflict, Wish, WishKind, Wishes};
use sortie::campaign::what_if::{Change, Difference, WhatIf};
use sortie::campaign::{FrontierPoint, Market, Plan, Terms, frontier};
use sortie::census::Census;
use sortie::customer::{Book, Tier};
use sortie::id::Id;
use sortie::money::{Currency, Money};

use charts::units;
use month::Month;

const HELP: &str = "\
The campaign on 1,000 physicians as one page of HTML.

usage: report [AS_OF] [BUDGET] [FILE]

  AS_OF   the month from whose end the plan looks ahead, 6 to 22; default 6
  BUDGET  money for the coming month in dollars; default: two thirds of last month's calls
  FILE    where the page goes; default: target/report.html";

/// Points on the curves of value and payback.
const POINTS: i64 = 24;

/// Everything that the page speaks of.
pub struct Told<'a> {
    pub panel: &'a panel::Panel,
    pub as_of: usize,
    pub book: &'a Book,
    pub terms: &'a Terms,
    pub market: &'a Market<'a>,
    pub plan: &'a Plan,
    /// Last month's calls in dollars, by tier.
    pub last_month: [f64; 3],
    pub frontier: Vec<FrontierPoint>,
    pub comparisons: Vec<Comparison>,
    /// What one more of everything would bring.
    pub one_more: Vec<(String, f64)>,
    pub difference: Difference,
    pub conflict: Option<Conflict>,
    pub assumed: Vec<String>,
}

impl Told<'_> {
    /// The plan's money by tier.
    #[must_use]
    pub fn by_tier(&self) -> [f64; 3] {
        Tier::ALL.map(|tier| units(self.plan.census_after().tier(tier).spend))
    }

    /// The longest payback accepted, in months.
    #[must_use]
    pub fn payback_limit(&self) -> Option<f64> {
        self.terms
            .stance
            .payback_limit()
            .map(|limit| limit.within().get())
    }
}

struct Arguments {
    as_of: usize,
    budget: Option<Money>,
    file: PathBuf,
}

fn arguments() -> Result<Option<Arguments>, Box<dyn Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut parsed = Arguments {
        as_of: 6,
        budget: None,
        file: root.join("target/report.html"),
    };
    for (place, word) in std::env::args().skip(1).enumerate() {
        match (place, word.as_str()) {
            (_, "--help" | "-h") => return Ok(None),
            (0, _) => {
                parsed.as_of = month::as_of(&word)?;
            }
            (1, _) => parsed.budget = Some(Money::parse(&word, Currency::USD)?),
            (2, _) => parsed.file = word.into(),
            _ => return Err(format!("unexpected argument {word:?}; see --help").into()),
        }
    }
    Ok(Some(parsed))
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let Month {
        panel,
        as_of,
        book,
        census,
        terms,
        ..
    } = Month::open(&month::data(), arguments.as_of, arguments.budget)?;
    let (budget, call) = (terms.budget, people::dollars(assumptions::COST_OF_CALL)?);
    let last_calls = month::calls_of(&panel, as_of);
    let market = Market::open(&book, &terms)?;
    let plan = market.plan(&census)?;
    let told = Told {
        panel: &panel,
        as_of,
        book: &book,
        terms: &terms,
        market: &market,
        plan: &plan,
        last_month: Tier::ALL.map(|tier| {
            let of_tier = panel
                .physicians
                .iter()
                .filter(|one| people::tier_of(one, as_of) == tier);
            of_tier
                .map(|one| f64::from(one.calls_in(as_of, as_of)))
                .sum::<f64>()
                * units(call)
        }),
        frontier: frontier(&book, &terms, budgets(budget, call)?)?,
        comparisons: people::rules_of_thumb(&panel, as_of, &market)?,
        one_more: one_more(&market, &book, &terms)?,
        difference: cut_by_a_fifth(&book, &terms, &plan, &census)?,
        conflict: wishes(&plan, call.checked_mul(last_calls)?)?.conflict(),
        assumed: assumed(),
    };
    std::fs::write(&arguments.file, page::page(&told))
        .map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    Ok(format!(
        "{} written: {} of {} to {} customers",
        arguments.file.display(),
        plan.spent(),
        plan.budget(),
        plan.advanced()
    ))
}

/// Whole calls from none to twice the budget and a little more.
fn budgets(budget: Money, call: Money) -> Result<Vec<Money>, Box<dyn Error>> {
    let calls = (budget.minor() / call.minor()).max(1);
    let points = (0..=POINTS).map(|point| call.checked_mul(calls * point * 11 / (POINTS * 5)));
    Ok(points.collect::<Result<Vec<_>, _>>()?)
}

/// What a little more of everything would bring, each by planning again.
fn one_more(
    market: &Market<'_>,
    book: &Book,
    terms: &Terms,
) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let more = market.one_more()?.into_iter();
    let mut found: Vec<(String, f64)> = more.map(|one| (one.more.sentence(), one.value)).collect();
    let smallest = sortie::fraction::Fraction::ZERO;
    let free = terms.stance.with_offensiveness_smallest(smallest);
    let asked = WhatIf::new(book, terms, [Change::Stance(free)])?;
    let value = asked.market()?.allocation().value() - market.allocation().value();
    found.push(("no smallest offensiveness".to_owned(), value));
    Ok(found)
}

fn cut_by_a_fifth(
    book: &Book,
    terms: &Terms,
    plan: &Plan,
    census: &Census,
) -> Result<Difference, Box<dyn Error>> {
    let effort = terms.models.effort();
    let calls = terms.budget.minor() / effort.minor() * 4 / 5;
    let less = WhatIf::new(book, terms, [Change::Budget(effort.checked_mul(calls)?)])?;
    Ok(less.plan(plan, census)?.1)
}

/// What a sales team says when money gets short: everyone keeps what they had, and prospects get a tenth.
fn wishes(plan: &Plan, last_month: Money) -> Result<Wishes, Box<dyn Error>> {
    let all = Id::new("all customers")?;
    let (existing, prospects) = (Id::new("existing")?, Id::new("prospects")?);
    let tenth = Money::from_minor(plan.budget().minor() / 10, plan.budget().currency());
    let wish = |name: &str, about: &Id, kind, amount| -> Result<Wish, Box<dyn Error>> {
        Ok(Wish {
            name: Id::new(name)?,
            about: about.clone(),
            kind,
            amount,
        })
    };
    Ok(Wishes::new(Currency::USD)
        .with_inside(&existing, &all)
        .with_inside(&prospects, &all)
        .with(wish("the budget", &all, WishKind::Cap, plan.budget())?)
        .with(wish(
            "existing customers keep last month's calls",
            &existing,
            WishKind::Floor,
            last_month,
        )?)
        .with(wish(
            "prospects get a tenth",
            &prospects,
            WishKind::Floor,
            tenth,
        )?))
}

fn assumed() -> Vec<String> {
    use assumptions as assumed;
    vec![
        format!("Assumed, since no record holds it: a new prescription with its renewals leaves {} USD; a call costs {} USD.", assumed::MARGIN_OF_SCRIPT, assumed::COST_OF_CALL),
        format!("The plan looks {} months ahead at {:.0} % a month; nothing may take longer than {:.0} months to pay back.", assumed::HORIZON_MONTHS, assumed::DISCOUNT_RATE * 100.0, assumed::PAYBACK_MONTHS),
        format!("At least {:.0} % of the money must go beyond the first two tiers; promises to prospects never exceed {} calls.", assumed::OFFENSIVENESS_SMALLEST * 100.0, assumed::CEILING_CALLS),
        "What a call does is estimated within physicians, each against itself, because calls were aimed at those who prescribe anyway.".to_owned(),
        "Gates of virtual budgets are taken to be passed with even chance over the horizon, spread evenly over it.".to_owned(),
        "Rules of thumb keep the plan's caps; their paybacks and values are reckoned by the same curves.".to_owned(),
    ]
}

fn main() -> ExitCode {
    let outcome = arguments().and_then(|arguments| match arguments {
        None => Ok(HELP.to_owned()),
        Some(arguments) => run(&arguments),
    });
    month::end("report", outcome)
}
