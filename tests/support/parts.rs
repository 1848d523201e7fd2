//! Answers taken apart and put together again, for tests that change a part.

use sortie::allocate::{Allocation, Certificate, LineParts, Totals};

/// An answer taken apart.
pub(crate) struct Parts {
    pub(crate) totals: Totals,
    pub(crate) lines: Vec<LineParts>,
    pub(crate) certificate: Certificate,
}

impl Parts {
    pub(crate) fn of(answer: &Allocation) -> Self {
        let lines = answer.lines().map(|line| LineParts {
            id: line.id.clone(),
            spend: line.spend,
            value: line.value,
            marginal: line.marginal,
            option: line.option.cloned(),
            limited_by: line.limited_by,
        });
        Self {
            totals: Totals {
                status: answer.status(),
                value: answer.value(),
                bound: answer.bound(),
                gap: answer.gap(),
                spent: answer.spent(),
                unspent: answer.unspent(),
                shadow_price: answer.shadow_price(),
            },
            lines: lines.collect(),
            certificate: answer.certificate().clone(),
        }
    }

    pub(crate) fn together(self, answer: &Allocation) -> Allocation {
        Allocation::from_parts(
            answer.currency(),
            self.totals,
            answer.resources().to_vec(),
            answer.groups().to_vec(),
            self.lines,
            self.certificate,
        )
    }
}
