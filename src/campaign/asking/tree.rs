//! Territories as the tree that they must be.

use super::Asking;
use crate::campaign::CampaignError;
use crate::customer::Customer;
use crate::id::Id;

impl Asking<'_> {
    /// Territories form a tree, each once, with floors below caps.
    pub(super) fn check_tree(&self) -> Result<(), CampaignError> {
        for (at, territory) in self.terms.territories.iter().enumerate() {
            let parent = territory.parent();
            let unknown = parent.filter(|parent| self.place_of_territory(parent).is_none());
            let twice = self.place_of_territory(territory.id()) != Some(at);
            let (floor, cap) = (territory.floor(), territory.cap());
            let apart = floor
                .zip(cap)
                .filter(|(floor, cap)| floor.minor() > cap.minor());
            let rule = if twice {
                "is listed twice; list it once".to_owned()
            } else if let Some(parent) = unknown {
                format!("is inside {parent}, which is not listed; list it too")
            } else if let Some((floor, cap)) = apart {
                format!(
                    "has a floor of {floor} above its cap of {cap}; lower the floor or raise the cap"
                )
            } else if self.is_in_circle(at) {
                "is inside itself by way of its parents; break the circle".to_owned()
            } else {
                continue;
            };
            let territory = territory.id().clone();
            return Err(CampaignError::Territory { territory, rule });
        }
        Ok(())
    }

    fn is_in_circle(&self, at: usize) -> bool {
        let mut next = self.parent_of(at);
        for _ in &self.names {
            match next {
                Some(parent) if parent == at => return true,
                Some(parent) => next = self.parent_of(parent),
                None => return false,
            }
        }
        false
    }

    pub(in crate::campaign) fn parent_of(&self, at: usize) -> Option<usize> {
        let parent = self.terms.territories.get(at)?.parent()?;
        self.place_of_territory(parent)
    }

    /// The place among the terms of a territory.
    pub(in crate::campaign) fn place_of_territory(&self, name: &Id) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub(super) fn territory_of(&self, customer: &Customer) -> Option<usize> {
        self.place_of_territory(customer.territory()?)
    }

    /// The places of the territories around a customer, innermost first; a circle ends.
    pub(in crate::campaign) fn territories_around(&self, customer: &Customer) -> Vec<usize> {
        let mut around = Vec::new();
        let mut next = self.territory_of(customer);
        while let Some(at) = next {
            if around.contains(&at) {
                break;
            }
            around.push(at);
            next = self.parent_of(at);
        }
        around
    }
}
