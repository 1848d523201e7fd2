//! A hash index from names to places in a vector, at eight bytes a slot.
//!
//! The names stay where they are: a slot keeps a place and 32 bits of the name's hash, so a look-up touches
//! one cache line here and, for a name that is there, the name itself. Growing needs no name at all. The
//! order of the slots is never seen from outside, so the random hash key changes no result.

use core::hash::BuildHasher as _;
use std::hash::RandomState;

use crate::numeric::cast;

/// Slots taken at most, of eight: above it probes get long.
const LOAD_EIGHTHS: usize = 5;
/// A slot that holds nothing; so a place is at most `u32::MAX - 1`.
const FREE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    place: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    key: RandomState,
    slots: Vec<Slot>,
    taken: usize,
}

impl Index {
    /// The upper half of a name's hash: it picks the slot and marks it.
    pub(super) fn tag(&self, name: &str) -> u32 {
        u32::try_from(self.key.hash_one(name) >> 32).unwrap_or(0)
    }

    /// Reads the slots where these tags will be looked up and does nothing with them: the reads do not depend
    /// on each other, so a large index answers all of them in about the time of one.
    pub(super) fn touch(&self, tags: impl Iterator<Item = u32>) {
        let mask = self.slots.len().saturating_sub(1);
        let slots = tags.filter_map(|tag| self.slots.get(cast::usize_of_u32(tag) & mask));
        core::hint::black_box(slots.fold(0, |sum, slot| sum ^ slot.tag));
    }

    /// The place of the name with this tag that `is_it` recognises.
    pub(super) fn find(&self, tag: u32, mut is_it: impl FnMut(usize) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = cast::usize_of_u32(tag) & mask;
        // Ends at a free slot, of which the load limit keeps at least three in eight.
        loop {
            let slot = self.slots.get(at)?;
            if slot.place == FREE {
                return None;
            }
            if slot.tag == tag {
                let place = cast::usize_of_u32(slot.place);
                if is_it(place) {
                    return Some(place);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Enters a place under a tag; the caller has made sure that the name is not there. False if places have
    /// run out, and then nothing is changed.
    pub(super) fn insert(&mut self, tag: u32, place: usize) -> bool {
        let Ok(place) = u32::try_from(place) else {
            return false;
        };
        if place == FREE {
            return false;
        }
        if (self.taken + 1) * 8 > self.slots.len() * LOAD_EIGHTHS {
            self.grow();
        }
        self.put(Slot { tag, place });
        self.taken += 1;
        true
    }

    fn grow(&mut self) {
        let longer = (self.slots.len() * 2).max(16);
        let free = Slot {
            tag: 0,
            place: FREE,
        };
        let old = core::mem::replace(&mut self.slots, vec![free; longer]);
        for slot in old.into_iter().filter(|slot| slot.place != FREE) {
            self.put(slot);
        }
    }

    fn put(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = cast::usize_of_u32(slot.tag) & mask;
        while let Some(here) = self.slots.get_mut(at) {
            if here.place == FREE {
                *here = slot;
                return;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_at_its_place_and_no_other() {
        let names: Vec<String> = (0..5_000).map(|n| format!("name-{n}")).collect();
        let mut index = Index::default();
        assert_eq!(index.find(7, |_| true), None);
        for (place, name) in names.iter().enumerate() {
            let tag = index.tag(name);
            assert_eq!(index.find(tag, |at| names[at] == *name), None);
            assert!(index.insert(tag, place));
        }
        for (place, name) in names.iter().enumerate() {
            assert_eq!(
                index.find(index.tag(name), |at| names[at] == *name),
                Some(place)
            );
        }
        assert_eq!(
            index.find(index.tag("other"), |at| names[at] == "other"),
            None
        );
        assert!(index.slots.len() * LOAD_EIGHTHS >= index.taken * 8);
        assert!(!index.insert(0, cast::usize_of_u32(FREE)));
    }

    #[test]
    fn the_table_doubles_when_five_slots_in_eight_are_taken_and_not_before() {
        let mut index = Index::default();
        let mut sizes = Vec::new();
        for place in 0..21 {
            let tag = index.tag(&place.to_string());
            assert!(index.insert(tag, place));
            sizes.push(index.slots.len());
        }
        let expected: Vec<usize> = (1..=21)
            .map(|taken| match taken {
                ..=10 => 16,
                11..=20 => 32,
                _ => 64,
            })
            .collect();
        assert_eq!(sizes, expected);
    }

    #[test]
    fn tags_tell_names_apart() {
        let index = Index::default();
        let tags: std::collections::BTreeSet<u32> = (0..1_000)
            .map(|n| index.tag(&format!("name-{n}")))
            .collect();
        // Two of a thousand share 32 bits about once in ten thousand runs; ten pairs of them never.
        assert!(tags.len() > 990, "{} tags", tags.len());
    }

    #[test]
    fn names_with_one_tag_are_told_apart() {
        let mut index = Index::default();
        for place in 0..100 {
            assert!(index.insert(u32::MAX, place));
        }
        for place in 0..100 {
            assert_eq!(index.find(u32::MAX, |at| at == place), Some(place));
        }
        assert_eq!(index.find(u32::MAX, |_| false), None);
    }
}
