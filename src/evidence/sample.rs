//! Counts of names in bounded space: of users, of practices.

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::numeric::cast::{f64_of_u64, u64_of_usize};

/// Names kept with their counts.
pub const NAMES_KEPT: usize = 16;

/// How often names occur, exactly while there are at most [`NAMES_KEPT`] of them; of more, a sample
/// of the names, each with its exact count.
///
/// The names with the smallest hashes are kept (a bottom-k sample, Cohen & Kaplan 2007). Which names
/// these are does not depend on the order or on how the events were split, and a name that is in the
/// sample in the end was in it from its first use: so its count is exact, merging is exact, and the
/// sample is uniform over names, which is what the estimates for large numbers rest on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "SampleFields", into = "SampleFields")]
pub struct NameCounts {
    /// Ascending by hash, then name; at most [`NAMES_KEPT`].
    kept: Vec<Kept>,
    uses: u64,
    more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    hash: u64,
    name: Id,
    uses: u64,
}

impl NameCounts {
    /// No uses.
    pub(super) const NONE: Self = Self {
        kept: Vec::new(),
        uses: 0,
        more: false,
    };

    /// Takes in one use by a name, whose hash is [`hash_of`].
    pub(super) fn push(&mut self, hash: u64, name: &Id) {
        self.uses += 1;
        self.insert(hash, name, 1);
    }

    /// Takes in the counts of another stretch of time or another log, in any order.
    pub fn merge(&mut self, other: &Self) {
        self.uses += other.uses;
        self.more |= other.more;
        for kept in &other.kept {
            self.insert(kept.hash, &kept.name, kept.uses);
        }
    }

    /// Uses that carried a name.
    #[must_use]
    pub const fn uses(&self) -> u64 {
        self.uses
    }

    /// Whether there are more names than are kept, so that [`names`](Self::names) and
    /// [`effective`](Self::effective) are estimates.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.more
    }

    /// The names kept with their uses, in the order of the names.
    #[must_use]
    pub fn kept(&self) -> Vec<(&Id, u64)> {
        let mut kept: Vec<(&Id, u64)> = self.kept.iter().map(|one| (&one.name, one.uses)).collect();
        kept.sort();
        kept
    }

    /// How many names there are: exact if not sampled, else estimated from the largest hash kept.
    #[must_use]
    pub fn names(&self) -> f64 {
        let count = f64_of_u64(u64_of_usize(self.kept.len()));
        match self.kept.last() {
            Some(last) if self.more => {
                (count - 1.0) / ((f64_of_u64(last.hash) + 1.0) / 18_446_744_073_709_551_616.0)
            }
            _ => count,
        }
    }

    /// The effective number of names: how many there would be if all were as busy as the average use
    /// sees (the inverse of Simpson's index). One busy name among idle ones counts as about one.
    ///
    /// Exact if not sampled, else scaled up from the sample; 0 without any.
    #[must_use]
    pub fn effective(&self) -> f64 {
        let sum: u64 = self.kept.iter().map(|one| one.uses).sum();
        if sum == 0 {
            return 0.0;
        }
        let squares: f64 = self
            .kept
            .iter()
            .map(|one| f64_of_u64(one.uses) * f64_of_u64(one.uses))
            .sum();
        let within = f64_of_u64(sum) * f64_of_u64(sum) / squares;
        let count = f64_of_u64(u64_of_usize(self.kept.len()));
        within * (self.names() / count).max(1.0)
    }

    /// Adds uses to a name, keeping the smallest hashes.
    fn insert(&mut self, hash: u64, name: &Id, uses: u64) {
        let place = self
            .kept
            .binary_search_by(|one| (one.hash, &one.name).cmp(&(hash, name)));
        match place {
            Ok(at) => {
                if let Some(kept) = self.kept.get_mut(at) {
                    kept.uses += uses;
                }
            }
            Err(at) if at < NAMES_KEPT => {
                let name = name.clone();
                self.kept.insert(at, Kept { hash, name, uses });
                if self.kept.len() > NAMES_KEPT {
                    self.kept.truncate(NAMES_KEPT);
                    self.more = true;
                }
            }
            Err(_) => self.more = true,
        }
    }
}

/// The hash by which names are sampled: FNV-1a over the bytes, then a finaliser that spreads it over
/// all bits. Stable, so that states can be kept and continued.
pub(super) fn hash_of(name: &Id) -> u64 {
    let folded = name
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    let mixed = (folded ^ (folded >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

/// Counts as they stand in a document: the hashes are computed again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleFields {
    kept: Vec<(Id, u64)>,
    uses: u64,
    more: bool,
}

impl TryFrom<SampleFields> for NameCounts {
    type Error = super::EvidenceError;

    fn try_from(fields: SampleFields) -> Result<Self, Self::Error> {
        let refused = |field| Err(super::EvidenceError::History { field });
        let total = fields
            .kept
            .iter()
            .try_fold(0_u64, |sum, (_, uses)| sum.checked_add(*uses));
        let lawful =
            total.is_some_and(|sum| sum <= fields.uses && (fields.more || sum == fields.uses));
        let full = fields.kept.len() == NAMES_KEPT;
        let zero = fields.kept.iter().any(|(_, uses)| *uses == 0);
        if !lawful || zero || fields.kept.len() > NAMES_KEPT || (fields.more && !full) {
            return refused("counts of names");
        }
        let mut counts = Self::default();
        for (name, uses) in &fields.kept {
            counts.insert(hash_of(name), name, *uses);
        }
        if counts.kept.len() != fields.kept.len() {
            return refused("names, which repeat");
        }
        Ok(Self {
            uses: fields.uses,
            more: fields.more,
            ..counts
        })
    }
}

impl From<NameCounts> for SampleFields {
    fn from(counts: NameCounts) -> Self {
        let kept = counts.kept();
        Self {
            kept: kept
                .into_iter()
                .map(|(name, uses)| (name.clone(), uses))
                .collect(),
            uses: counts.uses,
            more: counts.more,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(names: &[u32]) -> NameCounts {
        let mut counts = NameCounts::default();
        for name in names {
            let name = Id::new(name.to_string()).unwrap();
            counts.push(hash_of(&name), &name);
        }
        counts
    }

    /// Kept states are continued by this hash, so that it never changes. "a" is a published value of FNV-1a, finalised.
    #[test]
    fn the_hash_of_a_name_is_the_same_for_ever() {
        for (name, hash) in [
            ("a", 0x82a2_a958_a9be_ce5b),
            ("ab", 0xda71_cbd1_1dd9_bde4),
            ("name 1", 0x2297_24e6_f340_02db),
            ("Ärztin", 0xe9de_5d68_be45_8ccf),
        ] {
            assert_eq!(hash_of(&Id::new(name).unwrap()), hash, "{name}");
        }
    }

    proptest! {
        #[test]
        fn merging_is_counting_the_whole_in_any_order_and_grouping(
            names in prop::collection::vec(0_u32..40, 0..120),
            cuts in (0_usize..120, 0_usize..120),
        ) {
            let (low, high) = (cuts.0.min(cuts.1).min(names.len()), cuts.0.max(cuts.1).min(names.len()));
            let whole = counts(&names);
            let parts = [counts(&names[..low]), counts(&names[low..high]), counts(&names[high..])];
            let mut left = parts[0].clone();
            left.merge(&parts[1]);
            left.merge(&parts[2]);
            let mut right = parts[2].clone();
            let mut tail = parts[1].clone();
            tail.merge(&parts[0]);
            right.merge(&tail);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
            let text = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(serde_json::from_str::<NameCounts>(&text).unwrap(), whole);
        }

        #[test]
        fn few_names_are_counted_exactly(names in prop::collection::vec(0_u32..16, 1..120)) {
            let found = counts(&names);
            let mut distinct = names.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert!(!found.is_sampled());
            prop_assert!((found.names() - f64::from(u32::try_from(distinct.len()).unwrap())).abs() < 1e-12);
            for (name, uses) in found.kept() {
                let expected = names.iter().filter(|one| one.to_string() == name.as_str()).count();
                prop_assert_eq!(uses, u64_of_usize(expected));
            }
            prop_assert!(found.effective() <= found.names() + 1e-9 && found.effective() >= 1.0 - 1e-12);
        }
    }

    #[test]
    fn many_names_are_estimated_and_the_kept_counts_stay_exact() {
        // 1,000 names, each used three times; the estimate of 16 has an error of about a quarter.
        let names: Vec<u32> = (0..3_000).map(|use_| use_ % 1_000).collect();
        let found = counts(&names);
        assert!(found.is_sampled());
        assert!(
            found.names() > 400.0 && found.names() < 2_500.0,
            "{}",
            found.names()
        );
        assert!(found.kept().iter().all(|(_, uses)| *uses == 3));
        assert_eq!(found.kept().len(), NAMES_KEPT);
        assert_eq!(found.uses(), 3_000);
        assert!((found.effective() / found.names() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_busy_name_among_idle_ones_counts_as_one() {
        let mut names = vec![0; 97];
        names.extend([1, 2, 3]);
        assert!((counts(&names).effective() - 10_000.0 / (97.0 * 97.0 + 3.0)).abs() < 1e-12);
        assert!(NameCounts::default().effective().abs() < 1e-300);
    }

    #[test]
    fn contradictory_documents_are_refused() {
        for bad in [
            r#"{"kept":[["a",2]],"uses":1,"more":false}"#,
            r#"{"kept":[["a",2]],"uses":3,"more":false}"#,
            r#"{"kept":[["a",2]],"uses":3,"more":true}"#,
            r#"{"kept":[["a",0]],"uses":0,"more":false}"#,
            r#"{"kept":[["a",1],["a",1]],"uses":2,"more":false}"#,
        ] {
            assert!(serde_json::from_str::<NameCounts>(bad).is_err(), "{bad}");
        }
    }
}
