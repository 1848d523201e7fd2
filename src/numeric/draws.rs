//! Counter-based random numbers: a draw is a pure function of its key.

use super::cast;

/// Increment of the Weyl sequence of `SplitMix64` (Steele, Lea & Flood 2014): 2⁶⁴ over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A source of random numbers without state: each stream is a function of the seed and a key.
///
/// A simulation keys its streams by (customer, period, cause), so every policy sees the same draws
/// (common random numbers), and neither order nor threads nor another customer can move them.
///
/// ```
/// use sortie::numeric::Draws;
/// let draws = Draws::new(7);
/// let alone = draws.stream(&[42, 3]).uniform();
/// let _other = draws.stream(&[41, 3]).uniform();
/// assert_eq!(alone, draws.stream(&[42, 3]).uniform());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// A source for a seed; equal seeds give equal draws, for good.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream of a key. Keys of different lengths or contents give unrelated streams.
    #[must_use]
    pub fn stream(&self, key: &[u64]) -> Stream {
        let start = mix(self.seed ^ mix(cast::u64_of_usize(key.len()).wrapping_add(GOLDEN)));
        let state = key.iter().fold(start, |state, part| {
            // Mixing between parts keeps (a, b) apart from (b, a).
            mix(state.wrapping_add(GOLDEN) ^ mix(part.wrapping_add(GOLDEN)))
        });
        Stream { state }
    }
}

/// The numbers of one key, in order.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform on `[0, 1)`, a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        cast::f64_of_u64(self.bits() >> 11) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform on `0..bound` without bias (Lemire 2019); 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject = bound.wrapping_neg() % bound;
        // Ends with probability 1; each turn fails with probability below one half.
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or(0);
            if low >= reject {
                return u64::try_from(product >> 64).unwrap_or(0);
            }
        }
    }

    /// True with the given probability; a probability of 0 never, of 1 always.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Exponential with the given rate, by inversion.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log1p(-self.uniform()) / rate
    }

    /// Standard normal (Box & Muller 1958), the cosine branch only, so that each draw uses two uniforms.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log1p(-self.uniform()));
        radius * libm::cos(core::f64::consts::TAU * self.uniform())
    }
}

/// The finaliser of `SplitMix64`: a bijection in which each input bit moves about half of the output bits.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The draws are part of the contract: these values must never change.
    #[test]
    fn values_are_stable() {
        let mut stream = Draws::new(1).stream(&[2, 3]);
        let first: Vec<u64> = (0..2).map(|_| stream.bits()).collect();
        let again: Vec<u64> = {
            let mut stream = Draws::new(1).stream(&[2, 3]);
            (0..2).map(|_| stream.bits()).collect()
        };
        assert_eq!(first, again);
        assert_ne!(Draws::new(1).stream(&[3, 2]).bits(), first[0]);
        assert_ne!(Draws::new(1).stream(&[2, 3, 0]).bits(), first[0]);
        assert_eq!(
            mix(GOLDEN),
            0xe220_a839_7b1d_cdaf,
            "first output of `SplitMix64` from seed 0"
        );
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let count = 40_000;
        let (mut uniform, mut normal, mut square, mut exponential) = (0.0, 0.0, 0.0, 0.0);
        for customer in 0..count {
            let mut stream = Draws::new(9).stream(&[customer, 1]);
            uniform += stream.uniform();
            let z = stream.normal();
            normal += z;
            square += z * z;
            exponential += stream.exponential(2.0);
        }
        let n = cast::f64_of_u64(count);
        assert!((uniform / n - 0.5).abs() < 0.01);
        assert!((normal / n).abs() < 0.025);
        assert!((square / n - 1.0).abs() < 0.04);
        assert!((exponential / n - 0.5).abs() < 0.015);
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut seen = [0_u32; 7];
        let mut stream = Draws::new(3).stream(&[]);
        for _ in 0..7_000 {
            seen[usize::try_from(stream.below(7)).unwrap()] += 1;
        }
        assert!(
            seen.iter().all(|count| (850..1150).contains(count)),
            "{seen:?}"
        );
        assert_eq!(stream.below(0), 0);
    }
}
