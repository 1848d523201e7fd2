//! Whether the boxes of a search cover the whole problem.
//!
//! The question is asked of one box, at first the whole problem, and of the leaves that meet it: a leaf that
//! contains the box answers it; otherwise the box is cut in two where, if possible, no leaf is cut with it. The
//! leaves of a branch and bound always leave such a cut, so the work is that of walking its tree again; leaves
//! that do not may cost more, and are given up on by count.

use std::collections::BTreeMap;

use super::formula::Range;

/// Places by activity; an activity that is not named is not restricted.
pub(super) type Area = BTreeMap<usize, Range>;

/// Boxes looked at for each leaf, before the leaves are taken not to cover.
const BOXES_PER_LEAF: usize = 64;

/// Whether every combination of lawful places lies in some leaf. `whole` gives an activity's lawful places.
pub(super) fn covers(leaves: &[Area], whole: impl Fn(usize) -> Range) -> bool {
    let mut left = 1_000 + leaves.len().saturating_mul(BOXES_PER_LEAF);
    let mut open = vec![(Area::new(), (0..leaves.len()).collect::<Vec<_>>())];
    while let Some((area, candidates)) = open.pop() {
        let range = |activity: usize| {
            area.get(&activity)
                .copied()
                .unwrap_or_else(|| whole(activity))
        };
        let meeting: Vec<(usize, &Area)> = candidates
            .into_iter()
            .filter_map(|at| Some((at, leaves.get(at)?)))
            .filter(|(_, leaf)| leaf.iter().all(|(&a, other)| meets(range(a), *other)))
            .collect();
        if meeting
            .iter()
            .any(|(_, leaf)| leaf.iter().all(|(&a, other)| contains(*other, range(a))))
        {
            continue;
        }
        left = left.saturating_sub(1);
        let Some((activity, last)) = (left > 0).then(|| cut(&meeting, range)).flatten() else {
            return false;
        };
        let numbers: Vec<usize> = meeting.iter().map(|(at, _)| *at).collect();
        let Range { low, high } = range(activity);
        for half in [
            Range { low, high: last },
            Range {
                low: last + 1,
                high,
            },
        ] {
            let mut area = area.clone();
            area.insert(activity, half);
            open.push((area, numbers.clone()));
        }
    }
    true
}

const fn meets(a: Range, b: Range) -> bool {
    a.low <= b.high && b.low <= a.high
}

const fn contains(outer: Range, inner: Range) -> bool {
    outer.low <= inner.low && inner.high <= outer.high
}

/// Where to cut a box: an activity, and the last place of the lower half. `None` if no leaf bounds it inside.
fn cut(meeting: &[(usize, &Area)], range: impl Fn(usize) -> Range) -> Option<(usize, i64)> {
    let (_, first) = meeting.first()?;
    let clean = first
        .keys()
        .find_map(|&activity| Some((activity, clean_cut(meeting, activity, range(activity))?)));
    clean.or_else(|| {
        // Any bound of the first leaf that lies inside the box.
        first.iter().find_map(|(&activity, leaf)| {
            let whole = range(activity);
            if leaf.low > whole.low {
                Some((activity, leaf.low - 1))
            } else if leaf.high < whole.high {
                Some((activity, leaf.high))
            } else {
                None
            }
        })
    })
}

/// A place of one activity at which every leaf ends or begins: every leaf must bound the activity.
fn clean_cut(meeting: &[(usize, &Area)], activity: usize, whole: Range) -> Option<i64> {
    let mut ranges = Vec::with_capacity(meeting.len());
    for (_, leaf) in meeting {
        ranges.push(*leaf.get(&activity)?);
    }
    ranges.sort_unstable_by_key(|range| (range.low, range.high));
    let mut reached = ranges.first()?.high;
    if ranges.first()?.low > whole.low {
        return Some(ranges.first()?.low - 1);
    }
    for range in ranges {
        if range.low > reached {
            return Some(reached);
        }
        reached = reached.max(range.high);
    }
    (reached < whole.high).then_some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(bounds: &[(usize, i64, i64)]) -> Area {
        bounds
            .iter()
            .map(|&(at, low, high)| (at, Range { low, high }))
            .collect()
    }

    const fn ten(_: usize) -> Range {
        Range { low: 0, high: 9 }
    }

    #[test]
    fn a_search_tree_covers() {
        let leaves = [
            leaf(&[(0, 0, 4), (1, 0, 0)]),
            leaf(&[(0, 0, 4), (1, 1, 9), (2, 0, 3)]),
            leaf(&[(0, 0, 4), (1, 1, 9), (2, 4, 9)]),
            leaf(&[(0, 5, 9)]),
        ];
        assert!(covers(&leaves, ten));
        for missing in 0..leaves.len() {
            let mut fewer = leaves.to_vec();
            fewer.remove(missing);
            assert!(!covers(&fewer, ten), "without leaf {missing}");
        }
    }

    #[test]
    fn one_place_left_out_is_seen() {
        for gap in 0..9 {
            let leaves = [leaf(&[(3, 0, gap - 1)]), leaf(&[(3, gap + 1, 9)])];
            assert!(!covers(&leaves, ten), "{gap}");
        }
        assert!(!covers(&[leaf(&[(0, 0, 9), (1, 0, 8)])], ten));
        assert!(!covers(&[], ten));
    }

    #[test]
    fn the_whole_and_overlaps_cover() {
        assert!(covers(&[Area::new()], ten));
        assert!(covers(&[leaf(&[(0, 0, 6)]), leaf(&[(0, 3, 9)])], ten));
    }

    /// A pinwheel has no clean cut; it must still be recognised.
    #[test]
    fn a_pinwheel_covers() {
        let wheel = [
            leaf(&[(0, 0, 5), (1, 0, 2)]),
            leaf(&[(0, 6, 9), (1, 0, 6)]),
            leaf(&[(0, 3, 9), (1, 7, 9)]),
            leaf(&[(0, 0, 2), (1, 3, 9)]),
            leaf(&[(0, 3, 5), (1, 3, 6)]),
        ];
        assert!(covers(&wheel, ten));
        assert!(!covers(&wheel[..4], ten));
    }
}
