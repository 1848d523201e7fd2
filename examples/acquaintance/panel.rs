//! Person-months: one row for each person and each month in which it had not adopted before.

use std::{collections::BTreeSet, error::Error};

use sortie::{customer::acquaintance::TieKind, numeric::cast};

use super::door::People;

/// A person in a month.
pub(crate) struct Row {
    pub(crate) place: usize,
    pub(crate) month: u32,
    /// Different people known.
    pub(crate) known: usize,
    /// The share of them who had adopted before the month; 0 for who knows nobody.
    pub(crate) exposure: f64,
    pub(crate) adopts: bool,
}

/// What is held constant beside months and towns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    None,
    Contacts,
}

/// A regression to be fitted: exposure first, then what is held constant.
pub(crate) struct Panel {
    /// Row by row, `width` numbers each.
    features: Vec<f64>,
    width: usize,
    adopts: Vec<bool>,
    /// The person of each row: rows of one person are not independent.
    persons: Vec<usize>,
}

/// Every month at risk of every person, by ties of the kinds that count.
pub(crate) fn person_months(people: &People, counts: impl Fn(TieKind) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, person) in people.persons().iter().enumerate() {
        let ties = people.graph().knows(place).filter(|tie| counts(tie.kind));
        let known: BTreeSet<usize> = ties.map(|tie| tie.place).collect();
        for month in 1..=person.month.min(people.months()) {
            let before = |at: &&usize| people.adopted_before(**at, month);
            let adopters = known.iter().filter(before).count();
            let share = cast::f64_of_usize(adopters) / cast::f64_of_usize(known.len().max(1));
            rows.push(Row {
                place,
                month,
                known: known.len(),
                exposure: share,
                adopts: person.month == month,
            });
        }
    }
    rows
}

impl Panel {
    /// Months and towns with effects of their own. A month in which nobody or everybody at risk adopted says
    /// nothing then, and is left out; so is who lacks a control that is asked for.
    pub(crate) fn of(
        people: &People,
        counts: impl Fn(TieKind) -> bool,
        control: Control,
    ) -> Result<Self, Box<dyn Error>> {
        let mut rows = person_months(people, counts);
        if control == Control::Contacts {
            rows.retain(|row| contacts(people, row).is_some());
        }
        let told = |month: u32| {
            let mut of_month = rows.iter().filter(|row| row.month == month);
            let first = of_month.next().map(|row| row.adopts);
            first.is_some_and(|first| of_month.any(|row| row.adopts != first))
        };
        let months: Vec<u32> = (1..=people.months()).filter(|month| told(*month)).collect();
        rows.retain(|row| months.contains(&row.month));
        let towns: BTreeSet<u32> = people.persons().iter().map(|person| person.town).collect();
        let towns: Vec<u32> = towns.into_iter().skip(1).collect();
        let is = |yes: bool| if yes { 1.0 } else { 0.0 };
        Self::build(&rows, |row| {
            let town = people
                .persons()
                .get(row.place)
                .map_or(0, |person| person.town);
            let mut features = vec![row.exposure];
            features.extend(months.iter().map(|month| is(row.month == *month)));
            features.extend(towns.iter().map(|other| is(town == *other)));
            if control == Control::Contacts {
                features.extend(contacts(people, row).unwrap_or_default());
            }
            features
        })
    }

    /// Nothing held constant.
    pub(crate) fn pooled(
        people: &People,
        counts: impl Fn(TieKind) -> bool,
    ) -> Result<Self, Box<dyn Error>> {
        let rows = person_months(people, counts);
        Self::build(&rows, |row| vec![row.exposure, 1.0])
    }

    fn build(rows: &[Row], features: impl Fn(&Row) -> Vec<f64>) -> Result<Self, Box<dyn Error>> {
        let wide: Vec<Vec<f64>> = rows.iter().map(features).collect();
        let width = wide.first().map_or(0, Vec::len);
        if rows.len() <= width {
            return Err(format!("{} person-months cannot tell {width} effects", rows.len()).into());
        }
        Ok(Self {
            features: wide.concat(),
            width,
            adopts: rows.iter().map(|row| row.adopts).collect(),
            persons: rows.iter().map(|row| row.place).collect(),
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.adopts.len()
    }

    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    /// Adoptions per row.
    pub(crate) fn hazard(&self) -> f64 {
        let adoptions = self.adopts.iter().filter(|adopts| **adopts).count();
        cast::f64_of_usize(adoptions) / cast::f64_of_usize(self.rows().max(1))
    }

    /// Features, outcome and person of each row.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&[f64], bool, usize)> {
        let rows = self.features.chunks_exact(self.width);
        rows.zip(&self.adopts)
            .zip(&self.persons)
            .map(|((features, adopts), person)| (features, *adopts, *person))
    }
}

fn contacts(people: &People, row: &Row) -> Option<[f64; 2]> {
    people.persons().get(row.place)?.contacts
}
