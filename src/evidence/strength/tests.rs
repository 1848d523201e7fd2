use super::*;
use proptest::prelude::*;

/// The recursion as it is written, for one rhythm: the slow way.
fn by_the_book(gaps: &[u32], days: u32, model: &StrengthModel) -> (f64, bool) {
    let (mut strength, mut habit) = (0.0, false);
    for gap in gaps {
        let due = (1..*gap).filter(|day| day % days == 0).count();
        for _ in 1..due {
            strength *= libm::exp(-model.decay);
            habit = habit && strength >= model.starting_below;
        }
        strength += model.gain * (1.0 - strength);
        habit = habit || strength >= model.habitual_at;
    }
    (strength, habit)
}

fn any_model() -> impl Strategy<Value = StrengthModel> {
    (0.02..0.6, 0.02..1.0, 0.3..0.9, 0.1..0.95).prop_map(|(gain, decay, hi, share)| {
        StrengthModel::new(gain, decay, hi, hi * share).unwrap()
    })
}

fn any_gaps() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![1_u32..4, 1_u32..40, 1_u32..900], 0..60).prop_map(
        |mut gaps| {
            gaps.insert(0, 0);
            gaps
        },
    )
}

fn read_through(gaps: &[u32], model: &StrengthModel) -> Strengths {
    let mut strengths = Strengths::NONE;
    for gap in gaps {
        strengths.push(*gap, model);
    }
    strengths
}

fn stretch(gaps: &[u32], model: &StrengthModel) -> Effects {
    let mut effects = Effects::NONE;
    for (position, gap) in gaps.iter().enumerate() {
        // The gap before the first use of a stretch belongs to the seam.
        effects.push(if position == 0 { 0 } else { *gap }, model);
    }
    effects
}

/// Whether a strength is so near a threshold that rounding may decide the tier.
fn on_the_edge(strengths: &Strengths, model: &StrengthModel) -> bool {
    strengths.strength.iter().any(|strength| {
        (strength - model.habitual_at).abs() < 1e-9
            || (strength - model.starting_below).abs() < 1e-9
    })
}

proptest! {
    #[test]
    fn the_ladder_is_the_recursion_on_every_rung(model in any_model(), gaps in any_gaps()) {
        let strengths = read_through(&gaps, &model);
        for (rung, days) in RUNG_DAYS.into_iter().enumerate() {
            let (strength, habit) = by_the_book(&gaps, days, &model);
            prop_assert!((strengths.strength[rung] - strength).abs() < 1e-12);
            let (read, still) = strengths.read(rung, 0, &model);
            prop_assert!((read.get() - strength).abs() < 1e-12);
            if !on_the_edge(&strengths, &model) {
                prop_assert_eq!(still, habit);
            }
        }
    }

    #[test]
    fn stretches_join_in_any_grouping(
        model in any_model(),
        gaps in any_gaps(),
        cuts in (0.0..1.0, 0.0..1.0),
    ) {
        let at = |share: f64| {
            let cut = share * f64::from(u32::try_from(gaps.len()).unwrap());
            crate::numeric::cast::usize_of_f64(cut).unwrap()
        };
        let (low, high) = (at(cuts.0).min(at(cuts.1)), at(cuts.0).max(at(cuts.1)));
        prop_assume!(low > 0 && low < high && high < gaps.len());
        let whole = read_through(&gaps, &model);
        let start = read_through(&gaps[..low], &model);
        let (middle, end) = (stretch(&gaps[low..high], &model), stretch(&gaps[high..], &model));
        let left = end.after(&middle.after(&start, gaps[low], &model), gaps[high], &model);
        let right = middle.then(gaps[high], &end, &model).after(&start, gaps[low], &model);
        for rung in 0..RUNGS {
            prop_assert!((left.strength[rung] - whole.strength[rung]).abs() < 1e-12);
            prop_assert!((right.strength[rung] - whole.strength[rung]).abs() < 1e-12);
        }
        // The tier depends on the whole path, so a near miss anywhere on it may be decided by
        // rounding; paths without one agree exactly.
        let near = (1..=gaps.len()).any(|end| on_the_edge(&read_through(&gaps[..end], &model), &model));
        if !near {
            prop_assert_eq!(left.habitual, whole.habitual);
            prop_assert_eq!(right.habitual, whole.habitual);
        }
    }

    #[test]
    fn use_strengthens_and_silence_weakens(model in any_model(), gaps in any_gaps(), silent in 0_u32..2_000) {
        let strengths = read_through(&gaps, &model);
        for rung in 0..RUNGS {
            let (now, habit) = strengths.read(rung, silent, &model);
            let (later, still) = strengths.read(rung, silent + 1, &model);
            prop_assert!(later <= now && still <= habit);
            // One more use, on the day of the reading, never weakens, and never ends a habit.
            let mut used = strengths.clone();
            used.push(silent, &model);
            let (more, kept) = used.read(rung, 0, &model);
            prop_assert!(more >= now && kept >= habit);
        }
    }

    #[test]
    fn documents_round_trip(model in any_model(), gaps in any_gaps()) {
        let text = serde_json::to_string(&model).unwrap();
        prop_assert_eq!(&serde_json::from_str::<StrengthModel>(&text).unwrap(), &model);
        let strengths = read_through(&gaps, &model);
        let (strength, habitual) = strengths.parts();
        let again = Strengths::from_parts(*strength, habitual, &model);
        prop_assert_eq!(again, Some(strengths));
    }
}

#[test]
fn sixty_six_repetitions_reach_ninety_five_per_cent() {
    let model = StrengthModel::default();
    assert!((model.gain() - (1.0 - libm::exp(-0.045_389_9))).abs() < 1e-7);
    let daily = [1; 65].to_vec();
    let mut gaps = vec![0];
    gaps.extend(daily);
    let strengths = read_through(&gaps, &model);
    assert!((strengths.strength[0] - 0.95).abs() < 1e-12);
    assert_eq!(model.uses_to_habit(), 16);
    let again = StrengthModel::reaching(66, 0.95, 0.1, 0.5, 0.3).unwrap();
    assert!((again.gain() - model.gain()).abs() < 1e-15);
}

#[test]
fn one_missed_chance_is_immaterial_and_the_second_is_not() {
    // Weekly is between the rungs of 6 and 8 days and nearer to 6 by ratio (7/6 > 8/7: to 8).
    assert_eq!(RUNG_DAYS[rung_of(7.0)], 8);
    let rung = rung_of(8.0);
    assert_eq!(
        [8, 9, 16, 17, 24, 25].map(|silent| missed(rung, silent)),
        [0, 0, 0, 1, 1, 2]
    );
    assert_eq!(RUNG_DAYS[rung_of(0.2)], 1);
    assert_eq!(RUNG_DAYS[rung_of(1e9)], 1024);
    assert_eq!(missed(rung_of(1.0), u32::MAX), u32::MAX - 2);
}

#[test]
fn the_tier_holds_between_the_thresholds() {
    let model = StrengthModel::new(0.2, 0.2, 0.5, 0.3).unwrap();
    let rung = rung_of(1.0);
    let mut strengths = Strengths::NONE;
    let mut tiers = vec![];
    for gap in [0, 1, 1, 1, 3, 4, 4, 1] {
        strengths.push(gap, &model);
        let (strength, habit) = strengths.read(rung, 0, &model);
        tiers.push((libm::round(strength.get() * 1000.0), habit));
    }
    assert_eq!(
        tiers,
        [
            (200.0, false),
            (360.0, false),
            (488.0, false),
            (590.0, true),
            // From here below .5 and above .3: still a habit.
            (587.0, true),
            (515.0, true),
            (476.0, true),
            (581.0, true)
        ]
    );
    let (left, habit) = strengths.read(rung, 8, &model);
    assert!(left.get() < 0.3 && !habit);
}

#[test]
fn bad_parameters_are_refused_by_name() {
    for (gain, decay, hi, lo, name) in [
        (0.0, 0.1, 0.5, 0.3, "gain"),
        (1.0, 0.1, 0.5, 0.3, "gain"),
        (0.1, 0.0, 0.5, 0.3, "decay"),
        (0.1, f64::INFINITY, 0.5, 0.3, "decay"),
        (0.1, 0.1, 1.0, 0.3, "habitual_at"),
        (0.1, 0.1, 0.5, 0.5, "starting_below"),
        (0.1, 0.1, 0.5, 0.0, "starting_below"),
        (f64::NAN, 0.1, 0.5, 0.3, "gain"),
    ] {
        let refused = StrengthModel::new(gain, decay, hi, lo)
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with(&format!("parameter {name} is ")),
            "{refused}"
        );
    }
    for (repetitions, share, name) in [
        (0, 0.9, "repetitions"),
        (9, 1.0, "share"),
        (9, 0.0, "share"),
    ] {
        let refused = StrengthModel::reaching(repetitions, share, 0.1, 0.5, 0.3);
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.starts_with(&format!("parameter {name} is ")),
            "{refused}"
        );
    }
    assert!(
        serde_json::from_str::<StrengthModel>(
            r#"{"gain":0.1,"decay":0.1,"habitual_at":0.3,"starting_below":0.5}"#
        )
        .is_err()
    );
    // A strength that says habit against a tier that does not is no state.
    let model = StrengthModel::default();
    assert_eq!(Strengths::from_parts([0.6; RUNGS], 0, &model), None);
    assert_eq!(Strengths::from_parts([0.2; RUNGS], 1, &model), None);
    assert_eq!(
        Strengths::from_parts([0.4; RUNGS], 1 << RUNGS, &model),
        None
    );
    assert!(Strengths::from_parts([0.4; RUNGS], 5, &model).is_some());
}

/// Every rung held against the rhythm, the first of the nearest taken.
fn nearest_of_all(gap_days: f64) -> usize {
    let off = |days: u32| {
        let days = f64::from(days);
        (days / gap_days).max(gap_days / days)
    };
    let rungs = RUNG_DAYS.iter().enumerate();
    let first = rungs.min_by(|a, b| off(*a.1).total_cmp(&off(*b.1)));
    first.map_or(0, |(rung, _)| rung)
}

proptest! {
    #[test]
    fn the_rung_is_the_nearest_of_all(ln in -3.0_f64..9.0, nudge in -3_i64..=3) {
        let gap = libm::exp(ln);
        prop_assert_eq!(rung_of(gap), nearest_of_all(gap));
        // Where two rungs are as near as each other, and a few numbers to both sides.
        let mut days = RUNG_DAYS;
        days.sort_unstable();
        for pair in days.windows(2) {
            let middle = (f64::from(pair[0]) * f64::from(pair[1])).sqrt();
            let beside = f64::from_bits(middle.to_bits().wrapping_add_signed(nudge));
            prop_assert_eq!(rung_of(beside), nearest_of_all(beside), "{}", beside);
        }
        for days in RUNG_DAYS {
            prop_assert_eq!(RUNG_DAYS[rung_of(f64::from(days))], days);
        }
    }
}
