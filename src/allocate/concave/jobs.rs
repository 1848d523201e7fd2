//! Work over many items, cut into jobs.
//!
//! With the feature `rayon` the jobs run on the pool that the caller is in; without it, one after the other. The cuts
//! are the same either way, and results are taken in the order of the jobs, so nothing depends on the threads.

use core::ops::Range;

use super::columns::{CHUNK, Segment};

/// Items in a job: enough to be worth handing to another thread.
pub(super) const JOB: usize = 64 * CHUNK;

/// A run of items, with the segments that reach into it.
pub(super) struct Job<'s> {
    pub(super) items: Range<usize>,
    segments: &'s [Segment],
}

/// Cuts segments that lie side by side into jobs; job `k` holds the `k`-th [`JOB`] items.
pub(super) fn jobs(segments: &[Segment]) -> impl ExactSizeIterator<Item = Job<'_>> {
    let (start, end) = match segments {
        [first, .., last] => (first.items.start, last.items.end),
        [only] => (only.items.start, only.items.end),
        [] => (0, 0),
    };
    (0..(end - start).div_ceil(JOB)).map(move |at| {
        let items = start + at * JOB..end.min(start + (at + 1) * JOB);
        let first = segments.partition_point(|segment| segment.items.end <= items.start);
        let past = segments.partition_point(|segment| segment.items.start < items.end);
        Job {
            items,
            segments: &segments[first..past],
        }
    })
}

impl<'s> Job<'s> {
    /// The segments with the items of theirs that are in the job.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&'s Segment, Range<usize>)> {
        let (start, end) = (self.items.start, self.items.end);
        self.segments.iter().map(move |segment| {
            let items = segment.items.start.max(start)..segment.items.end.min(end);
            (segment, items)
        })
    }

    /// The nodes that the job's items are members of, from the first to past the last.
    pub(super) fn nodes(&self) -> Range<usize> {
        match self.segments {
            [first, .., last] => first.node..last.node + 1,
            [only] => only.node..only.node + 1,
            [] => 0..0,
        }
    }
}

/// Does each job, and takes the results in the order of the jobs.
pub(super) fn each<J: Send, R: Send>(
    jobs: impl ExactSizeIterator<Item = J>,
    work: impl Fn(J) -> R + Sync + Send,
    mut take: impl FnMut(R),
) {
    #[cfg(feature = "rayon")]
    if jobs.len() > 1 {
        use rayon::prelude::*;
        let jobs: Vec<J> = jobs.collect();
        let done: Vec<R> = jobs.into_par_iter().map(work).collect();
        done.into_iter().for_each(take);
        return;
    }
    for job in jobs {
        take(work(job));
    }
}

/// The chunks of a range.
pub(super) fn chunks(items: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = items.end;
    items
        .step_by(CHUNK)
        .map(move |start| start..end.min(start + CHUNK))
}

#[cfg(test)]
mod tests {
    use super::super::columns::Family;
    use super::*;

    #[test]
    fn jobs_hold_every_item_once_with_its_segment() {
        for lengths in [
            &[3, 0, JOB - 1, 2 * JOB + 17, 1, 40][..],
            // Segments end where jobs do.
            &[JOB, 2 * JOB, 5],
            &[7],
        ] {
            for start in [0, 11, 2 * JOB + 5] {
                check(lengths, start);
            }
        }
        assert_eq!(jobs(&[]).len(), 0);
    }

    /// Jobs of segments so long, side by side.
    fn check(lengths: &[usize], start: usize) {
        let mut at = start;
        let segments: Vec<Segment> = (0..)
            .zip(lengths)
            .filter(|&(_, length)| *length > 0)
            .map(|(node, length)| {
                at += length;
                let items = at - length..at;
                Segment::new(Family::Power, node, items)
            })
            .collect();
        let mut next = start;
        for job in jobs(&segments) {
            assert_eq!(job.items.start, next);
            assert!(job.items.len() == JOB || job.items.end == at);
            for (segment, items) in job.parts() {
                assert_eq!(items.start, next);
                assert!(!items.is_empty() && job.nodes().contains(&segment.node));
                assert!(segment.items.start <= items.start && items.end <= segment.items.end);
                next = items.end;
            }
            assert_eq!(next, job.items.end);
        }
        assert_eq!(next, at);
    }

    #[test]
    fn chunks_hold_every_item_once() {
        for items in [
            0..0,
            5..5,
            3..4,
            7..7 + CHUNK,
            0..3 * CHUNK + 1,
            9..10 * CHUNK,
        ] {
            let mut next = items.start;
            for chunk in chunks(items.clone()) {
                assert_eq!(chunk.start, next);
                assert!(chunk.len() == CHUNK || chunk.end == items.end);
                next = chunk.end;
            }
            assert_eq!(next, items.end);
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let mut seen = Vec::new();
        each(0..100_usize, |job| job * job, |square| seen.push(square));
        assert_eq!(seen, (0..100).map(|job| job * job).collect::<Vec<_>>());
    }
}
