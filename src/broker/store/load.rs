//! All that the tables hold, in memory.

use super::bytes::Malformed;
use super::record::{BodyAt, Mark, Names, Thing, read_kept};
use super::shelf::{QueueKind, QueueNo, Shelf};
use super::tables::{BODIES, Bodies, GROUPS, MARKS, MESSAGES, ORDERLY, RUN, THINGS, TableError, Tables, VHOSTS};
use crate::broker::dispatch::{Image, LastStop, Position, QueueImage, QueueSpec, Standing, StoreSeq, StoredMessage};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a run left.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) tables: Tables,
    /// One for each virtual host.
    pub(super) shelves: Vec<Shelf>,
    /// Likewise.
    pub(super) images: Vec<(String, Image)>,
    pub(super) last_stop: LastStop,
}

/// Bodies that several messages share, as they are met.
type Known = HashMap<u64, (Arc<[u8]>, u32)>;

/// Reads these virtual hosts, of which one that is new is empty, and then all others that there are.
pub(super) fn load(database: Database, vhosts: &[String]) -> Result<Loaded, TableError> {
    let from = database.begin_read()?;
    if from.list_tables()?.next().is_none() {
        drop(from);
        return Ok(fresh(database, vhosts));
    }
    let run = from.open_table(RUN)?;
    let word = |name| -> Result<u64, TableError> { Ok(run.get(name)?.ok_or(Malformed)?.value()) };
    let (groups, orderly) = (word(GROUPS)?, word(ORDERLY)? == 1);
    let last_stop = if orderly { LastStop::Orderly } else { LastStop::Crash };
    let mut shelves = shelves(&from, vhosts)?;
    let mut images = Vec::new();
    let mut known = Known::new();
    for shelf in &mut shelves {
        if last_stop == LastStop::Crash {
            shelf.distrusted = shelf.seq;
        }
        images.push((shelf.name.clone(), image(&from, shelf, &mut known)?));
    }
    let next = from
        .open_table(BODIES)?
        .last()?
        .map_or(0, |(number, _)| number.value() + 1);
    let holders = known.into_iter().map(|(number, (_, holders))| (number, holders));
    let bodies = Bodies {
        next,
        holders: holders.collect(),
    };
    drop((run, from));
    Ok(Loaded {
        tables: Tables {
            database,
            bodies,
            groups,
        },
        shelves,
        images,
        last_stop,
    })
}

fn fresh(database: Database, vhosts: &[String]) -> Loaded {
    let shelves = numbered(vhosts, BTreeMap::new());
    Loaded {
        tables: Tables {
            database,
            bodies: Bodies::default(),
            groups: 0,
        },
        images: shelves
            .iter()
            .map(|shelf| (shelf.name.clone(), Image::default()))
            .collect(),
        shelves,
        last_stop: LastStop::Orderly,
    }
}

fn shelves(from: &ReadTransaction, vhosts: &[String]) -> Result<Vec<Shelf>, TableError> {
    let mut rows = BTreeMap::new();
    for row in from.open_table(VHOSTS)?.iter()? {
        let (name, row) = row?;
        rows.insert(name.value().to_owned(), row.value());
    }
    Ok(numbered(vhosts, rows))
}

/// Those asked for in their order, each once, then the others.
fn numbered(vhosts: &[String], mut rows: BTreeMap<String, (u32, u64, u64)>) -> Vec<Shelf> {
    let mut next = rows.values().map(|(number, ..)| number + 1).max().unwrap_or(0);
    let mut shelves: Vec<Shelf> = Vec::new();
    for name in vhosts {
        if shelves.iter().any(|shelf| shelf.name == *name) {
            continue;
        }
        let (number, seq, distrusted) = rows.remove(name).unwrap_or((next, 0, 0));
        next = next.max(number + 1);
        shelves.push(Shelf::new(number, name.clone(), StoreSeq(seq), StoreSeq(distrusted)));
    }
    let others = rows.into_iter();
    shelves.extend(
        others.map(|(name, (number, seq, distrusted))| Shelf::new(number, name, StoreSeq(seq), StoreSeq(distrusted))),
    );
    shelves
}

fn image(from: &ReadTransaction, shelf: &mut Shelf, known: &mut Known) -> Result<Image, TableError> {
    let mut image = Image {
        seq: shelf.seq,
        ..Image::default()
    };
    for row in from
        .open_table(THINGS)?
        .range((shelf.number, 0)..=(shelf.number, u64::MAX))?
    {
        let (key, value) = row?;
        let (_, seq) = key.value();
        let thing = Thing::read(value.value())?;
        match &thing {
            Thing::Exchange(exchange) => image.exchanges.push(exchange.clone()),
            Thing::Binding(binding) => image.bindings.push(binding.clone()),
            Thing::Queue(queue) => image
                .queues
                .push(self::queue(from, shelf, (QueueNo(seq), queue), known)?),
        }
        shelf.restore(seq, thing);
    }
    Ok(image)
}

fn queue(
    from: &ReadTransaction,
    shelf: &mut Shelf,
    (number, spec): (QueueNo, &QueueSpec),
    known: &mut Known,
) -> Result<QueueImage, TableError> {
    let all = (shelf.number, number.0, 0)..=(shelf.number, number.0, u64::MAX);
    for row in from.open_table(MARKS)?.range(all.clone())? {
        let (key, value) = row?;
        shelf
            .marks
            .insert((number, Position(key.value().2)), Mark::read(value.value())?);
    }
    let contents = from.open_table(BODIES)?;
    let mut names = Names::default();
    let mut messages = Vec::new();
    for row in from.open_table(MESSAGES)?.range(all)? {
        let (key, value) = row?;
        let kept = read_kept(value.value(), &mut names)?;
        let mut message = kept.message;
        message.body = match kept.body {
            BodyAt::Here(bytes) => bytes.into(),
            BodyAt::Shared(id) => {
                let entry = match known.entry(id) {
                    std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::hash_map::Entry::Vacant(entry) => {
                        let body = contents.get(id)?.ok_or(Malformed)?;
                        entry.insert((body.value().into(), 0))
                    }
                };
                entry.1 += 1;
                Arc::clone(&entry.0)
            }
        };
        let position = Position(key.value().2);
        let mark = shelf.marks.get(&(number, position));
        let mut stored = StoredMessage::new(position, Arc::new(message), kept.expires);
        if QueueKind::of(spec) == QueueKind::Classic && kept.seq <= shelf.distrusted {
            stored.standing = Standing::HandedOut(kept.seq);
        }
        if let Some(mark) = mark {
            (stored.standing, stored.returns, stored.failures) = (mark.standing, mark.returns, mark.failures);
        }
        messages.push(stored);
    }
    Ok(QueueImage {
        spec: spec.clone(),
        messages,
    })
}
