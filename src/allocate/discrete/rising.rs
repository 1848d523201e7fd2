//! The search by rising loss: several rows at once, at the root's prices.
//!
//! At the prices, what is taken differs from the base by changes, each with a penalty, and
//! `loss = Σ penalties + Σ price·slack` is the distance to the bound. The search lists every set of changes
//! whose penalties stay below a limit on the loss; if none of them is an answer below the limit, none exists, and
//! the limit is raised. So the work depends on the loss of the optimum, not on a lucky first answer.
//!
//! A set is dropped early if no later changes can bring its slacks near enough to nothing: the same Lagrangian
//! bound, at prices shifted a little, summed beforehand over all later changes.

use crate::numeric::cast;

use super::form::{Form, Span};

/// One change against the base.
#[derive(Clone, Debug)]
struct Change {
    choice: usize,
    at: i64,
    penalty: f64,
}

/// One price lowered by so much.
#[derive(Clone, Copy, Debug)]
struct Shift {
    row: usize,
    by: f64,
}

/// What the search found.
#[derive(Clone, Debug)]
pub(super) struct Risen {
    /// The best places found, if better than what was in hand.
    pub(super) taken: Option<Vec<i64>>,
    /// No answer loses less than this against the root's bound.
    pub(super) loss: f64,
    pub(super) complete: bool,
    pub(super) work: u64,
}

struct Search {
    rows: usize,
    changes: Vec<Change>,
    /// Use of each row by each change less that of the base, flat.
    uses: Vec<i64>,
    prices: Vec<f64>,
    /// Differences between the prices and shifted prices: one price is shifted at a time.
    shifts: Vec<Shift>,
    /// The shift that showed a set to be hopeless last: it is the likeliest to show the next one.
    latest: usize,
    /// For each change on and each shift: the most that later changes could make of it.
    suffix: Vec<f64>,
    slack: Vec<i64>,
    chosen: Vec<usize>,
    taken_choices: Vec<bool>,
    best_loss: f64,
    best: Option<Vec<usize>>,
    work: u64,
    most_work: u64,
}

/// Widest span that is listed place by place.
const WIDTH: i64 = 256;
/// Changes in all.
const CHANGES: usize = 20_000;

/// Sets between two questions whether to go on: about a hundredth of a second.
const SETS_A_QUESTION: u64 = 1 << 17;

/// Asked to go on with the loss that no answer goes below.
pub(super) type Ask<'p> = dyn FnMut(f64) -> bool + 'p;

/// Searches a form whose loss in hand is `loss` (infinite if there is none); `bound` is the root's for the form.
pub(super) fn search(
    form: &Form<'_>,
    prices: &[f64],
    loss: f64,
    tolerance: f64,
    most_work: u64,
    ask: &mut Ask<'_>,
) -> Option<Risen> {
    let spans = form.spans();
    let base: Vec<i64> = spans
        .iter()
        .enumerate()
        .map(|(choice, span)| form.best(choice, *span, prices).0)
        .collect();
    let mut search = Search::new(form, &spans, &base, prices, most_work)?;
    let ceiling = loss;
    // Penalties of a first few changes set the scale.
    let mut limit = search.first_limit().min(ceiling);
    let mut proved = 0.0;
    loop {
        search.best_loss = limit;
        search.best = None;
        search.descend(0, 0.0, &mut || ask(proved));
        if search.work > search.most_work {
            let taken = search.best.take().map(|best| search.places(&base, &best));
            return Some(Risen {
                taken,
                loss: proved,
                complete: false,
                work: search.work,
            });
        }
        if let Some(best) = search.best.take() {
            let taken = search.places(&base, &best);
            // Rounding of a few penalties, far below what is left open anyway.
            let loss = (search.best_loss - 0.02 * tolerance).max(proved);
            return Some(Risen {
                taken: Some(taken),
                loss,
                complete: true,
                work: search.work,
            });
        }
        if limit >= ceiling {
            return Some(Risen {
                taken: None,
                loss: ceiling,
                complete: true,
                work: search.work,
            });
        }
        proved = limit;
        limit = (limit * 1.3).min(ceiling);
        if !limit.is_finite() {
            return None;
        }
    }
}

impl Search {
    fn new(
        form: &Form<'_>,
        spans: &[Span],
        base: &[i64],
        prices: &[f64],
        most_work: u64,
    ) -> Option<Self> {
        let rows = form.rows.len();
        let mut found: Vec<(Change, Vec<i64>)> = Vec::new();
        let sums = form.sums(base);
        let mut here = vec![0_i128; rows];
        for (choice, span) in spans.iter().enumerate() {
            if span.high.checked_sub(span.low)? > WIDTH {
                return None;
            }
            let top = form.score(choice, base[choice], prices);
            let zero = (span.zero && span.low > 0).then_some(0);
            for at in (span.low..=span.high)
                .chain(zero)
                .filter(|at| *at != base[choice])
            {
                here.fill(0);
                form.add_uses(choice, base[choice], -1, &mut here);
                form.add_uses(choice, at, 1, &mut here);
                let uses: Option<Vec<i64>> =
                    here.iter().map(|used| i64::try_from(*used).ok()).collect();
                let penalty = (top - form.score(choice, at, prices)).max(0.0);
                found.push((
                    Change {
                        choice,
                        at,
                        penalty,
                    },
                    uses?,
                ));
                if found.len() > CHANGES {
                    return None;
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| {
            a.penalty
                .total_cmp(&b.penalty)
                .then((a.choice, a.at).cmp(&(b.choice, b.at)))
        });
        let slack: Option<Vec<i64>> = form
            .rows
            .iter()
            .zip(&sums)
            // Halved range, so that sums of changes cannot overflow before they are refused.
            .map(|(row, sum)| {
                i64::try_from(row.most - sum)
                    .ok()
                    .filter(|slack| slack.unsigned_abs() < 1 << 60)
            })
            .collect();
        if found
            .iter()
            .any(|(_, uses)| uses.iter().any(|used| used.unsigned_abs() > 1 << 52))
        {
            return None;
        }
        let mut search = Self {
            rows,
            uses: found
                .iter()
                .flat_map(|(_, uses)| uses.iter().copied())
                .collect(),
            changes: found.into_iter().map(|(change, _)| change).collect(),
            prices: prices.to_vec(),
            shifts: Vec::new(),
            latest: 0,
            suffix: Vec::new(),
            slack: slack?,
            chosen: Vec::new(),
            taken_choices: vec![false; spans.len()],
            best_loss: f64::INFINITY,
            best: None,
            work: 0,
            most_work,
        };
        search.shift_prices();
        Some(search)
    }

    /// Each price up and down by several shares of itself; a price of nothing by shares of the typical one.
    fn shift_prices(&mut self) {
        let count = self.changes.len();
        for row in 0..self.rows {
            let typical = self.typical_price(row);
            for share in [0.01, 0.03, 0.1, 0.3] {
                for side in [1.0, -1.0] {
                    // Shifted prices stay at least 0.
                    let by = (side * share * typical).min(self.prices[row]);
                    self.shifts.push(Shift { row, by });
                }
            }
        }
        let each = self.shifts.len();
        self.suffix = vec![0.0; (count + 1) * each];
        for place in (0..count).rev() {
            let uses = &self.uses[place * self.rows..(place + 1) * self.rows];
            for (index, shift) in self.shifts.iter().enumerate() {
                let worth = shift.by * cast::f64_of_i64(uses[shift.row]);
                let more = (worth - self.changes[place].penalty).max(0.0);
                self.suffix[place * each + index] = self.suffix[(place + 1) * each + index] + more;
            }
        }
    }

    /// The row's price, or what it would be if it cost as much as the others do.
    fn typical_price(&self, row: usize) -> f64 {
        if self.prices[row] > 0.0 {
            return self.prices[row];
        }
        let size = |row: usize| -> f64 {
            self.uses
                .iter()
                .skip(row)
                .step_by(self.rows)
                .map(|used| cast::f64_of_i64(*used).abs())
                .sum()
        };
        let paid: f64 = (0..self.rows)
            .map(|other| self.prices[other] * size(other))
            .sum();
        paid / size(row).max(1.0) / cast::f64_of_usize(self.rows)
    }

    fn first_limit(&self) -> f64 {
        let among: Vec<f64> = self
            .changes
            .iter()
            .map(|change| change.penalty)
            .filter(|penalty| *penalty > 0.0)
            .take(8)
            .collect();
        among.last().copied().unwrap_or(f64::INFINITY)
    }

    fn places(&self, base: &[i64], chosen: &[usize]) -> Vec<i64> {
        let mut taken = base.to_vec();
        for place in chosen {
            taken[self.changes[*place].choice] = self.changes[*place].at;
        }
        taken
    }

    /// Every set that adds changes from `from` on to the chosen ones. The depth is that of the sets, which the
    /// limit on their penalties keeps short, and `DEPTH` besides.
    fn descend(&mut self, from: usize, penalties: f64, goes_on: &mut dyn FnMut() -> bool) {
        self.work += 1;
        if self.work % SETS_A_QUESTION == 0 && !goes_on() {
            self.most_work = self.work - 1;
        }
        if self.work > self.most_work {
            return;
        }
        self.judge(penalties);
        if self.chosen.len() >= DEPTH {
            // Too deep to be searched through: nothing may be concluded.
            self.most_work = self.work - 1;
            return;
        }
        if self.chosen.len() == self.taken_choices.len() || self.is_hopeless(from, penalties) {
            return;
        }
        for place in from..self.changes.len() {
            let after = penalties + self.changes[place].penalty;
            if after >= self.best_loss || self.work > self.most_work {
                return;
            }
            // The fewer changes are left, the sooner they are shown to be too few.
            if place > from && self.latest_shows(place, penalties) {
                return;
            }
            let choice = self.changes[place].choice;
            if self.taken_choices[choice] {
                continue;
            }
            self.shift_slack(place, 1);
            self.taken_choices[choice] = true;
            self.chosen.push(place);
            self.descend(place + 1, after, goes_on);
            self.chosen.pop();
            self.taken_choices[choice] = false;
            self.shift_slack(place, -1);
        }
    }

    fn shift_slack(&mut self, place: usize, sign: i64) {
        let uses = &self.uses[place * self.rows..(place + 1) * self.rows];
        for (slack, used) in self.slack.iter_mut().zip(uses) {
            *slack -= sign * used;
        }
    }

    /// Takes the chosen set as the answer if it keeps the rows and loses less than the best.
    fn judge(&mut self, penalties: f64) {
        let mut loss = penalties;
        for (slack, price) in self.slack.iter().zip(&self.prices) {
            if *slack < 0 {
                return;
            }
            loss += price * cast::f64_of_i64(*slack);
        }
        if loss < self.best_loss {
            self.best_loss = loss;
            self.best = Some(self.chosen.clone());
        }
    }

    /// Whether no changes from `from` on can make the chosen set lose less than the best.
    fn is_hopeless(&mut self, from: usize, penalties: f64) -> bool {
        if self.latest_shows(from, penalties) {
            return true;
        }
        let shown = (0..self.shifts.len()).find(|&index| self.shows(index, from, penalties));
        self.latest = shown.unwrap_or(self.latest);
        shown.is_some()
    }

    fn latest_shows(&self, from: usize, penalties: f64) -> bool {
        self.latest < self.shifts.len() && self.shows(self.latest, from, penalties)
    }

    /// Whether one shift shows it.
    fn shows(&self, index: usize, from: usize, penalties: f64) -> bool {
        let Shift { row, by } = self.shifts[index];
        let kept = by * cast::f64_of_i64(self.slack[row]);
        let later = self.suffix[from * self.shifts.len() + index];
        penalties + kept - later >= self.best_loss
    }
}

/// Changes in one set at most.
const DEPTH: usize = 400;

#[cfg(test)]
mod tests;
