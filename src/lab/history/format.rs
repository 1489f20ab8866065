//! A recording: a run's start and its events, as bytes that can be kept, sent and opened again.
//!
//! # The format
//!
//! A recording can be written to the end of a file as it goes, and cut anywhere: the sections that are whole before the
//! cut count. Fixed numbers are little-endian; all others are variable numbers: seven bits to a byte, the lowest first, a set top
//! bit saying that more follow. Signed ones are folded first (0, -1, 1, -2 … as 0, 1, 2, 3 …).
//!
//! | part | bytes |
//! |---|---|
//! | magic | `dispatch-lab recording` and a line feed, 23 bytes |
//! | version | one byte: 2; 1 is read too |
//! | start | a section with the settings and the broker |
//! | events | sections, each a block of events, until the end |
//!
//! A section is the length of its content (4 bytes; never zero), the content's CRC-32 (4 bytes; the polynomial of
//! Ethernet and zip, reflected, 0xEDB88320), and the content. `history/sections.rs` says what becomes of a bad one.
//!
//! The start's content is the fields of `Settings`, then those of `BrokerRow`, in the order in which `history/words.rs`
//! names them: numbers as variable numbers, a text or a list after its length, a choice as the byte of its variant.
//!
//! Version 1 had no kind of queue and no sharing: its settings end with the heartbeat.
//!
//! A block's content is the clock's scale in thousandths at its beginning, then events up to its end. An event is the
//! byte of its kind, its fields (`history/words.rs`), and its times (`history/events.rs` says how). Where a field is a
//! distance from one before (jobs, delivery tags, times, the broker's figures), that is one of the same block, and zero
//! at its beginning: each block can be read alone. The number of a job is a distance from the last one told of in the
//! same thread: handed out and delivered jobs are one thread, those of each worker's hand one each, all others one.
//! Lists of jobs are runs of numbers without a gap.
//!
//! Times are microseconds: real ones since the lab started, and those of the lab's own clock. Real ones never go back;
//! the lab's own begin again with each new run.

use super::super::event::{Change, Event, Happening};
use super::super::ids::Elapsed;
use super::super::settings::{QueueType, Settings, Sharing};
use super::super::snapshot::BrokerRow;
use super::bytes::{Code, Reader, Writer};
use super::sections::{Next, Sections, section};
use std::fmt;

const MAGIC: &[u8] = b"dispatch-lab recording\n";
const VERSION: u8 = 2;
/// The oldest that can still be read.
const OLDEST: u8 = 1;
/// A section is closed when it has that many bytes: what is torn off costs no more than that, and its head and the first
/// distances next to nothing. It has nothing to do with the blocks of the tape, which are made for reading in between.
const SECTION_BYTES: usize = 32 << 10;
/// Microseconds that no run lasts: two thousand years. So nothing that is worked out from a time can run over.
const NEVER: u64 = 1 << 56;

/// Turns a run into bytes to be kept, a piece at a time.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// Ready to be written.
    done: Vec<u8>,
    block: Writer,
    /// The events of the block.
    count: u32,
    scale: u32,
}

impl Recorder {
    /// Of a run that begins with these settings on that broker.
    pub fn new(settings: &Settings, broker: &BrokerRow) -> Self {
        let mut done = MAGIC.to_vec();
        done.push(VERSION);
        let mut start = Writer::plain();
        settings.put(&mut start);
        broker.put(&mut start);
        section(&start.bytes, &mut done);
        let scale = settings.scale.0;
        Self {
            done,
            block: Writer::new(scale),
            count: 0,
            scale,
        }
    }

    /// One more event.
    pub fn push(&mut self, event: &Event) {
        event.put(&mut self.block);
        self.count += 1;
        if let Happening::Changed(Change::Scale(scale)) = event.what {
            self.scale = scale.0;
        }
        if self.block.bytes.len() >= SECTION_BYTES {
            self.close();
        }
    }

    /// How many bytes a [`Recorder::take`] would give, about.
    pub fn waiting(&self) -> usize {
        self.done.len() + self.block.bytes.len()
    }

    /// All bytes since the last call, to be appended to those before; the first ones begin the recording. Each call
    /// closes a block, which costs about a hundred bytes.
    pub fn take(&mut self) -> Vec<u8> {
        self.close();
        std::mem::take(&mut self.done)
    }

    fn close(&mut self) {
        if self.count == 0 {
            return;
        }
        section(&self.block.bytes, &mut self.done);
        self.block = Writer::new(self.scale);
        self.count = 0;
    }
}

/// A recording that was opened.
#[derive(Clone, Debug)]
pub struct Playback<'a> {
    /// What the run began with.
    pub settings: Settings,
    /// On which broker.
    pub broker: BrokerRow,
    /// Whether its end is missing, since whoever wrote it was cut off.
    pub truncated: bool,
    /// How many events there are in its whole sections.
    pub count: u64,
    /// Those sections.
    whole: &'a [u8],
}

/// Why bytes can't be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingError {
    /// They are something else.
    Foreign,
    /// Written by a newer program, in a format of this version.
    Newer(u8),
    /// What lies there (bytes from the beginning) is not what was written.
    Damaged(usize),
    /// Not even its start is whole.
    NoStart,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("this is no recording of dispatch-lab"),
            Self::Newer(version) => write!(
                f,
                "this recording has format {version}, and this dispatch-lab reads up to {VERSION}: use a newer one"
            ),
            Self::Damaged(at) => write!(
                f,
                "this recording is damaged at byte {at}: what is there is not what was written"
            ),
            Self::NoStart => f.write_str("this recording breaks off before its first event"),
        }
    }
}

impl std::error::Error for RecordingError {}

impl<'a> Playback<'a> {
    /// Opens a recording; every event in it was read once when this returns, and its section's checksum was right.
    pub fn read(bytes: &'a [u8]) -> Result<Self, RecordingError> {
        let common = bytes.len().min(MAGIC.len());
        if common == 0 || bytes[..common] != MAGIC[..common] {
            return Err(RecordingError::Foreign);
        }
        let version = *bytes.get(MAGIC.len()).ok_or(RecordingError::NoStart)?;
        match version {
            OLDEST..=VERSION => {}
            0 => return Err(RecordingError::Damaged(MAGIC.len())),
            newer => return Err(RecordingError::Newer(newer)),
        }
        let mut sections = Sections {
            bytes,
            at: MAGIC.len() + 1,
        };
        let start = match sections.next_section() {
            Next::Whole(start) => start,
            Next::Damaged => return Err(RecordingError::Damaged(sections.at)),
            Next::End | Next::Torn => return Err(RecordingError::NoStart),
        };
        let (settings, broker) = start_of(start, version).ok_or(RecordingError::Damaged(MAGIC.len() + 1))?;
        let mut playback = Self {
            settings,
            broker,
            truncated: false,
            count: 0,
            whole: &[],
        };
        let first = sections.at;
        playback.survey(&mut sections)?;
        playback.whole = &bytes[first..sections.at];
        Ok(playback)
    }

    /// All events of the whole sections, in order.
    pub fn events(&self) -> impl Iterator<Item = Event> + use<'a> {
        let mut sections = Sections {
            bytes: self.whole,
            at: 0,
        };
        let mut reader: Option<Reader<'a>> = None;
        std::iter::from_fn(move || {
            loop {
                if let Some(event) = reader.as_mut().and_then(Event::get) {
                    return Some(event);
                }
                let Next::Whole(content) = sections.next_section() else {
                    return None;
                };
                reader = Reader::new(content);
            }
        })
    }

    /// Goes through all sections up to the first that is not whole.
    fn survey(&mut self, sections: &mut Sections<'a>) -> Result<(), RecordingError> {
        let mut last = Elapsed(0);
        loop {
            let at = sections.at;
            match sections.next_section() {
                Next::Whole(content) => {
                    let count = believable(content, &mut last).ok_or(RecordingError::Damaged(at))?;
                    self.count += count;
                }
                Next::End => return Ok(()),
                Next::Torn => {
                    self.truncated = true;
                    return Ok(());
                }
                Next::Damaged => return Err(RecordingError::Damaged(at)),
            }
        }
    }
}

fn start_of(content: &[u8], version: u8) -> Option<(Settings, BrokerRow)> {
    let mut reader = Reader::plain(content);
    let settings = match version {
        OLDEST => first_settings(&mut reader)?,
        _ => Settings::get(&mut reader)?,
    };
    Some((settings, BrokerRow::get(&mut reader)?))
}

/// Those of version 1; what it did not know was as it is by default.
fn first_settings(from: &mut Reader<'_>) -> Option<Settings> {
    Some(Settings {
        speeds: Code::get(from)?,
        prefetch: Code::get(from)?,
        ack: Code::get(from)?,
        queue: Code::get(from)?,
        messages: Code::get(from)?,
        confirms: Code::get(from)?,
        rate: Code::get(from)?,
        workload: Code::get(from)?,
        seed: Code::get(from)?,
        scale: Code::get(from)?,
        line: Code::get(from)?,
        heartbeat: Code::get(from)?,
        queue_type: QueueType::Classic,
        sharing: Sharing::OneQueue,
    })
}

/// How many events a section has, if it has nothing else and they can follow on one at `last`. A right checksum says
/// that it is as it was written, not by whom.
fn believable(content: &[u8], last: &mut Elapsed) -> Option<u64> {
    let mut reader = Reader::new(content)?;
    let mut count = 0;
    while reader.left() > 0 {
        let event = Event::get(&mut reader)?;
        if event.at < *last || event.at.0 >= NEVER || event.lab.0 >= NEVER {
            return None;
        }
        *last = event.at;
        count += 1;
    }
    Some(count)
}
