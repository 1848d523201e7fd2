//! The charts: each a pure function from the campaign to one drawing.

mod map;

pub use map::map;

use std::fmt::Write as _;

use sortie::campaign::baselines::Comparison;
use sortie::campaign::{FrontierPoint, Plan, PlanLimit, PlanLine};
use sortie::census::Census;
use sortie::customer::Tier;
use sortie::money::Money;

use crate::Told;
use crate::svg::{Plot, Taken, WIDTH, escaped, framed, plain, shortened, thousands};

/// Money in currency units.
pub fn units(money: Money) -> f64 {
    money.minor() as f64 / money.currency().minor_per_unit() as f64
}

/// Shares of customers, results and resources by tier, before and after: stacked bars.
pub fn census(before: &Census, after: &Census) -> String {
    let share = |of: &dyn Fn(Tier) -> Option<sortie::fraction::Fraction>| {
        Tier::ALL.map(|tier| of(tier).map_or(0.0, sortie::fraction::Fraction::get))
    };
    let rows = [
        ("customers", share(&|tier| before.share_of_customers(tier))),
        ("results", share(&|tier| before.share_of_results(tier))),
        (
            "resources before",
            share(&|tier| before.share_of_spend(tier)),
        ),
        (
            "resources in the plan",
            share(&|tier| after.share_of_spend(tier)),
        ),
    ];
    let (bar, full) = (30.0, WIDTH - 8.0);
    let mut out = String::new();
    for (row, (name, shares)) in (0_u8..).zip(rows) {
        let y = 16.0 + f64::from(row) * 62.0;
        let _ = write!(
            out,
            r#"<text class="note" x="4" y="{}">{name}</text>"#,
            y - 2.0
        );
        let mut x = 4.0;
        for (tier, share) in Tier::ALL.into_iter().zip(shares) {
            let width = share * full;
            let class = tier.name();
            let _ = write!(
                out,
                r#"<rect class="{class}" x="{x:.1}" y="{:.1}" width="{width:.1}" height="{bar}"><title>{class}: {:.1} %</title></rect>"#,
                y + 4.0,
                share * 100.0
            );
            if width > 44.0 {
                let _ = write!(
                    out,
                    r#"<text class="inbar" x="{:.1}" y="{:.1}" text-anchor="middle">{:.1} %</text>"#,
                    x + width / 2.0,
                    y + 24.0,
                    share * 100.0
                );
            } else if width > 0.0 {
                let _ = write!(
                    out,
                    r#"<text class="tick" x="{:.1}" y="{:.1}" text-anchor="end">{class} {:.1} %</text>"#,
                    full + 4.0,
                    y - 2.0,
                    share * 100.0
                );
            }
            x += width;
        }
    }
    framed(
        (WIDTH, 252.0),
        "Shares of customers, results and resources by tier, before and in the plan",
        &out,
    )
}

/// Tilt by tier, before and after: a share of resources over the share of customers.
pub fn tilt(before: &Census, after: &Census) -> String {
    let tilts = |census: &Census| Tier::ALL.map(|tier| census.tilt(tier).unwrap_or(0.0));
    let (old, new) = (tilts(before), tilts(after));
    let most = old
        .iter()
        .chain(&new)
        .fold(1.0_f64, |most, tilt| most.max(*tilt))
        * 1.12;
    let mut plot = Plot::new(252.0, (0.0, 3.0), (0.0, most));
    bars(&mut plot, old, new, &plain);
    plot.line(&[(0.0, 1.0), (3.0, 1.0)], "dashed");
    plot.draw(
        "Tilt of resources by tier",
        ("", "share of resources ÷ share of customers"),
        (&|_| String::new(), &plain),
    )
}

/// Money by tier: a month before, and the plan.
pub fn spend(before: [f64; 3], after: [f64; 3]) -> String {
    let most = before
        .iter()
        .chain(&after)
        .fold(1.0_f64, |most, money| most.max(*money))
        * 1.12;
    let mut plot = Plot::new(252.0, (0.0, 3.0), (0.0, most));
    bars(&mut plot, before, after, &thousands);
    plot.draw(
        "Spend by tier, last month and in the plan",
        ("", "dollars a month"),
        (&|_| String::new(), &thousands),
    )
}

/// Two bars for each tier: before in outline, after filled.
fn bars(plot: &mut Plot, before: [f64; 3], after: [f64; 3], show: &dyn Fn(f64) -> String) {
    let base = plot.py(0.0);
    for (at, tier) in (0_u8..).zip(Tier::ALL) {
        let pair = [
            (before[usize::from(at)], 0.12, "hollow"),
            (after[usize::from(at)], 0.52, ""),
        ];
        for (value, shift, hollow) in pair {
            let (left, right) = (
                plot.px(f64::from(at) + shift),
                plot.px(f64::from(at) + shift + 0.36),
            );
            let top = plot.py(value);
            let word = if hollow.is_empty() { "plan" } else { "before" };
            let svg = format!(
                r#"<rect class="{} {hollow}" x="{left:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"><title>{} {word}: {}</title></rect>"#,
                tier.name(),
                right - left,
                (base - top).max(0.0),
                tier.name(),
                show(value)
            );
            plot.mark(&svg);
            plot.label(
                (f64::from(at) + shift + 0.18, value),
                (0.0, -4.0),
                "middle",
                &show(value),
            );
        }
        plot.label(
            (f64::from(at) + 0.5, 0.0),
            (0.0, 17.0),
            "middle",
            tier.name(),
        );
    }
}

/// Response curves of the foremost customers with the spend chosen on each.
pub fn responses(told: &Told<'_>) -> String {
    let mut chosen: Vec<&PlanLine> = Vec::new();
    for tier in Tier::ALL {
        let lines = told.plan.foremost(tier);
        // The best, the median and the last that is attacked tell more than the three best.
        let picks = [0, lines.len() / 2, lines.len().saturating_sub(1)];
        chosen.extend(picks.iter().filter_map(|at| lines.get(*at)));
    }
    chosen.sort_by(|a, b| a.customer.cmp(&b.customer));
    chosen.dedup_by(|a, b| a.customer == b.customer);
    // The most valuable first: where names would collide, its own is the one that stands.
    chosen.sort_by(|a, b| {
        b.value
            .total_cmp(&a.value)
            .then(a.customer.cmp(&b.customer))
    });
    let most = chosen
        .iter()
        .map(|line| told.plan.efforts(line))
        .max()
        .unwrap_or(1)
        .max(3)
        + 2;
    let curves: Vec<(&PlanLine, Vec<(Money, f64)>)> = chosen
        .iter()
        .map(|line| {
            (
                *line,
                told.market.curve_of(&line.customer, most.unsigned_abs()),
            )
        })
        .collect();
    let top = curves
        .iter()
        .flat_map(|(_, curve)| curve)
        .fold(1.0_f64, |top, point| top.max(point.1));
    let mut plot = Plot::new(320.0, (0.0, most as f64 * 1.2), (0.0, top * 1.08));
    let mut taken = Taken::default();
    for (line, curve) in &curves {
        let points: Vec<(f64, f64)> = (0_u32..)
            .zip(curve)
            .map(|(calls, (_, value))| (f64::from(calls), *value))
            .collect();
        plot.line(&points, line.tier.name());
        let at = (told.plan.efforts(line) as f64, line.value);
        let title = format!(
            "{}: {}, brings {:.0} USD",
            line.customer, line.spend, line.value
        );
        plot.dot(at, 5.0, &format!("{} ringed", line.tier.name()), &title);
        if let Some(end) = points.last() {
            let name = shortened(line.customer.as_str(), 9);
            let place = (plot.px(end.0) + 5.0, plot.py(end.1) + 4.0);
            if taken.take(place, &name) {
                plot.label(*end, (5.0, 4.0), "start", &name);
            }
        }
    }
    plot.draw(
        "Response curves with the chosen points",
        ("calls", "dollars over the horizon"),
        (&plain, &thousands),
    )
}

/// The best value at every budget, and the rules of thumb at the plan's budget.
pub fn value_by_budget(points: &[FrontierPoint], plan: &Plan, others: &[Comparison]) -> String {
    let line: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (units(point.budget), point.value))
        .collect();
    let most = line.last().map_or((1.0, 1.0), |last| *last);
    let mut plot = Plot::new(320.0, (0.0, most.0), (0.0, most.1 * 1.08));
    plot.line(&line, "best");
    let budget = units(plan.budget());
    for other in others {
        plot.dot(
            (units(other.invested), other.value),
            4.0,
            "other",
            &format!("{}: {:.0}", other.rule.name(), other.value),
        );
    }
    let mut taken = Taken::default();
    let dots = others
        .iter()
        .map(|other| (units(other.invested), other.value));
    for (x, y) in dots.chain([(budget, plan.totals().value)]) {
        taken.block((plot.px(x), plot.py(y)), 6.0);
    }
    for (number, other) in (1_u8..).zip(others) {
        let at = (units(other.invested), other.value);
        let text = number.to_string();
        // Beside, under, over or before the dot, where no other number stands.
        let shifts = [
            (7.0, 5.0),
            (-4.0, 21.0),
            (-4.0, -10.0),
            (-16.0, 5.0),
            (8.0, 20.0),
        ];
        let free = shifts
            .into_iter()
            .find(|(dx, dy)| taken.take((plot.px(at.0) + dx, plot.py(at.1) + dy), &text));
        plot.label(at, free.unwrap_or((7.0, 5.0)), "start", &text);
    }
    plot.dot(
        (budget, plan.totals().value),
        6.0,
        "chosen",
        &format!("this plan: {:.0}", plan.totals().value),
    );
    plot.label(
        (budget, plan.totals().value),
        (-8.0, -8.0),
        "end",
        "this plan",
    );
    plot.draw(
        "Best value against budget",
        ("budget, dollars", "value, dollars"),
        (&thousands, &thousands),
    )
}

/// Payback of the best plan against what it invests.
pub fn payback_by_investment(points: &[FrontierPoint], plan: &Plan, limit: Option<f64>) -> String {
    let line: Vec<(f64, f64)> = points
        .iter()
        .filter(|point| !point.spent.is_zero())
        .filter_map(|point| Some((units(point.spent), point.payback.periods()?.get())))
        .collect();
    let right = line.iter().fold(1.0_f64, |most, point| most.max(point.0));
    let tallest = line
        .iter()
        .fold(limit.unwrap_or(1.0), |most, point| most.max(point.1));
    let mut plot = Plot::new(320.0, (0.0, right), (0.0, tallest * 1.12));
    plot.line(&line, "best");
    if let Some(limit) = limit {
        plot.rule_across(limit, "longest payback accepted for any customer");
    }
    if let Some(payback) = plan.payback().periods() {
        let at = (units(plan.spent()), payback.get());
        plot.dot(
            at,
            6.0,
            "chosen",
            &format!("this plan: {:.2} months", payback.get()),
        );
        plot.label(
            at,
            (-8.0, -10.0),
            "end",
            &format!("this plan, {:.1} months", payback.get()),
        );
    }
    plot.draw(
        "Payback against investment",
        ("invested, dollars", "payback of the whole, months"),
        (&thousands, &plain),
    )
}

/// What is promised over the horizon: the worst case under its ceiling, and what is expected to be real by then.
pub fn exposure(plan: &Plan) -> String {
    let lines = || {
        plan.lines()
            .iter()
            .filter_map(|line| line.virtual_budget.as_ref())
    };
    let months = lines()
        .map(sortie::campaign::VirtualBudgetTerms::deadline)
        .max()
        .unwrap_or(12);
    let worst = units(plan.exposure());
    let expected = units(plan.expected_claims());
    let ceiling = units(plan.totals().ceiling);
    let mut plot = Plot::new(
        320.0,
        (0.0, f64::from(months) + 1.0),
        (0.0, ceiling.max(worst).max(1.0) * 1.12),
    );
    let last = f64::from(months);
    plot.line(
        &[(0.0, worst), (last, worst), (last, 0.0), (last + 1.0, 0.0)],
        "prospect",
    );
    // Half of the chance to pass a gate in the horizon falls to each month alike.
    let real: Vec<(f64, f64)> = (0..=months)
        .map(|month| {
            let share = f64::from(month) / last;
            let by_then: f64 = lines()
                .map(|terms| {
                    let gates = (1_u8..).zip(terms.gates());
                    gates
                        .map(|(count, gate)| units(gate.accrues) * passed(count, share))
                        .sum::<f64>()
                })
                .sum();
            (f64::from(month), by_then)
        })
        .collect();
    plot.line(&real, "best");
    plot.rule_across(ceiling, "ceiling on all promises");
    plot.label((0.2, worst), (0.0, -6.0), "start", "worst case outstanding");
    plot.label(
        (last, expected),
        (-4.0, -8.0),
        "end",
        "expected to have become real",
    );
    plot.draw(
        "Exposure of the virtual budgets over time",
        ("months", "dollars"),
        (&plain, &thousands),
    )
}

/// Chance that so many gates are passed after a share of the horizon, each with even chance over the whole.
fn passed(gates: u8, share: f64) -> f64 {
    let each = 1.0 - libm::pow(0.5, share);
    (0..gates).fold(1.0, |chance, _| chance * each)
}

/// How many lines each limit holds back: horizontal bars with words.
pub fn limits(plan: &Plan) -> String {
    let mut counts: Vec<(&'static str, [usize; 3])> = Vec::new();
    for line in plan.lines() {
        let words = words_of(&line.limited_by);
        let at = counts
            .iter()
            .position(|(other, _)| *other == words)
            .unwrap_or_else(|| {
                counts.push((words, [0; 3]));
                counts.len() - 1
            });
        let tier = Tier::ALL
            .iter()
            .position(|tier| *tier == line.tier)
            .unwrap_or(0);
        counts[at].1[tier] += 1;
    }
    counts.sort_by_key(|(words, tiers)| (std::cmp::Reverse(tiers.iter().sum::<usize>()), *words));
    let most = counts
        .iter()
        .map(|(_, tiers)| tiers.iter().sum::<usize>())
        .max()
        .unwrap_or(1)
        .max(1);
    let mut out = String::new();
    for (row, (words, tiers)) in (0_u8..).zip(&counts) {
        let y = 18.0 + f64::from(row) * 46.0;
        let total: usize = tiers.iter().sum();
        let _ = write!(
            out,
            r#"<text class="note" x="4" y="{y}">{} · {total}</text>"#,
            escaped(words)
        );
        let mut x = 4.0;
        for (tier, count) in Tier::ALL.into_iter().zip(tiers) {
            let width = *count as f64 / most as f64 * (WIDTH - 8.0);
            let class = tier.name();
            let _ = write!(
                out,
                r#"<rect class="{class}" x="{x:.1}" y="{:.1}" width="{width:.1}" height="16"><title>{class}: {count}</title></rect>"#,
                y + 6.0
            );
            x += width;
        }
    }
    framed(
        (WIDTH, (18.0 + counts.len() as f64 * 46.0).max(252.0)),
        "What keeps customers from more, by tier",
        &out,
    )
}

fn words_of(limit: &PlanLimit) -> &'static str {
    limit.sentence()
}
