//! The tiers found at the end of each month, and how many change: with hysteresis, and by a plain rule beside it.

use std::{collections::BTreeMap, fmt::Write as _};

use sortie::{
    calendar::Date,
    customer::Tier,
    evidence::{Histories, Late, PlainRule, ReadingRules},
    id::Id,
};

use crate::{
    events::Fault,
    story::{admitted, rows},
    table::fault,
};

pub(crate) fn by_month(text: &str) -> Result<String, Fault> {
    let mut out = format!(
        "Tiers at the end of each month, and how many customers changed since the month before\n\
         {:<8} {:>10} {:>10} {:>8}   {:>32}\n",
        "", "habitual", "starting", "changed", "(plain rule, 2 of 3 months: changed)"
    );
    let plain = PlainRule::new(3, 2).map_err(fault)?;
    let mut histories: Option<Histories> = None;
    let mut before: [BTreeMap<Id, Tier>; 2] = Default::default();
    for month in 0..18_i16 {
        let (year, number) = (1997 + month / 12, month % 12 + 1);
        let mine = format!("{year}-{number:02}-");
        let (next_year, next) = (1997 + (month + 1) / 12, (month + 1) % 12 + 1);
        let last = i8::try_from(next)
            .map_err(fault)
            .and_then(|next| Date::new(next_year, next, 1).map_err(fault))?
            .plus_days(-1)
            .map_err(fault)?;
        let of_month = rows(text)
            .into_iter()
            .filter(|row| row.date.starts_with(&mine))
            .collect();
        let log = admitted(of_month, last)?;
        match histories.as_mut() {
            Some(known) => {
                known.go_on(&log, Late::Refuse).map_err(fault)?;
            }
            None => histories = Some(Histories::read(&log, ReadingRules::default())),
        }
        let Some(known) = &histories else { continue };
        let readings = known.readings(last, &known.fit_rhythm()).map_err(fault)?;
        let now = readings
            .iter()
            .map(|reading| (reading.customer().clone(), reading.tier()))
            .collect();
        let plainly = known
            .iter()
            .filter_map(|(id, history)| {
                Some((id.clone(), plain.tier(history, last, known.rules())?))
            })
            .collect();
        let habitual = readings
            .iter()
            .filter(|reading| reading.tier() == Tier::Habitual)
            .count();
        let _ = writeln!(
            out,
            "{year}-{number:02}  {habitual:>10} {:>10} {:>8}   {:>32}",
            readings.len() - habitual,
            changed(&before[0], &now),
            changed(&before[1], &plainly),
        );
        before = [now, plainly];
    }
    Ok(out)
}

/// Customers known before whose tier is another now.
fn changed(before: &BTreeMap<Id, Tier>, now: &BTreeMap<Id, Tier>) -> usize {
    before
        .iter()
        .filter(|(id, tier)| now.get(*id) != Some(tier))
        .count()
}
