//! Programmes over cones, and the other solver.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SupportedConeT};

/// A constant and coefficients of columns.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    constant: f64,
    terms: Vec<(f64, usize)>,
}

impl Affine {
    pub(crate) const fn constant(constant: f64) -> Self {
        Self {
            constant,
            terms: Vec::new(),
        }
    }

    pub(crate) fn of(column: usize) -> Self {
        Self::constant(0.0).plus(1.0, column)
    }

    pub(crate) fn plus(mut self, coefficient: f64, column: usize) -> Self {
        self.terms.push((coefficient, column));
        self
    }

    pub(crate) fn shifted(mut self, by: f64) -> Self {
        self.constant += by;
        self
    }

    pub(crate) fn times(mut self, factor: f64) -> Self {
        self.constant *= factor;
        for (coefficient, _) in &mut self.terms {
            *coefficient *= factor;
        }
        self
    }
}

/// What a list of rows must lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cone {
    /// Each at least 0.
    NonNegative,
    /// `(x, y, z)` with `y·e^(x/y) ≤ z`.
    Exponential,
    /// `(x, y, z)` with `x^power·y^(1−power) ≥ |z|`.
    Power(f64),
    /// The first at least the length of the others.
    SecondOrder,
}

/// Columns, rows in cones, and a sum to be made as large as can be.
#[derive(Default)]
pub(crate) struct Programme {
    columns: usize,
    rows: Vec<Affine>,
    cones: Vec<SupportedConeT<f64>>,
}

/// What the other solver says: columns, and the price of each row.
pub(crate) struct Outcome {
    pub(crate) columns: Vec<f64>,
    pub(crate) prices: Vec<f64>,
}

impl Programme {
    pub(crate) const fn column(&mut self) -> usize {
        self.columns += 1;
        self.columns - 1
    }

    pub(crate) fn within(&mut self, cone: Cone, rows: &[Affine]) {
        self.cones.push(match cone {
            Cone::NonNegative => SupportedConeT::NonnegativeConeT(rows.len()),
            Cone::Exponential => SupportedConeT::ExponentialConeT(),
            Cone::Power(power) => SupportedConeT::PowerConeT(power),
            Cone::SecondOrder => SupportedConeT::SecondOrderConeT(rows.len()),
        });
        self.rows.extend_from_slice(rows);
    }

    /// Adds a row that is at least 0, and gives its place.
    pub(crate) fn at_least_zero(&mut self, row: &Affine) -> usize {
        self.within(Cone::NonNegative, core::slice::from_ref(row));
        self.rows.len() - 1
    }

    /// Makes a sum of columns as large as can be. Nothing is promised: whoever asks checks the outcome.
    pub(crate) fn most(&self, sum: &[(f64, usize)]) -> Outcome {
        let mut cost = vec![0.0; self.columns];
        for (coefficient, column) in sum {
            cost[*column] -= coefficient;
        }
        // The solver's rows are `limit − matrix·columns`.
        let limits: Vec<f64> = self.rows.iter().map(|row| row.constant).collect();
        let terms = (self.rows.iter().enumerate())
            .flat_map(|(at, row)| row.terms.iter().map(move |term| (at, term)));
        let (mut places, mut columns, mut coefficients) = (vec![], vec![], vec![]);
        for (at, (coefficient, column)) in terms {
            places.push(at);
            columns.push(*column);
            coefficients.push(-coefficient);
        }
        let shape = (self.rows.len(), self.columns);
        let matrix = CscMatrix::new_from_triplets(shape.0, shape.1, places, columns, coefficients);
        let squares = CscMatrix::zeros((self.columns, self.columns));
        let settings = DefaultSettings {
            verbose: false,
            tol_gap_abs: ACCURACY,
            tol_gap_rel: ACCURACY,
            tol_feas: ACCURACY,
            ..DefaultSettings::default()
        };
        let mut solver =
            DefaultSolver::new(&squares, &cost, &matrix, &limits, &self.cones, settings).unwrap();
        solver.solve();
        Outcome {
            columns: solver.solution.x.clone(),
            prices: solver.solution.z.clone(),
        }
    }
}

/// What the solver is asked for, of programmes whose figures are about 1; where it stops earlier, its best is taken.
const ACCURACY: f64 = 1e-10;
