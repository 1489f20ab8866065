use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn names(shelf: &Shelf) -> Vec<&str> {
    shelf.rows().iter().map(|row| &*row.scenario.name).collect()
}

/// A lesson that is built in, under another name.
fn text(name: &str) -> String {
    let (_, text) = BUILT_IN[0];
    text.replacen("name = \"round-robin\"", &format!("name = \"{name}\""), 1)
}

#[test]
fn built_in_files_are_named_and_numbered_as_their_scenarios() {
    let shelf = Shelf::built_in();
    for (n, ((file, _), name)) in (1..).zip(BUILT_IN.iter().zip(names(&shelf))) {
        assert_eq!(*file, format!("{n:02}-{name}.toml"));
    }
}

#[test]
fn every_built_in_file_is_on_the_shelf() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
    let found = scenario_files(&folder).expect("the folder is there");
    let found: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    let shelved: Vec<_> = BUILT_IN.iter().map(|(file, _)| *file).collect();
    assert_eq!(found, shelved);
}

#[test]
fn every_built_in_lesson_tells_all_that_a_lesson_tells() {
    for row in Shelf::built_in().rows() {
        let s = &row.scenario;
        let prose = &s.prose;
        assert!(!prose.story.is_empty() && !prose.reveal.is_empty(), "{}", s.name);
        assert!(!prose.rule.is_empty(), "{}", s.name);
        assert!(prose.source.starts_with("https://www.rabbitmq.com/"), "{}", s.name);
        assert!(
            !s.predictions.is_empty() && !s.goals.is_empty() && s.flip.is_some(),
            "{}",
            s.name
        );
        for p in &s.predictions {
            assert!(!p.because.is_empty(), "{}: {}", s.name, p.question);
            let silent = p.choices.iter().filter(|c| c.if_chosen.is_empty()).count();
            assert!(
                silent <= 1 || s.name.as_ref() == "your-broker",
                "{}: {}",
                s.name,
                p.question
            );
        }
    }
}

/// The size of the small screen: a paragraph is six lines of it at most.
#[test]
fn built_in_texts_are_short_enough_for_a_small_screen() {
    let long = |text: &str, most: usize| text.chars().count() > most;
    for row in Shelf::built_in().rows() {
        let s = &row.scenario;
        assert!(!long(&s.title, 36) && !long(&s.summary, 80), "{}", s.name);
        for text in s.prose.story.iter().chain(&s.prose.reveal) {
            assert!(!long(text, 350), "{}: {text}", s.name);
        }
        assert!(!long(&s.prose.rule, 180), "{}", s.name);
        for p in &s.predictions {
            assert!(
                !long(&p.question, 190) && !long(&p.because, 250),
                "{}: {}",
                s.name,
                p.question
            );
            for c in &p.choices {
                assert!(!long(&c.text, 60) && !long(&c.if_chosen, 250), "{}: {}", s.name, c.text);
            }
        }
        for goal in &s.goals {
            assert!(!long(&goal.text, 95), "{}: {}", s.name, goal.text);
        }
    }
}

#[test]
fn a_wrong_name_leads_to_the_nearest() {
    let shelf = Shelf::built_in();
    assert_eq!(shelf.place("the-tray").ok(), Some(2));
    let told = |name: &str| shelf.find(name).expect_err("no such lesson").to_string();
    assert_eq!(
        told("the-try"),
        "there is no lesson `the-try`; did you mean `the-tray`?; `dispatch-lab lessons` lists them"
    );
    assert_eq!(
        told("quantum"),
        "there is no lesson `quantum`; `dispatch-lab lessons` lists them"
    );
}

#[test]
fn files_of_a_folder_come_behind_in_the_order_of_their_names() {
    let folder = folder(&[
        ("b.toml", &text("second")),
        ("a.toml", &text("first")),
        ("notes.md", "no"),
    ]);
    let mut shelf = Shelf::built_in();
    assert_eq!(shelf.add_folder(folder.path()).expect("it can be read"), []);
    assert_eq!(&names(&shelf)[18..], ["first", "second"]);
    let file = shelf.find("first").expect("it is there").file.clone();
    assert_eq!(file, Some(folder.path().join("a.toml")));
}

#[test]
fn a_bad_file_is_told_and_the_others_are_there() {
    let bad = text("bad").replacen("prefetch = 0", "prefech = 0", 1);
    let folder = folder(&[
        ("a.toml", &bad),
        ("b.toml", &text("good")),
        ("c.toml", &text("the-tray")),
        ("d.toml", &text("good")),
    ]);
    fs::write(folder.path().join("e.toml"), [0xff, 0xfe]).expect("a file");
    let mut shelf = Shelf::built_in();
    let told = shelf.add_folder(folder.path()).expect("it can be read");
    assert_eq!(&names(&shelf)[18..], ["good"]);
    let said: Vec<&str> = told.iter().map(|bad| bad.told.as_str()).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[0].contains("a.toml:8") && said[0].contains("prefetch"),
        "{}",
        said[0]
    );
    assert!(said[1].contains("c.toml: the name `the-tray` is taken by a lesson that is built in"));
    assert!(said[2].contains("d.toml: the name `good` is taken by") && said[2].contains("b.toml"));
    assert!(said[3].contains("e.toml"));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let error = Shelf::built_in()
        .add_folder(Path::new("/nonexistent/lessons"))
        .expect_err("it is not there");
    assert!(
        error.to_string().starts_with("can't read /nonexistent/lessons: "),
        "{error}"
    );
}
