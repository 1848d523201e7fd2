//! The logs: read line by line, admitted once.

use std::error::Error;
use std::fs::read_to_string;
use std::path::Path;

use sortie::calendar::Date;
use sortie::evidence::{Door, EventLog, EventRow, Noticed, Oddity, RowPolicy};
use sortie::money::Currency;

/// The cells of each line after the header.
pub(crate) fn lines(path: &Path) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let text = read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    Ok(text.lines().skip(1).map(cells).collect())
}

/// Rows of the wards: ward, date, amount, user, practice.
pub(crate) fn wards(folder: &Path, as_of: Date) -> Result<(EventLog, Noticed), Box<dyn Error>> {
    let lines = lines(&folder.join("wards/events.csv"))?;
    let rows = lines.iter().filter_map(|cells| match &cells[..] {
        [customer, date, amount, user, practice] => Some(EventRow {
            customer,
            date,
            amount: Some(amount),
            user: Some(user),
            practice: Some(practice),
        }),
        _ => None,
    });
    let door = Door {
        as_of,
        currency: Some(Currency::USD),
        roster: None,
        policy: RowPolicy::lenient(),
    };
    Ok(EventLog::admit(rows, &door)?)
}

/// Purchases at an online music shop. Several rows may share customer, day and amount, so equal rows count.
pub(crate) fn purchases(folder: &Path) -> Result<EventLog, Box<dyn Error>> {
    let lines = lines(&folder.join("cdnow/cdnow_sample.csv"))?;
    let rows = lines.iter().filter_map(|cells| match &cells[..] {
        [customer, _, date, _, amount] => Some(EventRow {
            customer,
            date,
            amount: Some(amount),
            ..EventRow::default()
        }),
        _ => None,
    });
    let policy = RowPolicy {
        duplicate: Oddity::Admit,
        ..RowPolicy::default()
    };
    let door = Door {
        as_of: Date::new(1998, 6, 30)?,
        currency: Some(Currency::USD),
        roster: None,
        policy,
    };
    Ok(EventLog::admit(rows, &door)?.0)
}

/// One physician in one month: id, prescriptions, calls; months counted from 1.
pub(crate) struct PhysicianMonth {
    pub(crate) id: String,
    pub(crate) month: i32,
    pub(crate) scripts: u32,
    pub(crate) calls: u32,
}

/// The detailing panel.
pub(crate) fn physicians(folder: &Path) -> Result<Vec<PhysicianMonth>, Box<dyn Error>> {
    let mut months = vec![];
    let (mut last, mut month) = (String::new(), 0);
    for cells in lines(&folder.join("detailing/counts.csv"))? {
        let [id, scripts, calls, _] = &cells[..] else {
            return Err("counts.csv: four columns are needed".into());
        };
        month = if *id == last { month + 1 } else { 1 };
        last.clone_from(id);
        months.push(PhysicianMonth {
            id: id.clone(),
            month,
            scripts: scripts.parse()?,
            calls: calls.parse()?,
        });
    }
    Ok(months)
}

/// A month of prescriptions is one event, on the last of its 30 days.
pub(crate) fn prescriptions(panel: &[PhysicianMonth]) -> Result<EventLog, Box<dyn Error>> {
    let day = |month: i32| Date::from_day_number(30 * month - 1);
    let dates: Vec<String> = (1..=24)
        .map(|month| Ok(day(month)?.to_string()))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let rows = panel
        .iter()
        .filter(|one| one.scripts > 0)
        .filter_map(|one| {
            let month = usize::try_from(one.month).ok()?.checked_sub(1)?;
            Some(EventRow {
                customer: &one.id,
                date: dates.get(month)?,
                ..EventRow::default()
            })
        });
    let door = Door {
        as_of: day(24)?,
        currency: None,
        roster: None,
        policy: RowPolicy::default(),
    };
    Ok(EventLog::admit(rows, &door)?.0)
}
