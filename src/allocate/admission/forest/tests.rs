//! Depths, cycles, and orders of groups.

use super::*;

/// The faults of a chain of groups, each the parent of the next; with the first one's own parent, if it has one.
fn faults(count: usize, first: Option<usize>) -> Vec<Fault> {
    let groups: Vec<Group> = (0..count)
        .map(|at| Group::new(Id::new(format!("g{at}")).unwrap()))
        .collect();
    let parents: Vec<Option<usize>> = (0..count).map(|at| at.checked_sub(1).or(first)).collect();
    let mut faults = Vec::new();
    check_forest(&groups, &parents, &mut faults);
    // From the leaf upwards no other chain is refused, and as often.
    let upwards: Vec<Option<usize>> = (0..count)
        .map(|at| (at + 1 < count).then_some(at + 1).or(first))
        .collect();
    let mut other = Vec::new();
    check_forest(&groups, &upwards, &mut other);
    assert_eq!(faults.len(), other.len());
    faults
}

#[test]
fn a_chain_may_be_as_deep_as_is_said() {
    for count in [1, DEPTH_MOST - 1, DEPTH_MOST] {
        assert_eq!(faults(count, None), vec![], "{count}");
    }
    for count in [DEPTH_MOST + 1, DEPTH_MOST + 50] {
        let found = faults(count, None);
        assert_eq!(found.len(), 1, "{count}");
        assert_eq!(found[0].path(), format!("groups[{DEPTH_MOST}].parent"));
        assert_eq!(
            found[0].rule(),
            "lies 257 groups deep; at most 256 are allowed"
        );
    }
}

/// A walk knows where it was by what it set.
#[test]
fn a_cycle_is_told_once() {
    let mut list = [1, 2, 3];
    set(&mut list, 1, 7);
    set(&mut list, 3, 9);
    assert_eq!(list, [1, 7, 3]);
    for count in 1..5 {
        let groups: Vec<Group> = (0..count)
            .map(|at| Group::new(Id::new(format!("g{at}")).unwrap()))
            .collect();
        let ring: Vec<Option<usize>> = (0..count).map(|at| Some((at + 1) % count)).collect();
        let mut faults = Vec::new();
        check_forest(&groups, &ring, &mut faults);
        let paths: Vec<&str> = faults.iter().map(Fault::path).collect();
        assert_eq!(paths, ["groups[0].parent"]);
    }
}

/// Two trees: 3 over 0 and 4, 4 over 1; and 2 alone. Parents first, smaller positions first.
#[test]
fn parents_come_before_their_children() {
    assert_eq!(downwards(&[3, 4, ROOT, ROOT, 3]), [2, 3, 0, 4, 1]);
    assert_eq!(downwards(&[]), Vec::<u32>::new());
}
