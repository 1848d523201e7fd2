//! The map of all customers.

use sortie::campaign::{Plan, PlanLine};
use sortie::customer::{Customer, Standing, Tier};

use super::{units, words_of};
use crate::Told;
use crate::svg::{Plot, Taken, shortened, thousands};

/// Every customer by what it contributes and how deep it is in the business; attacked ones are filled.
pub fn map(told: &Told<'_>) -> String {
    let most = told
        .book
        .customers()
        .iter()
        .map(|one| units(one.contribution()))
        .fold(1.0_f64, f64::max);
    // A square root spreads the many small ones without hiding the few large ones.
    let right = most.sqrt() * 1.06;
    let mut plot = Plot::sized((1000.0, 520.0), (0.0, right), (0.0, 3.0));
    for (lane, (tier, words)) in (0_u8..).zip([
        (Tier::Prospect, "prospects, by the chance that they act"),
        (Tier::Starting, "starting, by the chance of a habit"),
        (Tier::Habitual, "habitual, by the strength of the habit"),
    ]) {
        let floor = f64::from(lane);
        plot.line(&[(0.0, floor), (right, floor)], "grid");
        plot.label((right, floor + 1.0), (0.0, 18.0), "end", words);
        plot.label(
            (right, floor + 1.0),
            (0.0, 36.0),
            "end",
            &attacked_of(told.plan, tier),
        );
    }
    let mut named: Vec<(&PlanLine, (f64, f64))> = Vec::new();
    for (customer, line) in told.book.customers().iter().zip(told.plan.lines()) {
        let at = (units(customer.contribution()).sqrt(), depth_of(customer));
        let filled = if line.attack.is_some() { "" } else { "hollow" };
        let class = format!("{} {filled}", line.tier.name());
        let title = format!(
            "{} ({}): {}; {}",
            line.customer,
            line.tier,
            line.spend,
            line.limited_by.sentence()
        );
        plot.dot(at, 4.0, &class, &title);
        if line.attack.is_some() {
            named.push((line, at));
        }
    }
    // The most valuable of each tier by name, where names do not collide.
    named.sort_by(|a, b| {
        b.0.value
            .total_cmp(&a.0.value)
            .then(a.0.customer.cmp(&b.0.customer))
    });
    let mut taken = Taken::default();
    for tier in Tier::ALL {
        let foremost = named.iter().filter(|(line, _)| line.tier == tier).take(4);
        for (line, at) in foremost {
            let name = shortened(line.customer.as_str(), 12);
            if taken.take((plot.px(at.0) + 7.0, plot.py(at.1) + 4.0), &name) {
                plot.label(*at, (7.0, 4.0), "start", &name);
            }
        }
    }
    let square = |root: f64| thousands(libm::round(root * root));
    plot.draw(
        "Customers by contribution and depth, with who is attacked",
        (
            "contribution a month, dollars (root scale)",
            "depth in the business, deeper upwards",
        ),
        (&square, &|_| String::new()),
    )
}

/// How many of a tier are attacked, and what mostly holds the others back.
fn attacked_of(plan: &Plan, tier: Tier) -> String {
    let of_tier = || plan.lines().iter().filter(|line| line.tier == tier);
    let attacked = of_tier().filter(|line| line.attack.is_some()).count();
    let mut idle: Vec<(&'static str, usize)> = Vec::new();
    for line in of_tier().filter(|line| line.attack.is_none()) {
        let words = words_of(&line.limited_by);
        match idle.iter_mut().find(|(other, _)| *other == words) {
            Some((_, count)) => *count += 1,
            None => idle.push((words, 1)),
        }
    }
    idle.sort_by_key(|(words, count)| (std::cmp::Reverse(*count), *words));
    let why = idle.first().map_or(String::new(), |(words, count)| {
        format!("; for {count} of the others {words}")
    });
    format!("{attacked} of {} attacked{why}", of_tier().count())
}

/// One lane for each tier, and the depth within it.
fn depth_of(customer: &Customer) -> f64 {
    let spread = |share: f64| 0.05 + 0.58 * share;
    // Equal depths would hide each other: the id shifts a dot a little, always the same way.
    let shift = customer
        .id()
        .as_str()
        .bytes()
        .fold(0_u32, |sum, byte| sum * 31 % 997 + u32::from(byte))
        % 100;
    let shift = f64::from(shift) / 100.0 * 0.12;
    match customer.standing() {
        Standing::Prospect(prospect) => {
            let ease = sortie::fraction::Fraction::ZERO;
            let told = sortie::planting::sequence(prospect.planted(), prospect.candidates(), ease);
            spread(told.before.get()) + shift
        }
        Standing::Starting(starting) => 1.0 + spread(starting.adoption().get()) + shift,
        Standing::Habitual(habitual) => {
            let strongest = habitual
                .habits()
                .iter()
                .map(|habit| habit.strength().get())
                .fold(0.0_f64, f64::max);
            2.0 + spread((strongest - 0.8).max(0.0) * 4.0) + shift
        }
    }
}
