//! The ties of a whole customer base, in compressed rows: who each one knows, and who knows it.

use super::{AcquaintanceError, Listening, Tie, TieKind};
use crate::{
    fraction::Fraction,
    id::{self, Id, IdIndex},
    numeric::cast,
};

/// A tie between places in the list of customers, for those who have places rather than ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TieByPlace {
    /// Place of the one who knows and listens.
    pub who: u32,
    /// Place of the one known.
    pub knows: u32,
    /// The kind.
    pub kind: TieKind,
    /// How strong, above 0.
    pub strength: Fraction,
}

/// One end of a tie as seen from the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acquaintance {
    /// Place of the customer at the other end.
    pub place: usize,
    /// The kind.
    pub kind: TieKind,
    /// How strong, above 0.
    pub strength: Fraction,
}

/// Who knows whom, for bases of millions: customers by the order of their ids, ties in two compressed row
/// forms (by who knows, and by who is known), 26 bytes a tie besides the ids.
///
/// Places are those of the ids in ascending order, whatever the order of the input.
///
/// ```
/// use sortie::{fraction::Fraction, id::Id};
/// use sortie::customer::acquaintance::{AcquaintanceGraph, Listening, Tie, TieKind};
/// let ids = ["p", "c", "d"].map(|text| Id::new(text).unwrap());
/// let tie = |knows| Tie::new(ids[0].clone(), knows, TieKind::Advice, Fraction::ONE);
/// let graph = AcquaintanceGraph::new(ids.to_vec(), [tie(ids[1].clone())?, tie(ids[2].clone())?])?;
/// // Two acquaintances, each with a habit of depth 1/2, listened to at 1/5: 1 − (1 − .1)².
/// let listening = Listening::uniform(Fraction::new(0.2)?)?;
/// let place = graph.place(&ids[0]).ok_or("unknown")?;
/// let ease = graph.ease(place, &listening, |_| Fraction::clamped(0.5));
/// assert!((ease.get() - 0.19).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AcquaintanceGraph {
    ids: Vec<Id>,
    /// Rows by who knows, each by (known, kind).
    knows: Rows,
    /// Rows by who is known, each by (who knows, kind).
    known_by: Rows,
}

#[derive(Clone, Debug, PartialEq)]
struct Rows {
    /// Row r is at `starts[r]..starts[r + 1]`.
    starts: Vec<u32>,
    ends: Vec<u32>,
    kinds: Vec<TieKind>,
    strengths: Vec<f64>,
}

impl Rows {
    /// Spreads ties into rows by a stable counting sort.
    fn spread(
        customers: usize,
        ties: &[TieByPlace],
        row_and_end: impl Fn(&TieByPlace) -> (u32, u32),
    ) -> Self {
        let mut starts = vec![0_u32; customers + 1];
        for tie in ties {
            if let Some(count) = starts.get_mut(cast::usize_of_u32(row_and_end(tie).0) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut rows = Self {
            starts,
            ends: vec![0; ties.len()],
            kinds: vec![TieKind::Advice; ties.len()],
            strengths: vec![0.0; ties.len()],
        };
        for tie in ties {
            let (row, end) = row_and_end(tie);
            let Some(place) = next.get_mut(cast::usize_of_u32(row)) else {
                continue;
            };
            let at = cast::usize_of_u32(*place);
            *place += 1;
            if let (Some(ends), Some(kinds), Some(strengths)) = (
                rows.ends.get_mut(at),
                rows.kinds.get_mut(at),
                rows.strengths.get_mut(at),
            ) {
                (*ends, *kinds, *strengths) = (end, tie.kind, tie.strength.get());
            }
        }
        rows
    }

    fn row(&self, place: usize) -> impl ExactSizeIterator<Item = Acquaintance> + '_ {
        let bound = |at: usize| self.starts.get(at).copied().map_or(0, cast::usize_of_u32);
        let range = if place + 1 < self.starts.len() {
            bound(place)..bound(place + 1)
        } else {
            0..0
        };
        let ends = self.ends.get(range.clone()).unwrap_or(&[]);
        let kinds = self.kinds.get(range.clone()).unwrap_or(&[]);
        let strengths = self.strengths.get(range).unwrap_or(&[]);
        ends.iter()
            .zip(kinds)
            .zip(strengths)
            .map(|((end, kind), strength)| Acquaintance {
                place: cast::usize_of_u32(*end),
                kind: *kind,
                strength: Fraction::clamped(*strength),
            })
    }
}

impl AcquaintanceGraph {
    /// A graph of customers and the ties among them. O(n log n + ties).
    ///
    /// # Errors
    /// [`AcquaintanceError`]: a customer or a tie twice, a tie to nobody, too many of either.
    pub fn new(
        customers: Vec<Id>,
        ties: impl IntoIterator<Item = Tie>,
    ) -> Result<Self, AcquaintanceError> {
        let ids = in_order(customers)?;
        let id_at = |at: usize| ids.get(at);
        let mut places = IdIndex::with_room(ids.len());
        for (place, id) in ids.iter().enumerate() {
            places.insert(id::tag(id), id, place, id_at);
        }
        let place = |tie: &Tie, id: &Id| {
            let found = places.find(id::tag(id), id, id_at);
            found
                .map(cast::u32_of_usize)
                .ok_or_else(|| AcquaintanceError::Unknown {
                    who: tie.who().clone(),
                    knows: tie.knows().clone(),
                    unknown: id.clone(),
                })
        };
        let by_place = ties
            .into_iter()
            .map(|tie| {
                Ok(TieByPlace {
                    who: place(&tie, tie.who())?,
                    knows: place(&tie, tie.knows())?,
                    kind: tie.kind(),
                    strength: tie.strength(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        drop(places);
        Self::from_places(ids, by_place)
    }

    /// A graph of customers and ties between their places: for ids given in ascending order, their places in
    /// `customers`. O(n + ties log row).
    ///
    /// # Errors
    /// [`AcquaintanceError`], as for [`AcquaintanceGraph::new`]; customers out of order count as given twice
    /// if they are, and are otherwise put in order with their ties.
    pub fn from_places(
        customers: Vec<Id>,
        mut ties: Vec<TieByPlace>,
    ) -> Result<Self, AcquaintanceError> {
        let (count, ties_count) = (customers.len(), ties.len());
        if count >= cast::usize_of_u32(u32::MAX) || ties_count >= cast::usize_of_u32(u32::MAX) {
            return Err(AcquaintanceError::TooLarge {
                customers: count,
                ties: ties_count,
            });
        }
        for (number, tie) in ties.iter().enumerate() {
            if let Some(place) = [tie.who, tie.knows]
                .into_iter()
                .find(|at| cast::usize_of_u32(*at) >= count)
            {
                return Err(AcquaintanceError::PlaceUnknown {
                    number,
                    place,
                    customers: count,
                });
            }
        }
        let ids = if customers.is_sorted_by(|a, b| a < b) {
            customers
        } else {
            rename(customers, &mut ties)?
        };
        // A stable pass by the one known, then a stable pass by who knows, leaves rows in order.
        let known_by = Rows::spread(count, &ties, |tie| (tie.knows, tie.who));
        ties = by_known(&known_by, count);
        let knows = Rows::spread(count, &ties, |tie| (tie.who, tie.knows));
        let ties = by_known(&knows, count);
        let turned: Vec<TieByPlace> = ties
            .into_iter()
            .map(|tie| TieByPlace {
                who: tie.knows,
                knows: tie.who,
                ..tie
            })
            .collect();
        let mut graph = Self {
            ids,
            known_by: Rows::spread(count, &turned, |tie| (tie.knows, tie.who)),
            knows,
        };
        graph.knows.sort_kinds();
        graph.known_by.sort_kinds();
        graph.refuse_unlawful()?;
        Ok(graph)
    }

    /// How many customers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many ties there are.
    #[must_use]
    pub fn ties(&self) -> usize {
        self.knows.ends.len()
    }

    /// The customers, in the order of their ids: a customer's place in this list is its place in the graph.
    #[must_use]
    pub fn customers(&self) -> &[Id] {
        &self.ids
    }

    /// The place of a customer. O(log n).
    #[must_use]
    pub fn place(&self, customer: &Id) -> Option<usize> {
        self.ids.binary_search(customer).ok()
    }

    /// Whom the customer at a place knows, by place and kind; nobody for a place outside the graph.
    #[must_use]
    pub fn knows(&self, place: usize) -> impl ExactSizeIterator<Item = Acquaintance> + '_ {
        self.knows.row(place)
    }

    /// Who knows, and listens to, the customer at a place.
    #[must_use]
    pub fn known_by(&self, place: usize) -> impl ExactSizeIterator<Item = Acquaintance> + '_ {
        self.known_by.row(place)
    }

    /// The ease of admission of the customer at a place: 1 − Π(1 − w·strength·depth) over those it knows,
    /// the chance that one of them brings it to use. `depth` says how deep the habit of the customer at a
    /// place is, 0 for none. O(its ties).
    #[must_use]
    pub fn ease(
        &self,
        place: usize,
        listening: &Listening,
        depth: impl Fn(usize) -> Fraction,
    ) -> Fraction {
        // Summing x + r − x·r instead of multiplying complements keeps a small ease exact.
        let ease = self.knows(place).fold(0.0, |ease, tie| {
            let reach = listening.reach(tie.kind, tie.strength, depth(tie.place));
            ease + reach - ease * reach
        });
        Fraction::clamped(ease)
    }

    /// Every tie, by who knows, who is known, and kind.
    pub fn all_ties(&self) -> impl Iterator<Item = Tie> + '_ {
        self.ids.iter().enumerate().flat_map(move |(place, who)| {
            self.knows(place).filter_map(move |tie| {
                let knows = self.ids.get(tie.place)?.clone();
                Tie::new(who.clone(), knows, tie.kind, tie.strength).ok()
            })
        })
    }

    /// The same ties among other customers, who are at least these.
    pub(crate) fn among(&self, customers: Vec<Id>) -> Result<Self, AcquaintanceError> {
        Self::new(customers, self.all_ties())
    }

    fn refuse_unlawful(&self) -> Result<(), AcquaintanceError> {
        for (place, who) in self.ids.iter().enumerate() {
            let mut last = None;
            for tie in self.knows(place) {
                let Some(knows) = self.ids.get(tie.place) else {
                    continue;
                };
                let (who, knows, kind) = (who.clone(), knows.clone(), tie.kind);
                if tie.place == place {
                    return Err(AcquaintanceError::ToItself { who, kind });
                }
                if tie.strength == Fraction::ZERO {
                    return Err(AcquaintanceError::NoStrength { who, knows, kind });
                }
                if last == Some((tie.place, kind)) {
                    return Err(AcquaintanceError::Repeated { who, knows, kind });
                }
                last = Some((tie.place, kind));
            }
        }
        Ok(())
    }
}

impl Rows {
    /// Orders ties of several kinds between the same two customers by kind.
    fn sort_kinds(&mut self) {
        let mut at = 0;
        let starts = core::mem::take(&mut self.starts);
        for pair in starts.windows(2) {
            let &[start, end] = pair else { continue };
            let (start, end) = (cast::usize_of_u32(start), cast::usize_of_u32(end));
            at = at.max(start);
            while at < end {
                let same = self.ends.get(at..end).unwrap_or(&[]);
                let length = same
                    .iter()
                    .take_while(|end| same.first() == Some(end))
                    .count()
                    .max(1);
                if length > 1 {
                    self.sort_run(at, length);
                }
                at += length;
            }
        }
        self.starts = starts;
    }

    fn sort_run(&mut self, start: usize, length: usize) {
        let kinds = self.kinds.iter().skip(start).take(length).copied();
        let mut run: Vec<_> = kinds
            .zip(self.strengths.iter().skip(start).copied())
            .collect();
        run.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (offset, (kind, strength)) in run.into_iter().enumerate() {
            if let Some(place) = self.kinds.get_mut(start + offset) {
                *place = kind;
            }
            if let Some(place) = self.strengths.get_mut(start + offset) {
                *place = strength;
            }
        }
    }
}

/// The ties of rows, row by row, with row and end exchanged: `knows` is the row.
fn by_known(rows: &Rows, customers: usize) -> Vec<TieByPlace> {
    let mut ties = Vec::with_capacity(rows.ends.len());
    for place in 0..customers {
        let knows = cast::u32_of_usize(place);
        ties.extend(rows.row(place).map(|tie| TieByPlace {
            who: cast::u32_of_usize(tie.place),
            knows,
            kind: tie.kind,
            strength: tie.strength,
        }));
    }
    ties
}

/// Ids in ascending order, each once.
fn in_order(mut customers: Vec<Id>) -> Result<Vec<Id>, AcquaintanceError> {
    customers.sort_unstable();
    match customers
        .windows(2)
        .find(|pair| pair.first() == pair.last())
    {
        Some([customer, ..]) => Err(AcquaintanceError::CustomerRepeated {
            customer: customer.clone(),
        }),
        _ => Ok(customers),
    }
}

/// Puts ids in order and renames the places of the ties accordingly.
fn rename(customers: Vec<Id>, ties: &mut [TieByPlace]) -> Result<Vec<Id>, AcquaintanceError> {
    let mut order: Vec<(Id, u32)> = customers.into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut renamed = vec![0_u32; order.len()];
    for ((_, old), new) in order.iter().zip(0..) {
        if let Some(place) = renamed.get_mut(cast::usize_of_u32(*old)) {
            *place = new;
        }
    }
    for tie in ties {
        for place in [&mut tie.who, &mut tie.knows] {
            *place = renamed
                .get(cast::usize_of_u32(*place))
                .copied()
                .unwrap_or(*place);
        }
    }
    in_order(order.into_iter().map(|(id, _)| id).collect())
}

#[cfg(test)]
mod tests;
