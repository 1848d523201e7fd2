//! Who knows whom among the customers of a book.

use std::sync::Arc;

use super::{Book, BookError, Customer, RowFault};
use crate::customer::acquaintance::{AcquaintanceError, AcquaintanceGraph, Tie};
use crate::id::Id;

impl Book {
    /// The same book, with who knows whom \[C4\]; in place of what it held of that before.
    ///
    /// What an acquaintance is worth is a judgement of its own, which is nothing unless a user says
    /// otherwise: see [`Listening`](crate::customer::acquaintance::Listening).
    ///
    /// # Errors
    /// [`AcquaintanceError`]: a tie given twice, or to somebody whom the book does not hold. `O(n + ties)`.
    ///
    /// ```
    /// use sortie::customer::Book;
    /// use sortie::customer::acquaintance::{Tie, TieKind};
    /// use sortie::fraction::Fraction;
    /// use sortie::id::Id;
    /// use sortie::money::Currency;
    ///
    /// let book = Book::empty(Currency::USD);
    /// let tie = Tie::new(Id::new("p")?, Id::new("c")?, TieKind::Advice, Fraction::ONE)?;
    /// let refused = book.with_acquaintances([tie]).unwrap_err();
    /// assert!(refused.to_string().contains("p is no customer"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_acquaintances(
        self,
        ties: impl IntoIterator<Item = Tie>,
    ) -> Result<Self, AcquaintanceError> {
        let graph = AcquaintanceGraph::new(ids(&self.customers), ties)?;
        Ok(Self {
            acquaintances: (graph.ties() > 0).then(|| Arc::new(graph)),
            ..self
        })
    }

    /// Who knows whom; a customer's place in the graph is that in [`Book::customers`]. `None` if nobody
    /// knows anybody.
    #[must_use]
    pub fn acquaintances(&self) -> Option<&AcquaintanceGraph> {
        self.acquaintances.as_deref()
    }

    /// The same ties among these customers, who are all of this book's and perhaps more.
    pub(super) fn acquaintances_among(
        &self,
        customers: &[Customer],
    ) -> Result<Option<Arc<AcquaintanceGraph>>, BookError> {
        let Some(graph) = &self.acquaintances else {
            return Ok(None);
        };
        if customers.len() == graph.len() {
            return Ok(Some(Arc::clone(graph)));
        }
        match graph.among(ids(customers)) {
            Ok(graph) => Ok(Some(Arc::new(graph))),
            Err(error) => Err(BookError {
                faults: vec![RowFault {
                    row: 0,
                    field: "acquaintances",
                    error: error.into(),
                }],
            }),
        }
    }
}

fn ids(customers: &[Customer]) -> Vec<Id> {
    customers.iter().map(|c| c.id().clone()).collect()
}
