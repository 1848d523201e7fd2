//! Floors and caps, kept only for those segments in which an activity has either.

use core::iter::repeat_n;
use core::ops::Range;

use super::columns::{Columns, Segment};

/// A cap that is none.
pub(super) const NO_CAP: i64 = i64::MAX;

/// A floor and a cap in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) floor: i64,
    pub(super) cap: i64,
}

impl Bound {
    pub(super) const NONE: Self = Self {
        floor: 0,
        cap: NO_CAP,
    };
}

/// Floors and caps of items that lie side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'c> {
    pub(super) floors: &'c [i64],
    pub(super) caps: &'c [i64],
}

impl Columns {
    /// The bounds of some items of a segment; `None` if none of the segment has any.
    pub(super) fn bounds(&self, segment: &Segment, items: Range<usize>) -> Option<Bounds<'_>> {
        let first = segment.bounds?;
        let own = |item: usize| first + (item - segment.items.start);
        let rows = own(items.start)..own(items.end);
        Some(Bounds {
            floors: &self.floor[rows.clone()],
            caps: &self.cap[rows],
        })
    }

    /// The bound of an item.
    pub(super) fn bound_of(&self, item: usize) -> Bound {
        let segment = &self.segments[self.segment_at(item)];
        self.bounds(segment, item..item + 1)
            .map_or(Bound::NONE, |bounds| bounds.at(0))
    }

    /// The place of the segment that holds an item.
    pub(super) fn segment_at(&self, item: usize) -> usize {
        self.segments.partition_point(|s| s.items.end <= item)
    }

    /// Sets the bound of an item; its segment gets room for bounds if it had none.
    pub(super) fn set_bound(&mut self, item: usize, bound: Bound) {
        self.set_bound_in(self.segment_at(item), item, bound);
    }

    /// The same where its segment is known.
    pub(super) fn set_bound_in(&mut self, at: usize, item: usize, bound: Bound) {
        let first = match self.segments[at].bounds {
            Some(first) => first,
            None if bound == Bound::NONE => return,
            None => self.make_room(at),
        };
        let segment = &mut self.segments[at];
        let row = first + (item - segment.items.start);
        segment.floors += i128::from(bound.floor) - i128::from(self.floor[row]);
        segment.caps += i128::from(bound.cap) - i128::from(self.cap[row]);
        self.floor[row] = bound.floor;
        self.cap[row] = bound.cap;
    }

    /// Room for the bounds of a segment that has none yet; where it begins.
    fn make_room(&mut self, at: usize) -> usize {
        let (count, behind) = (self.segments[at].items.len(), at + 1);
        let mut later = self.segments[behind..].iter_mut();
        let first = later.find_map(|segment| segment.bounds);
        let first = first.unwrap_or(self.floor.len());
        self.floor.splice(first..first, repeat_n(0, count));
        self.cap.splice(first..first, repeat_n(NO_CAP, count));
        for segment in &mut self.segments[behind..] {
            segment.bounds = segment.bounds.map(|bounds| bounds + count);
        }
        self.segments[at].bounds = Some(first);
        first
    }
}

impl Bounds<'_> {
    /// The bound of one of the items, counted from the first.
    pub(super) fn at(&self, place: usize) -> Bound {
        Bound {
            floor: self.floors[place],
            cap: self.caps[place],
        }
    }
}

/// The bound of one of a run of items, which may have none.
pub(super) fn bound_at(bounds: Option<Bounds<'_>>, place: usize) -> Bound {
    bounds.map_or(Bound::NONE, |bounds| bounds.at(place))
}

#[cfg(test)]
mod tests {
    use super::super::columns::Family;
    use super::*;

    /// Four segments of two items each, the first and the last with bounds.
    fn columns() -> Columns {
        let segments = [Some(0), None, None, Some(2)];
        let segment = |(at, bounds): (usize, Option<usize>)| Segment {
            bounds,
            ..Segment::new(Family::Power, at, 2 * at..2 * at + 2)
        };
        Columns {
            segments: segments.into_iter().enumerate().map(segment).collect(),
            floor: vec![1, 2, 7, 8],
            cap: vec![10, 20, 70, NO_CAP],
            ..Columns::default()
        }
    }

    fn all(columns: &Columns) -> Vec<Bound> {
        (0..8).map(|item| columns.bound_of(item)).collect()
    }

    #[test]
    fn a_bound_set_is_the_only_one_that_changes() {
        let plain = columns();
        assert_eq!(
            all(&plain)[7],
            Bound {
                floor: 8,
                cap: NO_CAP
            }
        );
        assert_eq!(
            all(&plain)[1..4],
            [Bound { floor: 2, cap: 20 }, Bound::NONE, Bound::NONE]
        );
        for item in 0..8 {
            let bound = Bound {
                floor: 3,
                cap: 30 + i64::from(item == 5),
            };
            let mut changed = plain.clone();
            changed.set_bound(item, bound);
            let mut expected = all(&plain);
            let before = expected[item];
            expected[item] = bound;
            assert_eq!(all(&changed), expected, "{item}");
            let (then, now) = (&plain.segments[item / 2], &changed.segments[item / 2]);
            assert_eq!(now.floors - then.floors, i128::from(3 - before.floor));
            assert_eq!(
                now.caps - then.caps,
                i128::from(bound.cap) - i128::from(before.cap)
            );
            // Twice the same, and in another segment besides.
            changed.set_bound(item, bound);
            changed.set_bound(7 - item, bound);
            expected[7 - item] = bound;
            assert_eq!(all(&changed), expected, "{item}");
        }
    }

    #[test]
    fn no_bounds_take_no_room() {
        let mut columns = columns();
        columns.set_bound(3, Bound::NONE);
        assert_eq!((columns.floor.len(), columns.cap.len()), (4, 4));
        assert!(columns.bounds(&columns.segments[1], 2..4).is_none());
        columns.set_bound(3, Bound { floor: 1, cap: 1 });
        assert_eq!((columns.floor.len(), columns.cap.len()), (6, 6));
        let bounds = columns.bounds(&columns.segments[1], 2..4).unwrap();
        assert_eq!(
            (bounds.floors, bounds.caps),
            (&[0, 1][..], &[NO_CAP, 1][..])
        );
    }
}
