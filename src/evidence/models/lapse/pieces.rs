//! The pieces into which a silence ahead is cut.
//!
//! They begin on the as-of date and end after fixed parts of the horizon, whatever window is asked for: a quarter each up
//! to one horizon, a half up to two, then each as long as all before it. In a piece the correction is that of its middle.
//! So a longer window adds hazard to that of a shorter one and takes none away: its chance of silence can only be less.

/// Pieces that most windows lie in: those up to four horizons.
pub(super) const NEAR: usize = 7;

/// Pieces in all; the last has no end.
pub(super) const ALL: usize = 16;

/// Where each piece ends, in horizons.
const ENDS: [f64; ALL] = [
    0.25,
    0.5,
    0.75,
    1.0,
    1.5,
    2.0,
    4.0,
    8.0,
    16.0,
    32.0,
    64.0,
    128.0,
    256.0,
    512.0,
    1_024.0,
    f64::INFINITY,
];

/// A piece of a silence, in days from the as-of date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Piece {
    /// The pieces, the first first.
    pub(super) fn all(horizon: f64) -> impl Iterator<Item = Self> {
        let starts = core::iter::once(0.0).chain(ENDS);
        starts.zip(ENDS).map(move |(start, end)| Self {
            start: horizon * start,
            end: horizon * end,
        })
    }

    /// Where the correction is read: it is fitted on traits at the start of a step, which on average lies half a step
    /// before the middle. The piece without an end is read at its start.
    pub(super) fn middle(&self, step: f64) -> f64 {
        let width = if self.end < f64::INFINITY {
            self.end - self.start
        } else {
            0.0
        };
        (self.start + 0.5 * (width - step)).max(0.5 * self.start)
    }
}

/// The middles of the near pieces, and the ends of all but the last of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    pub(super) middles: [f64; NEAR],
    pub(super) ends: [f64; NEAR - 1],
    /// Where the last of them ends.
    pub(super) most: f64,
}

impl Near {
    pub(super) fn of(horizon: f64, step: f64) -> Self {
        let mut near = Self {
            middles: [0.0; NEAR],
            ends: [0.0; NEAR - 1],
            most: horizon * ENDS[NEAR - 1],
        };
        for (middle, piece) in near.middles.iter_mut().zip(Piece::all(horizon)) {
            *middle = piece.middle(step);
        }
        for (end, piece) in near.ends.iter_mut().zip(Piece::all(horizon)) {
            *end = piece.end;
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits()
    }

    #[test]
    fn the_pieces_tile_all_time_and_are_read_in_their_middle() {
        let pieces: Vec<Piece> = Piece::all(80.0).collect();
        assert_eq!(pieces.len(), ALL);
        assert!(pieces[0].start.abs() < f64::MIN_POSITIVE);
        for pair in pieces.windows(2) {
            assert!(pair[0].start < pair[0].end);
            assert!(pair[0].end.to_bits() == pair[1].start.to_bits());
        }
        let ends: Vec<f64> = pieces.iter().map(|piece| piece.end).take(8).collect();
        let right = [20.0, 40.0, 60.0, 80.0, 120.0, 160.0, 320.0, 640.0];
        assert!(ends.iter().zip(right).all(|(end, right)| same(*end, right)));
        assert!(pieces[ALL - 1].end.is_infinite());
        // Half a step before the middle, or half of the start where a piece is shorter than that.
        for (place, step, right) in [
            (2, 7.0, 46.5),
            (2, 200.0, 20.0),
            (0, 7.0, 6.5),
            (0, 30.0, 0.0),
            (ALL - 1, 2.0, 80.0 * 1_024.0 - 1.0),
        ] {
            assert!(same(pieces[place].middle(step), right), "{place} {step}");
        }
    }

    #[test]
    fn the_near_pieces_are_the_first_of_all() {
        let near = Near::of(80.0, 7.0);
        assert!(same(near.most, 320.0));
        for (end, piece) in near.ends.iter().zip(Piece::all(80.0)) {
            assert!(same(*end, piece.end));
        }
        for (middle, piece) in near.middles.iter().zip(Piece::all(80.0)) {
            assert!(same(*middle, piece.middle(7.0)));
        }
    }
}
