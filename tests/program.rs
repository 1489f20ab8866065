//! The whole program as a person has it: on a pseudo-terminal, with keys, signals and a shell around it.
#![cfg(unix)]

mod support;

use portable_pty::{Child, CommandBuilder, ExitStatus, PtySize, native_pty_system};
use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use support::{LIMIT, PROGRAM, Terminal};

#[test]
fn lab_opens_works_and_quits_with_the_terminal_restored() {
    let mut lab = Terminal::lab(&["--rate", "20", "--workload", "instant"]);
    lab.wait_for("dispatch-lab +embedded broker");
    lab.wait_for("W3");
    lab.wait_for(r"[1-9]\d* published = ");
    lab.send("q");
    let status = lab.wait_for_exit();
    assert!(status.success(), "{status:?}");
    assert!(lab.is_restored());
}

#[test]
fn shell_gets_its_line_editing_back() {
    let script = format!("{PROGRAM}; stty -a; echo over");
    let mut shell = Terminal::start(100, 40, "sh", &["-c", &script]);
    shell.wait_for("embedded broker");
    shell.send("q");
    shell.wait_for_exit();
    let text = shell.text();
    assert!(
        text.contains(" icanon") && text.contains(" echo ") && text.contains("over"),
        "{text}"
    );
}

#[test]
fn signals_end_it_in_good_order() {
    for (name, status) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut lab = Terminal::lab(&[]);
        lab.wait_for("embedded broker");
        lab.signal(name);
        let ended = lab.wait_for_exit();
        assert_eq!(ended.exit_code(), status, "after SIG{name}");
        assert!(lab.is_restored(), "after SIG{name}");
    }
}

#[test]
fn a_closed_terminal_is_a_hang_up_and_no_panic() {
    let pty = native_pty_system()
        .openpty(PtySize::default())
        .expect("a pseudo-terminal");
    let mut lab = CommandBuilder::new(PROGRAM);
    lab.env("TERM", "xterm-256color");
    lab.env_remove("AMQP_URL");
    let lab = pty.slave.spawn_command(lab).expect("it starts");
    drop(pty.slave);
    let mut screen = pty.master.try_clone_reader().expect("it can be read");
    let shown = in_time(move || {
        let (mut text, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&text).contains("Workers") {
            let count = screen.read(&mut piece).expect("the program lives");
            text.extend_from_slice(&piece[..count]);
        }
    });
    let mut last_resort = lab.clone_killer();
    assert!(shown.is_some(), "the lab is shown in time");
    // The reader went with its thread; these are the last that hold the terminal's other end.
    drop(pty.master);
    let Some(status) = in_time(move || ended(lab)) else {
        let killed = last_resort.kill();
        panic!("it goes on without a terminal; killed: {killed:?}");
    };
    assert_eq!(status.exit_code(), 129, "{status:?}");
}

fn ended(mut program: Box<dyn Child + Send + Sync>) -> ExitStatus {
    program.wait().expect("it is a child of this one")
}

/// Does something that may take for ever; `None` when it took too long.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    // One message at most: the channel is never full.
    let (done, result) = mpsc::sync_channel(1);
    thread::spawn(move || done.send(work()));
    result.recv_timeout(LIMIT).ok()
}

#[test]
fn too_small_a_terminal_is_told_what_it_needs_and_a_resize_brings_the_lab_back() {
    let mut lab = Terminal::start(40, 10, PROGRAM, &[]);
    lab.wait_for(r"60.16");
    lab.resize(80, 24);
    lab.wait_for("Workers");
    lab.resize(50, 12);
    lab.wait_for(r"60.16");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn a_killed_worker_s_jobs_go_back_and_the_books_balance() {
    let mut lab = Terminal::lab(&["--workers", "2", "--workload", "odd-heavy", "--rate", "10"]);
    lab.wait_for(r"[1-9]\d published");
    lab.send("g1k");
    lab.wait_for("reset the socket");
    lab.send("r");
    lab.wait_for(r"W1 .*socket reset, [1-9]\d* went back");
    lab.wait_for(r"back at their old places: W1's socket was reset");
    lab.wait_for(r"✓ books +\d+ published = .* 0 lost");
    lab.send("r");
    lab.wait_for("W1 consumes again");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn without_a_terminal_it_names_what_to_run_instead() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("not a terminal") && text.contains("dispatch-lab broker"),
        "{text}"
    );
}

#[test]
fn one_can_go_back_while_the_lab_runs_on_and_return() {
    let mut lab = Terminal::lab(&["--rate", "20", "--workload", "instant"]);
    lab.wait_for(r"[1-9]\d+ published = ");
    lab.send(",,");
    lab.wait_for(r"◀ the past \d\d:\d\d\.\d .*now .*: \S");
    lab.send("k");
    lab.wait_for("you look at the past: End goes back to now");
    lab.send("\x1b[H");
    lab.wait_for("the past 00:00.0");
    lab.wait_for("0 published = ");
    lab.send(" >>>");
    lab.wait_for(r"▶ ×10.0 the past");
    // At ten times the speed the present is reached, and the keys are the lab's again.
    lab.wait_until("the bar is gone", |screen| !screen.contents().contains("the past"));
    lab.send("{\x1b[F ");
    lab.wait_for("paused");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn a_recorded_run_opens_again_at_its_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.lab");
    let file = file.to_str().expect("text");
    let mut lab = Terminal::lab(&["--rate", "20", "--workload", "instant", "--record", file]);
    lab.wait_for(r"[1-9]\d published = ");
    lab.send("q");
    assert!(lab.wait_for_exit().success());

    let again = run_in_terminal(&["--record", file]);
    assert!(again.contains("is there already"), "{again}");

    let mut replay = Terminal::lab(&["replay", file]);
    replay.wait_for(r"◀ recording 00:00\.0");
    replay.wait_for("dispatch-lab  recording: ");
    replay.wait_for("0 published = ");
    replay.send("k");
    replay.wait_for("this is a recording: nothing can be changed in it");
    replay.send("\x1b[F");
    replay.wait_for(r"[1-9]\d published = ");
    replay.send("q");
    assert!(replay.wait_for_exit().success());

    let bytes = std::fs::read(file).expect("it is there");
    let (cut, foreign) = (folder.path().join("cut"), folder.path().join("foreign"));
    std::fs::write(&cut, &bytes[..bytes.len() - 5]).expect("it can be written");
    std::fs::write(&foreign, "name,size\n").expect("it can be written");
    let mut replay = Terminal::lab(&["replay", cut.to_str().expect("text")]);
    replay.wait_for("cut off");
    replay.send("q");
    assert!(replay.wait_for_exit().success());
    assert!(replay.text().contains("breaks off"), "{}", replay.text());
    let refused = run_in_terminal(&["replay", foreign.to_str().expect("text")]);
    assert!(refused.contains("no recording of dispatch-lab"), "{refused}");
}

/// What a run says that ends by itself, and not well.
fn run_in_terminal(args: &[&str]) -> String {
    let mut program = Terminal::lab(args);
    assert!(!program.wait_for_exit().success());
    program.text()
}

#[test]
fn help_has_examples_and_version_is_the_crate_s() {
    let help = run(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("Examples:"));
    let version = run(&["--version"]);
    assert_eq!(
        String::from_utf8_lossy(&version.stdout).trim(),
        concat!("dispatch-lab ", env!("CARGO_PKG_VERSION"))
    );
    assert!(String::from_utf8_lossy(&run(&["completions", "bash"]).stdout).contains("_dispatch__lab()"));
}

#[test]
fn a_broker_that_can_t_be_used_is_one_sentence_and_no_success() {
    let port = {
        std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr()
            .expect("it has one")
            .port()
    };
    let url = format!("amqp://ann:sesame@127.0.0.1:{port}/%2f");
    for (url, expected, words) in [
        (url.as_str(), 1, "nothing listens"),
        ("http://ann:sesame@127.0.0.1/", 2, "amqp://"),
        ("amqp://ann:sesame@no-such-host.invalid/", 1, "no-such-host.invalid"),
    ] {
        let mut lab = Terminal::lab(&["--url", url]);
        let status = lab.wait_for_exit();
        let text = lab.text();
        assert_eq!(status.exit_code(), expected, "{text}");
        assert!(text.contains(words) && !text.contains("sesame"), "{url} says: {text}");
    }
}

#[test]
fn closed_pipe_is_no_crash() {
    let mut program = Command::new(PROGRAM)
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(program.stdout.take());
    let mut errors = String::new();
    program
        .stderr
        .take()
        .expect("it is piped")
        .read_to_string(&mut errors)
        .expect("it is text");
    assert!(
        program.wait().expect("it ends").success() && errors.is_empty(),
        "{errors}"
    );
}

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(args)
        .env_remove("AMQP_URL")
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}
