//! Who knows whom: prospects know customers, some very well \[C4\].
//!
//! The deeper the habits of those a prospect knows, the easier its admission. How much easier is a judgement
//! with a deliberate default of nothing. Among 125 physicians of four towns (Coleman, Katz & Menzel 1966),
//! whose ties and months of adoption are known, exposure to adopters did not raise the chance of adopting
//! in the next month: the log odds per unit of exposure are −.17 with a standard error of .33 when town and
//! month are held constant (the example `acquaintance` prints the estimates), and others found contagion
//! gone once marketing effort is in (Van den Bulte & Lilien 2001). Who believes in the effect in another
//! market sets [`Listening::uniform`] or [`Listening::new`], and knows that it is a belief.

mod graph;

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    customer::habit::Depth,
    document::{DocumentError, Reader},
    fraction::Fraction,
    id::Id,
};

pub use graph::{Acquaintance, AcquaintanceGraph, TieByPlace};

/// What kind of tie it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieKind {
    /// Turns to them for advice.
    Advice,
    /// Discusses matters of work with them.
    Discussion,
    /// Is friends with them.
    Friendship,
    /// Works in the same organisation.
    Colleague,
}

impl TieKind {
    /// How many kinds there are.
    pub const COUNT: usize = 4;

    /// All kinds.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Advice,
        Self::Discussion,
        Self::Friendship,
        Self::Colleague,
    ];

    /// The kind's place in [`TieKind::ALL`].
    #[must_use]
    pub const fn place(self) -> usize {
        match self {
            Self::Advice => 0,
            Self::Discussion => 1,
            Self::Friendship => 2,
            Self::Colleague => 3,
        }
    }

    /// The name used in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Discussion => "discussion",
            Self::Friendship => "friendship",
            Self::Colleague => "colleague",
        }
    }
}

impl fmt::Display for TieKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One tie: `who` knows, and listens to, `knows`. A mutual tie is two of them.
///
/// ```
/// use sortie::{customer::acquaintance::{Tie, TieKind}, fraction::Fraction, id::Id};
/// let tie = Tie::new(Id::new("p1")?, Id::new("c7")?, TieKind::Advice, Fraction::new(0.8)?)?;
/// assert_eq!(tie.knows().as_str(), "c7");
/// assert!(Tie::new(Id::new("p1")?, Id::new("p1")?, TieKind::Advice, Fraction::ONE).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TieFields", into = "TieFields")]
pub struct Tie {
    who: Id,
    knows: Id,
    kind: TieKind,
    strength: Fraction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TieFields {
    who: Id,
    knows: Id,
    kind: TieKind,
    strength: Fraction,
}

/// Ties, or parameters of listening, that are refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AcquaintanceError {
    /// Somebody who knows itself.
    #[error("tie of {who} to itself ({kind}); a tie joins two customers")]
    ToItself {
        /// The customer.
        who: Id,
        /// The kind.
        kind: TieKind,
    },
    /// A tie without strength.
    #[error(
        "tie of {who} to {knows} ({kind}) has strength 0; leave it out, or give it a strength above 0"
    )]
    NoStrength {
        /// Who knows.
        who: Id,
        /// Who is known.
        knows: Id,
        /// The kind.
        kind: TieKind,
    },
    /// The same tie twice.
    #[error("tie of {who} to {knows} ({kind}) is given twice; state it once, with one strength")]
    Repeated {
        /// Who knows.
        who: Id,
        /// Who is known.
        knows: Id,
        /// The kind.
        kind: TieKind,
    },
    /// A tie to nobody.
    #[error(
        "tie of {who} to {knows}: {unknown} is no customer of the graph; add it, or drop the tie"
    )]
    Unknown {
        /// Who knows.
        who: Id,
        /// Who is known.
        knows: Id,
        /// The one that is missing.
        unknown: Id,
    },
    /// A place outside the graph.
    #[error("tie number {number} names the place {place}; the graph has {customers} customers")]
    PlaceUnknown {
        /// The tie's number in the input, from 0.
        number: usize,
        /// The place named.
        place: u32,
        /// How many there are.
        customers: usize,
    },
    /// A customer twice.
    #[error("customer {customer} is given twice; each id names one customer")]
    CustomerRepeated {
        /// The customer.
        customer: Id,
    },
    /// More than 32 bits can count.
    #[error(
        "graph of {customers} customers and {ties} ties; at most 4294967294 of either are kept"
    )]
    TooLarge {
        /// Customers.
        customers: usize,
        /// Ties.
        ties: usize,
    },
    /// A weight of 1 would make admission certain.
    #[error(
        "weight of {kind} ties is 1; it must be below 1, since no acquaintance makes use certain"
    )]
    CertainWeight {
        /// The kind.
        kind: TieKind,
    },
}

impl Tie {
    /// Admits a tie between two different customers, of strength above 0.
    ///
    /// # Errors
    /// [`AcquaintanceError::ToItself`], [`AcquaintanceError::NoStrength`].
    pub fn new(
        who: Id,
        knows: Id,
        kind: TieKind,
        strength: Fraction,
    ) -> Result<Self, AcquaintanceError> {
        if who == knows {
            return Err(AcquaintanceError::ToItself { who, kind });
        }
        if strength == Fraction::ZERO {
            return Err(AcquaintanceError::NoStrength { who, knows, kind });
        }
        Ok(Self {
            who,
            knows,
            kind,
            strength,
        })
    }

    /// Reads a tie from a document: `{who, knows, kind, strength}`, all required.
    ///
    /// # Errors
    /// Every fault of its fields, each with its path; then those of [`Tie::new`].
    pub fn read(reader: &Reader<'_>) -> Result<Self, DocumentError> {
        let mut fields = reader.fields()?;
        let who = fields.read("who", |at| at.id());
        let knows = fields.read("knows", |at| at.id());
        let kind = fields.read("kind", |at| at.value::<TieKind>());
        let strength = fields.read("strength", |at| at.fraction());
        let parts = (|| Some((who?, knows?, kind?, strength?)))();
        let parts = fields.finish_with(parts)?;
        reader.through(parts, |(who, knows, kind, strength)| {
            Self::new(who, knows, kind, strength)
        })
    }

    /// Who knows and listens.
    #[must_use]
    pub const fn who(&self) -> &Id {
        &self.who
    }

    /// Who is known.
    #[must_use]
    pub const fn knows(&self) -> &Id {
        &self.knows
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> TieKind {
        self.kind
    }

    /// How strong it is, above 0.
    #[must_use]
    pub const fn strength(&self) -> Fraction {
        self.strength
    }
}

impl TryFrom<TieFields> for Tie {
    type Error = AcquaintanceError;

    fn try_from(fields: TieFields) -> Result<Self, AcquaintanceError> {
        Self::new(fields.who, fields.knows, fields.kind, fields.strength)
    }
}

impl From<Tie> for TieFields {
    fn from(tie: Tie) -> Self {
        Self {
            who: tie.who,
            knows: tie.knows,
            kind: tie.kind,
            strength: tie.strength,
        }
    }
}

/// How much a prospect listens, by kind of tie: the weight w is the chance that an acquaintance of full
/// strength, with a habit of full depth, brings about use by itself.
///
/// The default is 0 for every kind, because the data at hand deny the effect (see the module).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[Fraction; 4]", into = "[Fraction; 4]")]
pub struct Listening {
    by_kind: [f64; TieKind::COUNT],
}

impl Listening {
    /// Admits weights by kind, in the order of [`TieKind::ALL`], each below 1.
    ///
    /// # Errors
    /// [`AcquaintanceError::CertainWeight`] for a weight of 1.
    pub fn new(by_kind: [Fraction; TieKind::COUNT]) -> Result<Self, AcquaintanceError> {
        let certain = TieKind::ALL
            .into_iter()
            .zip(by_kind)
            .find(|(_, weight)| *weight == Fraction::ONE);
        match certain {
            Some((kind, _)) => Err(AcquaintanceError::CertainWeight { kind }),
            None => Ok(Self {
                by_kind: by_kind.map(Fraction::get),
            }),
        }
    }

    /// One weight for all kinds, below 1.
    ///
    /// # Errors
    /// [`AcquaintanceError::CertainWeight`] for a weight of 1.
    pub fn uniform(weight: Fraction) -> Result<Self, AcquaintanceError> {
        Self::new([weight; TieKind::COUNT])
    }

    /// Whether nobody listens to anybody.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.by_kind.iter().all(|weight| *weight <= 0.0)
    }

    /// The weight of a kind, below 1.
    #[must_use]
    pub fn weight(&self, kind: TieKind) -> Fraction {
        Fraction::clamped(self.by_kind.get(kind.place()).copied().unwrap_or(0.0))
    }

    /// w: the chance that one tie brings about use, given how deep the habit at its other end is. Below 1.
    #[must_use]
    pub fn reach(&self, kind: TieKind, strength: Fraction, depth: Fraction) -> f64 {
        let weight = self.by_kind.get(kind.place()).copied().unwrap_or(0.0);
        weight * strength.get() * depth.get()
    }
}

impl TryFrom<[Fraction; 4]> for Listening {
    type Error = AcquaintanceError;

    fn try_from(by_kind: [Fraction; 4]) -> Result<Self, AcquaintanceError> {
        Self::new(by_kind)
    }
}

impl From<Listening> for [Fraction; 4] {
    fn from(listening: Listening) -> Self {
        listening.by_kind.map(Fraction::clamped)
    }
}

/// The default reading of a habit's depth as one number: (1 + steps above the bottom) / 8, from 1/8 for the
/// shallowest habit to 1 for the deepest. It never falls in the order of depths; it is a judgement, and
/// callers may read depth in their own way.
#[must_use]
pub fn depth_share(depth: Depth) -> Fraction {
    Fraction::clamped(f64::from(1 + depth.rank()) / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Node;

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    #[test]
    fn ties_are_refused_by_name() {
        let half = Fraction::new(0.5).unwrap();
        let tie = |who, knows, strength| Tie::new(id(who), id(knows), TieKind::Advice, strength);
        assert_eq!(
            tie("a", "a", half).unwrap_err().to_string(),
            "tie of a to itself (advice); a tie joins two customers"
        );
        assert!(matches!(
            tie("a", "b", Fraction::ZERO),
            Err(AcquaintanceError::NoStrength { .. })
        ));
        let json = serde_json::to_string(&tie("a", "b", half).unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"who":"a","knows":"b","kind":"advice","strength":0.5}"#
        );
        let read = |json: &str| {
            let node: Node = serde_json::from_str(json).unwrap();
            Tie::read(&Reader::root(&node))
        };
        assert_eq!(
            read(&json).unwrap(),
            serde_json::from_str::<Tie>(&json).unwrap()
        );
        let error = read(&json.replace("0.5", "50").replace("advice", "envy"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("kind: ") && error.contains("strength: fraction is 50"),
            "{error}"
        );
        assert!(serde_json::from_str::<Tie>(&json.replace("\"b\"", "\"a\"")).is_err());
    }

    #[test]
    fn nobody_listens_unless_told_so_and_nobody_is_certain() {
        let (one, kind) = (Fraction::ONE, TieKind::Friendship);
        assert!(Listening::default().reach(kind, one, one).abs() < f64::MIN_POSITIVE);
        assert!(matches!(
            Listening::uniform(one),
            Err(AcquaintanceError::CertainWeight {
                kind: TieKind::Advice
            })
        ));
        let weights = [0.1, 0.2, 0.3, 0.4].map(|w| Fraction::new(w).unwrap());
        let listening = Listening::new(weights).unwrap();
        for (kind, weight) in TieKind::ALL.into_iter().zip(weights) {
            assert_eq!(listening.weight(kind), weight);
            let reach = listening.reach(
                kind,
                Fraction::new(0.5).unwrap(),
                Fraction::new(0.5).unwrap(),
            );
            assert!((reach - weight.get() / 4.0).abs() < 1e-15);
        }
        let json = serde_json::to_string(&listening).unwrap();
        assert_eq!(serde_json::from_str::<Listening>(&json).unwrap(), listening);
        assert!(serde_json::from_str::<Listening>("[0,0,1,0]").is_err());
    }

    #[test]
    fn depth_share_never_falls_as_habits_deepen() {
        for a in Depth::all() {
            for b in Depth::all() {
                if a.join(b) == b && a != b {
                    assert!(depth_share(a) < depth_share(b), "{a} and {b}");
                }
            }
            assert!(depth_share(a).get() >= 0.125 && depth_share(a) <= Fraction::ONE);
        }
    }
}
