//! What people judge of a habit, since no event can say it.

use serde::{Deserialize, Serialize};

use super::{Anchoring, Depth, Ground, HabitError, Scope};
use crate::calendar::Date;

/// The longest evidence that is kept, in bytes.
const EVIDENCE_BYTES_MOST: usize = 2_000;

/// A judgement of why a habit is held and how, with the evidence it rests on \[H2\].
///
/// Who has a habit can be counted from events; why they have it and what holds it cannot. Somebody judges
/// that, and says what from: a judgement without evidence is not taken.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::habit::{Anchoring, Ground, HabitError, Judgement, Scope};
///
/// let seen = Date::new(2026, 3, 9)?;
/// let evidence = "ward round: the sister showed the standing order of January";
/// let judgement = Judgement::new(Ground::Profession, Anchoring::WrittenRule, evidence, seen)?;
/// assert_eq!(judgement.depth(Scope::Group).to_string(), "group/profession/written_rule");
///
/// let bare = Judgement::new(Ground::Profession, Anchoring::WrittenRule, "  ", seen);
/// assert!(matches!(bare, Err(HabitError::Evidence { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "JudgementFields", into = "JudgementFields")]
pub struct Judgement {
    /// Of one person: the scope is not judged.
    base: Depth,
    evidence: String,
    recorded: Date,
}

impl Judgement {
    /// A judgement, what it rests on, and the day on which it was recorded.
    ///
    /// # Errors
    /// [`HabitError::UnwrittenInstitution`] if the ground is institution and the anchoring custom;
    /// [`HabitError::Evidence`] if the evidence is blank, longer than 2,000 bytes, or has control characters
    /// other than line breaks.
    pub fn new(
        ground: Ground,
        anchoring: Anchoring,
        evidence: impl Into<String>,
        recorded: Date,
    ) -> Result<Self, HabitError> {
        let base = Depth::new(Scope::Individual, ground, anchoring)?;
        let evidence = evidence.into();
        let rule = if evidence.trim().is_empty() {
            Some("blank; say what was seen or heard, and where")
        } else if evidence.len() > EVIDENCE_BYTES_MOST {
            Some("longer than 2000 bytes; keep what decides")
        } else if evidence.chars().any(|c| c.is_control() && c != '\n') {
            Some("not plain text; remove the control characters")
        } else {
            None
        };
        match rule {
            Some(rule) => Err(HabitError::Evidence { rule }),
            None => Ok(Self {
                base,
                evidence,
                recorded,
            }),
        }
    }

    /// Why they have the habit.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        self.base.ground()
    }

    /// How it is held.
    #[must_use]
    pub const fn anchoring(&self) -> Anchoring {
        self.base.anchoring()
    }

    /// What it rests on.
    #[must_use]
    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// When it was recorded.
    #[must_use]
    pub const fn recorded(&self) -> Date {
        self.recorded
    }

    /// The depth of a habit so judged, at the scope that was counted.
    #[must_use]
    pub const fn depth(&self, scope: Scope) -> Depth {
        self.base.at_scope(scope)
    }
}

/// A judgement as it stands in a document, before the laws are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JudgementFields {
    ground: Ground,
    anchoring: Anchoring,
    evidence: String,
    recorded: Date,
}

impl TryFrom<JudgementFields> for Judgement {
    type Error = HabitError;

    fn try_from(fields: JudgementFields) -> Result<Self, HabitError> {
        Self::new(
            fields.ground,
            fields.anchoring,
            fields.evidence,
            fields.recorded,
        )
    }
}

impl From<Judgement> for JudgementFields {
    fn from(judgement: Judgement) -> Self {
        Self {
            ground: judgement.ground(),
            anchoring: judgement.anchoring(),
            evidence: judgement.evidence,
            recorded: judgement.recorded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lawful_judgement_gives_a_lawful_depth_at_every_scope() {
        let recorded = Date::new(2026, 3, 9).unwrap();
        let mut lawful = 0;
        for ground in Ground::ALL {
            for anchoring in Anchoring::ALL {
                let Ok(judgement) = Judgement::new(ground, anchoring, "seen", recorded) else {
                    continue;
                };
                lawful += 1;
                for scope in Scope::ALL {
                    let depth = judgement.depth(scope);
                    assert_eq!(Depth::new(scope, ground, anchoring), Ok(depth));
                }
                let text = serde_json::to_string(&judgement).unwrap();
                let read: Judgement = serde_json::from_str(&text).unwrap();
                assert_eq!(read, judgement);
                assert_eq!((read.evidence(), read.recorded()), ("seen", recorded));
            }
        }
        assert_eq!(lawful, 11);
    }

    #[test]
    fn evidence_is_asked_for() {
        let recorded = Date::new(2026, 3, 9).unwrap();
        let judge = |evidence: &str| {
            Judgement::new(Ground::Benefit, Anchoring::Custom, evidence, recorded)
                .map_err(|error| error.to_string())
        };
        assert!(judge("two lines\nare text").is_ok());
        assert!(judge(&"x".repeat(2_000)).is_ok());
        for (bad, why) in [
            ("", "blank; say what was seen or heard, and where"),
            (" \n ", "blank; say what was seen or heard, and where"),
            (
                &"x".repeat(2_001),
                "longer than 2000 bytes; keep what decides",
            ),
            ("a\u{7}", "not plain text; remove the control characters"),
        ] {
            assert_eq!(judge(bad), Err(format!("evidence of a judgement is {why}")));
        }
        let text = r#"{"ground":"institution","anchoring":"custom","evidence":"x","recorded":"2026-03-09"}"#;
        assert!(serde_json::from_str::<Judgement>(text).is_err());
    }
}
