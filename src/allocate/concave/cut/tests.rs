//! What a change may follow, and how the steps on both sides of the cut are kept: rules one by one, on states set up by hand.

use super::super::super::{Activity, Problem};
use super::super::region::Settled;
use super::super::solve_kept;
use super::super::tests::spy::group_at;
use super::super::tests::{id, money, problem};
use super::*;
use crate::numeric::ExactSum;
use crate::response::{Curve, PiecewiseLinear};

/// A curve whose steps gain so much each, so many of each, in whole yen.
fn straight(pieces: &[(u32, u32)]) -> Curve {
    let mut points = vec![(0.0, 0.0)];
    let (mut x, mut y) = (0, 0);
    for &(steps, gain) in pieces {
        (x, y) = (x + steps, y + steps * gain);
        points.push((f64::from(x), f64::from(y)));
    }
    PiecewiseLinear::new(&points).unwrap().into()
}

/// Activities with a curve and a floor, and groups by parent, floor and cap, the first of which has all of them.
fn tree(curves: &[(Curve, i64)], groups: &[(Option<usize>, i64, Option<i64>)]) -> Problem {
    let name = |at: usize| id(&format!("a{at:05}"));
    let activities = curves.iter().enumerate().map(|(at, (curve, floor))| {
        Activity::curve(name(at), curve.clone()).with_floor(money(*floor, "JPY"))
    });
    let groups = groups.iter().enumerate().map(|(at, group)| {
        let members = 0..if at == 0 { curves.len() } else { 0 };
        group_at(at, *group).with_members(members.map(name).collect())
    });
    problem("JPY", 1_000, activities.collect(), groups.collect())
}

/// What is kept, with these steps taken and these sums by node; no group binds, and nothing has a price.
fn kept(taken: &[i64], spent: &[i128]) -> Kept {
    Kept {
        settled: Settled {
            taken: taken.to_vec(),
            price: vec![0.0; spent.len()],
            binds: vec![false; spent.len()],
            spent: vec![],
        },
        spent: spent.to_vec(),
        value: ExactSum::new(),
        ladder: None,
        aside: vec![],
    }
}

fn ladder(node: usize, low: f64, high: f64) -> Ladder {
    Ladder {
        node,
        low,
        high,
        next: BinaryHeap::new(),
        last: BinaryHeap::new(),
    }
}

/// A ladder is set aside when another region's turn comes, as long as there are no more than sixteen; then the oldest goes.
#[test]
fn the_latest_sixteen_ladders_are_kept() {
    let problem = tree(&[(straight(&[(3, 5)]), 0)], &[]);
    let market = Market::of(&problem).unwrap();
    let mut kept = kept(&[1], &[1]);
    kept.aside = (101..=115).map(|node| ladder(node, 0.0, 1.0)).collect();
    for (node, oldest) in [(116, 101), (117, 102), (118, 103)] {
        kept.ladder = Some(ladder(node, 0.0, 1.0));
        Cut::new(&market, &mut kept, 0, 1).bring_ladder();
        let aside: Vec<usize> = kept.aside.iter().map(|ladder| ladder.node).collect();
        assert_eq!(aside, (oldest..=node).collect::<Vec<_>>());
        assert_eq!(kept.ladder.as_ref().unwrap().node, 0);
    }
    // One that was set aside comes back.
    kept.ladder = Some(ladder(110, 0.0, 1.0));
    kept.aside = vec![
        ladder(7, 0.0, 1.0),
        ladder(0, 0.5, 0.75),
        ladder(8, 0.0, 1.0),
    ];
    Cut::new(&market, &mut kept, 0, 1).bring_ladder();
    let aside: Vec<usize> = kept.aside.iter().map(|ladder| ladder.node).collect();
    assert_eq!(aside, [7, 8, 110]);
    assert!(kept.ladder.is_some_and(|ladder| ladder.high < 1.0));
}

/// A region is followed only if each group from its top up that binds spends just its cap, which is no floor as well, at
/// a price.
#[test]
fn only_regions_held_by_their_caps_are_followed() {
    // Floor and cap, what binds and is spent at what price.
    let rows = [
        ((2, 10), true, 10, 1.0, true),
        ((2, 10), true, 9, 1.0, false),
        ((2, 10), true, 2, 1.0, false),
        ((10, 10), true, 10, 1.0, false),
        ((2, 10), true, 10, 0.0, false),
        ((2, 10), false, 9, 0.0, true),
    ];
    for ((floor, cap), binds, spent, price, followed) in rows {
        let groups = [(None, floor, Some(cap)), (Some(0), 0, None)];
        let problem = tree(&[(straight(&[(3, 5)]), 0)], &groups);
        let market = Market::of(&problem).unwrap();
        // The group itself, and one in it.
        for top in [1, 2] {
            let mut kept = kept(&[1], &[spent, spent, 0]);
            kept.settled.binds[1] = binds;
            kept.settled.price[1] = price;
            let cut = Cut::new(&market, &mut kept, top, spent);
            assert_eq!(
                cut.check_region().is_ok(),
                followed,
                "{floor} {cap} {spent} {price}"
            );
        }
    }
}

/// A group that shares its region's price may be neither full nor below its floor.
#[test]
fn groups_within_a_region_have_room() {
    let rows = [
        (
            (5, Some(10)),
            [(4, false), (5, true), (6, true), (9, true), (10, false)],
        ),
        (
            (0, Some(10)),
            [(0, true), (1, true), (9, true), (10, false), (11, false)],
        ),
        (
            (5, None),
            [(0, false), (4, false), (5, true), (10, true), (99, true)],
        ),
    ];
    for ((floor, cap), spends) in rows {
        let problem = tree(&[(straight(&[(3, 5)]), 0)], &[(None, floor, cap)]);
        let market = Market::of(&problem).unwrap();
        for (spent, has_room) in spends {
            let mut kept = kept(&[1], &[spent, spent]);
            let cut = Cut::new(&market, &mut kept, 0, spent);
            assert_eq!(
                cut.check_rooms().is_ok(),
                has_room,
                "{floor} {cap:?} {spent}"
            );
        }
    }
}

/// After a change a group below is still held by its cap if its own price is above the region's, and by its floor
/// if the region has become dearer or nothing has moved. What is both, or neither, is left to a solve.
#[test]
fn groups_below_stay_held_by_what_held_them() {
    // Floor and cap; what is spent, the group's price, the region's before and after, whether anything was touched.
    let rows = [
        ((0, 10), 10, 5.0, (4.0, 4.0), true, true),
        ((0, 10), 10, 5.0, (4.0, 4.5), true, true),
        ((0, 10), 10, 5.0, (4.0, 5.0), true, false),
        ((0, 10), 10, 5.0, (4.0, 6.0), false, false),
        ((3, 10), 10, 5.0, (4.0, 4.5), true, true),
        ((0, 0), 0, 5.0, (4.0, 4.5), true, true),
        ((3, 10), 3, 1.0, (4.0, 4.5), true, true),
        ((3, 10), 3, 1.0, (4.0, 4.0), true, false),
        ((3, 10), 3, 1.0, (4.0, 3.5), true, false),
        ((3, 10), 3, 1.0, (4.0, 4.0), false, true),
        ((3, 10), 3, 1.0, (4.0, 4.5), false, true),
        ((3, 3), 3, 5.0, (4.0, 4.5), true, false),
        ((3, 10), 7, 5.0, (4.0, 4.5), true, false),
    ];
    for ((floor, cap), spent, price, (before, after), touched, holds) in rows {
        let groups = [(None, floor, Some(cap)), (None, 0, None)];
        let problem = tree(&[(straight(&[(3, 5)]), 0)], &groups);
        let market = Market::of(&problem).unwrap();
        // The group that binds, and after it one that does not.
        let mut kept = kept(&[1], &[spent, spent, 0]);
        kept.settled.binds[1] = true;
        kept.settled.price = vec![before, price, before];
        let mut cut = Cut::new(&market, &mut kept, 0, spent);
        cut.touched.extend(touched.then_some(0));
        let row = ((floor, cap), spent, price, (before, after), touched);
        assert_eq!(cut.check(before, after).is_ok(), holds, "{row:?}");
    }
}

/// A region of its own spends all of its cap, at a price above the one around it.
#[test]
fn a_region_of_its_own_stays_one() {
    let problem = tree(&[(straight(&[(30, 5)]), 0)], &[(None, 0, Some(10))]);
    let market = Market::of(&problem).unwrap();
    for (spent, after, holds) in [
        (10, 2.0, true),
        (10, 1.0, false),
        (10, 0.5, false),
        (9, 2.0, false),
        (9, 0.5, false),
        (11, 2.0, false),
    ] {
        let mut kept = kept(&[spent], &[spent.into(), spent.into()]);
        kept.settled.binds[1] = true;
        kept.settled.price = vec![1.0, 1.5];
        let cut = Cut::new(&market, &mut kept, 1, 10);
        assert_eq!(cut.check(1.5, after).is_ok(), holds, "{spent} {after}");
    }
}

/// A changed activity takes those steps that gain more than the price; of a count below its floor no more is known.
#[test]
fn a_changed_activity_starts_above_the_cut() {
    let pieces = [(3, 5), (4, 2)];
    // Price and floor; the count, and what the budget's node spends of 20, of which the activity had 6.
    let rows = [
        (2.0, 0, 3, 17),
        (1.0, 0, 7, 21),
        (5.0, 0, 0, 14),
        (0.0, 0, 7, 21),
        (2.0, 3, 3, 17),
        (2.0, 6, 5, 20),
        (2.0, 8, 7, 22),
        (0.0, 8, 7, 22),
        (0.0, 9, 8, 23),
    ];
    for (price, floor, own, spent) in rows {
        let problem = tree(&[(straight(&pieces), floor)], &[]);
        let market = Market::of(&problem).unwrap();
        let (allocation, _) = solve_kept(&problem, &market).unwrap();
        let mut columns = allocation.columns().unwrap().clone();
        columns.spend[0] = 6;
        let mut kept = kept(&[6], &[20]);
        kept.settled.price[0] = price;
        let mut cut = Cut::new(&market, &mut kept, 0, 20);
        cut.replace(0, &columns);
        assert_eq!(
            (kept.settled.taken[0], kept.spent[0]),
            (own, spent),
            "{price} {floor}"
        );
    }
}

/// With nothing on the side of the steps taken, all of those gain more than the ladder's upper end. So the first step refused
/// is in order if it gains less than that; else the ladder ends too early to tell.
#[test]
fn a_ladder_tells_order_up_to_its_end() {
    let problem = tree(&[(straight(&[(3, 5), (4, 2)]), 0)], &[]);
    let market = Market::of(&problem).unwrap();
    for (high, price) in [(3.0, Some(2.0)), (1.0, None)] {
        let mut kept = kept(&[3], &[3]);
        kept.ladder = Some(ladder(0, 0.0, high));
        let mut cut = Cut::new(&market, &mut kept, 0, 3);
        cut.enter_next(0);
        let found = cut.settle().ok().unwrap();
        assert_eq!(found.map(f64::to_bits), price.map(f64::to_bits), "{high}");
    }
}

/// Steps of one activity come in their own order: a flat piece that is cut within is in order as it is.
#[test]
fn a_flat_piece_may_be_cut_within() {
    let curves = [(straight(&[(3, 5), (40, 2)]), 0), (straight(&[(3, 4)]), 0)];
    let problem = tree(&curves, &[]);
    let market = Market::of(&problem).unwrap();
    let mut kept = kept(&[13, 3], &[16]);
    let mut cut = Cut::new(&market, &mut kept, 0, 16);
    cut.set_up();
    let price = cut.settle().ok().flatten().unwrap();
    assert_eq!(price.to_bits(), 2.0_f64.to_bits());
    assert!(cut.into_touched().is_empty());
    // One more or less is one step.
    for total in [17, 12] {
        let mut cut = Cut::new(&market, &mut kept, 0, total);
        let price = cut.settle().ok().flatten().unwrap();
        assert_eq!(price.to_bits(), 2.0_f64.to_bits());
        assert_eq!(kept.spent[0], total);
        assert_eq!(i128::from(kept.settled.taken[0]), total - 3);
    }
}

/// A step below the floor moves no spend, but is on the ladder: whether it is taken tells what limits the item.
#[test]
fn a_ladder_has_the_step_below_a_floor() {
    // Taken, and whether the last step taken is one that can be given back.
    for (taken, has_last) in [(2, false), (3, true), (4, true), (7, true)] {
        let problem = tree(&[(straight(&[(3, 5), (4, 2)]), 3)], &[]);
        let market = Market::of(&problem).unwrap();
        let mut kept = kept(&[taken], &[i128::from(taken.max(3))]);
        let mut cut = Cut::new(&market, &mut kept, 0, 7);
        cut.set_up();
        let ladder = kept.ladder.unwrap();
        assert_eq!(ladder.last.len(), usize::from(has_last), "{taken}");
        assert_eq!(ladder.next.len(), usize::from(taken < 7), "{taken}");
        assert!(ladder.low <= 0.0 && ladder.high.is_infinite());
    }
}

/// Of more items than a ladder has rungs, the ladder has those that gain at least as much, and at most as much, as the one of
/// that rank; here every item is looked at, so the rank is exact.
#[test]
fn a_ladder_of_many_items_has_so_many_rungs() {
    let count: u32 = 33 * 256;
    // Whole chunks gain more, others less, so that the rank in some of them is not that in all.
    let gain = |item: u32| {
        let chunk = item / 256;
        1 + item + if chunk % 2 == 0 { 20_000 } else { 0 }
    };
    let curves: Vec<(Curve, i64)> = (0..count)
        .map(|item| (straight(&[(3, 2 * gain(item)), (3, gain(item))]), 0))
        .collect();
    let problem = tree(&curves, &[]);
    let market = Market::of(&problem).unwrap();
    let items = market.layout.position.len();
    let mut kept = kept(&vec![3; items], &[3 * i128::from(count)]);
    let mut cut = Cut::new(&market, &mut kept, 0, 3 * i128::from(count));
    cut.set_up();
    let ladder = kept.ladder.unwrap();
    let mut gains: Vec<u32> = (0..count).map(gain).collect();
    gains.sort_unstable();
    let low = f64::from(gains[gains.len() - 1 - RUNGS]);
    let high = f64::from(2 * gains[RUNGS]);
    assert_eq!(
        (ladder.low.to_bits(), ladder.high.to_bits()),
        (low.to_bits(), high.to_bits())
    );
    // No two gain the same.
    assert_eq!(
        (ladder.next.len(), ladder.last.len()),
        (RUNGS + 1, RUNGS + 1)
    );
    let least = ladder.next.iter().map(|next| next.0).min().unwrap();
    assert_eq!(least, low.to_bits());
    let most = ladder.last.iter().map(|last| last.0.0).max().unwrap();
    assert_eq!(most, high.to_bits());
}

#[test]
fn ranks_count_from_the_smallest() {
    let ranked = |rank| smallest(&mut [4.0, -1.0, 3.0, 9.0], rank).map(f64::to_bits);
    for (rank, number) in [-1.0_f64, 3.0, 4.0, 9.0].into_iter().enumerate() {
        assert_eq!(ranked(rank), Some(number.to_bits()));
    }
    assert_eq!(ranked(4), None);
    assert_eq!(smallest(&mut [], 0), None);
}
