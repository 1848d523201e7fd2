//! The answers of whole columns against exact gains: within the error that they state, which is no wider than it need be.

use proptest::prelude::*;

use super::super::columns::{
    Answers, BENT_MOST, CHUNK, Columns, Family, Price, family_of, held, parameters,
};
use super::super::step_curve::{StepCurve, Unit};
use crate::numeric::cast::f64_of_i64;
use crate::response::{Adbudg, Curve, Logarithmic, ModifiedExponential, Power};

/// More steps than any test asks for.
const STEPS_MOST: i64 = 1 << 48;

/// Positive numbers of many sizes, between powers of ten.
fn size(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from..to).prop_map(libm::exp10)
}

/// Curves of one family.
fn curves() -> impl Strategy<Value = Vec<Curve>> {
    let some = |one: BoxedStrategy<Curve>| proptest::collection::vec(one, 1..20);
    let value = || size(-3.0, 9.0);
    prop_oneof![
        some(
            (value(), size(-5.0, 0.5))
                .prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into())
                .boxed()
        ),
        some(
            (value(), size(-2.0, 5.0))
                .prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into())
                .boxed()
        ),
        some(
            (value(), 0.02..0.98)
                .prop_map(|(a, b)| Power::new(a, b).unwrap().into())
                .boxed()
        ),
        some(
            (value(), size(-2.0, 5.0))
                .prop_map(|(m, s)| Adbudg::new(m, 1.0, s).unwrap().into())
                .boxed()
        ),
        some(
            (value(), 0.05..0.98, size(-2.0, 5.0))
                .prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into())
                .boxed()
        ),
    ]
}

/// ADBUDG with exponents close to 1 as well.
fn curves_all_but_straight() -> impl Strategy<Value = Vec<Curve>> {
    let one = (size(-3.0, 9.0), size(-7.0, -1.0), size(-2.0, 5.0));
    let one = one.prop_map(|(m, away, s)| Adbudg::new(m, 1.0 - away, s).unwrap().into());
    prop_oneof![4 => curves(), 1 => proptest::collection::vec(one, 1..20)]
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(vec![(1, 1), (1, 100), (2_500, 100), (1, 1_000)])
        .prop_map(|(minor, per_unit)| Unit { minor, per_unit })
}

/// What is kept of the places for the next answers.
fn kept(out: &Answers) -> Vec<i64> {
    let bits = out.place.iter().map(|place| place.to_bits());
    bits.map(u64::cast_signed).collect()
}

struct Asked {
    curves: Vec<Curve>,
    family: Family,
    unit: Unit,
    columns: Columns,
}

impl Asked {
    fn new(curves: Vec<Curve>, unit: Unit) -> Self {
        let mut columns = Columns::default();
        for curve in &curves {
            let (a, b, c) = parameters(curve, unit, libm::log(unit.size()));
            columns.a.push(a);
            columns.b.push(b);
            columns.c.push(c);
        }
        let family = family_of(&curves[0]);
        Self {
            curves,
            family,
            unit,
            columns,
        }
    }

    fn steps(&self, at: usize) -> StepCurve<'_> {
        StepCurve::of(&self.curves[at], self.unit).unwrap()
    }

    /// ln(price) near the gain of a step of the first curve; `None` where there is none.
    fn price(&self, step: i64, away: f64) -> Option<f64> {
        let ln = libm::log(self.steps(0).gain(step, self.unit).0) + away;
        (ln.abs() < 500.0).then_some(ln)
    }

    fn answers(&self, ln: f64, start: Option<(&[i64], f64)>) -> Answers {
        let mut out = Answers::new();
        let items = 0..self.curves.len();
        self.columns
            .answer(self.family, items, Price::of_ln(ln), start, &mut out);
        out
    }

    /// Answers from where the last ones were found, so that no round is wanting.
    fn refined(&self, ln: f64) -> Answers {
        let mut out = self.answers(ln, None);
        for _ in 0..6 {
            let kept = kept(&out);
            out = self.answers(ln, Some((&kept[..self.curves.len()], 0.29)));
        }
        out
    }

    /// Within the stated error lies the exact count.
    fn hold(&self, ln: f64, out: &Answers) -> Result<(), TestCaseError> {
        let price = Price::of_ln(ln).gain;
        for at in 0..self.curves.len() {
            let (answer, error) = (out.at[at], out.error[at]);
            let exact = self.steps(at).count(price, STEPS_MOST, self.unit);
            let least = (held(answer - error) + 1.0).floor().max(0.0);
            let most = (held(answer + error) + 1.0).floor().max(0.0);
            if exact < STEPS_MOST {
                let exact = f64_of_i64(exact);
                prop_assert!(
                    least <= exact && exact <= most,
                    "{:?} at {}: {} but {} ± {}",
                    self.curves[at],
                    ln,
                    exact,
                    answer,
                    error
                );
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn the_exact_count_lies_within_the_error(
        curves in curves_all_but_straight(), unit in unit(), step in size(0.0, 7.0), away in prop_oneof![Just(0.0), -1e-9..1e-9, -0.1..0.1, -3.0..3.0],
        way in prop_oneof![Just(0.0), -9e-4..9e-4, -0.029..0.029, -0.29..0.29, -1.0..1.0],
    ) {
        let asked = Asked::new(curves, unit);
        let step = crate::numeric::cast::i64_clamped(step, 0, STEPS_MOST) - 1;
        if let Some(ln) = asked.price(step, away) {
            let cold = asked.answers(ln, None);
            asked.hold(ln, &cold)?;
            // From where a price near by was answered.
            let kept = kept(&cold);
            let warm = asked.answers(ln + way, Some((&kept[..asked.curves.len()], way.abs())));
            asked.hold(ln + way, &warm)?;
        }
    }

    /// However far a price lies from the one before, ADBUDG answers no more than where its straight ends meet the price.
    #[test]
    fn no_answer_goes_astray(
        scale in size(-3.0, 9.0), away in size(-7.0, -0.5), half in size(-2.0, 5.0),
        step in size(0.0, 7.0), way in -0.29_f64..0.29,
    ) {
        let curve: Curve = Adbudg::new(scale, 1.0 - away, half).unwrap().into();
        let asked = Asked::new(vec![curve], Unit { minor: 1, per_unit: 100 });
        let step = crate::numeric::cast::i64_clamped(step, 0, STEPS_MOST) - 1;
        if let Some(ln) = asked.price(step, 0.0) {
            let kept = kept(&asked.answers(ln, None));
            let ln = ln + way;
            let warm = asked.answers(ln, Some((&kept[..1], way.abs())));
            let columns = &asked.columns;
            let (level, exponent) = (columns.a[0] - ln, columns.b[0]);
            let place = (level / (1.0 - exponent)).min(level / (1.0 + exponent));
            prop_assert!(warm.place[0] <= place);
            let most = columns.c[0] * libm::exp(place);
            prop_assert!(warm.at[0] <= most * (1.0 + 1e-12), "{} over {most}", warm.at[0]);
        }
    }

    #[test]
    fn errors_are_those_of_rounding_alone_where_there_are_many_steps(
        curves in curves(), unit in unit(), step in size(3.0, 9.0),
    ) {
        let asked = Asked::new(curves, unit);
        let step = crate::numeric::cast::i64_clamped(step, 0, STEPS_MOST);
        if let Some(ln) = asked.price(step, 1e-3) {
            let out = asked.refined(ln);
            for at in 0..asked.curves.len() {
                let (answer, slope, error) = (out.at[at], out.slope[at], out.error[at]);
                if !(1e3..=1e12).contains(&answer) {
                    continue;
                }
                let half = match asked.family {
                    Family::Logarithmic | Family::Hyperbolic => asked.columns.b[at],
                    _ => 0.0,
                };
                // What the series leaves out, of the family's own sharpness.
                let sharp = match asked.family {
                    Family::Power | Family::Adbudg => 1.0 / (1.0 - asked.columns.b[at]),
                    _ => 0.0,
                };
                let most = 1e-12 * (answer + slope + half) + 4.0 * (1.0 + sharp) / (answer * answer * answer);
                prop_assert!(error <= most, "{:?}: {} ± {}, {}", asked.curves[at], answer, error, most);
            }
        }
    }

    #[test]
    fn slopes_are_those_of_the_answers_and_bend_no_more_than_is_said(
        curves in curves(), unit in unit(), step in size(3.0, 9.0),
    ) {
        let asked = Asked::new(curves, unit);
        let step = crate::numeric::cast::i64_clamped(step, 0, STEPS_MOST);
        let Some(ln) = asked.price(step, 0.0) else {
            return Ok(());
        };
        let mut bend = [0.0; CHUNK];
        asked.columns.bend(asked.family, 0..asked.curves.len(), Price::of_ln(ln), &mut bend);
        let here = asked.refined(ln);
        for at in 0..asked.curves.len() {
            let (answer, slope, bend) = (here.at[at], here.slope[at], bend[at]);
            if !(1e3..=1e12).contains(&answer) {
                continue;
            }
            let way = 1e-3 / bend.max(1.0);
            let (below, above) = (asked.refined(ln - way), asked.refined(ln + way));
            let risen = (below.at[at] - above.at[at]) / (2.0 * way);
            let noise = (below.error[at] + above.error[at]) / (2.0 * way);
            prop_assert!((risen - slope).abs() <= 1e-5 * slope + noise, "{:?}: {} not {}", asked.curves[at], slope, risen);
            let far = 0.99 * BENT_MOST / bend.max(1e-3);
            for ln in [ln - far, ln + far] {
                let there = asked.refined(ln);
                if there.at[at] < 1e2 {
                    continue;
                }
                let bent = libm::log(there.slope[at] / slope).abs();
                prop_assert!(bent <= bend * far + 1e-6, "{:?}: {} over {}", asked.curves[at], bent, bend * far);
                // Nor is what is said many times too much.
                prop_assert!(bend <= 2.0 + 2.0 / (1.0 - asked.columns.b[at].min(0.999)).abs() + 2.0 * libm::exp(ln.min(0.0)));
            }
        }
    }
}

/// What follows the middle of a step is of the steepness at the place found, not at the one before.
#[test]
fn the_middle_of_a_step_is_that_of_the_place_found() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    let curve = Adbudg::new(1.0, 0.942_528_943_090_438_6, 1_133.791_540_362_212_8).unwrap();
    let asked = Asked::new(vec![curve.into()], unit);
    let ln = -7.455_980_617_549_959;
    asked.hold(ln, &asked.answers(ln, None)).unwrap();
}

/// A half far below a step lifts counts of many steps beyond where exponents are cut off.
#[test]
fn exponents_that_are_cut_off_say_nothing() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    for (scale, half, ln) in [(1e9, 1e-12, -3.0), (120_251_175.0, 5e-4, -19.8)] {
        let curve: Curve = Adbudg::new(scale, 0.05, half).unwrap().into();
        let asked = Asked::new(vec![curve], unit);
        let out = asked.answers(ln, None);
        let exact = asked
            .steps(0)
            .count(Price::of_ln(ln).gain, STEPS_MOST, unit);
        assert!(exact > 20_000_000, "{exact}");
        asked.hold(ln, &out).unwrap();
    }
}

/// The first step gains just less than the price, by less than counting from 1 can tell.
#[test]
fn a_count_next_to_nothing_is_in_doubt() {
    let unit = Unit {
        minor: 2_500,
        per_unit: 100,
    };
    let curve = Logarithmic::new(23_994.133_160_750_363, 0.013_929_529_202_477_576).unwrap();
    let asked = Asked::new(vec![curve.into()], unit);
    let ln = 12.099_557_519_647_123;
    asked.hold(ln, &asked.answers(ln, None)).unwrap();
}

/// Far below the half an answer is the exponential of a large logarithm, whose own rounding counts.
#[test]
fn the_rounding_of_a_large_logarithm_is_part_of_the_error() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    let (half, exponent) = (1e15, 0.98);
    // The steepest gain is 1, so that neither it nor the price has a large logarithm.
    let curve = Adbudg::new(half / exponent, exponent, half).unwrap();
    let asked = Asked::new(vec![curve.into()], unit);
    for step in [1_000_000, 1_000_000_000] {
        let ln = asked.price(step, 1e-9).unwrap();
        let out = asked.refined(ln);
        asked.hold(ln, &out).unwrap();
        let rounding = out.slope[0] * f64::EPSILON * libm::log(half / out.at[0]);
        assert!(
            out.error[0] >= rounding && rounding > 0.0,
            "{}",
            out.error[0]
        );
    }
}
