//! What a folder gives back.

mod damage;
mod endings;
mod records;

use super::{FolderError, Opened, Record, Told, Writer};
use crate::broker::dispatch::{
    Binding, Charge, Destination, ExchangeKind, ExchangeSpec, Failures, Image, LastStop, Message, Persistence,
    Position, QueueSpec, Returns, Standing, StoreOp, StoreSeq, Table, Value, VhostId,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// Far beyond what a group takes.
const SOON: Duration = Duration::from_secs(30);

fn classic(name: &str) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: Table::new(),
    }
}

fn quorum(name: &str) -> QueueSpec {
    QueueSpec {
        args: Table::from([("x-queue-type".to_owned(), Value::text("quorum"))]),
        ..classic(name)
    }
}

fn exchange(name: &str) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind: ExchangeKind::Topic,
        durable: true,
        auto_delete: false,
        internal: false,
        args: Table::new(),
    }
}

fn binding(exchange: &str, queue: &str) -> Binding {
    Binding {
        exchange: exchange.to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: "k".to_owned(),
        args: Table::new(),
    }
}

fn to_exchange(exchange: &str, to: &str) -> Binding {
    Binding {
        to: Destination::Exchange(to.to_owned()),
        ..binding(exchange, "")
    }
}

fn message(body: Arc<[u8]>) -> Message {
    Message {
        exchange: "".into(),
        routing_key: "k".into(),
        properties: Arc::from([0, 0]),
        body,
        persistence: Persistence::Persistent,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures::default(),
        charge: Charge::default(),
    }
}

fn came(queue: &str, position: u64) -> StoreOp {
    came_with(queue, position, &Arc::from(position.to_be_bytes()))
}

fn came_with(queue: &str, position: u64, body: &Arc<[u8]>) -> StoreOp {
    StoreOp::Enqueued {
        queue: queue.into(),
        position: Position(position),
        message: Arc::new(message(Arc::clone(body))),
        expires: None,
    }
}

fn went(queue: &str, position: u64) -> StoreOp {
    StoreOp::Removed {
        queue: queue.into(),
        position: Position(position),
    }
}

fn handed_out(queue: &str, position: u64) -> StoreOp {
    StoreOp::Delivered {
        queue: queue.into(),
        position: Position(position),
    }
}

fn back(queue: &str, position: u64, returns: u32, failures: u16) -> StoreOp {
    StoreOp::Returned {
        queue: queue.into(),
        position: Position(position),
        returns: Returns(returns),
        failures: Failures(failures),
    }
}

/// A broker's end of the store, for one virtual host.
struct Run {
    writer: Writer,
    told: Receiver<Told>,
    last: u64,
}

impl Run {
    /// Opens the folder and says what was in it.
    fn start(folder: &Path) -> (Self, Image, LastStop) {
        let (opened, mut images) = Opened::open(folder, &["/".to_owned()]).expect("it can be opened");
        let (image, last_stop) = (images.swap_remove(0).1, opened.last_stop());
        // What is told waits here: a test reads it, or ends.
        let (tell, told) = sync_channel(64);
        let writer = opened.start(move |news| drop(tell.send(news))).expect("a thread");
        let last = image.seq.0;
        (Self { writer, told, last }, image, last_stop)
    }

    fn push(&mut self, ops: impl IntoIterator<Item = StoreOp>) {
        let mut records: Vec<Record> = Vec::new();
        for op in ops {
            self.last += 1;
            records.push((VhostId(0), StoreSeq(self.last), op));
        }
        self.writer.push(&mut records);
    }

    /// Waits until all of it is stored.
    fn stored(&self) {
        loop {
            match self.told.recv_timeout(SOON).expect("it is told in time") {
                Told::Stored(seqs) if seqs[0] == StoreSeq(self.last) => return,
                Told::Stored(_) => {}
                Told::Failed(why) => panic!("{why}"),
            }
        }
    }

    /// Ends, and waits until the folder is free.
    fn end(self, how: LastStop) {
        self.writer.end(how);
        while self.told.recv_timeout(SOON).is_ok() {}
    }
}

/// Writes all this in one run, and reads it in the next.
fn kept(ops: impl IntoIterator<Item = StoreOp>, how: LastStop) -> Image {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, _, _) = Run::start(folder.path());
    run.push(ops);
    run.stored();
    run.end(how);
    let (run, image, last_stop) = Run::start(folder.path());
    assert_eq!(last_stop, how);
    run.end(LastStop::Orderly);
    image
}

fn positions(image: &Image, queue: &str) -> Vec<u64> {
    let found = image.queues.iter().find(|found| found.spec.name == queue);
    let messages = found.map_or(&[][..], |found| &found.messages);
    messages.iter().map(|stored| stored.position.0).collect()
}

#[test]
fn new_folder_is_empty_and_counts_as_stopped_in_good_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (run, image, last_stop) = Run::start(&folder.path().join("new").join("deep"));
    assert_eq!((image, last_stop), (Image::default(), LastStop::Orderly));
    run.end(LastStop::Orderly);
}

#[test]
fn messages_come_back_in_order_with_what_is_known_of_their_delivery() {
    let ops = [
        StoreOp::QueueDeclared(quorum("q")),
        came("q", 3),
        came("q", 1),
        came("q", 2),
        handed_out("q", 2),
        went("q", 3),
        handed_out("q", 1),
        back("q", 1, 2, 1),
        handed_out("q", 1),
    ];
    let image = kept(ops, LastStop::Crash);
    let messages = image.queues[0].messages.iter();
    let known: Vec<_> = messages
        .map(|stored| (stored.position.0, stored.standing, stored.returns.0, stored.failures.0))
        .collect();
    let expected = [
        (1, Standing::HandedOut(StoreSeq(9)), 2, 1),
        (2, Standing::HandedOut(StoreSeq(5)), 0, 0),
    ];
    assert_eq!(known, expected);
    assert_eq!(image.seq, StoreSeq(9));
}

#[test]
fn deliveries_of_a_classic_queue_are_known_after_an_orderly_stop_and_distrusted_for_ever_after_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    let standing = |image: &Image| -> Vec<bool> {
        let messages = image.queues[0].messages.iter();
        messages.map(|stored| stored.standing != Standing::Fresh).collect()
    };
    let (mut run, ..) = Run::start(folder.path());
    let declared = StoreOp::QueueDeclared(classic("q"));
    run.push([declared, came("q", 0), came("q", 1), handed_out("q", 0)]);
    run.end(LastStop::Orderly);
    let (run, image, _) = Run::start(folder.path());
    assert_eq!(standing(&image), [true, false]);
    run.end(LastStop::Crash);
    let (mut run, image, _) = Run::start(folder.path());
    assert_eq!(standing(&image), [true, true]);
    run.push([came("q", 2)]);
    run.end(LastStop::Orderly);
    let (run, image, _) = Run::start(folder.path());
    assert_eq!(standing(&image), [true, true, false]);
    run.end(LastStop::Orderly);
}

#[test]
fn deleting_an_end_of_a_binding_deletes_the_binding() {
    let declared = || {
        vec![
            StoreOp::ExchangeDeclared(exchange("x")),
            StoreOp::QueueDeclared(classic("q")),
            StoreOp::Bound(binding("x", "q")),
            StoreOp::Bound(binding("amq.topic", "q")),
            StoreOp::Bound(to_exchange("amq.topic", "x")),
        ]
    };
    let rows = [
        (None, 3),
        (Some(StoreOp::ExchangeDeleted("x".to_owned())), 1),
        (Some(StoreOp::Unbound(binding("x", "q"))), 2),
        (Some(StoreOp::QueueDeleted("q".to_owned())), 1),
    ];
    for (last, left) in rows {
        let ops = declared().into_iter().chain(last.clone());
        assert_eq!(kept(ops, LastStop::Crash).bindings.len(), left, "{last:?}");
    }
}

#[test]
fn binding_goes_alone_though_others_differ_from_it_in_one_thing() {
    let number = |number: f64| Table::from([("n".to_owned(), Value::Double(number))]);
    let with = |args: Table| Binding {
        args,
        ..binding("x", "q")
    };
    let keyed = |key: &str| Binding {
        key: key.to_owned(),
        ..binding("x", "q")
    };
    let all = [
        binding("x", "q"),
        binding("x", "p"),
        binding("amq.topic", "q"),
        to_exchange("x", "q"),
        keyed("l"),
        with(number(1.0)),
        with(number(0.0)),
    ];
    let mut rows: Vec<(Binding, usize)> = all.iter().cloned().zip(0..).collect();
    rows.push((with(number(-0.0)), 6));
    for (gone, at) in rows {
        let declared = [
            StoreOp::ExchangeDeclared(exchange("x")),
            StoreOp::ExchangeDeclared(exchange("q")),
            StoreOp::QueueDeclared(classic("q")),
            StoreOp::QueueDeclared(classic("p")),
        ];
        let bound = all.iter().cloned().map(StoreOp::Bound);
        let unbound = StoreOp::Unbound(gone.clone());
        let image = kept(declared.into_iter().chain(bound).chain([unbound]), LastStop::Crash);
        let mut left = all.to_vec();
        left.remove(at);
        assert_eq!(image.bindings, left, "{gone:?}");
    }
}

#[test]
fn many_bindings_and_queues_go_as_fast_as_they_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, ..) = Run::start(folder.path());
    let names: Vec<String> = (0..30_000).map(|at| format!("queue {at}")).collect();
    let bound = |name: &String| binding("amq.topic", name);
    run.push(names.iter().flat_map(|name| {
        let declared = StoreOp::QueueDeclared(classic(name));
        [
            declared,
            StoreOp::Bound(bound(name)),
            came(name, 0),
            handed_out(name, 0),
        ]
    }));
    run.stored();
    // If each looked at all others, this would take minutes.
    run.push(names.iter().flat_map(|name| {
        let unbound = StoreOp::Unbound(bound(name));
        [unbound, StoreOp::QueueDeleted(name.clone())]
    }));
    run.stored();
    run.end(LastStop::Orderly);
    let (run, image, _) = Run::start(folder.path());
    assert!(image.queues.is_empty() && image.bindings.is_empty());
    run.end(LastStop::Orderly);
}

#[test]
fn queue_declared_anew_has_nothing_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut run, ..) = Run::start(folder.path());
    run.push([
        StoreOp::QueueDeclared(quorum("q")),
        came("q", 0),
        came("q", 1),
        handed_out("q", 1),
    ]);
    run.stored();
    run.push([
        came("q", 2),
        StoreOp::QueueDeleted("q".to_owned()),
        StoreOp::QueueDeclared(quorum("q")),
        came("q", 1),
    ]);
    run.end(LastStop::Orderly);
    let (run, image, _) = Run::start(folder.path());
    assert_eq!(positions(&image, "q"), [1]);
    assert_eq!(image.queues[0].messages[0].standing, Standing::Fresh);
    run.end(LastStop::Orderly);
}

#[test]
fn virtual_hosts_are_kept_apart_and_none_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Opened::open(folder.path(), &names).expect("it can be opened")
    };
    let (opened, _) = open(&["/", "b", "/"]);
    let (tell, told) = sync_channel(64);
    let writer = opened.start(move |news| drop(tell.send(news))).expect("a thread");
    let record = |vhost, seq, op| (VhostId(vhost), StoreSeq(seq), op);
    writer.push(&mut vec![
        record(0, 1, StoreOp::QueueDeclared(classic("q"))),
        record(1, 1, StoreOp::QueueDeclared(classic("q"))),
        record(1, 2, came("q", 7)),
    ]);
    writer.end(LastStop::Orderly);
    while told.recv_timeout(SOON).is_ok() {}
    let (_, images) = open(&["a", "/"]);
    let found: Vec<_> = images
        .iter()
        .map(|(name, image)| (&**name, positions(image, "q")))
        .collect();
    assert_eq!(found, [("a", vec![]), ("/", vec![]), ("b", vec![7])]);
    assert_eq!(images[2].1.seq, StoreSeq(2));
}
