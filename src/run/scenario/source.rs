//! Where a scenario comes from: the shelf, or a file.

use crate::scenario::{Mistake, Scenario, Shelf, read};
use std::borrow::Cow;
use std::path::Path;

/// `Err`: what is wrong, for standard error, with its line ends.
pub(super) fn find(given: &str) -> Result<Scenario, String> {
    read(&text(given)?).map_err(|mistakes| complaint(given, &mistakes))
}

/// The text of the file.
pub(in crate::run) fn text(given: &str) -> Result<Cow<'static, str>, String> {
    let path = Path::new(given);
    let is_path = path.extension().is_some_and(|e| e == "toml") || path.components().count() > 1;
    if !is_path {
        match Shelf::built_in_text(given) {
            Ok(text) => return Ok(text.into()),
            Err(error) if !path.is_file() => return Err(format!("dispatch-lab: {error}\n")),
            Err(_) => {}
        }
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("dispatch-lab: can't read {given}: {error}\n"))?;
    Ok(text.into())
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
