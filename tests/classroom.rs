//! A class: a teacher's lab and those who join it, each a program on a pseudo-terminal of its own.
#![expect(
    clippy::unwrap_used,
    reason = "a broken pseudo-terminal should end the test where it breaks"
)]

#[expect(dead_code, reason = "what is shared with other tests, and not needed here")]
#[path = "support/mod.rs"]
mod support;

use regex_lite::Regex;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use support::{PROGRAM, Terminal};

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A lab that listens, with one worker that is killed, so that all jobs go to guests; the producer holds.
fn teacher(port: u16, more: &[&str]) -> Terminal {
    let listen = format!("127.0.0.1:{port}");
    let mut args = vec![
        "--listen",
        &listen,
        "--workers",
        "1",
        "--prefetch",
        "1",
        "--workload",
        "equal",
    ];
    args.extend(more);
    let mut lab = Terminal::start(100, 30, PROGRAM, &args);
    lab.wait_for("Workers");
    lab.send("g");
    lab.wait_for("held");
    lab.send("kr");
    lab.wait_for(r"W1 .*socket reset");
    lab
}

fn student(port: u16, name: &str) -> Terminal {
    let url = format!("amqp://127.0.0.1:{port}");
    let desk = Terminal::lab(&["join", &url, "--name", name]);
    desk.wait_for("waiting for a job");
    desk
}

fn leaves(mut desk: Terminal) {
    desk.send("q");
    assert!(desk.wait_for_exit().success());
    assert!(desk.is_restored());
}

/// The number of the job in someone's hand.
fn job(screen: &str) -> String {
    let number = Regex::new(r"#(\d+)").unwrap();
    number.captures(screen).unwrap()[1].to_owned()
}

#[test]
fn who_pulls_the_plug_in_mid_job_hands_it_to_a_neighbour_and_both_screens_say_so() {
    let port = free_port();
    let mut lab = teacher(port, &[]);
    lab.wait_for(&format!("join amqp://127.0.0.1:{port}"));
    let mut alice = student(port, "ALICE");
    lab.wait_for("W2 ALICE");
    let bob = student(port, "BOB");
    lab.wait_for("W3 BOB");
    let mut carol = student(port, "CAROL");
    lab.wait_for("W4 CAROL");

    // Each has one, and nothing waits.
    lab.send("jjj");
    let mine = job(&alice.wait_for(r"dots"));
    bob.wait_for(r"dots");
    carol.wait_for(r"dots");
    alice.send(" ");
    alice.wait_for("1 of 2 dots");
    carol.send("  a");
    carol.wait_for("done 1");
    lab.wait_for(r"W4 CAROL .* 1 ");

    alice.send("x");
    alice.wait_for("you pulled the plug");
    alice.wait_for(&format!("#{mine}"));
    // Bob is full, so Carol is next.
    let hers = carol.wait_for(r"↻ redelivered: someone had this before you");
    assert_eq!(job(&hers), mine);
    lab.wait_for(&format!(
        "#{mine} back at its old place: W2 ALICE's connection was lost"
    ));
    lab.wait_for(&format!("W4 CAROL .*#{mine}↻"));
    lab.wait_for(r"W2 ALICE .*1 (went )?back");

    alice.send("\r");
    alice.wait_for("waiting for a job");
    lab.wait_until("she is in her row again", |screen| {
        !Regex::new(r"W2 ALICE .*1 (went )?back")
            .unwrap()
            .is_match(&screen.contents())
    });
    carol.send("  a");
    carol.wait_for("done 2");
    lab.wait_for(r"✓ books +3 published = 2 done .* 0 lost");

    // Nobody but she can pull her plug.
    lab.send("2k");
    lab.wait_for("ALICE is a guest");
    for desk in [alice, bob, carol] {
        leaves(desk);
    }
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn password_is_asked_for_without_an_echo_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "sesame\n").unwrap();
    let port = free_port();
    let mut lab = teacher(port, &["--password-file", file.to_str().unwrap()]);
    lab.send("J");
    let shown = lab.wait_for(&format!("dispatch-lab join amqp://class@127.0.0.1:{port} --name NAME"));
    assert!(!shown.contains("sesame"), "{shown}");
    let url = format!("amqp://class@127.0.0.1:{port}");
    let mut desk = Terminal::lab(&["join", &url, "--name", "ALICE"]);
    desk.wait_for("password for 127.0.0.1");
    desk.send("wrong\r");
    desk.wait_for("refused user .class. with this password");
    leaves(desk);
    let mut desk = Terminal::lab(&["join", &url, "--name", "ALICE"]);
    let asked = desk.wait_for("password for 127.0.0.1");
    assert!(!asked.contains("sesame"));
    desk.send("sesame\r");
    let shown = desk.wait_for("waiting for a job");
    assert!(!shown.contains("sesame"));
    lab.wait_for("1 came: ALICE");
    leaves(desk);
    assert!(!lab.text().contains("sesame"));
    lab.send("qq");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn beyond_this_machine_there_is_no_lab_without_a_password() {
    let mut lab = Terminal::lab(&["--listen", "0.0.0.0:0"]);
    let status = lab.wait_for_exit();
    assert_eq!(status.exit_code(), 2);
    assert!(lab.text().contains("--password-file"), "{}", lab.text());
}

#[test]
fn desk_outlives_the_broker_and_finds_it_again() {
    let port = free_port();
    let mut lab = teacher(port, &[]);
    let desk = student(port, "ALICE");
    lab.wait_for("W2 ALICE");
    lab.send("Bk");
    desk.wait_for("not connected");
    lab.wait_for("down: B");
    lab.send("Bt");
    desk.wait_for("waiting for a job");
    lab.wait_until("her row is alive", |screen| {
        let row = Regex::new(r"(?m)^.*W2 ALICE.*$").unwrap();
        row.find(&screen.contents())
            .is_some_and(|row| row.as_str().contains("idle"))
    });
    leaves(desk);
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

#[test]
fn reject_and_give_back_are_seen_by_the_teacher() {
    let port = free_port();
    let mut lab = teacher(port, &[]);
    let mut desk = student(port, "ALICE");
    lab.wait_for("W2 ALICE");
    lab.send("j");
    desk.wait_for("dots");
    desk.send("n");
    desk.wait_for("↻ redelivered: someone had this before you");
    desk.wait_for("given back 1");
    desk.send("r");
    desk.wait_for("rejected 1");
    lab.wait_for("#1 rejected by W2 ALICE: it is in the dead-letter queue");
    leaves(desk);
    lab.wait_for(r"W2 ALICE .*connection closed");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}

/// The classic script, as students have it, declares its queue without arguments.
const WORKER: &str = r"
import pika, sys
connection = pika.BlockingConnection(pika.ConnectionParameters(
    host='127.0.0.1', port=int(sys.argv[1]), client_properties={'connection_name': 'DAVE'}))
channel = connection.channel()
channel.queue_declare(queue='task_queue', durable=True)
channel.basic_qos(prefetch_count=1)

def callback(ch, method, properties, body):
    print(' [x] Received', body.decode(), flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)
    if len(sys.argv) > 2:
        ch.stop_consuming()

channel.basic_consume(queue='task_queue', on_message_callback=callback)
channel.start_consuming()
connection.close()
";

#[test]
fn the_classic_python_script_is_a_guest() {
    let has_pika = Command::new("python3")
        .args(["-c", "import pika"])
        .stderr(Stdio::null())
        .status();
    if !has_pika.is_ok_and(|status| status.success()) {
        println!("skipped: there is no python3 with pika");
        return;
    }
    let port = free_port();
    let mut lab = teacher(port, &[]);
    let script = Command::new("python3")
        .args(["-c", WORKER, &port.to_string(), "once"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    lab.wait_for("W2 DAVE");
    lab.send("j");
    lab.wait_for(r"✓ books +1 published = 1 done");
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("Received"));
    // pika closes its channel before the connection.
    lab.wait_for(r"W2 DAVE .*closed");
    lab.send("q");
    assert!(lab.wait_for_exit().success());
}
