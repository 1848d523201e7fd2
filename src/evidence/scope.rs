//! Scope from events: how many users within a customer, and how evenly they use.

use super::EvidenceError;
use super::sample::NameCounts;
use crate::customer::habit::Scope;

/// From how many users on a habit is that of a group, and of the organisation \[H2\]: a parameter set, by
/// default a judgement.
///
/// What counts is not how many have ever tried but how many carry the use: the effective number of users,
/// one busy user among idle ones counting as about one. And a user counts only with uses enough to show for
/// it, so that two chance users in two uses make no group:
///
/// ```text
/// users = min( effective number, uses / uses_each )
/// ```
///
/// ```
/// use sortie::customer::habit::Scope;
/// use sortie::evidence::{NameCounts, ScopeRule};
///
/// let rule = ScopeRule::default();
/// assert_eq!(rule.scope(&NameCounts::default()), Scope::Individual);
/// # Ok::<(), sortie::evidence::EvidenceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScopeRule {
    group_from: f64,
    organisation_from: f64,
    uses_each: f64,
}

impl ScopeRule {
    /// A rule from the users at which a group begins, above 1; those at which the organisation begins, not
    /// fewer; and the uses that each needs on average, at least 1.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`], naming the first that is out of its range.
    pub fn new(
        group_from: f64,
        organisation_from: f64,
        uses_each: f64,
    ) -> Result<Self, EvidenceError> {
        EvidenceError::check("group_from", group_from, group_from > 1.0, "above 1")?;
        EvidenceError::check(
            "organisation_from",
            organisation_from,
            organisation_from >= group_from,
            "at least group_from",
        )?;
        EvidenceError::check("uses_each", uses_each, uses_each >= 1.0, "at least 1")?;
        Ok(Self {
            group_from,
            organisation_from,
            uses_each,
        })
    }

    /// How many users carry the use. 0 where no user is recorded.
    #[must_use]
    pub fn users(&self, users: &NameCounts) -> f64 {
        let shown = crate::numeric::cast::f64_of_u64(users.uses()) / self.uses_each;
        users.effective().min(shown)
    }

    /// The scope of a customer's use. Where no user is recorded it is that of one person: no more is known.
    #[must_use]
    pub fn scope(&self, users: &NameCounts) -> Scope {
        let users = self.users(users);
        if users >= self.organisation_from {
            Scope::Organisation
        } else if users >= self.group_from {
            Scope::Group
        } else {
            Scope::Individual
        }
    }
}

impl Default for ScopeRule {
    /// A group from 1.5 users (two of whom the lesser makes a fifth of the uses count as 1.47), the
    /// organisation from 10, each with three uses.
    fn default() -> Self {
        Self {
            group_from: 1.5,
            organisation_from: 10.0,
            uses_each: 3.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::hash_of;
    use super::*;
    use crate::id::Id;

    fn counts(uses: &[u64]) -> NameCounts {
        let mut counts = NameCounts::default();
        for (place, uses) in uses.iter().enumerate() {
            let name = Id::new(format!("u{place}")).unwrap();
            for _ in 0..*uses {
                counts.push(hash_of(&name), &name);
            }
        }
        counts
    }

    #[test]
    fn scope_is_read_from_those_who_carry_the_use() {
        let rule = ScopeRule::default();
        for (uses, scope) in [
            (vec![], Scope::Individual),
            (vec![50], Scope::Individual),
            (vec![80, 20], Scope::Individual),
            (vec![77, 23], Scope::Group),
            // Two uses by two users say nothing yet; five by two do.
            (vec![1, 1], Scope::Individual),
            (vec![2, 2], Scope::Individual),
            (vec![3, 2], Scope::Group),
            (vec![5; 9], Scope::Group),
            (vec![3; 10], Scope::Organisation),
            (vec![2; 10], Scope::Group),
        ] {
            assert_eq!(rule.scope(&counts(&uses)), scope, "{uses:?}");
        }
    }

    #[test]
    fn rules_out_of_range_are_refused() {
        for (group, organisation, each, name) in [
            (1.0, 5.0, 3.0, "group_from"),
            (f64::NAN, 5.0, 3.0, "group_from"),
            (2.0, 1.9, 3.0, "organisation_from"),
            (2.0, f64::INFINITY, 3.0, "organisation_from"),
            (2.0, 5.0, 0.9, "uses_each"),
        ] {
            let refused = ScopeRule::new(group, organisation, each).unwrap_err();
            let said = refused.to_string();
            assert!(said.starts_with(&format!("parameter {name} is ")), "{said}");
        }
        assert!(ScopeRule::new(1.1, 1.1, 1.0).is_ok());
    }

    proptest! {
        /// An even spread over more users is never a narrower scope; more of the same use never is.
        #[test]
        fn scope_widens_with_users_and_with_use(users in 1_usize..14, uses in 1_u64..9) {
            let rule = ScopeRule::default();
            let now = rule.scope(&counts(&vec![uses; users]));
            prop_assert!(rule.scope(&counts(&vec![uses; users + 1])) >= now);
            prop_assert!(rule.scope(&counts(&vec![uses + 1; users])) >= now);
        }
    }
}
