use super::*;
use crate::numeric::Draws;

const DATES: usize = 4;

/// Rows of whatever traits; the second shortens the silence, as does the second date.
fn rows(count: u64) -> Vec<Row> {
    let draws = Draws::new(23);
    (0..count)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let mut traits = [0.0; TRAITS];
            for (i, x) in (0_u8..).zip(&mut traits) {
                *x = 2.0 * f64::from(i) + (1.0 + f64::from(i)) * own.uniform();
            }
            let place = usize::try_from(who).unwrap();
            let expected = 0.2 + own.uniform();
            let date = place / 3 % DATES;
            let lift = 1.2 * (traits[1] - 3.0) + if date == 1 { 0.8 } else { 0.0 };
            Row {
                used: own.happens(-libm::expm1(-expected * libm::exp(lift))),
                traits,
                expected,
                date,
                fold: place % FOLDS,
                half: place / 2 % HALVES,
            }
        })
        .collect()
}

fn columns(rows: &[Row], scale: &Scale) -> Vec<[f64; COLUMNS]> {
    rows.iter().map(|row| scale.scaled(&row.traits)).collect()
}

/// The penalised log-likelihood of all rows but those of a half.
fn likelihood(
    rows: &[Row],
    columns: &[[f64; COLUMNS]],
    without: Option<usize>,
    ridge: f64,
    effects: &[f64],
) -> f64 {
    let mut sum = 0.0;
    for (row, x) in rows.iter().zip(columns) {
        if without == Some(row.half) {
            continue;
        }
        let mut eta = effects[COLUMNS + row.date];
        for i in 0..COLUMNS {
            eta += x[i] * effects[i];
        }
        let hazard = row.expected * libm::exp(eta);
        sum += if row.used {
            libm::log(-libm::expm1(-hazard))
        } else {
            -hazard
        };
    }
    for (i, effect) in effects.iter().enumerate() {
        let held = match i {
            0 => 1e-6,
            _ if i < COLUMNS => ridge,
            _ => 5.0,
        };
        sum -= 0.5 * held * effect * effect;
    }
    sum
}

#[test]
fn scaled_traits_have_mean_none_and_deviation_one_and_unscaling_undoes_it() {
    let rows = rows(300);
    let scale = Scale::of(&rows);
    let columns = columns(&rows, &scale);
    for i in 1..COLUMNS {
        let mean = columns.iter().map(|x| x[i]).sum::<f64>() / 300.0;
        let square = columns.iter().map(|x| x[i] * x[i]).sum::<f64>() / 300.0;
        assert!(
            mean.abs() < 1e-9 && (square - 1.0).abs() < 1e-6,
            "{mean} {square}"
        );
    }
    let draws = Draws::new(2);
    let mut own = draws.stream(&[0]);
    let effects: Vec<f64> = (0..COLUMNS + DATES).map(|_| own.uniform() - 0.5).collect();
    let factors = scale.unscaled(&effects);
    for (row, x) in rows.iter().zip(&columns) {
        assert!((x[0] - 1.0).abs() < 1e-15);
        let plain = factors[0] + dot(&factors[1..], &row.traits);
        assert!((dot(x, &effects[..COLUMNS]) - plain).abs() < 1e-9);
    }
    // A trait that never varies takes no part.
    let mut even = self::rows(10);
    for row in &mut even {
        row.traits[3] = 4.0;
    }
    assert!(Scale::of(&even).scaled(&even[0].traits)[4].abs() < 1e-5);
}

#[test]
fn one_row_by_hand() {
    // A hazard of ln 2: half come.
    let hazard = core::f64::consts::LN_2;
    let (weight, residual) = fisher(hazard, true);
    assert!((weight - hazard * hazard).abs() < 1e-12 && (residual - hazard).abs() < 1e-12);
    let (weight, residual) = fisher(hazard, false);
    assert!((weight - hazard * hazard).abs() < 1e-12 && (residual + hazard).abs() < 1e-12);
    // The slope and the expected bend of ln P in ln(hazard), for any hazard.
    for hazard in [1e-4, 0.3, 2.0, 6.0] {
        let ln = |used: bool, by: f64| {
            let hazard = hazard * libm::exp(by);
            if used {
                libm::log(-libm::expm1(-hazard))
            } else {
                -hazard
            }
        };
        let chance = -libm::expm1(-hazard);
        let mut spread = 0.0;
        for (used, share) in [(true, chance), (false, 1.0 - chance)] {
            let slope = (ln(used, 1e-5) - ln(used, -1e-5)) / 2e-5;
            let (_, residual) = fisher(hazard, used);
            assert!((slope - residual).abs() < 1e-6, "{hazard} {used}");
            spread += share * residual * residual;
        }
        assert!((fisher(hazard, true).0 - spread).abs() < 1e-9 * spread.max(1e-6));
    }
}

#[test]
fn descent_ends_where_the_penalised_likelihood_is_level_and_highest() {
    let rows = rows(400);
    let columns = columns(&rows, &Scale::of(&rows));
    let start = vec![0.0; COLUMNS + DATES];
    for (without, ridge) in [(None, 5.0), (Some(0), 5.0), (Some(1), 40.0), (None, 1e9)] {
        let found = descend(&rows, &columns, without, ridge, start.clone()).unwrap();
        let at = |effects: &[f64]| likelihood(&rows, &columns, without, ridge, effects);
        for i in 0..found.len() {
            let [mut up, mut down] = [found.clone(), found.clone()];
            up[i] += 1e-4;
            down[i] -= 1e-4;
            let slope = (at(&up) - at(&down)) / 2e-4;
            // One with a ridge of 10⁹ is held to nothing, and its slope is all rounding.
            assert!(slope.abs() < 1e-3 || ridge > 1e8, "{i}: {slope}");
            assert!(at(&found) >= at(&up) && at(&found) >= at(&down), "{i}");
        }
        let largest = found[1..COLUMNS]
            .iter()
            .fold(0.0_f64, |most, x| most.max(x.abs()));
        assert_eq!(largest > 0.05, ridge < 1e8, "{largest}");
    }
}

/// The folds left out one by one, each curve summed anew.
#[test]
fn the_ridge_is_the_largest_within_one_error_of_the_best() {
    for (count, quiet) in [(1_500, false), (300, false), (300, true)] {
        let mut rows = rows(count);
        if quiet {
            for row in &mut rows {
                row.traits[1] = row.traits[0];
            }
        }
        let columns = columns(&rows, &Scale::of(&rows));
        let zero = vec![0.0; COLUMNS + DATES];
        let effects = descend(&rows, &columns, None, RIDGES[0], zero.clone()).unwrap();
        let curve = |keep: &dyn Fn(usize) -> bool| {
            let mut curve = Curve::flat(zero.len());
            for (row, x) in rows.iter().zip(&columns).filter(|(row, _)| keep(row.fold)) {
                curve.add(row, x, &effects);
            }
            curve.mirror();
            curve
        };
        let gains: Vec<Vec<f64>> = RIDGES
            .iter()
            .map(|ridge| {
                (0..FOLDS)
                    .map(|fold| {
                        let step = curve(&|of| of != fold).step(&effects, *ridge).unwrap();
                        curve(&|of| of == fold).rise(&step)
                    })
                    .collect()
            })
            .collect();
        let total = |gain: &Vec<f64>| gain.iter().sum::<f64>();
        let best = (0..RIDGES.len())
            .rev()
            .max_by(|a, b| total(&gains[*a]).total_cmp(&total(&gains[*b])))
            .unwrap();
        let mut right = RIDGES[best];
        for (gain, ridge) in gains.iter().zip(RIDGES) {
            let behind: Vec<f64> = gains[best].iter().zip(gain).map(|(b, g)| b - g).collect();
            let mean = behind.iter().sum::<f64>() / 10.0;
            let squares = behind.iter().map(|d| (d - mean) * (d - mean));
            if mean <= (squares.sum::<f64>() / 90.0).sqrt() {
                right = right.max(ridge);
            }
        }
        let found = choose_ridge(&rows, &columns, DATES, &effects).unwrap();
        assert!((found - right).abs() < 1e-9, "{found} {right}");
        assert_eq!(found > 500.0, quiet, "{found}");
        let all = regress(&rows, DATES, &Scale::of(&rows)).unwrap();
        for (part, without) in [
            (&all.whole, None),
            (&all.without[0], Some(0)),
            (&all.without[1], Some(1)),
        ] {
            let right = descend(&rows, &columns, without, right, zero.clone()).unwrap();
            assert!(part.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }
}

#[test]
fn a_rise_is_the_slope_less_half_the_bend() {
    let mut curve = Curve::flat(2);
    (curve.slope[0], curve.slope[1]) = (3.0, -1.0);
    curve.information = vec![vec![2.0, 0.5], vec![0.5, 4.0]];
    // 3·1 − 1·2 less half of 2 + 2 + 16.
    assert!((curve.rise(&[1.0, 2.0]) + 9.0).abs() < 1e-12);
    let mut sum = Curve::flat(2);
    sum.merge(&curve, 1.0);
    sum.merge(&curve, 1.0);
    sum.merge(&curve, -1.0);
    assert_eq!(sum.information, curve.information);
    assert_eq!(sum.slope, curve.slope);
}
