use super::*;

#[test]
fn a_tree_is_as_long_as_its_groups() {
    let tree = Tree {
        group_of: vec![ROOT, 1],
        parent: vec![ROOT, 0, 1],
        ..Tree::default()
    };
    assert_eq!((tree.len(), Tree::default().len()), (3, 0));
    assert_eq!([0, 1, 2].map(|at| tree.group_of(at)), [ROOT, 1, ROOT]);
}
