//! What groups can take, against all that they can, and how much is looked at for it.

use super::super::made;
use super::super::steps::Steps;
use super::*;
use crate::allocate::discrete::form::Span;
use crate::numeric::Draws;
use crate::response::{Curve, Logarithmic};

fn curve() -> Curve {
    Curve::from(Logarithmic::new(10.0, 3.0).unwrap())
}

fn steps(curve: &Curve, span: Span) -> Choice<'_> {
    Choice {
        kind: Kind::Curve(Steps::new(curve, 1, 100, Vec::new())),
        money: vec![(0, 1)],
        span,
    }
}

#[test]
fn a_curve_of_few_places_is_a_menu_and_a_menu_of_many_is_one_too() {
    let curve = curve();
    let of = |low, high, zero| {
        let places = places(&steps(&curve, Span { low, high, zero }))?;
        Some(places.iter().map(|each| each.2).collect::<Vec<_>>())
    };
    assert_eq!(of(40, 103, false), Some((40..=103).collect()));
    assert_eq!(of(40, 104, false), None);
    // Nothing is a place besides, where it is not the first.
    assert_eq!(of(2, 4, true), Some(vec![0, 2, 3, 4]));
    assert_eq!(of(0, 2, true), Some(vec![0, 1, 2]));
    assert_eq!(of(0, 2, false), Some(vec![0, 1, 2]));
    let many = made::steps(&[1.0; 99], &[(0, 1)]);
    assert_eq!(places(&many).map(|places| places.len()), Some(100));
}

#[test]
fn depth_is_the_longest_way_inwards() {
    let of = |parents: &[Option<u32>]| depth(&made::tree(parents, &[]));
    assert_eq!(of(&[]), 0);
    assert_eq!(of(&[None, None, None]), 1);
    assert_eq!(of(&[None, Some(0), Some(1)]), 3);
    assert_eq!(of(&[None, Some(0), None, Some(1), Some(3), Some(2)]), 4);
}

/// What stands in a group with a floor, at any depth, may be needed though it is dear.
#[test]
fn what_stands_within_a_floor_is_apart() {
    let tree = made::tree(&[None, Some(0), Some(1), None, Some(3)], &[]);
    let rows = [(Limit::Budget, 9), (Limit::Floor(0), -2)];
    let (groups, _) = groups(&made::form(&rows, Vec::new()), &tree);
    let apart: Vec<bool> = groups.iter().map(|group| group.apart).collect();
    assert_eq!(apart, [false, true, true, false, false]);
}

/// So many groups, each in the one before.
fn chain(groups: u32) -> Tree {
    let parents: Vec<Option<u32>> = (0..groups).map(|at| at.checked_sub(1)).collect();
    made::tree(&parents, &[groups.checked_sub(1)])
}

#[test]
fn what_can_be_combined_is_menus_in_groups() {
    let curve = curve();
    let is_some = |rows: &[(Limit, i128)], choice: Choice<'_>, tree: &Tree| {
        Groups::of(&made::form(rows, vec![choice]), tree, 9, 9).is_some()
    };
    let menu = || made::plain(&[(0, 0.0), (1, 2.0)], &[(0, 1)]);
    let money = [(Limit::Budget, 9)];
    assert!(is_some(&money, menu(), &chain(0)));
    assert!(is_some(&money, menu(), &chain(1)));
    assert!(is_some(&money, menu(), &chain(256)));
    assert!(!is_some(&money, menu(), &chain(257)));
    // Curves alone have a search of their own.
    assert!(is_some(&money, steps(&curve, Span::new(0, 9)), &chain(1)));
    assert!(!is_some(&money, steps(&curve, Span::new(0, 9)), &chain(0)));
    let options: [(i64, f64, &[i128]); 2] = [(0, 0.0, &[0]), (1, 2.0, &[1])];
    let hours = made::menu(&options, &[(0, 1)]);
    let rows = [(Limit::Budget, 9), (Limit::Resource(0), 3)];
    assert!(!is_some(&rows, hours, &chain(1)));
}

/// Two menus of three options, in no group, of values up to 10 in all.
fn two(states: u64) -> Groups {
    let menu = |most: f64| made::plain(&[(0, 0.0), (1, most / 2.0), (2, most)], &[(0, 1)]);
    let form = made::form(&[(Limit::Budget, 9)], vec![menu(4.0), menu(6.0)]);
    Groups::of(&form, &chain(0), states, 99).unwrap()
}

#[test]
fn prices_that_drown_the_values_are_not_usable() {
    let groups = two(9);
    assert_eq!(groups.choices(), 2);
    // Eight times the values of 10 is the most that may be paid.
    for (price, most, expected) in [
        (8.0, 10, true),
        (8.1, 10, false),
        (-8.1, 10, false),
        (0.5, 160, true),
        (0.5, 161, false),
        (0.0, i64::MAX, true),
    ] {
        assert_eq!(groups.is_usable(price, most), expected, "{price} {most}");
    }
}

#[test]
fn every_place_that_is_looked_at_is_a_state() {
    let mut groups = two(8);
    assert!(groups.near(0.0, 1.0).is_some());
    assert_eq!(groups.states, 8 - 6);
    assert!(groups.near(0.0, 1.0).is_none());
    assert!(two(5).near(0.0, 1.0).is_none());
}

/// Two menus under a cap of 3, of which each would spend 2: so the cap's own price is 4, what the lesser gains for each,
/// and the best, 10, loses 4 beside what that price alone would allow.
fn capped(scale: f64) -> Groups {
    let menu = |value: f64| made::plain(&[(0, 0.0), (2, scale * value)], &[(0, 1), (1, 1)]);
    let rows = [(Limit::Budget, 9), (Limit::Cap(0), 3)];
    let form = made::form(&rows, vec![menu(10.0), menu(8.0)]);
    let tree = made::tree(&[None], &[Some(0), Some(0)]);
    Groups::of(&form, &tree, 1_000, u64::MAX).unwrap()
}

/// At a loss of 1.25, then four times that, nothing and then the best is found; and since it loses 4, all within 5.25 is
/// looked at. The menus are 4 states each time; their sums 2 and 1, 2 and 2, and 2 and 2 more; the group's one sum is one.
/// The next time the loss of 4 is known.
#[test]
fn a_group_looks_as_far_as_its_best_loses_and_remembers_it() {
    // Powers of two, so that all is the same but for its size.
    for scale in [1.0, libm::exp2(-40.0), libm::exp2(40.0)] {
        let mut groups = capped(scale);
        let mut looked = || {
            let before = groups.states;
            let near = groups.near(0.0, 1.25 * scale).unwrap();
            let menus: Vec<(i64, f64)> = (near.offers[0].offers.iter())
                .map(|offer| (offer.cost, offer.value))
                .collect();
            assert_eq!(menus, [(2, 10.0 * scale)]);
            before - groups.states
        };
        assert_eq!(looked(), (4 + 2 + 1) + (4 + 2 + 2) + (4 + 2 + 2) + 1);
        assert_eq!(looked(), (4 + 2 + 2) + 1);
        assert_eq!(looked(), (4 + 2 + 2) + 1);
    }
}

/// Two menus that spend 2 at least, under a cap of 3: nothing is lawful. Values of 100 and no price above 8 times that can
/// lose 7200 at most; from 100 that takes four fourfold steps, each of four places and of the sum of nothing.
#[test]
fn where_nothing_is_lawful_the_search_ends_at_the_largest_loss() {
    let menu = || made::plain(&[(2, 30.0), (3, 50.0)], &[(0, 1), (1, 1)]);
    let rows = [(Limit::Budget, 9), (Limit::Cap(0), 3)];
    let form = made::form(&rows, vec![menu(), menu()]);
    let tree = made::tree(&[None], &[Some(0), Some(0)]);
    let mut groups = Groups::of(&form, &tree, 1_000, u64::MAX).unwrap();
    assert!(groups.near(0.0, 100.0).is_none());
    assert_eq!(1_000 - groups.states, 5 * (4 + 1));
}

/// A group in a group, each with a cap and a floor, of four menus of which two are in each; a budget that never binds.
fn random(seed: u64) -> (Vec<Vec<(i64, f64)>>, [i64; 4]) {
    let mut draw = Draws::new(seed).stream(&[]);
    let mut below = |most: u64| i64::try_from(draw.below(most)).unwrap();
    let menus: Vec<Vec<(i64, f64)>> = (0..4)
        .map(|_| {
            let mut menu = vec![(0, 0.0)];
            (0..=below(3)).for_each(|_| menu.push((1 + below(9), cast::f64_of_i64(below(40) - 8))));
            menu
        })
        .collect();
    let limits = [8 + below(12), below(5), 5 + below(7), below(4)];
    (menus, limits)
}

/// What is not there loses more than is wanted beside the best, or something serves as well; and what is there is lawful,
/// and loses what is said.
#[test]
fn nothing_of_a_group_that_is_wanted_is_missing() {
    let mut seen = 0;
    for seed in 0..400 {
        let (menus, [cap, floor, cap_inner, floor_inner]) = random(seed);
        let rows = [(0, 1), (1, 1), (2, -1), (3, 1), (4, -1)];
        let choices = (menus.iter().enumerate())
            .map(|(at, menu)| made::plain(menu, if at < 2 { &rows[..3] } else { &rows }))
            .collect();
        let limits = [
            (Limit::Budget, 99),
            (Limit::Cap(0), i128::from(cap)),
            (Limit::Floor(0), -i128::from(floor)),
            (Limit::Cap(1), i128::from(cap_inner)),
            (Limit::Floor(1), -i128::from(floor_inner)),
        ];
        let form = made::form(&limits, choices);
        let tree = made::tree(&[None, Some(0)], &[Some(0), Some(0), Some(1), Some(1)]);
        let mut all: Vec<(i64, f64)> = Vec::new();
        let mut taken = vec![0; 4];
        loop {
            if form.fits(&form.sums(&taken)) {
                let cost = form.sums(&taken)[0];
                all.push((i64::try_from(cost).unwrap(), form.value(&taken)));
            }
            let Some(next) = (0..4).find(|at| taken[*at] < form.choices[*at].span.high) else {
                break;
            };
            taken[next] += 1;
            taken[..next].fill(0);
        }
        let mut draw = Draws::new(seed).stream(&[1]);
        let (price, wanted) = (4.0 * draw.uniform(), 0.01 + 9.0 * draw.uniform());
        let score = |(cost, value): &(i64, f64)| value - price * cast::f64_of_i64(*cost);
        let best = all.iter().map(score).fold(f64::NEG_INFINITY, f64::max);
        let mut groups = Groups::of(&form, &tree, u64::MAX, u64::MAX).unwrap();
        // The second time what the best loses is known.
        for _ in 0..2 {
            let near = groups.near(price, wanted);
            assert_eq!(near.is_none(), all.is_empty(), "seed {seed}");
            let Some(near) = near else { continue };
            let offers = &near.offers[0].offers;
            for each in all
                .iter()
                .filter(|each| best - score(each) <= wanted - 1e-9)
            {
                let serves = |offer: &Offer| offer.cost <= each.0 && offer.value >= each.1 - 1e-9;
                assert!(offers.iter().any(serves), "seed {seed}: {each:?}");
                seen += 1;
            }
            for (at, offer) in (0..).zip(offers) {
                let taken = groups.taken(&near, &[at]);
                let sums = form.sums(&taken);
                assert!(form.fits(&sums), "seed {seed}");
                let here = (offer.cost, form.value(&taken));
                assert_eq!(sums[0], i128::from(offer.cost), "seed {seed}");
                assert!((here.1 - offer.value).abs() < 1e-9, "seed {seed}");
                let loss = near.loss(&[at]);
                assert!((best - score(&here) - loss).abs() < 1e-9, "seed {seed}");
                assert!(loss <= wanted, "seed {seed}");
            }
        }
    }
    assert!(seen > 400, "{seen}");
}
