use proptest::prelude::*;

use super::*;
use crate::document::Node;

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn draft() -> DecisionDraft {
    DecisionDraft {
        id: Id::new("d1").unwrap(),
        situation: Situation::new(
            Id::new("s1").unwrap(),
            Statement::new("the quarter closes").unwrap(),
            fraction(0.5),
        )
        .unwrap(),
        decision: "use the product for the closing".into(),
        benefit: "the closing takes one day".into(),
        benefit_weight: fraction(0.36),
        harm: "the closing takes a week of overtime".into(),
        harm_weight: fraction(0.25),
    }
}

#[test]
fn a_scenario_without_benefit_or_without_harm_says_what_is_missing() {
    let no_harm = DecisionDraft {
        harm: " ... ".into(),
        ..draft()
    };
    assert_eq!(
        DecisionScenario::new(no_harm).unwrap_err().to_string(),
        "scenario d1: missing the harm of not using; state both the benefit of using and the harm of \
         not using, each in words and with a weight above 0"
    );
    let neither = DecisionDraft {
        benefit: String::new(),
        harm_weight: Fraction::ZERO,
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(neither),
        Err(DecisionError::Missing { parts, .. })
            if parts == ["the benefit of using", "the harm of not using"]
    ));
    let no_decision = DecisionDraft {
        decision: "–".into(),
        benefit_weight: Fraction::ZERO,
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(no_decision),
        Err(DecisionError::Missing { parts, .. }) if parts == ["the decision", "the benefit of using"]
    ));
}

#[test]
fn one_side_repeated_as_the_other_is_refused() {
    let repeated = DecisionDraft {
        harm: "The closing  takes ONE day!".into(),
        ..draft()
    };
    assert_eq!(
        DecisionScenario::new(repeated).unwrap_err().to_string(),
        "scenario d1: the harm of not using merely repeats the benefit of using (\"The closing  takes \
         ONE day!\"), so the harm of not using is missing; say what is different when the product is \
         not used"
    );
    let situation_again = DecisionDraft {
        benefit: "the quarter closes".into(),
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(situation_again),
        Err(DecisionError::Repeated {
            part: "benefit of using",
            of: "situation",
            ..
        })
    ));
    // Word borders count: "no table" and "notable" are different.
    assert!(
        !Statement::new("no table")
            .unwrap()
            .repeats(&Statement::new("notable").unwrap())
    );
}

#[test]
fn certainty_and_impossibility_are_refused() {
    let sure = Situation::new(
        Id::new("s").unwrap(),
        Statement::new("always").unwrap(),
        Fraction::ONE,
    )
    .unwrap();
    let certain = DecisionDraft {
        situation: sure,
        benefit_weight: Fraction::ONE,
        harm_weight: Fraction::ONE,
        ..draft()
    };
    let error = DecisionScenario::new(certain.clone()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is 1; both the pull and the product must lie strictly"),
        "{error}"
    );
    // A certain situation with a lesser pull is lawful; a full pull is not, even in an uncertain one,
    // since a second decision planted there could add nothing.
    assert!(
        DecisionScenario::new(DecisionDraft {
            harm_weight: fraction(0.99),
            ..certain
        })
        .is_ok()
    );
    let pulled = DecisionDraft {
        benefit_weight: Fraction::ONE,
        harm_weight: Fraction::ONE,
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(pulled),
        Err(DecisionError::Certain { .. })
    ));
    let never = Situation::new(
        Id::new("s").unwrap(),
        Statement::new("never").unwrap(),
        Fraction::ZERO,
    );
    assert!(matches!(never, Err(DecisionError::Impossible { .. })));
    let vanishing = DecisionDraft {
        situation: Situation::new(
            Id::new("s").unwrap(),
            Statement::new("once in an age").unwrap(),
            fraction(f64::MIN_POSITIVE),
        )
        .unwrap(),
        benefit_weight: fraction(1e-20),
        harm_weight: fraction(1e-20),
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(vanishing),
        Err(DecisionError::Certain { product: 0.0, .. })
    ));
}

#[test]
fn statements_are_one_line_of_bounded_words() {
    assert!(matches!(
        Statement::new("a\tb"),
        Err(StatementError::Control { code: 9, .. })
    ));
    assert!(matches!(
        Statement::new("x".repeat(2_001)),
        Err(StatementError::TooLong { bytes: 2_001, .. })
    ));
    assert!(Statement::new("x".repeat(2_000)).is_ok());
    let long = DecisionDraft {
        harm: "y".repeat(3_000),
        ..draft()
    };
    assert!(matches!(
        DecisionScenario::new(long),
        Err(DecisionError::Statement {
            part: "harm of not using",
            ..
        })
    ));
}

#[test]
fn the_prior_effect_gives_the_pull_stated() {
    let pull = pull_of_effect(0.65, fraction(0.1)).get();
    let odds = (0.1 / 0.9) * libm::exp(0.65 * core::f64::consts::PI / 3.0_f64.sqrt());
    let with = odds / (1.0 + odds);
    assert!((pull - (1.0 - (1.0 - with) / 0.9)).abs() < 1e-14);
    assert!((pull - 0.1837).abs() < 5e-4, "{pull}");
    for (effect, base) in [
        (0.0, 0.5),
        (-1.0, 0.5),
        (f64::NAN, 0.5),
        (0.5, 1.0),
        (0.5, 0.0),
    ] {
        assert_eq!(pull_of_effect(effect, fraction(base)), Fraction::ZERO);
    }
}

#[test]
fn serde_refuses_what_the_constructor_refuses() {
    let scenario = DecisionScenario::new(draft()).unwrap();
    let json = serde_json::to_string(&scenario).unwrap();
    assert_eq!(
        serde_json::from_str::<DecisionScenario>(&json).unwrap(),
        scenario
    );
    let one_sided = json.replace("the closing takes a week of overtime", "");
    let error = serde_json::from_str::<DecisionScenario>(&one_sided).unwrap_err();
    assert!(
        error.to_string().contains("missing the harm of not using"),
        "{error}"
    );
    assert!(
        serde_json::from_str::<DecisionScenario>(&json.replace("harm_weight", "weight")).is_err()
    );
    assert!(serde_json::from_str::<DecisionScenario>(&json.replace("0.5", "0")).is_err());
}

#[test]
fn documents_name_the_path_of_every_fault() {
    let scenario = DecisionScenario::new(draft()).unwrap();
    let json = serde_json::to_string(&scenario).unwrap();
    let read = |json: &str| {
        let node: Node = serde_json::from_str(json).unwrap();
        DecisionScenario::read(&Reader::root(&node))
    };
    assert_eq!(read(&json).unwrap(), scenario);
    let faulty = json
        .replace("\"chance\":0.5", "\"chance\":50")
        .replace("\"harm\"", "\"hram\"");
    let error = read(&faulty).unwrap_err().to_string();
    for part in [
        "situation.chance: fraction is 50",
        "harm: missing",
        "hram: unknown key",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let one_sided = json.replace("the closing takes a week of overtime", "");
    let error = read(&one_sided).unwrap_err().to_string();
    assert!(error.contains("missing the harm of not using"), "{error}");
}

proptest! {
    #[test]
    fn pull_rises_with_each_side_and_lies_between_them(b in 1e-6..0.9, h in 1e-6..0.9, more in 1.01..2.0_f64) {
        let pull = |b: f64, h: f64| {
            let draft = DecisionDraft { benefit_weight: fraction(b), harm_weight: fraction(h), ..draft() };
            DecisionScenario::new(draft).unwrap().pull().get()
        };
        let p = pull(b, h);
        prop_assert!(p >= b.min(h) * (1.0 - 1e-15) && p <= b.max(h) * (1.0 + 1e-15));
        prop_assert!(pull((b * more).min(0.99), h) > p || b * more > 0.99);
        prop_assert!(pull(b, (h * more).min(0.99)) > p || h * more > 0.99);
    }
}
