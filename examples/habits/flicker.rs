//! Tiers month by month, and how many change: with hysteresis, without it, and by the plain rule.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use sortie::calendar::Date;
use sortie::customer::Tier;
use sortie::evidence::{EventLog, Histories, PlainRule, ReadingRules, StrengthModel};
use sortie::id::Id;

use super::{heading, logs};

/// Tiers at the end of each month, and the changes from one month to the next.
#[derive(Default)]
struct Months {
    last: BTreeMap<Id, Tier>,
    habitual: usize,
    starting: usize,
    changes: usize,
    /// Changes that are taken back within three months.
    taken_back: usize,
    changed: BTreeMap<Id, usize>,
}

impl Months {
    fn add(&mut self, month: usize, tiers: BTreeMap<Id, Tier>) {
        self.habitual = tiers
            .values()
            .filter(|tier| **tier == Tier::Habitual)
            .count();
        self.starting = tiers.len() - self.habitual;
        for (id, tier) in &tiers {
            if self.last.get(id).is_some_and(|before| before != tier) {
                self.changes += 1;
                let before = self.changed.insert(id.clone(), month);
                self.taken_back += usize::from(before.is_some_and(|before| month - before <= 3));
            }
        }
        self.last = tiers;
    }
}

/// A log cut into months, read on as a host reads it: tomorrow's events into yesterday's state.
fn months(
    log: &EventLog,
    ends: &[Date],
    strength: StrengthModel,
) -> Result<[Months; 2], Box<dyn Error>> {
    let rules = ReadingRules::new(strength, 30)?;
    let plain = PlainRule::new(6, 5)?;
    let [mut by_strength, mut by_rule] = <[Months; 2]>::default();
    for (month, end) in ends.iter().enumerate() {
        let so_far = Histories::read(&until(log, *end)?, rules.clone());
        let rhythm = so_far.fit_rhythm();
        let readings = so_far.readings(*end, &rhythm)?;
        let tiers = readings
            .iter()
            .map(|one| (one.customer().clone(), one.tier()));
        by_strength.add(month, tiers.collect());
        let tiers = so_far
            .iter()
            .filter_map(|(id, history)| Some((id.clone(), plain.tier(history, *end, &rules)?)));
        by_rule.add(month, tiers.collect());
    }
    Ok([by_strength, by_rule])
}

/// The events up to a day.
fn until(log: &EventLog, end: Date) -> Result<EventLog, Box<dyn Error>> {
    let (mut customers, mut kept) = (vec![], vec![]);
    for (id, events) in log.iter() {
        let past = events.partition_point(|event| event.date <= end);
        if past > 0 {
            customers.push((id.clone(), past));
            kept.extend(events.iter().take(past).copied());
        }
    }
    Ok(EventLog::from_columns(
        customers,
        kept,
        vec![],
        log.currency(),
    )?)
}

fn table(name: &str, log: &EventLog, ends: &[Date]) -> Result<(), Box<dyn Error>> {
    println!("\n{name}: {} months", ends.len());
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>22}",
        "rule", "habitual", "starting", "changes", "back within 3 months"
    );
    let row = |rule: &str, months: &Months| {
        println!(
            "{rule:<34} {:>9} {:>9} {:>9} {:>22}",
            months.habitual, months.starting, months.changes, months.taken_back
        );
    };
    // Six uses to a habit; it ends below three tenths, or at once below one half.
    let [held, plain] = months(log, ends, StrengthModel::reaching(24, 0.95, 0.3, 0.5, 0.3)?)?;
    let [bare, _] = months(
        log,
        ends,
        StrengthModel::reaching(24, 0.95, 0.3, 0.5, 0.499)?,
    )?;
    row("strength, with hysteresis", &held);
    row("strength, without", &bare);
    row("used in 5 of the last 6 months", &plain);
    Ok(())
}

pub(crate) fn tell(data: &Path) -> Result<(), Box<dyn Error>> {
    heading("4. Tiers at the last month's end, and how many changed on the way");
    let purchases = logs::purchases(data)?;
    let start = Date::new(1997, 3, 31)?;
    let ends: Vec<Date> = (0..=15)
        .map(|month| start.plus_days(30 * month))
        .collect::<Result<_, _>>()?;
    table("Purchases (CDNOW), 2,357 customers", &purchases, &ends)?;
    let prescriptions = logs::prescriptions(&logs::physicians(data)?)?;
    let ends: Vec<Date> = (6..=23)
        .map(|month| Date::from_day_number(30 * month - 1))
        .collect::<Result<_, _>>()?;
    table(
        "Physicians (detailing), 1,000 at most",
        &prescriptions,
        &ends,
    )
}
