//! What the README says is held to the program: its first commands, and the table of keys.

use std::path::Path;

const BEGIN: &str = "<!-- keys: written from the program's own table; a test holds them together -->\n";
const END: &str = "<!-- /keys -->";

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("the README is there")
}

#[test]
fn key_table_is_the_program_s() {
    let readme = readme();
    let (_, rest) = readme.split_once(BEGIN).expect("the README has a place for the keys");
    let (keys, _) = rest.split_once(END).expect("the place has an end");
    let table = dispatch_lab::tui::key_table_markdown();
    assert_eq!(keys.trim(), table.trim(), "the README's keys should read:\n{table}");
}

#[test]
fn both_commands_stand_in_the_first_thirty_lines() {
    let head: Vec<String> = readme().lines().take(30).map(str::to_owned).collect();
    for command in ["cargo run --release", "cargo test"] {
        assert!(
            head.iter().any(|line| line.starts_with(command)),
            "`{command}` is missing"
        );
    }
}
