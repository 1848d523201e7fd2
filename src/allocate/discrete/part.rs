//! What is left of a form when whatever loses too much at the root's prices is dropped, and the searches that list it
//! in full.

use crate::numeric::cast;

use super::branch::{Ended, Limits};
use super::dual::{self, Dual};
use super::form::{Choice, Form, Kind, Place, Row, Span};
use super::knapsack;
use super::repair::Answer;
use super::rising;
use super::stock::Menus;

/// What is left of a form when whatever loses too much is dropped.
pub(super) struct Part<'a> {
    pub(super) form: Form<'a>,
    /// For each choice of the part: its place in the whole, and for menus the whole's places.
    pub(super) places: Vec<(usize, Vec<i64>)>,
    /// What the others take.
    pub(super) base: Vec<i64>,
    /// The value of what the others take.
    pub(super) fixed: f64,
}

/// Drops from every choice what loses more at the root's prices than an answer better than `in_hand` can.
pub(super) fn reduce<'a>(form: &Form<'a>, spans: &[Span], root: &Dual, in_hand: f64) -> Part<'a> {
    // An answer better than the one in hand loses less than this.
    let loss = (root.bound + root.slip - in_hand) * (1.0 + 1e-9) + 1e-300;
    let mut part = Part {
        form: Form {
            rows: Vec::new(),
            first_resource: form.first_resource,
            choices: Vec::new(),
        },
        places: Vec::new(),
        base: root.taken.clone(),
        fixed: 0.0,
    };
    let mut sums = vec![0_i128; form.rows.len()];
    let mut fixed = crate::numeric::ExactSum::new();
    let resources = form.resources();
    for (place, (choice, span)) in form.choices.iter().zip(spans).enumerate() {
        let (_, top) = form.best(place, *span, &root.prices);
        let floor = top - loss - 8.0 * f64::EPSILON * top.abs();
        let (kept, kind, span) = match &choice.kind {
            Kind::Menu { options, uses } => {
                let kept: Vec<i64> = (span.low..=span.high)
                    .filter(|at| form.score(place, *at, &root.prices) >= floor)
                    .collect();
                let mut slim = (Vec::new(), Vec::new());
                for at in &kept {
                    let at = usize::try_from(*at).unwrap_or(0);
                    slim.0.push(Place {
                        ..options[at].clone()
                    });
                    slim.1
                        .extend_from_slice(&uses[at * resources..(at + 1) * resources]);
                }
                let high = cast::i64_of_usize(kept.len()) - 1;
                (
                    kept,
                    Kind::Menu {
                        options: slim.0,
                        uses: slim.1,
                    },
                    Span::new(0, high),
                )
            }
            Kind::Curve(_) => {
                let narrow = narrow(form, place, *span, &root.prices, floor);
                (vec![narrow.low], choice.kind.clone(), narrow)
            }
        };
        if span.is_single() {
            part.base[place] = kept.first().copied().unwrap_or(span.low);
            form.add_uses(place, part.base[place], 1, &mut sums);
            fixed.add(choice.value(part.base[place]));
        } else {
            part.places.push((place, kept));
            part.form.choices.push(Choice {
                kind,
                money: choice.money.clone(),
                span,
            });
        }
    }
    part.fixed = fixed.value();
    part.form.rows = form
        .rows
        .iter()
        .zip(&sums)
        .map(|(row, sum)| Row {
            limit: row.limit,
            most: row.most - sum,
        })
        .collect();
    part
}

/// The narrowest span outside of which a curve loses too much.
fn narrow(form: &Form<'_>, choice: usize, span: Span, prices: &[f64], floor: f64) -> Span {
    let Kind::Curve(steps) = &form.choices[choice].kind else {
        return span;
    };
    let Some(bend) = steps.bend() else {
        return span;
    };
    let keeps = |at: i64| form.score(choice, at, prices) >= floor;
    let zero = span.zero && keeps(0);
    let from = span.low.max(bend.min(span.high));
    let (peak, top) = form.best(choice, Span::new(from, span.high), prices);
    let joint = from - 1;
    let below = span.low < from && (keeps(span.low) || keeps(joint) || keeps(from));
    if top < floor {
        // Only the part of rising returns, or nothing, is left.
        return if below {
            Span {
                low: span.low,
                high: from,
                zero,
            }
        } else if zero {
            Span::only(0)
        } else {
            Span { zero, ..span }
        };
    }
    let high = last(peak, span.high, keeps);
    // Scores bend downwards from `from` to the peak, and are highest at an end below it.
    let low = if below {
        if keeps(span.low) {
            span.low
        } else if keeps(joint) {
            joint - last(0, joint - span.low, |back| keeps(joint - back))
        } else {
            from
        }
    } else {
        peak - last(0, peak - from, |back| keeps(peak - back))
    };
    Span { low, high, zero }
}

/// The largest place from `from` to `to` that holds, where what holds comes first, and `from` does.
fn last(from: i64, to: i64, holds: impl Fn(i64) -> bool) -> i64 {
    if holds(to) {
        return to;
    }
    let (mut good, mut bad) = (from, to);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// Places in all, and in one choice, that are worth a table.
const TABLED: i64 = 20_000;
const TABLED_EACH: i64 = 2_000;

impl<'a> Part<'a> {
    /// All of a form, nothing dropped.
    pub(super) fn whole(form: &Form<'a>, root: &Dual) -> Self {
        let all = form.choices.iter().enumerate();
        let places = all.map(|(place, choice)| (place, (choice.span.low..=choice.span.high)));
        Self {
            places: places
                .map(|(place, span)| match form.choices[place].kind {
                    Kind::Menu { .. } => (place, span.collect()),
                    Kind::Curve(_) => (place, vec![*span.start()]),
                })
                .collect(),
            form: form.clone(),
            base: root.taken.clone(),
            fixed: 0.0,
        }
    }

    /// What an answer in the whole's places takes of the part; `None` if the part has no such answer.
    pub(super) fn inner(&self, taken: &[i64]) -> Option<Vec<i64>> {
        let own = self.places.iter().zip(&self.form.choices);
        let own = own.map(|((place, kept), choice)| {
            let at = taken[*place];
            match choice.kind {
                Kind::Menu { .. } => {
                    let found = kept.iter().position(|kept| *kept == at)?;
                    Some(cast::i64_of_usize(found))
                }
                Kind::Curve(_) => Some(at),
            }
        });
        let own: Vec<i64> = own.collect::<Option<_>>()?;
        (self.outer(&own) == taken).then_some(own)
    }

    pub(super) fn outer(&self, taken: &[i64]) -> Vec<i64> {
        let mut all = self.base.clone();
        for (((place, kept), choice), at) in self.places.iter().zip(&self.form.choices).zip(taken) {
            all[*place] = match choice.kind {
                Kind::Menu { .. } => usize::try_from(*at)
                    .ok()
                    .and_then(|at| kept.get(at))
                    .copied()
                    .unwrap_or(0),
                Kind::Curve(_) => *at,
            };
        }
        all
    }

    /// The exhaustive searches that need no splitting: the table for one row, rising loss for several. `told` is asked
    /// to go on with the bound of the part.
    pub(super) fn listed(
        &self,
        prices: &[f64],
        loss: f64,
        tolerance: f64,
        limits: Limits,
        told: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Ended> {
        if let Some(menus) = self.menus() {
            return Some(self.pack(&menus, limits));
        }
        if self.form.rows.len() < 2 || self.form.rows.len() > 16 {
            return None;
        }
        let spans = self.form.spans();
        let shown = dual::evaluate(&self.form, &spans, prices);
        // Losses are told apart no better than the bound is known.
        let (bound, noise) = (shown.bound, shown.slip);
        if noise.is_nan() || noise > tolerance {
            return None;
        }
        let mut ask = |loss: f64| told(bound - loss + noise);
        let most = limits.rising;
        let risen = rising::search(&self.form, prices, loss, tolerance, most, &mut ask)?;
        let answer = risen.taken.map(|taken| Answer {
            value: self.form.value(&taken),
            taken,
        });
        Some(Ended {
            bound: match &answer {
                Some(answer) if risen.complete => answer.value + noise,
                _ => bound - risen.loss + noise,
            },
            answer,
            prices: prices.to_vec(),
            complete: risen.complete,
            leaves: Vec::new(),
            nodes: 0,
            work: risen.work,
            closest: Vec::new(),
        })
    }

    /// All choices as menus under the one budget, if there is no other row and the spans are narrow.
    fn menus(&self) -> Option<Vec<Vec<(i64, f64, i64)>>> {
        if self.form.rows.len() != 1 || self.form.resources() != 0 {
            return None;
        }
        let width = |choice: &Choice<'_>| choice.span.high.checked_sub(choice.span.low);
        let mut total = 0_i64;
        for choice in &self.form.choices {
            total += width(choice).filter(|width| *width <= TABLED_EACH)?;
        }
        if total > TABLED {
            return None;
        }
        let menus = self.form.choices.iter().map(|choice| {
            let zero = (choice.span.zero && choice.span.low > 0).then_some(0);
            let mut menu: Vec<(i64, f64, i64)> = (choice.span.low..=choice.span.high)
                .chain(zero)
                .map(|at| (choice.spend(at), choice.value(at), at))
                .collect();
            menu.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
            menu
        });
        Some(menus.collect())
    }

    fn pack(&self, menus: &[Vec<(i64, f64, i64)>], limits: Limits) -> Ended {
        let mut flat = Menus::with_capacity(menus.len(), menus.iter().map(Vec::len).sum());
        for menu in menus {
            for (cost, value, _) in menu {
                flat.option(*cost, *value);
            }
            flat.close();
        }
        let budget = self.form.rows[0].most;
        if flat.least() > budget {
            return Ended {
                answer: None,
                bound: f64::NEG_INFINITY,
                prices: Vec::new(),
                complete: true,
                leaves: Vec::new(),
                nodes: 0,
                work: 0,
                closest: Vec::new(),
            };
        }
        let packing = knapsack::pack(&flat, budget, limits.states);
        let taken = packing
            .taken
            .place
            .iter()
            .zip(menus)
            .map(|(option, menu)| menu[cast::usize_of_u32(*option)].2)
            .collect();
        Ended {
            complete: packing.complete,
            answer: Some(Answer {
                taken,
                value: packing.value,
            }),
            bound: packing.bound,
            prices: vec![packing.price],
            leaves: Vec::new(),
            nodes: 0,
            work: packing.work,
            closest: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
