//! Deterministic numerics: the same bits on every platform, in every order and on any number of threads.
//!
//! Nothing here knows of money or customers. Transcendental functions come from [`libm`] or from kernels
//! tested against it; sums over customers go through [`ExactSum`], whose result does not depend on order;
//! random numbers are counter-based ([`Draws`]), so that one customer's draws never move another's.

pub mod cast;
pub(crate) mod double_double;
mod draws;
mod exact_sum;
pub(crate) mod kernels;
pub mod minimise;
mod rank;
mod roots;
pub mod special;

pub use draws::{Draws, Stream};
pub use exact_sum::ExactSum;
pub use rank::RankCorrelation;
pub(crate) use rank::centred_ranks;
pub use roots::{Bracket, RootError, find_root};
