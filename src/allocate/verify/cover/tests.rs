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

/// Menus of which a search dropped the middle: a strip for each, and a tree over the rest.
#[test]
fn strips_in_the_middle_cover() {
    let mut leaves: Vec<Area> = (0..24).map(|at| leaf(&[(at, 4, 5)])).collect();
    leaves.extend([
        leaf(&[(0, 0, 3)]),
        leaf(&[(0, 6, 9), (7, 0, 3), (11, 6, 9)]),
        leaf(&[(0, 6, 9), (7, 0, 3), (11, 0, 3)]),
        leaf(&[(0, 6, 9), (7, 6, 9)]),
    ]);
    assert!(covers(&leaves, ten));
    for missing in [0, 7, 11, 24, 25, 26, 27] {
        let mut fewer = leaves.clone();
        fewer.remove(missing);
        assert!(!covers(&fewer, ten), "without leaf {missing}");
    }
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

const fn range(low: i64, high: i64) -> Range {
    Range { low, high }
}

/// Two ranges share a place or do not, whichever comes first.
#[test]
fn places_meet_what_they_share() {
    let places = Places(vec![range(0, 3), range(6, 7)]);
    for (other, meet) in [
        (range(0, 0), true),
        (range(3, 5), true),
        (range(4, 5), false),
        (range(5, 6), true),
        (range(7, 9), true),
        (range(8, 9), false),
        (range(-3, -1), false),
        (range(-3, 9), true),
    ] {
        assert_eq!(places.meet(other), meet, "{other:?}");
    }
    let part = Part {
        narrowed: BTreeMap::from([(0, places)]),
        whole: &ten,
    };
    assert!(part.meets(&leaf(&[(0, 2, 5), (1, 0, 9)])));
    assert!(!part.meets(&leaf(&[(0, 4, 5), (1, 0, 9)])));
    assert!(!part.meets(&leaf(&[(0, 2, 5), (1, 10, 12)])));
}

/// Behind the last place before which all leaves end or begin: below the first, between two, above the last.
#[test]
fn a_clean_cut_crosses_no_leaf() {
    let all = Places(vec![range(0, 9)]);
    let at = |leaves: &[(i64, i64)]| {
        let leaves: Vec<Area> = (leaves.iter())
            .map(|&(low, high)| leaf(&[(0, low, high)]))
            .collect();
        clean_cut(&leaves.iter().collect::<Vec<_>>(), 0, &all)
    };
    assert_eq!(at(&[(3, 9)]), Some(2));
    assert_eq!(at(&[(0, 6)]), Some(6));
    assert_eq!(at(&[(5, 9), (0, 4)]), Some(4));
    assert_eq!(at(&[(0, 5), (2, 4), (6, 9)]), Some(5));
    assert_eq!(at(&[(0, 5), (4, 9)]), None);
    // A leaf that does not bound the activity is cut wherever one cuts.
    let (bound, free) = (leaf(&[(0, 0, 4)]), leaf(&[(1, 0, 4)]));
    assert_eq!(clean_cut(&[&bound, &free], 0, &all), None);
}

/// Without a clean cut the first leaf's own bounds are cut at, below it or above. On two places each, the corner of all
/// ones has bounds below only, that of all zeros above only; no order of the leaves matters.
#[test]
fn a_ring_covers_in_any_order() {
    let two = |_: usize| range(0, 1);
    let ring = [
        leaf(&[(0, 1, 1), (1, 1, 1), (2, 1, 1)]),
        leaf(&[(0, 0, 0), (1, 1, 1)]),
        leaf(&[(1, 0, 0), (2, 1, 1)]),
        leaf(&[(0, 1, 1), (2, 0, 0)]),
        leaf(&[(0, 0, 0), (1, 0, 0), (2, 0, 0)]),
    ];
    for turn in 0..ring.len() {
        let mut leaves = ring.clone();
        leaves.rotate_left(turn);
        assert!(covers(&leaves, two), "{turn}");
        for missing in 0..leaves.len() {
            let mut fewer = leaves.to_vec();
            fewer.remove(missing);
            assert!(!covers(&fewer, two), "{turn} without {missing}");
        }
    }
}

/// Whether a search tree's leaves cover is told in about as many boxes as the tree has nodes: one of two halves, each
/// split on eight activities of its own, would take the 256 leaves of one times those of the other if leaves were cut.
#[test]
fn a_tree_of_halves_is_walked_as_a_tree() {
    let mut leaves = Vec::new();
    for half in 0..2 {
        for corner in 0..256_i64 {
            let bounds = (0..8).map(|bit| {
                let side = 5 * ((corner >> bit) & 1);
                (8 * half + bit, side, side + 4)
            });
            let side = if half == 0 { (16, 0, 4) } else { (16, 5, 9) };
            let all: Vec<_> = bounds.chain([side]).collect();
            leaves.push(leaf(&all));
        }
    }
    assert!(covers(&leaves, ten));
    leaves.remove(300);
    assert!(!covers(&leaves, ten));
}

/// Strips that leave a part behind are taken off it, not cut at: the 20 that come before the tree would halve the rest a
/// million times.
#[test]
fn strips_before_a_tree_are_taken_off() {
    let mut leaves: Vec<Area> = (0..20).map(|at| leaf(&[(at, 4, 5)])).collect();
    leaves.extend([
        leaf(&[(20, 0, 3), (21, 0, 6)]),
        leaf(&[(20, 0, 3), (21, 7, 9)]),
        leaf(&[(20, 4, 9)]),
    ]);
    assert!(covers(&leaves, ten));
    leaves.pop();
    assert!(!covers(&leaves, ten));
}

/// Nine pigeons in eight holes: that some two share one is true, but no short walk shows it. What would take more boxes
/// than so many a leaf is given up on, and then nothing is claimed.
#[test]
fn leaves_that_are_no_tree_are_given_up_on() {
    let holes = |_: usize| range(0, 7);
    let mut leaves = Vec::new();
    for one in 0..9 {
        for other in 0..one {
            leaves.extend((0..8).map(|hole| leaf(&[(other, hole, hole), (one, hole, hole)])));
        }
    }
    assert!(!covers(&leaves, holes));
    // With fewer of both it is walked to the end.
    let small = |leaf: &Area| leaf.iter().all(|(&at, range)| at < 6 && range.low < 5);
    leaves.retain(small);
    assert!(covers(&leaves, |_| range(0, 4)));
}
