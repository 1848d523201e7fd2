//! The page around the charts: one file, no network, no script.

use std::fmt::Write as _;

use sortie::customer::Tier;
use sortie::stance::Payback;

use crate::Told;
use crate::charts::{self, units};
use crate::svg::{escaped, shortened, thousands};

const STYLE: &str = include_str!("style.css");

/// How many customers of each tier are shown with their reasons.
const FOREMOST: usize = 3;

/// The whole page.
pub fn page(told: &Told<'_>) -> String {
    let plan = told.plan;
    let mut body = String::new();
    head(&mut body, told);
    section(
        &mut body,
        "Where resources go, and where they would go",
        "The census is counted from records. The plan moves money to the boundary of the business.",
        &[
            (
                "Who they are, and who gets the resources",
                charts::census(plan.census_before(), plan.census_after()),
            ),
            (
                "Tilt: outline before, filled in the plan; 1 is as many as customers",
                charts::tilt(plan.census_before(), plan.census_after()),
            ),
            (
                "Spend by tier: outline last month, filled in the plan",
                charts::spend(told.last_month, told.by_tier()),
            ),
            ("What keeps customers from more", charts::limits(plan)),
        ],
    );
    section(
        &mut body,
        "How much, and why not more",
        &format!(
            "{}. The dots are the plan; the curve is the best that any plan can reach.",
            escaped(&sentence(&told.market.whole().sentence()))
        ),
        &[
            (
                "Value against budget",
                format!(
                    "{}<p class=\"beside\">{}</p>",
                    charts::value_by_budget(&told.frontier, plan, &told.comparisons),
                    rules_numbered(told)
                ),
            ),
            (
                "Payback against investment",
                charts::payback_by_investment(&told.frontier, plan, told.payback_limit()),
            ),
            (
                "Response curves, with the points chosen",
                charts::responses(told),
            ),
            ("Promises to prospects over time", charts::exposure(plan)),
        ],
    );
    tables(&mut body, told);
    wide(
        &mut body,
        "The map of customers",
        "Every customer by what it contributes and how deep it stands in the business. Filled dots are attacked, hollow ones are not; each dot tells its reason where it is pointed at.",
        &charts::map(told),
    );
    foremost(&mut body, told);
    notes(&mut body, told);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>Where to attack next</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// The names of the numbered dots.
fn rules_numbered(told: &Told<'_>) -> String {
    let names = (1_u8..)
        .zip(&told.comparisons)
        .map(|(number, one)| format!("{number} {}", escaped(one.rule.name())));
    names.collect::<Vec<_>>().join(" · ")
}

/// Money as it is read aloud: whole units with thousands set apart.
fn spoken(money: sortie::money::Money) -> String {
    format!("{} {}", grouped(units(money)), money.currency().code())
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let rounded = libm::round(value);
    let sign = if rounded < 0.0 { "−" } else { "" };
    let whole = rounded.abs().to_string();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// A sentence as it stands in a text: with a capital.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn percent(share: Option<sortie::fraction::Fraction>) -> String {
    share.map_or("–".to_owned(), |share| {
        format!("{:.1} %", share.get() * 100.0)
    })
}

fn months(payback: Payback) -> String {
    payback.periods().map_or("never".to_owned(), |periods| {
        format!("{:.1} months", periods.get())
    })
}

/// The same without the unit, for a column.
fn bare_months(payback: Payback) -> String {
    payback.periods().map_or("never".to_owned(), |periods| {
        format!("{:.1}", periods.get())
    })
}

fn head(out: &mut String, told: &Told<'_>) {
    let plan = told.plan;
    let proof = if plan.totals().optimal {
        "proved the best under its terms"
    } else {
        "within its bound"
    };
    let _ = write!(
        out,
        "<header>\n<p class=\"kicker\">Plan for month {} · {} physicians</p>\n<h1>Where to attack next</h1>\n<p class=\"lead\">{} of {} goes to {} customers and is expected to bring {} USD over {} months: {proof}.</p>\n<dl class=\"figures\">\n",
        told.as_of + 1,
        told.book.customers().len(),
        spoken(plan.spent()),
        spoken(plan.budget()),
        plan.advanced(),
        grouped(plan.totals().value),
        told.terms.models.economy().horizon.periods()
    );
    let last: f64 = told.last_month.iter().sum();
    let figures = [
        (
            "Money, against last month",
            format!("{:.0} %", units(plan.spent()) / last.max(1.0) * 100.0),
            format!("{} of {}", thousands(units(plan.spent())), thousands(last)),
        ),
        (
            "Payback of the whole",
            months(plan.payback()),
            told.payback_limit().map_or(String::new(), |limit| {
                format!("{limit} accepted for any customer")
            }),
        ),
        (
            "Offensiveness",
            percent(plan.census_after().offensiveness()),
            format!("{} before", percent(plan.census_before().offensiveness())),
        ),
        (
            "One more dollar brings",
            format!("{:.2}", plan.totals().shadow_price),
            "the price of money".to_owned(),
        ),
    ];
    for (name, value, beside) in figures {
        let _ = writeln!(
            out,
            "<div><dt>{name}</dt><dd>{}</dd><p>{}</p></div>",
            escaped(&value),
            escaped(&beside)
        );
    }
    out.push_str("</dl>\n<p class=\"legend\">");
    for tier in Tier::ALL {
        let _ = write!(
            out,
            "<span><i class=\"key {}\"></i>{}: {}</span>",
            tier.name(),
            tier.name(),
            tier.direction()
        );
    }
    out.push_str("</p>\n</header>\n");
}

fn section(out: &mut String, title: &str, lead: &str, charts: &[(&str, String)]) {
    let _ = write!(
        out,
        "<section>\n<h2>{title}</h2>\n<p>{lead}</p>\n<div class=\"grid\">\n"
    );
    for (caption, chart) in charts {
        let _ = writeln!(
            out,
            "<figure><figcaption>{caption}</figcaption>{chart}</figure>"
        );
    }
    out.push_str("</div>\n</section>\n");
}

fn wide(out: &mut String, title: &str, lead: &str, chart: &str) {
    let _ = write!(
        out,
        "<section>\n<h2>{title}</h2>\n<p>{lead}</p>\n<figure class=\"wide\">{chart}</figure>\n</section>\n"
    );
}

fn tables(out: &mut String, told: &Told<'_>) {
    let plan = told.plan;
    out.push_str("<section>\n<h2>Beside rules of thumb, and at the margin</h2>\n<div class=\"grid\">\n<div class=\"scroll\"><table><caption>The same money by other rules</caption><thead><tr><th>rule</th><th>value</th><th>regret</th><th>months to pay&nbsp;back</th><th>to prospects</th></tr></thead><tbody>\n");
    let _ = writeln!(
        out,
        "<tr class=\"best\"><th>this plan</th><td>{}</td><td>0</td><td>{}</td><td>{}</td></tr>",
        grouped(plan.totals().value),
        bare_months(plan.payback()),
        percent(plan.census_after().offensiveness())
    );
    for one in &told.comparisons {
        let _ = writeln!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(one.rule.name()),
            grouped(one.value),
            grouped(one.regret),
            bare_months(one.payback),
            percent(one.offensiveness)
        );
    }
    out.push_str("</tbody></table></div>\n<div class=\"scroll\"><table><caption>What a little more would bring, by planning again</caption><thead><tr><th>more of what</th><th>value</th></tr></thead><tbody>\n");
    for (what, value) in &told.one_more {
        let _ = writeln!(
            out,
            "<tr><th>{}</th><td>{value:+.2}</td></tr>",
            escaped(what)
        );
    }
    out.push_str("</tbody></table></div>\n</div>\n");
    let _ = writeln!(
        out,
        "<p><b>If the budget fell by a fifth:</b> {}.</p>",
        escaped(&told.difference.sentence())
    );
    if let Some(conflict) = &told.conflict {
        let _ = writeln!(
            out,
            "<p><b>What cannot be had together.</b> {}.</p>",
            escaped(&sentence(&conflict.sentence()))
        );
    }
    out.push_str("</section>\n");
}

fn foremost(out: &mut String, told: &Told<'_>) {
    out.push_str("<section>\n<h2>The foremost, and why</h2>\n<div class=\"grid three\">\n");
    let explainer = told.market.explainer();
    for tier in Tier::ALL {
        let lines = told.plan.foremost(tier);
        let _ = writeln!(
            out,
            "<div><h3><i class=\"key {}\"></i>{}: {}</h3>",
            tier.name(),
            tier.name(),
            tier.direction()
        );
        if lines.is_empty() {
            out.push_str("<p>Nobody: no attack on this tier keeps the terms.</p>\n");
        }
        for line in lines.iter().take(FOREMOST) {
            let attack = line
                .attack
                .as_ref()
                .map_or(String::new(), sortie::campaign::Attack::sentence);
            let _ = write!(
                out,
                "<article><h4>{} <span>{} · brings {:.0}</span></h4><p>{}.</p>",
                escaped(&shortened(line.customer.as_str(), 24)),
                spoken(line.spend),
                line.value,
                escaped(&sentence(&attack))
            );
            if let Some(reasons) = told.market.reasons(&explainer, &line.customer) {
                let words = reasons.sentence();
                let words = words
                    .split_once(": ")
                    .map_or(words.as_str(), |(_, rest)| rest);
                let _ = write!(out, "<p class=\"why\">{}.</p>", escaped(&sentence(words)));
            }
            out.push_str("</article>\n");
        }
        out.push_str("</div>\n");
    }
    out.push_str("</div>\n</section>\n");
}

fn notes(out: &mut String, told: &Told<'_>) {
    let _ = write!(
        out,
        "<footer>\n<h2>What this rests on</h2>\n<ul>\n<li>Calls and prescriptions are records of {} physicians over {} months; the plan uses nothing after month {}.</li>\n",
        told.panel.physicians.len(),
        told.panel.months,
        told.as_of
    );
    for note in &told.assumed {
        let _ = writeln!(out, "<li>{}</li>", escaped(note));
    }
    out.push_str("</ul>\n</footer>\n");
}
