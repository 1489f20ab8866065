//! A lesson from start to end, by keys, in a real pseudo-terminal.
#![cfg(unix)]

mod support;

use support::{PROGRAM, Terminal};

/// A lesson whose run takes a second: the question is whether a killed worker's jobs are lost.
const LESSON: &str = r#"
format = 1
name = "short"
title = "What an ack is for"
summary = "a killed worker's jobs come back"

[settings]
workers = [1.0, 1.0]
prefetch = 0
workload = "equal"
seed = 7
scale = 10

[[script]]
do = "publish 8"
[[script]]
name = "the end of W2"
when = "W2 has 3 in hand"
do = "kill W2 reset"

[[predict]]
ask = "Eight jobs, two workers. How many will be done in the end?"
because = "Nothing is lost: each job is done."
[[predict.choice]]
text = "all eight"
right-if = "done == 8"
[[predict.choice]]
text = "fewer"
right-if = "done < 8"

[[predict]]
before = "the end of W2"
ask = "W2 is about to be killed. What about the jobs that it holds?"
because = "What was delivered and not acked goes back to the queue."
[[predict.choice]]
text = "they are lost"
right-if = "lost > 0"
if-chosen = "They would be lost with auto-ack, and here each job is acked by hand."
[[predict.choice]]
text = "W1 gets them"
right-if = "lost == 0"

[[expect]]
that = "lost == 0"

[lesson]
story = ["A producer, a queue, two workers.", "One of the workers will not live long."]
reveal = ["The broker kept every job until its ack came."]
rule = "An ack says that the broker may forget."

[[goal]]
text = "Publish one job more"
reached-if = "published >= 9"
"#;

fn lab(folder: &std::path::Path, args: &[&str]) -> Terminal {
    let data = format!("DISPATCH_LAB_DATA={}", folder.display());
    let args: Vec<&str> = [data.as_str(), PROGRAM]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    Terminal::start(80, 24, "env", &args)
}

#[test]
fn a_lesson_is_played_from_start_to_end_with_a_wrong_prediction() {
    let folder = tempfile::tempdir().expect("a folder");
    let lessons = folder.path().join("lessons");
    std::fs::create_dir(&lessons).expect("it is new");
    std::fs::write(lessons.join("1.toml"), LESSON).expect("it can be written");
    let second = LESSON
        .replace("name = \"short\"", "name = \"again\"")
        .replace("What an ack is for", "The same once more");
    std::fs::write(lessons.join("2.toml"), second).expect("it can be written");
    let lessons = lessons.to_str().expect("text").to_owned();
    let mut lab = lab(folder.path(), &["lesson", "short", "--folder", &lessons]);

    lab.wait_for("A producer, a queue, two workers");
    lab.wait_for("paused");
    lab.send(" ");
    lab.wait_for("the clock is held until the story is read");
    lab.send("\r");
    lab.wait_for("will not live long");
    lab.send("\r");
    lab.wait_for("How many will be done");
    lab.send("\r");
    lab.wait_for("choose an answer");
    lab.send("1\r");
    lab.wait_for("What about the jobs that it holds");
    lab.wait_for("paused");
    lab.send("1\r");
    lab.wait_for("what happened 1 of 2");
    lab.wait_for("✓ right +all eight");
    lab.send("\r");
    lab.wait_for("✖ you said +they are lost");
    lab.wait_for("✓ it was +W1 gets them");
    lab.wait_for("They would be lost with auto-ack");
    lab.wait_for("goes back to the queue");
    lab.send("\r");
    lab.wait_for("kept every job until its ack");
    lab.resize(120, 40);
    lab.wait_for("Jobs on their way");
    lab.wait_for("kept every job");
    lab.resize(80, 24);
    lab.wait_for("▸ Lesson (.|\n)*kept every job");
    lab.send("\r");
    lab.wait_for("An ack says that the broker may forget");
    lab.send("\r");
    lab.wait_for("○ goal +Publish one job more");
    lab.send("j");
    lab.wait_for("✓ reached +Publish one job more");
    lab.send("N");
    lab.wait_for("The same once more · story 1 of 2");
    lab.wait_for("0 published");
    lab.send("o");
    lab.wait_for("✓ 19 .*done · 1 of 2 foreseen · 1 of 1 goals");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
    assert!(lab.is_restored(), "{}", lab.text());

    let progress = std::fs::read_to_string(folder.path().join("progress.json")).expect("it was written");
    let progress: serde_json::Value = serde_json::from_str(&progress).expect("it is JSON");
    let short = &progress["lessons"]["short"];
    assert_eq!(
        (short["right"].as_u64(), short["asked"].as_u64()),
        (Some(1), Some(2)),
        "{progress}"
    );
    assert_eq!(short["goals"], serde_json::json!([0]), "{progress}");
    assert!(progress["lessons"]["again"]["done"].is_null(), "{progress}");
}

#[test]
fn the_list_opens_a_lesson_and_r_begins_it_again_with_its_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lab = lab(folder.path(), &["lesson"]);
    lab.wait_for("Lessons · 0 of");
    lab.send("\r");
    lab.wait_for("Lesson 1 · .* · story 1");
    lab.wait_for("paused");
    lab.send("p");
    lab.wait_for("prefetch 1 ");
    lab.send("R");
    lab.wait_for(r"prefetch 0 \(no limit\)");
    lab.wait_for("Lesson 1 · .* · story 1");
    lab.send("\x1b");
    lab.wait_for("dispatch-lab +as RabbitMQ|dispatch-lab +‖");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
    assert!(lab.is_restored());
}

#[test]
fn lessons_are_opened_from_the_running_lab() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lab = lab(folder.path(), &["--rate", "20", "--workload", "instant"]);
    lab.wait_for("[1-9] published");
    lab.send(":lessons\r");
    lab.wait_for("Lessons · 0 of");
    lab.send("\x1b[B\r");
    lab.wait_for("Lesson 2 · .* · story 1");
    lab.wait_for("0 published");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
    assert!(lab.is_restored());
}

#[test]
fn a_signal_between_lessons_ends_it_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lab = lab(folder.path(), &["lesson", "round-robin"]);
    lab.wait_for("story 1");
    lab.send("N");
    lab.wait_for("Lesson 2");
    lab.signal("TERM");
    assert_eq!(lab.wait_for_exit().exit_code(), 143);
    assert!(lab.is_restored());
}

#[test]
fn what_is_no_lesson_is_told_with_its_line_and_is_no_success() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, LESSON.replace("prefetch = 0", "prefech = 0")).expect("it can be written");
    for (lesson, words) in [
        (file.to_str().expect("text"), "bad.toml:9"),
        ("round-robbin", "round-robin"),
        ("none.toml", "none.toml"),
    ] {
        let mut program = Terminal::lab(&["lesson", lesson]);
        let status = program.wait_for_exit();
        assert!(!status.success(), "{lesson}");
        assert!(program.text().contains(words), "{}", program.text());
    }
}
