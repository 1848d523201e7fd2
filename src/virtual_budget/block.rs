//! Many entries at once: looked up together, posted one by one.

use super::{Entry, Ledger, LedgerError, Posted};
use crate::id;

/// Entries looked up together: enough to overlap their waits for memory, few enough to stay in the nearest
/// cache.
const BLOCK: usize = 64;

/// What of an entry's look-ups has been made, or at least begun.
#[derive(Clone, Copy, Default)]
struct Ahead {
    tag: u32,
    budget_tag: u32,
    /// Where its budget stands, if it was planted before this block.
    place: Option<usize>,
}

impl Ledger {
    /// Posts entries in their order, as [`Ledger::post`] does one by one, and tells how many took effect; the
    /// others were retries. Faster than single posts once the ledger is larger than the caches: what the
    /// entries of a block touch is fetched together.
    ///
    /// # Errors
    /// The first entry that is refused, by its number from 0. Those before it have taken effect, and posting
    /// the same entries again is lawful: they are known for retries. It and those after it change nothing.
    ///
    /// ```
    /// use sortie::{calendar::Date, money::{Currency, Money}};
    /// use sortie::virtual_budget::{Entry, EntryId, Event, Ledger};
    /// let ceiling = |id, text| -> Result<Entry, Box<dyn std::error::Error>> {
    ///     let ceiling = Money::parse(text, Currency::USD)?;
    ///     Ok(Entry { id: EntryId::new(id)?, on: Date::new(2026, 1, 5)?, event: Event::Ceiling { ceiling } })
    /// };
    /// let entries = [ceiling("a", "500.00")?, ceiling("b", "-1.00")?, ceiling("c", "700.00")?];
    /// let mut ledger = Ledger::new(Currency::USD);
    /// let (number, error) = ledger.post_all(entries.clone()).unwrap_err();
    /// assert_eq!(number, 1);
    /// assert!(error.to_string().contains("must be above 0"));
    /// assert_eq!(ledger.journal(), entries[..1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn post_all(
        &mut self,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<usize, (usize, LedgerError)> {
        let (mut entries, mut block) = (entries.into_iter(), Vec::with_capacity(BLOCK));
        let mut aheads = [Ahead::default(); BLOCK];
        let (mut number, mut taken) = (0, 0);
        loop {
            block.extend(entries.by_ref().take(BLOCK));
            if block.is_empty() {
                return Ok(taken);
            }
            self.look_ahead(&block, &mut aheads);
            for (entry, ahead) in block.iter().zip(&aheads) {
                let Entry { id, on, event } = entry;
                // Planted within this block, perhaps.
                let place = match event.budget() {
                    Some(budget) if ahead.place.is_none() => {
                        self.place_tagged(ahead.budget_tag, budget)
                    }
                    _ => ahead.place,
                };
                let posted = self
                    .post_placed((ahead.tag, place), id, *on, event)
                    .map_err(|error| (number, error))?;
                taken += usize::from(posted == Posted::Now);
                number += 1;
            }
            block.clear();
        }
    }

    /// Three rounds of reads, each round's reads independent of each other: the slots of both indices, the
    /// budgets, their promises.
    fn look_ahead(&self, block: &[Entry], aheads: &mut [Ahead; BLOCK]) {
        for (ahead, entry) in aheads.iter_mut().zip(block) {
            ahead.tag = id::tag(&entry.id.0);
            ahead.budget_tag = entry.event.budget().map_or(0, |budget| id::tag(&budget.0));
        }
        let aheads = aheads.get_mut(..block.len()).unwrap_or_default();
        self.record_index
            .touch(aheads.iter().map(|ahead| ahead.tag));
        self.budget_index
            .touch(aheads.iter().map(|ahead| ahead.budget_tag));
        for (ahead, entry) in aheads.iter_mut().zip(block) {
            let budget = entry.event.budget();
            ahead.place = budget.and_then(|id| self.place_tagged(ahead.budget_tag, id));
        }
        let budgets = aheads
            .iter()
            .filter_map(|ahead| self.budgets.get(ahead.place?));
        let seen = budgets.map(|budget| {
            let promise = budget.promises().last();
            budget.cap
                ^ budget.released
                ^ promise.map_or(0, |promise| promise.outstanding().minor())
        });
        core::hint::black_box(seen.fold(0, |sum, part| sum ^ part));
    }
}
