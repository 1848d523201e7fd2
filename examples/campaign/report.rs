//! The report in words and tables.

use std::error::Error;
use std::fmt::Write as _;

use sortie::campaign::baselines::Comparison;
use sortie::campaign::{Plan, PlanLine};
use sortie::census::Census;
use sortie::customer::Tier;
use sortie::fraction::Fraction;
use sortie::stance::Payback;

use crate::assumptions as assumed;
use crate::backtest::{Outcome, judge, judged_until};
use crate::estimate::{Coefficient, Estimates};
use crate::panel::Panel;
use crate::people::{RESOURCE_WINDOW, WINDOW, tier_of};

/// How many customers of each tier are shown.
const FOREMOST: usize = 4;

/// Everything that the report speaks of.
pub struct Told<'a> {
    pub panel: &'a Panel,
    pub as_of: usize,
    pub estimates: &'a Estimates,
    pub plan: &'a Plan,
    /// The same money by rules of thumb.
    pub rules: &'a [Comparison],
}

/// The whole report.
pub fn write(told: &Told<'_>) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let as_of = told.as_of;
    let physicians = told.panel.physicians.len();
    writeln!(
        out,
        "WHERE TO ATTACK NEXT: {physicians} physicians at month {as_of} of {}\n",
        told.panel.months
    )?;
    census(&mut out, told)?;
    response(&mut out, told.estimates)?;
    plan_by_tier(&mut out, told)?;
    foremost(&mut out, told)?;
    virtual_budgets(&mut out, told.plan)?;
    prices(&mut out, told.plan)?;
    rules_of_thumb(&mut out, told)?;
    before_and_after(&mut out, told.plan)?;
    back_test(&mut out, told)?;
    assumptions(&mut out)?;
    Ok(out)
}

fn percent(share: Option<Fraction>) -> String {
    share.map_or("–".to_owned(), |share| {
        format!("{:.1} %", share.get() * 100.0)
    })
}

fn heading(out: &mut String, title: &str) -> std::fmt::Result {
    writeln!(out, "{title}\n{}", "─".repeat(title.chars().count()))
}

fn census(out: &mut String, told: &Told<'_>) -> Result<(), Box<dyn Error>> {
    let (as_of, census) = (told.as_of, told.plan.census_before());
    heading(out, "1. The census, from the records")?;
    writeln!(
        out,
        "Rule: habitual prescribed in at least 5 of months {}–{as_of}; starting has prescribed since month 1; a prospect \
         has not.\nResults are the prescriptions of months {}–{as_of}; resources are the calls of months {}–{as_of}.\n",
        as_of + 1 - WINDOW,
        as_of + 1 - WINDOW,
        as_of + 1 - RESOURCE_WINDOW
    )?;
    writeln!(
        out,
        "{:<10} {:>10} {:>8} {:>14} {:>8} {:>8} {:>8} {:>7}",
        "tier", "physicians", "share", "prescriptions", "share", "calls", "share", "tilt"
    )?;
    for tier in Tier::ALL {
        let count = census.tier(tier);
        writeln!(
            out,
            "{:<10} {:>10} {:>8} {:>14} {:>8} {:>8} {:>8} {:>7}",
            tier.name(),
            count.customers,
            percent(census.share_of_customers(tier)),
            count.results.to_string(),
            percent(census.share_of_results(tier)),
            calls(count.spend.minor()),
            percent(census.share_of_spend(tier)),
            census
                .tilt(tier)
                .map_or("–".to_owned(), |tilt| format!("{tilt:.2}")),
        )?;
    }
    let tilts = census.tilts_to().map_or("no tier", Tier::name);
    let prospects = told
        .panel
        .physicians
        .iter()
        .filter(|one| tier_of(one, as_of) == Tier::Prospect);
    let (later, before): (Vec<bool>, Vec<bool>) = prospects
        .map(|one| {
            (
                as_of < told.panel.months && one.scripts_in(as_of + 1, told.panel.months) > 0,
                one.scripts_before > 0,
            )
        })
        .unzip();
    let came = later.iter().filter(|later| **later).count();
    let counted = before.iter().filter(|before| !**before).count();
    let came_counted = later
        .iter()
        .zip(&before)
        .filter(|(later, before)| **later && !**before)
        .count();
    writeln!(
        out,
        "\nResources tilt to the {tilts} tier. Offensiveness, the share beyond the first two tiers: {}. Headroom: {}.",
        percent(census.offensiveness()),
        census.headroom()
    )?;
    writeln!(
        out,
        "Of the {} prospects {came} prescribe later on. (Counting the month before the panel as well: {counted} prospects, of whom \
         {came_counted} do.)\n",
        later.len()
    )?;
    Ok(())
}

fn calls(minor: i64) -> i64 {
    minor / (assumed::COST_OF_CALL * 100)
}

fn response(out: &mut String, estimates: &Estimates) -> std::fmt::Result {
    heading(out, "2. What a call does, estimated from the months before")?;
    writeln!(
        out,
        "Coefficient of ln(1 + calls) in a Poisson model of monthly prescriptions (95 % interval, by physician):"
    )?;
    let mut row = |words: &str, coefficient: Coefficient| {
        let (low, high) = coefficient.interval();
        writeln!(
            out,
            "  {words:<58} {:>6.3}  ({low:.3} to {high:.3})",
            coefficient.value
        )
    };
    row(
        "across physicians, as a plain regression has it",
        estimates.across,
    )?;
    row(
        "last month's and the physician's other months held equal",
        estimates.held_equal,
    )?;
    row(
        "within physicians, each against itself (used here)",
        estimates.within,
    )?;
    let (low, _) = estimates.within.interval();
    writeln!(
        out,
        "The trap: calls were aimed at those who prescribe anyway, so the first figure credits calls with what would have \
         been\nwritten without them. The plan uses the last: two calls a month lift prescriptions by {:.1} %{}.\n",
        estimates.within.lift(2.0) * 100.0,
        if low > 0.0 {
            ""
        } else {
            ", and the data do not exclude that they do nothing"
        }
    )
}

fn plan_by_tier(out: &mut String, told: &Told<'_>) -> std::fmt::Result {
    let plan = told.plan;
    heading(out, "3. The plan")?;
    writeln!(
        out,
        "Budget {}, spent {}, left over {}.",
        plan.budget(),
        plan.spent(),
        plan.unspent()
    )?;
    writeln!(
        out,
        "{:<10} {:<24} {:>9} {:>7} {:>15} {:>17}",
        "tier", "direction of attack", "attacked", "calls", "money", "expected to bring"
    )?;
    for tier in Tier::ALL {
        let lines: Vec<&PlanLine> = plan
            .lines()
            .iter()
            .filter(|line| line.tier == tier)
            .collect();
        let attacked = lines.iter().filter(|line| line.attack.is_some()).count();
        let efforts: i64 = lines.iter().map(|line| plan.efforts(line)).sum();
        let value: f64 = lines.iter().map(|line| line.value).sum();
        let money = plan.census_after().tier(tier).spend;
        writeln!(
            out,
            "{:<10} {:<24} {attacked:>9} {efforts:>7} {:>15} {:>17}",
            tier.name(),
            tier.direction(),
            money.to_string(),
            format!("{value:.0} USD")
        )?;
    }
    writeln!(
        out,
        "Together {:.0} USD over {} months, discounted; {} (no plan under these terms brings more than {:.0}).\n\
         Proved is the arithmetic, not the assumptions: what it brings rests on the estimate above and on section 10.\n",
        plan.totals().value,
        assumed::HORIZON_MONTHS,
        if plan.totals().optimal {
            "proved the best"
        } else {
            "within the bound"
        },
        plan.totals().bound.ceil()
    )
}

fn foremost(out: &mut String, told: &Told<'_>) -> std::fmt::Result {
    heading(out, "4. The foremost of each tier")?;
    for tier in Tier::ALL {
        let lines = told.plan.foremost(tier);
        writeln!(out, "{}: {}", tier.name(), tier.direction())?;
        if lines.is_empty() {
            writeln!(out, "  nobody: no attack on this tier keeps the terms")?;
        }
        for line in lines.iter().take(FOREMOST) {
            let payback = line.payback.map_or(String::new(), |payback| {
                format!(", back after {}", months(payback))
            });
            let count = told.plan.efforts(line);
            let noun = if count == 1 { "call" } else { "calls" };
            writeln!(
                out,
                "  {} · {count} {noun}, {} · brings {:.0} USD{payback}",
                line.customer, line.spend, line.value
            )?;
            writeln!(out, "      {}", told.plan.reason(line))?;
        }
        let mut idle: Vec<(String, usize)> = Vec::new();
        for line in told
            .plan
            .lines()
            .iter()
            .filter(|line| line.tier == tier && line.attack.is_none())
        {
            let why = line.limited_by.sentence().to_owned();
            match idle.iter_mut().find(|(other, _)| *other == why) {
                Some((_, count)) => *count += 1,
                None => idle.push((why, 1)),
            }
        }
        idle.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (why, count) in idle {
            writeln!(out, "  {count} not attacked: {why}")?;
        }
    }
    writeln!(out)
}

fn virtual_budgets(out: &mut String, plan: &Plan) -> std::fmt::Result {
    heading(out, "5. Virtual budgets")?;
    let planted: Vec<&PlanLine> = plan
        .lines()
        .iter()
        .filter(|line| line.virtual_budget.is_some())
        .collect();
    writeln!(
        out,
        "{} prospects have one. Nothing of it is real until willingness passes a gate; at worst {} has to be honoured, under a \
         ceiling of {};\nexpected to be claimed: {}, which is taken off what the plan brings.",
        planted.len(),
        plan.exposure(),
        plan.totals().ceiling,
        plan.expected_claims()
    )?;
    if let Some((line, terms)) = planted
        .first()
        .and_then(|line| Some((line, line.virtual_budget.as_ref()?)))
    {
        let gates: Vec<String> = terms
            .gates()
            .iter()
            .map(|gate| format!("{} {}", gate.stage, gate.accrues.amount_text()))
            .collect();
        writeln!(
            out,
            "For example {}: cap {}, gates: {}; expires after {} months.",
            line.customer,
            terms.cap(),
            gates.join(", "),
            terms.deadline()
        )?;
    }
    writeln!(out)
}

fn prices(out: &mut String, plan: &Plan) -> std::fmt::Result {
    heading(out, "6. Prices and payback")?;
    let totals = plan.totals();
    writeln!(
        out,
        "One more dollar of budget would bring {:.2} (its shadow price).",
        totals.shadow_price
    )?;
    writeln!(
        out,
        "One more dollar of it open to existing customers would bring {:.2} beyond that, one more of ceiling {:.2}.",
        totals.existing_price, totals.prospects_price
    )?;
    writeln!(
        out,
        "The plan as a whole pays back after {}; {} are accepted for any one physician, discounted.\n",
        months(plan.payback()),
        assumed::PAYBACK_MONTHS
    )
}

fn months(payback: Payback) -> String {
    payback.periods().map_or("never".to_owned(), |periods| {
        format!("{:.1} months", periods.get())
    })
}

fn rules_of_thumb(out: &mut String, told: &Told<'_>) -> std::fmt::Result {
    let plan = told.plan;
    heading(out, "7. The same money by rules of thumb")?;
    writeln!(
        out,
        "{:<24} {:>12} {:>12} {:>12} {:>14} {:>14}",
        "rule", "spent", "brings", "less by", "back after", "offensiveness"
    )?;
    let mut row = |name: &str, spent: String, value: f64, regret: f64, payback, share| {
        writeln!(
            out,
            "{name:<24} {spent:>12} {value:>12.0} {regret:>12.0} {:>14} {:>14}",
            months(payback),
            percent(share)
        )
    };
    row(
        "this plan",
        plan.spent().amount_text(),
        plan.totals().value,
        0.0,
        plan.payback(),
        plan.census_after().offensiveness(),
    )?;
    for one in told.rules {
        row(
            one.rule.name(),
            one.invested.amount_text(),
            one.value,
            one.regret,
            one.payback,
            one.offensiveness,
        )?;
    }
    writeln!(
        out,
        "Each rule keeps the caps of the plan, so that one spends less where payback or the ceiling refuses what it would \
         give;\nall are valued by the same curves, which favours the plan that was made from them.\n"
    )
}

fn before_and_after(out: &mut String, plan: &Plan) -> std::fmt::Result {
    heading(out, "8. The census before and after")?;
    let row = |census: &Census| Tier::ALL.map(|tier| percent(census.share_of_spend(tier)));
    writeln!(
        out,
        "{:<26} {:>10} {:>10} {:>10} {:>15}",
        "share of resources", "habitual", "starting", "prospect", "offensiveness"
    )?;
    for (name, census) in [
        ("the last three months", plan.census_before()),
        ("the plan", plan.census_after()),
    ] {
        let [habitual, starting, prospect] = row(census);
        writeln!(
            out,
            "{name:<26} {habitual:>10} {starting:>10} {prospect:>10} {:>15}",
            percent(census.offensiveness())
        )?;
    }
    writeln!(out)
}

fn back_test(out: &mut String, told: &Told<'_>) -> std::fmt::Result {
    let until = judged_until(told.panel, told.as_of);
    heading(out, "9. Back-test on the months that follow")?;
    let outcomes: Vec<Outcome> = [Tier::Prospect, Tier::Starting]
        .into_iter()
        .filter_map(|tier| judge(told.panel, told.as_of, told.plan, tier))
        .collect();
    if outcomes.is_empty() {
        return writeln!(out, "No months follow: nothing can be judged.\n");
    }
    writeln!(
        out,
        "Who went on by month {until} (prospects: prescribed; starting: formed the habit by the same rule):"
    )?;
    writeln!(
        out,
        "{:<10} {:>16} {:>16} {:>18} {:>24}",
        "tier", "all", "chosen by plan", "as many at random", "as many by calls made"
    )?;
    for one in &outcomes {
        writeln!(
            out,
            "{:<10} {:>16} {:>16} {:>18} {:>24}",
            one.tier.name(),
            format!("{} of {}", one.all_went_on, one.all),
            format!("{} of {}", one.chosen_went_on, one.chosen),
            format!("{:.1}", one.random),
            format!("{:.1}", one.by_calls)
        )?;
    }
    for one in &outcomes {
        let (uncalled, went_on) = one.uncalled;
        writeln!(
            out,
            "Of the {} chosen, {uncalled} ({}) got no call at all in those months; {went_on} of them went on all the same.",
            one.chosen,
            one.tier.name()
        )?;
    }
    writeln!(
        out,
        "What this does not prove: the plan was not carried out. It shows whom the plan picks out, not what its calls would \
         have\nchanged; those who were going to prescribe anyway count the same. Only an experiment could tell.\n"
    )
}

fn assumptions(out: &mut String) -> std::fmt::Result {
    heading(out, "10. Assumed, since the data do not hold it")?;
    writeln!(
        out,
        "Margin of a new prescription with its renewals {} USD; cost of a call {} USD; horizon {} months at {:.0} % a month; payback \
         within {} months.\nSmallest offensiveness {:.0} %; ceiling on virtual budgets {} calls; budget, unless given, {} % of last \
         month's calls.\nA habit: one person, professional ground, held by custom, {:.0} % of the shallowest lost a month. A gain once \
         made lasts as the habit does.\nDecision scenarios: six in three situations, each call so far has planted one; weights {} for \
         benefit and harm.\nA silence that the own rhythm makes less likely than {:.0} % is a doubt of severity {}. Four in ten who act form \
         a habit;\nwillingness passes a gate with even chance. Tiers by the plain rule above.",
        assumed::MARGIN_OF_SCRIPT,
        assumed::COST_OF_CALL,
        assumed::HORIZON_MONTHS,
        assumed::DISCOUNT_RATE * 100.0,
        assumed::PAYBACK_MONTHS,
        assumed::OFFENSIVENESS_SMALLEST * 100.0,
        assumed::CEILING_CALLS,
        assumed::BUDGET_SHARE_PERCENT,
        assumed::EROSION * 100.0,
        assumed::WEIGHT,
        assumed::SILENCE_UNLIKELY * 100.0,
        assumed::SEVERITY_OF_SILENCE
    )
}
