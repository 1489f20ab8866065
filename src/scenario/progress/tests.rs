use super::*;

fn place() -> (tempfile::TempDir, ProgressFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = ProgressFile::in_folder(folder.path().join("deep/dispatch-lab"));
    (folder, file)
}

fn loaded(file: &ProgressFile) -> Loaded {
    file.load().expect("it can be read")
}

fn with(file: &ProgressFile, text: &str) {
    fs::create_dir_all(&file.folder).expect("a folder");
    fs::write(file.path(), text).expect("a file");
}

#[test]
fn nothing_is_known_at_first_and_nothing_is_written_by_looking() {
    let (_folder, file) = place();
    assert_eq!(loaded(&file), Loaded::nothing());
    assert!(!file.folder.exists());
}

#[test]
fn what_happened_is_there_again() {
    let (_folder, file) = place();
    let done = Step::Done { right: 1, asked: 2 };
    for (step, at) in [(Step::Begun, 10), (done, 20), (Step::Goal(1), 30), (Step::Begun, 40)] {
        file.change(|p| p.note("the-tray", step, UnixTime(at)))
            .expect("it can be written");
    }
    let record = loaded(&file).progress.of("the-tray");
    let expected = LessonRecord {
        begun: Some(UnixTime(10)),
        done: Some(UnixTime(20)),
        right: 1,
        asked: 2,
        goals: [1].into(),
    };
    assert_eq!(record, expected);
    assert_eq!(loaded(&file).progress.of("fanout"), LessonRecord::default());
}

#[test]
fn one_lesson_or_all_can_be_forgotten() {
    let (_folder, file) = place();
    for lesson in ["a", "b", "c"] {
        file.change(|p| p.note(lesson, Step::Begun, UnixTime(1)))
            .expect("it can be written");
    }
    file.change(|p| p.forget(Some("a"))).expect("it can be written");
    let left = loaded(&file).progress;
    assert_eq!(left.lessons.keys().collect::<Vec<_>>(), ["b", "c"]);
    file.change(|p| p.forget(None)).expect("it can be written");
    assert_eq!(loaded(&file).progress, Progress::default());
}

#[test]
fn what_cannot_be_understood_is_set_aside_and_never_lost() {
    let newer = r#"{"format": 2, "lessons": []}"#;
    let texts = [
        "",
        "{",
        "nonsense",
        newer,
        r#"{"format": 1, "lessons": 7}"#,
        "[]",
        "null",
    ];
    let (_folder, file) = place();
    for (n, text) in (1..).zip(texts) {
        with(&file, text);
        let aside = loaded(&file).set_aside.expect("it is set aside");
        assert_eq!(aside.path, file.folder.join(format!("progress.json.aside-{n}")));
        assert_eq!(fs::read_to_string(&aside.path).expect("it is there"), text);
        assert_eq!(loaded(&file), Loaded::nothing());
    }
    with(&file, newer);
    let why = loaded(&file).set_aside.expect("it is set aside").why;
    assert_eq!(why, "its format is 2, and this program knows 1");
}

#[test]
fn bytes_that_are_no_text_are_set_aside() {
    let (_folder, file) = place();
    fs::create_dir_all(&file.folder).expect("a folder");
    fs::write(file.path(), [0xff, 0x00, 0xfe]).expect("a file");
    assert!(loaded(&file).set_aside.is_some());
}

#[test]
fn a_file_that_is_far_too_large_is_not_read() {
    let (_folder, file) = place();
    with(&file, "");
    let opened = fs::File::options().write(true).open(file.path()).expect("it is there");
    opened.set_len(SIZE_MAX + 1).expect("a sparse file");
    assert_eq!(loaded(&file).set_aside.expect("it is set aside").why, "it is too large");
}

#[test]
fn fields_of_a_later_program_of_the_same_format_are_no_damage() {
    let (_folder, file) = place();
    with(
        &file,
        r#"{"format": 1, "lessons": {"a": {"done": 5, "mood": "good"}}, "theme": "dark"}"#,
    );
    assert_eq!(loaded(&file).progress.of("a").done, Some(UnixTime(5)));
}

#[test]
fn nothing_but_the_file_is_left_in_the_folder() {
    let (_folder, file) = place();
    for _ in 0..3 {
        file.change(|p| p.note("a", Step::Begun, UnixTime(1)))
            .expect("it can be written");
    }
    let names: Vec<_> = fs::read_dir(&file.folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, [FILE]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken");
    fs::write(&taken, "").expect("a file");
    let file = ProgressFile::in_folder(taken.join("dispatch-lab"));
    let error = file
        .change(|p| p.note("a", Step::Begun, UnixTime(1)))
        .expect_err("a file is no folder");
    assert!(error.to_string().starts_with("can't "), "{error}");
}
