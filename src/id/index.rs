//! A hash index from ids to places in a vector, at eight bytes a slot.
//!
//! The ids stay where they are: a slot keeps a place and 32 bits of the id's hash, so a look-up touches one
//! cache line here and, for an id that is there, the id itself.
//!
//! The hash has no random key, since nothing here reads its surroundings, so ids can be made that collide. A
//! look-up therefore reads at most [`REACH`] slots: an id that finds them all taken goes to a sorted map, and
//! the worst that hostile ids can do is to make it `O(log n)`.

use std::collections::BTreeMap;

use super::Id;
use crate::numeric::cast;

/// Slots taken at most, of eight: above it probes get long.
const LOAD_EIGHTHS: usize = 5;
/// Slots that a look-up reads at most. At five in eight taken, none of four lots of 2.6 million ids needed more than 81.
const REACH: usize = 96;
/// A slot that holds nothing. It is 0, so that the memory of a new table costs nothing before it is used.
const FREE: u64 = 0;
/// The place that cannot be held.
const PLACES: u32 = u32::MAX;

/// An odd constant whose bits look random: 2⁶⁴ over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/// The finishing constants of `MurmurHash3` (Appleby 2011).
const FINISH: [u64; 2] = [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53];

/// A tag and, above 0, the place after the one that is held.
fn slot_of(tag: u32, place: u32) -> u64 {
    (u64::from(tag) << 32) | (u64::from(place) + 1)
}

fn tag_in(slot: u64) -> u32 {
    u32::try_from(slot >> 32).unwrap_or(0)
}

fn place_in(slot: u64) -> usize {
    // Never of a free slot.
    cast::usize_of_u32(
        u32::try_from(slot & u64::from(u32::MAX))
            .unwrap_or(0)
            .saturating_sub(1),
    )
}

/// Where an id may be entered that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room(Option<usize>);

/// Places of ids. Whoever owns the ids says at each step what stands at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdIndex {
    slots: Vec<u64>,
    taken: usize,
    /// Slots of ids that found none free within [`REACH`].
    crowded: BTreeMap<Id, u64>,
}

/// 32 bits of an id's hash: it picks the slot and marks it.
pub(crate) fn tag(id: &Id) -> u32 {
    let mut hash = match id.short_words() {
        Some(words) => words.into_iter().fold(0, mixed),
        None => tag_of_long(id.as_bytes()),
    };
    for constant in FINISH {
        hash = (hash ^ (hash >> 33)).wrapping_mul(constant);
    }
    u32::try_from(hash >> 32).unwrap_or(0)
}

fn tag_of_long(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(8);
    let mut hash = cast::u64_of_usize(bytes.len());
    for word in words.by_ref() {
        hash = mixed(hash, word.try_into().map_or(0, u64::from_le_bytes));
    }
    // Longer than eight bytes, so the last eight are there; some of them are read twice.
    let last = bytes
        .last_chunk()
        .map_or(0, |last| u64::from_le_bytes(*last));
    mixed(hash, last)
}

fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(27) ^ word).wrapping_mul(GOLDEN)
}

impl IdIndex {
    /// An index with room for so many ids.
    pub(crate) fn with_room(ids: usize) -> Self {
        let mut slots = 16;
        while ids > room_of(slots) {
            slots *= 2;
        }
        Self {
            slots: vec![FREE; if ids == 0 { 0 } else { slots }],
            ..Self::default()
        }
    }

    /// How many slots there are.
    #[cfg(test)]
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Reads the slots where these tags will be looked up and does nothing with them: the reads do not depend
    /// on each other, so a large index answers all of them in about the time of one.
    pub(crate) fn touch(&self, tags: impl Iterator<Item = u32>) {
        let mask = self.slots.len().saturating_sub(1);
        let at = |place: usize| self.slots.get(place & mask).copied().unwrap_or(FREE);
        // Most look-ups end within four slots, which may lie on two lines.
        let seen = tags.map(|tag| at(cast::usize_of_u32(tag)) ^ at(cast::usize_of_u32(tag) + 4));
        core::hint::black_box(seen.fold(0, |sum, slot| sum ^ slot));
    }

    /// The place of an id with this tag, where `id_at` says which id stands at a place.
    pub(crate) fn find<'a>(
        &self,
        tag: u32,
        id: &Id,
        id_at: impl Fn(usize) -> Option<&'a Id>,
    ) -> Option<usize> {
        self.look_up(tag, id, id_at).ok()
    }

    /// As [`find`](Self::find), or where the id may be entered before anything else is.
    #[inline]
    pub(crate) fn find_or_room<'a>(
        &mut self,
        tag: u32,
        id: &Id,
        id_at: impl Fn(usize) -> Option<&'a Id> + Copy,
    ) -> Result<usize, Room> {
        if self.taken >= room_of(self.slots.len()) {
            self.grow(id_at);
        }
        self.look_up(tag, id, id_at)
    }

    #[inline]
    fn look_up<'a>(
        &self,
        tag: u32,
        id: &Id,
        id_at: impl Fn(usize) -> Option<&'a Id>,
    ) -> Result<usize, Room> {
        let Some(mask) = self.slots.len().checked_sub(1) else {
            return Err(Room(None));
        };
        let home = cast::usize_of_u32(tag) & mask;
        for step in 0..REACH {
            let at = (home + step) & mask;
            let slot = self.slots.get(at).copied().unwrap_or(FREE);
            if slot == FREE {
                return Err(Room(Some(at)));
            }
            if tag_in(slot) == tag && id_at(place_in(slot)) == Some(id) {
                return Ok(place_in(slot));
            }
        }
        let slot = self.crowded.get(id);
        slot.map_or(Err(Room(None)), |slot| Ok(place_in(*slot)))
    }

    /// Enters the place of an id in the room that was found for it. False if places have run out, and then
    /// nothing is changed.
    #[inline]
    pub(crate) fn enter(&mut self, room: Room, tag: u32, id: &Id, place: usize) -> bool {
        let Some(place) = u32::try_from(place).ok().filter(|place| *place != PLACES) else {
            return false;
        };
        let slot = slot_of(tag, place);
        match room.0.and_then(|at| self.slots.get_mut(at)) {
            Some(here) => {
                *here = slot;
                self.taken += 1;
            }
            None => {
                self.crowded.insert(id.clone(), slot);
            }
        }
        true
    }

    /// Enters the place of an id; the caller has made sure that the id is not there. False if places have
    /// run out, and then nothing is changed.
    pub(crate) fn insert<'a>(
        &mut self,
        tag: u32,
        id: &Id,
        place: usize,
        id_at: impl Fn(usize) -> Option<&'a Id> + Copy,
    ) -> bool {
        let Err(room) = self.find_or_room(tag, id, id_at) else {
            return false;
        };
        self.enter(room, tag, id, place)
    }

    /// Doubles the table where it stands, so that no memory is touched that will not be used. What a slot holds
    /// either stays in its half or moves to the same place of the other; taken in the order in which it was
    /// probed, behind a free slot, it never passes what is still to be moved.
    #[cold]
    fn grow<'a>(&mut self, id_at: impl Fn(usize) -> Option<&'a Id>) {
        let before = self.slots.len();
        self.slots.resize((before * 2).max(16), FREE);
        let crowded = core::mem::take(&mut self.crowded);
        self.taken = 0;
        let old = self.slots.iter().take(before);
        let first_free = old.into_iter().position(|slot| *slot == FREE).unwrap_or(0);
        for at in (first_free..before).chain(0..first_free) {
            let slot = self.slots.get_mut(at).map_or(FREE, core::mem::take);
            if slot != FREE {
                self.put_or_crowd(slot, || id_at(place_in(slot)).cloned());
            }
        }
        // All of them anew: an id may stand in the map only while its slots are all taken.
        for (id, slot) in crowded {
            self.put_or_crowd(slot, || Some(id));
        }
    }

    fn put_or_crowd(&mut self, slot: u64, id: impl FnOnce() -> Option<Id>) {
        if self.put(slot) {
            self.taken += 1;
        } else if let Some(id) = id() {
            self.crowded.insert(id, slot);
        }
    }

    /// False if every slot within reach is taken.
    fn put(&mut self, slot: u64) -> bool {
        let mask = self.slots.len() - 1;
        let home = cast::usize_of_u32(tag_in(slot)) & mask;
        for step in 0..REACH {
            match self.slots.get_mut((home + step) & mask) {
                Some(here) if *here == FREE => {
                    *here = slot;
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}

/// How many ids a table of so many slots holds before it grows.
const fn room_of(slots: usize) -> usize {
    slots / 8 * LOAD_EIGHTHS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Id {
        Id::new(format!("name-{number}")).unwrap()
    }

    /// An index of ids under tags of the test's choosing, found again one by one.
    fn check(ids: &[Id], tag_of: impl Fn(&Id) -> u32) -> IdIndex {
        let mut index = IdIndex::default();
        let at = |place: usize| ids.get(place);
        assert_eq!(index.find(7, &ids[0], at), None);
        for (place, one) in ids.iter().enumerate() {
            assert_eq!(index.find(tag_of(one), one, at), None);
            assert!(index.insert(tag_of(one), one, place, at));
        }
        for (place, one) in ids.iter().enumerate() {
            assert_eq!(index.find(tag_of(one), one, at), Some(place));
        }
        let other = Id::new("other").unwrap();
        assert_eq!(index.find(tag_of(&ids[0]), &other, at), None);
        assert_eq!(index.find(tag(&other), &other, at), None);
        assert_eq!(index.taken + index.crowded.len(), ids.len());
        assert!(index.slots.len() * LOAD_EIGHTHS >= index.taken * 8);
        index
    }

    #[test]
    fn every_id_is_found_at_its_place_and_no_other() {
        let ids: Vec<Id> = (0..20_000).map(id).collect();
        let index = check(&ids, tag);
        assert!(index.crowded.is_empty(), "{} crowded", index.crowded.len());
    }

    /// Ids made to collide cost a bounded look-up, and stay found while the table grows over them.
    #[test]
    fn colliding_ids_are_told_apart_in_bounded_time() {
        let ids: Vec<Id> = (0..3_000).map(id).collect();
        let index = check(&ids, |_| u32::MAX);
        assert_eq!((index.taken, index.crowded.len()), (REACH, 3_000 - REACH));
        // A run of neighbours without a gap, in which look-ups of others would otherwise walk for ever.
        let number = |one: &Id| one.as_str()[5..].parse::<u32>().unwrap();
        check(&ids, number);
        // Half of them collide, half let the table grow: what was crowded moves back into it.
        check(&ids, |one| {
            if number(one) % 2 == 0 {
                1 << 10
            } else {
                tag(one)
            }
        });
        check(&ids, |one| (number(one) % 8) << 9);
    }

    #[test]
    fn the_table_doubles_when_five_slots_in_eight_are_taken_and_not_before() {
        let ids: Vec<Id> = (0..21).map(id).collect();
        let mut index = IdIndex::default();
        let mut sizes = Vec::new();
        for (place, one) in ids.iter().enumerate() {
            assert!(index.insert(tag(one), one, place, |at| ids.get(at)));
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
        assert_eq!(IdIndex::with_room(0).slots.len(), 0);
        assert_eq!(IdIndex::with_room(20).slots.len(), 32);
        assert_eq!(IdIndex::with_room(21).slots.len(), 64);
        assert!(!index.insert(0, &ids[0], cast::usize_of_u32(PLACES), |at| ids.get(at)));
        assert_eq!(index.taken, 21);
    }

    #[test]
    fn tags_tell_ids_apart_and_are_the_same_on_every_run() {
        let tags: std::collections::BTreeSet<u32> = (0..10_000).map(|n| tag(&id(n))).collect();
        // 10,000 draws of 32 bits leave about a hundredth of a pair alike.
        assert!(tags.len() >= 9_998, "{} tags", tags.len());
        // Low bits pick the slot, so they must not follow the text's.
        let low: std::collections::BTreeSet<u32> = tags.iter().map(|tag| tag & 1023).collect();
        assert!(low.len() > 1_000, "{} low halves", low.len());
        let of = |text: &str| tag(&Id::new(text).unwrap());
        let lengths = [
            "a",
            "aa",
            "aaaaaaaa",
            "aaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaaaaaaaa",
        ]
        .map(of);
        // As computed by a second programme, and so on every platform.
        assert_eq!(
            lengths,
            [
                2_085_312_829,
                1_569_285_108,
                1_170_004_506,
                452_539_427,
                1_910_736_414,
            ]
        );
    }
}
