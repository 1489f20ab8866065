use super::*;

fn files(text: &str) -> Vec<File> {
    ["worker.py", "producer.py"]
        .map(|name| File {
            name,
            text: text.to_owned(),
        })
        .to_vec()
}

#[test]
fn base64_is_that_of_the_rfc() {
    let rows = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (text, want) in rows {
        assert_eq!(base64(text.as_bytes()), want, "{text}");
    }
}

#[test]
fn a_copy_is_one_order_to_the_terminal() {
    let mut terminal = Vec::new();
    let said = copy(&mut terminal, "worker.py", "foo");
    assert_eq!(terminal, b"\x1b]52;c;Zm9v\x07");
    assert!(said.contains("worker.py") && said.contains("refuses"), "{said}");
}

#[test]
fn files_are_written_once_and_never_over_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it is there");
    let rows = [
        ("one", "2 files written to ./dispatch-lab-code"),
        ("one", "./dispatch-lab-code has exactly these files already"),
        (
            "two",
            "dispatch-lab-code holds other files, and keeps them: 2 files written to ./dispatch-lab-code-2",
        ),
        ("two", "./dispatch-lab-code-2 has exactly these files already"),
        ("one", "./dispatch-lab-code has exactly these files already"),
    ];
    for (text, want) in rows {
        assert_eq!(save(folder.path(), &files(text)), want);
    }
    assert_eq!(
        (
            read("dispatch-lab-code/worker.py"),
            read("dispatch-lab-code-2/worker.py")
        ),
        ("one".into(), "two".into())
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = save(&folder.path().join("nowhere"), &files("one"));
    assert!(said.starts_with("the files were not written: "), "{said}");
}
