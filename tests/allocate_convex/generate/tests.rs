//! The generator held to its purpose: every constraint binds often, and the other solver finds nearly all.

use sortie::numeric::Draws;

use super::{Dice, Mix, ROLLS, build};
use crate::curve::Curve;
use crate::optimum::{Frame, Optimum};
use crate::plain::Plain;
use crate::tests::{EVERYTHING, TREE, agree};

const CASES: u64 = 200;

fn drawn(mix: Mix) -> impl Iterator<Item = Plain> {
    (0..CASES).map(move |seed| {
        let mut draw = Draws::new(seed).stream(&[0]);
        let roll = |_| u16::try_from(draw.below(65_536)).unwrap();
        let rolls: Vec<u16> = (0..ROLLS).map(roll).collect();
        build(&mut Dice::new(&rolls), mix)
    })
}

/// In how many problems each constraint costs value, by the continuous optimum.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    sure: u64,
    floor: u64,
    cap: u64,
    group_floor: u64,
    group_cap: u64,
    inner_group: u64,
    resource: u64,
    budget: u64,
}

fn tally(mix: Mix) -> Tally {
    let mut tally = Tally::default();
    for plain in drawn(mix) {
        let frame = Frame::of(&plain);
        let optimum = Optimum::of(&frame);
        if !optimum.is_sure() {
            continue;
        }
        tally.sure += 1;
        // What is worth something per currency unit is worth a hundredth of what the dearest unit is.
        let prices = &optimum.dual.prices;
        let full = (0..plain.offers.len()).map(|at| optimum.dual.full(at));
        let some = 0.01 * full.clone().fold(0.0, f64::max);
        let any = |found: bool| u64::from(found);
        let ends =
            (full.zip(&optimum.spends)).zip(plain.own_ranges().into_iter().zip(&plain.offers));
        let (mut at_floor, mut at_cap) = (false, false);
        for ((price, spend), ((low, high), offer)) in ends {
            let freely = offer.curve.demand(price, (0.0, 1e6));
            at_floor |= *spend < low * 1.001 && freely < low * 0.99;
            at_cap |= offer.cap.is_some() && *spend > high * 0.999 && freely > high * 1.01;
        }
        tally.floor += any(at_floor);
        tally.cap += any(at_cap);
        let (money, groups) = prices.split_at(1 + plain.limits.len());
        tally.budget += any(money[0] > some);
        tally.resource += any(money[1..].iter().any(|price| *price > some));
        tally.group_floor += any(groups.iter().any(|price| *price < -some));
        tally.group_cap += any(groups.iter().any(|price| *price > some));
        let mut inner = groups.iter().zip(&plain.groups);
        tally.inner_group +=
            any(inner.any(|(price, group)| group.parent.is_some() && price.abs() > some));
    }
    tally
}

#[test]
fn every_constraint_binds_often() {
    let (tree, all) = (tally(TREE), tally(EVERYTHING));
    println!("{tree:?}\n{all:?}");
    for of in [&tree, &all] {
        assert!(of.sure * 100 >= CASES * 98, "{of:?}");
        assert!(of.floor * 100 >= CASES * 10, "{of:?}");
        assert!(of.cap * 100 >= CASES * 10, "{of:?}");
        assert!(of.group_floor * 100 >= CASES * 5, "{of:?}");
        assert!(of.group_cap * 100 >= CASES * 15, "{of:?}");
        assert!(of.inner_group * 100 >= CASES * 5, "{of:?}");
        assert!(of.budget * 100 >= CASES * 15, "{of:?}");
    }
    assert!(all.resource * 100 >= CASES * 25, "{all:?}");
}

/// Every family comes up in many problems, and money in large and in small steps.
#[test]
fn every_family_comes_up() {
    let mut families = [0_u64; 6];
    let mut fine = 0;
    for plain in drawn(EVERYTHING) {
        fine += u64::from(plain.step == 1);
        for offer in &plain.offers {
            families[match &offer.curve {
                Curve::Exponential { .. } => 0,
                Curve::Logarithmic { .. } => 1,
                Curve::Power { .. } => 2,
                Curve::Adbudg { exponent, .. } if *exponent < 1.0 => 3,
                Curve::Adbudg { .. } => 4,
                Curve::Piecewise(_) => 5,
            }] += 1;
        }
    }
    assert!(
        families.iter().all(|count| *count * 2 >= CASES),
        "{families:?}"
    );
    assert!(fine * 4 >= CASES && fine * 4 <= 3 * CASES, "{fine}");
}

/// Most prices are determined to a hundredth, so that comparing them says something.
#[test]
fn prices_are_mostly_determined() {
    let (mut close, mut all) = (0, 0);
    for plain in drawn(EVERYTHING).filter(|plain| plain.step == 1) {
        let compared = agree(&plain).unwrap();
        close += compared.close;
        all += compared.all;
    }
    println!("{close} of {all}");
    assert!(close * 2 >= all, "{close} of {all}");
}
