//! From what the prices suggest to an answer that keeps every row, and to a better one nearby.

use crate::numeric::cast;

use super::dual::{self, Ask};
use super::form::{Form, Kind, Span};

/// An answer that keeps every row.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) taken: Vec<i64>,
    pub(crate) value: f64,
}

/// What a change loses at the prices, the choice, and where it goes.
type Move = (f64, usize, i64);

struct Trial<'f, 'a> {
    form: &'f Form<'a>,
    spans: &'f [Span],
    prices: &'f [f64],
    scale: Vec<f64>,
    taken: Vec<i64>,
    sums: Vec<i128>,
    work: u64,
}

/// Repairs a suggestion and improves it; `None` if it cannot be made to keep the rows by single changes.
pub(crate) fn repair(
    form: &Form<'_>,
    spans: &[Span],
    prices: &[f64],
    suggestion: &[i64],
    pairs: bool,
    work: &mut u64,
) -> Option<Answer> {
    let mut trial = Trial::new(form, spans, prices, suggestion);
    let repaired = trial.reach();
    if repaired {
        trial.fill();
        if pairs {
            trial.exchange();
        }
    }
    *work += trial.work;
    if !repaired {
        return None;
    }
    let value = form.value(&trial.taken);
    Some(Answer {
        taken: trial.taken,
        value,
    })
}

/// With menus, and curves at nothing, held as they are, finds anew what the other curves take.
pub(crate) fn polish(
    form: &Form<'_>,
    spans: &[Span],
    prices: &[f64],
    answer: &[i64],
    work: &mut u64,
) -> Option<Answer> {
    let mut held = Vec::with_capacity(spans.len());
    let mut any = false;
    for ((choice, span), at) in form.choices.iter().zip(spans).zip(answer) {
        held.push(match &choice.kind {
            Kind::Curve(steps) if !span.is_single() => {
                let from = span.low.max(steps.bend().unwrap_or(*at));
                if from <= span.high && *at >= from && steps.bend().is_some() {
                    any = true;
                    Span::new(from, span.high)
                } else {
                    Span::only(*at)
                }
            }
            _ => Span::only(*at),
        });
    }
    if !any {
        return None;
    }
    let ask = Ask {
        spans: &held,
        prices,
        enough: f64::NEG_INFINITY,
        rounds: 40,
        work: POLISHED,
    };
    let dual = dual::search(form, &ask, Vec::new());
    *work += dual.work;
    let rounded = round_down(form, &dual);
    let mut trial = Trial::new(form, &held, &dual.prices, &rounded);
    let repaired = trial.reach();
    if repaired {
        trial.step_up();
        trial.fill();
    }
    *work += trial.work;
    repaired.then(|| Answer {
        value: form.value(&trial.taken),
        taken: trial.taken,
    })
}

/// Work that finding the curves' spends anew may take.
const POLISHED: u64 = 20_000_000;

/// The mixture's mean, curves rounded down to whole steps, menus to the option of the largest share.
pub(crate) fn round_down(form: &Form<'_>, dual: &dual::Dual) -> Vec<i64> {
    let mut rounded = dual.taken.clone();
    if dual.mixture.is_empty() {
        return rounded;
    }
    for (choice, at) in rounded.iter_mut().enumerate() {
        let places = dual
            .mixture
            .iter()
            .map(|(share, column)| (*share, dual.pool[*column].taken[choice]));
        if matches!(form.choices[choice].kind, Kind::Curve(_)) {
            let first = dual.pool[dual.mixture[0].1].taken[choice];
            let mean: f64 = places
                .map(|(share, place)| share * cast::f64_of_i64(place - first))
                .sum();
            *at = first + cast::i64_clamped(libm::floor(mean + 1e-9), i64::MIN / 4, i64::MAX / 4);
        } else {
            let mut shares: Vec<(i64, f64)> = Vec::new();
            for (share, place) in places {
                match shares.iter_mut().find(|(known, _)| *known == place) {
                    Some((_, sum)) => *sum += share,
                    None => shares.push((place, share)),
                }
            }
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            if let Some((place, _)) = shares.first() {
                *at = *place;
            }
        }
    }
    rounded
}

impl<'f, 'a> Trial<'f, 'a> {
    fn new(form: &'f Form<'a>, spans: &'f [Span], prices: &'f [f64], suggestion: &[i64]) -> Self {
        let taken: Vec<i64> = suggestion
            .iter()
            .zip(spans)
            .map(|(at, span)| {
                if span.contains(*at) {
                    *at
                } else if span.zero && *at < span.low {
                    0
                } else {
                    (*at).clamp(span.low, span.high)
                }
            })
            .collect();
        let sums = form.sums(&taken);
        let scale = form
            .rows
            .iter()
            .map(|row| cast::f64_of_i128(row.most).abs().max(1.0))
            .collect();
        Self {
            form,
            spans,
            prices,
            scale,
            taken,
            sums,
            work: 0,
        }
    }

    /// How far one change would exceed the rows more, or less if below nothing.
    fn excess_more(&self, choice: usize, at: i64) -> f64 {
        let mut more = 0.0;
        self.each_change(choice, at, |row, change| {
            let most = self.form.rows[row].most;
            let over = (self.sums[row] + change - most).max(0) - (self.sums[row] - most).max(0);
            if over != 0 {
                more += cast::f64_of_i128(over) / self.scale[row];
            }
            true
        });
        more
    }

    /// Whether the rows that one change adds to would still be kept.
    fn fits_with(&self, choice: usize, at: i64) -> bool {
        self.each_change(choice, at, |row, change| {
            change <= 0 || self.sums[row] + change <= self.form.rows[row].most
        })
    }

    /// Looks at each row that one change touches, while `look` says so.
    fn each_change(
        &self,
        choice: usize,
        at: i64,
        mut look: impl FnMut(usize, i128) -> bool,
    ) -> bool {
        let (of, here) = (&self.form.choices[choice], self.taken[choice]);
        let money = i128::from(of.spend(at)) - i128::from(of.spend(here));
        let count = self.form.resources();
        (of.money.iter())
            .all(|(row, side)| look(cast::usize_of_u32(*row), money * i128::from(*side)))
            && (0..count).all(|resource| {
                let change = of.uses(at, resource, count) - of.uses(here, resource, count);
                look(self.form.first_resource + resource, change)
            })
    }

    /// The sums after one change.
    fn sums_with(&self, choice: usize, at: i64) -> Vec<i128> {
        let mut sums = self.sums.clone();
        self.form
            .add_uses(choice, self.taken[choice], -1, &mut sums);
        self.form.add_uses(choice, at, 1, &mut sums);
        sums
    }

    fn apply(&mut self, choice: usize, at: i64) {
        self.sums = self.sums_with(choice, at);
        self.taken[choice] = at;
    }

    /// Places worth trying for a choice.
    fn places(&self, choice: usize) -> Vec<i64> {
        let (span, here) = (self.spans[choice], self.taken[choice]);
        if span.is_single() {
            return Vec::new();
        }
        let mut places: Vec<i64> = match &self.form.choices[choice].kind {
            Kind::Menu { .. } => (span.low..=span.high).collect(),
            Kind::Curve(steps) => {
                let mut places = vec![span.low, span.high, here - 1, here + 1];
                places.extend(steps.bend().map(|bend| bend.clamp(span.low, span.high)));
                places.extend(self.just_enough(choice));
                if span.zero {
                    places.push(0);
                }
                places
            }
        };
        places.sort_unstable();
        places.dedup();
        places.retain(|at| *at != here && span.contains(*at));
        places
    }

    /// For a curve: up to where the slack allows, and down or up to where an excess ends.
    fn just_enough(&self, choice: usize) -> Vec<i64> {
        let span = self.spans[choice];
        let here = self.taken[choice];
        let (mut room, mut places) = (i128::MAX, Vec::new());
        self.each_change(choice, here + 1, |row, used| {
            let slack = self.form.rows[row].most - self.sums[row];
            if used > 0 {
                room = room.min(slack.max(0) / used);
            }
            if slack < 0 && used != 0 {
                let need = slack.unsigned_abs().div_ceil(used.unsigned_abs());
                let need = i64::try_from(need).unwrap_or(i64::MAX / 4);
                let at = if used > 0 {
                    here.saturating_sub(need)
                } else {
                    here.saturating_add(need)
                };
                places.push(at.clamp(span.low, span.high));
            }
            true
        });
        let room = i64::try_from(room).unwrap_or(i64::MAX / 4);
        if room > 0 {
            let top = here.saturating_add(room).min(span.high);
            places.push(top);
            if top > here && here >= span.low {
                places.push(self.form.best(choice, Span::new(here, top), self.prices).0);
                places.push(here + (top - here) / 2);
            }
        }
        places
    }

    /// Changes of least loss for the excess that they remove, until no row is exceeded: the best of all at a time,
    /// or, among many choices, in order as long as they remove any.
    fn reach(&mut self) -> bool {
        for _ in 0..2 * self.taken.len() + 64 {
            if self.form.fits(&self.sums) {
                return true;
            }
            let mut moves: Vec<Move> = Vec::new();
            for choice in 0..self.taken.len() {
                let here = self.form.choices[choice].value(self.taken[choice]);
                let mut best: Option<Move> = None;
                for at in self.places(choice) {
                    self.work += self.tried(choice);
                    let removed = -self.excess_more(choice, at);
                    if removed <= 0.0 {
                        continue;
                    }
                    let rate = (here - self.form.choices[choice].value(at)) / removed;
                    if best.is_none_or(|(least, _, _)| rate < least) {
                        best = Some((rate, choice, at));
                    }
                }
                moves.extend(best);
            }
            if moves.is_empty() || self.work > REPAIRED {
                return false;
            }
            moves.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            moves.truncate(self.at_a_time());
            for (_, choice, at) in moves {
                if self.excess_more(choice, at) < 0.0 {
                    self.apply(choice, at);
                    if self.form.fits(&self.sums) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Work of looking at one change.
    fn tried(&self, choice: usize) -> u64 {
        8 + cast::u64_of_usize(self.form.choices[choice].money.len() / 4)
    }

    /// Changes made before all are looked at anew.
    fn at_a_time(&self) -> usize {
        1 + self.taken.len() / 64
    }

    /// Changes of highest gain that keep the rows, until none gains: the best of all at a time, or, among many
    /// choices, several in order.
    fn fill(&mut self) {
        for _ in 0..self.taken.len() + 64 {
            let mut moves: Vec<Move> = Vec::new();
            for choice in 0..self.taken.len() {
                let here = self.form.choices[choice].value(self.taken[choice]);
                let mut best: Option<Move> = None;
                for at in self.places(choice) {
                    self.work += self.tried(choice);
                    let gain = self.form.choices[choice].value(at) - here;
                    if gain > best.map_or(0.0, |(most, _, _)| most) && self.fits_with(choice, at) {
                        best = Some((gain, choice, at));
                    }
                }
                moves.extend(best);
            }
            if moves.is_empty() || self.work > REPAIRED {
                return;
            }
            moves.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            moves.truncate(self.at_a_time());
            for (_, choice, at) in moves {
                if self.fits_with(choice, at) {
                    self.apply(choice, at);
                }
            }
        }
    }

    /// One more step for every curve in order of gain, while it fits.
    fn step_up(&mut self) {
        for _ in 0..4 {
            let mut gains: Vec<(f64, usize)> = Vec::new();
            for (choice, at) in self.taken.iter().enumerate() {
                let here = &self.form.choices[choice];
                if matches!(here.kind, Kind::Curve(_))
                    && self.spans[choice].contains(at + 1)
                    && *at >= self.spans[choice].low
                {
                    gains.push((here.value(at + 1) - here.value(*at), choice));
                }
            }
            gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let mut moved = false;
            for (gain, choice) in gains {
                self.work += 1;
                let at = self.taken[choice] + 1;
                if gain > 0.0 && self.fits_with(choice, at) {
                    self.apply(choice, at);
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Two changes at once, among the changes that lose least at the prices.
    fn exchange(&mut self) {
        for _ in 0..8 {
            let mut moves: Vec<Move> = Vec::new();
            for choice in 0..self.taken.len() {
                let places = self.places(choice);
                if places.is_empty() {
                    continue;
                }
                let here = self.form.score(choice, self.taken[choice], self.prices);
                for at in places {
                    moves.push((here - self.form.score(choice, at, self.prices), choice, at));
                }
            }
            moves.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            moves.truncate(EXCHANGED);
            let Some((first, second)) = self.best_pair(&moves) else {
                return;
            };
            self.apply(first.1, first.2);
            self.apply(second.1, second.2);
            self.fill();
        }
    }

    fn best_pair(&mut self, moves: &[Move]) -> Option<(Move, Move)> {
        let mut best = None;
        let mut most = 0.0;
        let changes: Vec<(f64, Vec<i128>)> = moves
            .iter()
            .map(|(_, choice, at)| {
                let gain = self.form.choices[*choice].value(*at)
                    - self.form.choices[*choice].value(self.taken[*choice]);
                let sums = self.sums_with(*choice, *at);
                (
                    gain,
                    sums.iter()
                        .zip(&self.sums)
                        .map(|(with, before)| with - before)
                        .collect(),
                )
            })
            .collect();
        for (index, first) in moves.iter().enumerate() {
            for (second, (gain, change)) in moves.iter().zip(&changes).skip(index + 1) {
                self.work += 1;
                let total = changes[index].0 + gain;
                if total <= most || first.1 == second.1 {
                    continue;
                }
                let fits = self
                    .form
                    .rows
                    .iter()
                    .zip(&self.sums)
                    .zip(changes[index].1.iter().zip(change))
                    .all(|((row, sum), (a, b))| sum + a + b <= row.most);
                // Rounding of the two gains must not be taken for a gain.
                if fits && total > 1e-13 * (gain.abs() + changes[index].0.abs()) {
                    most = total;
                    best = Some((*first, *second));
                }
            }
        }
        best
    }
}

/// Work that one repair may take.
const REPAIRED: u64 = 50_000_000;
/// Changes among which pairs are tried.
const EXCHANGED: usize = 200;

#[cfg(test)]
mod tests;
