//! The tables of the README are those that the program runs on. With `UPDATE_README=1` in the
//! environment, what has drifted is written anew.

use std::{fs, path::Path};

use hookglass::{cli, config::keymap, domain::filter, engine::lab::providers};

#[test]
fn the_tables_of_the_readme_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let before = fs::read_to_string(&path).unwrap();
    let mut after = before.clone();
    for (name, table) in [
        ("flags", format!("```text\n{}\n```\n", cli::help().trim_end())),
        ("keys", keymap::markdown()),
        ("providers", providers::markdown()),
        ("filters", format!("\n{}\n", filter::markdown())),
    ] {
        let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
        let start = after.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
        let stop = start + after[start..].find(&end).unwrap_or_else(|| panic!("no {end}"));
        after.replace_range(start..stop, &table);
    }
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, after).unwrap();
    } else {
        assert!(before == after, "README.md has drifted: run the test with UPDATE_README=1 and commit it");
    }
}
