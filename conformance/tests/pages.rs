//! Pages of the documentation that are generated; `UPDATE_PAGES=1` writes them anew.

use fevm_conformance::divergence::page;
use std::path::Path;

#[test]
fn differences_are_those_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    let page = page::differences();
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "{} is not what the table gives: run with UPDATE_PAGES=1",
        path.display()
    );
}
