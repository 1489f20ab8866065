//! Where a scenario comes from: the shelf, or a file.

use crate::scenario::{Mistake, Scenario, Shelf, read, read_scenario_file};
use std::borrow::Cow;
use std::path::Path;

/// `Err`: what is wrong, for standard error, with its line ends.
pub(super) fn find(given: &str) -> Result<Scenario, String> {
    read(&text(given)?).map_err(|mistakes| complaint(given, &mistakes))
}

/// The text of the file.
pub(in crate::run) fn text(given: &str) -> Result<Cow<'static, str>, String> {
    let built_in = Shelf::built_in_text(given);
    if !is_file(given, built_in.is_ok()) {
        let text = built_in.map_err(|error| format!("dispatch-lab: {error}\n"))?;
        return Ok(text.into());
    }
    let read = read_scenario_file(Path::new(given));
    let text = read.map_err(|error| format!("dispatch-lab: can't read {given}: {error}\n"))?;
    Ok(text.into())
}

/// Whether a file is meant, and no name: what ends in `.toml` or lies in a folder is one, and what no lesson is called
/// and a file is.
pub(in crate::run) fn is_file(given: &str, is_name: bool) -> bool {
    let path = Path::new(given);
    let is_path = path.extension().is_some_and(|e| e == "toml") || path.components().count() > 1;
    is_path || (!is_name && path.is_file())
}

/// As a compiler tells them.
pub(in crate::run) fn complaint(file: &str, mistakes: &[Mistake]) -> String {
    let told: Vec<String> = mistakes.iter().map(|mistake| mistake.render(file)).collect();
    told.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_looked_up_on_the_shelf_and_a_path_in_the_file_system() {
        let name = |found: Result<Scenario, String>| found.map(|scenario| scenario.name.to_string());
        assert_eq!(name(find("fair-dispatch")), Ok("fair-dispatch".into()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
        let file = folder.join("01-round-robin.toml");
        assert_eq!(name(find(&file.to_string_lossy())), Ok("round-robin".into()));
        let nowhere = find("nowhere.toml").expect_err("there is no such file");
        assert!(
            nowhere.starts_with("dispatch-lab: can't read nowhere.toml: "),
            "{nowhere}"
        );
        let unknown = find("fair-dispach").expect_err("there is no such lesson");
        assert!(unknown.contains("`fair-dispatch`"), "{unknown}");
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bad.toml");
        std::fs::write(&file, "format = 1\nname = \"bad\"\n[settings]\nprefech = 1\n").expect("it is written");
        let told = find(&file.to_string_lossy()).expect_err("it is bad");
        assert!(told.contains("bad.toml:4:1: ") && told.contains("prefetch"), "{told}");
    }
}
