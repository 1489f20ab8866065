//! A recording: a run's start and its events, as bytes that can be kept, sent and opened again.
//!
//! # The format
//!
//! A recording can be written to the end of a file as it goes, and cut anywhere: what is whole before the cut counts.
//! Fixed numbers are little-endian; all others are variable numbers: seven bits to a byte, the lowest first, a set top
//! bit saying that more follow. Signed ones are folded first (0, -1, 1, -2 … as 0, 1, 2, 3 …).
//!
//! | part | bytes |
//! |---|---|
//! | magic | `dispatch-lab recording` and a line feed, 23 bytes |
//! | version | one byte: 1 |
//! | start | a section with the settings and the broker |
//! | events | sections, each a block of events, until the end |
//!
//! A section is the length of its content (4 bytes), the content's CRC-32 (4 bytes; the polynomial of Ethernet and zip,
//! reflected, 0xEDB88320), and the content.
//!
//! The start's content is the fields of `Settings`, then those of `BrokerRow`, in the order in which `history/words.rs`
//! names them: numbers as variable numbers, a text or a list after its length, a choice as the byte of its variant.
//!
//! A block's content is the clock's scale in thousandths at its beginning, then events up to its end. An event is the
//! byte of its kind, its fields (`history/words.rs`), and its times (`history/events.rs` says how). Where a field is a
//! distance from one before (jobs, delivery tags, times, the broker's figures), that is one of the same block, and zero
//! at its beginning: each block can be read alone. The number of a job is a distance from the last one told of in the
//! same thread: handed out and delivered jobs are one thread, those of each worker's hand one each, all others one.
//! Lists of jobs are runs of numbers without a gap.
//!
//! Times are microseconds: real ones since the lab started, and those of the lab's own clock.

use super::super::event::{Change, Event, Happening};
use super::super::settings::Settings;
use super::super::snapshot::BrokerRow;
use super::bytes::{Code, Reader, Writer};
use std::fmt;

const MAGIC: &[u8] = b"dispatch-lab recording\n";
const VERSION: u8 = 1;
/// Length and checksum in front of a section.
const HEAD: usize = 8;
/// A block is closed when it has that many bytes.
const BLOCK_BYTES: usize = 32 << 10;

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
        if self.block.bytes.len() >= BLOCK_BYTES {
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
    /// How many whole events there are.
    pub count: u64,
    blocks: &'a [u8],
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
            Self::Damaged(at) => write!(f, "this recording is damaged at byte {at}: its checksum is wrong there"),
            Self::NoStart => f.write_str("this recording breaks off before its first event"),
        }
    }
}

impl std::error::Error for RecordingError {}

impl<'a> Playback<'a> {
    /// Opens a recording; all of it is checked.
    pub fn read(bytes: &'a [u8]) -> Result<Self, RecordingError> {
        let common = bytes.len().min(MAGIC.len());
        if common == 0 || bytes[..common] != MAGIC[..common] {
            return Err(RecordingError::Foreign);
        }
        let version = *bytes.get(MAGIC.len()).ok_or(RecordingError::NoStart)?;
        match version {
            VERSION => {}
            0 => return Err(RecordingError::Damaged(MAGIC.len())),
            newer => return Err(RecordingError::Newer(newer)),
        }
        let mut sections = Sections {
            bytes,
            at: MAGIC.len() + 1,
        };
        let Some(Section::Whole(start)) = sections.next_section()? else {
            return Err(RecordingError::NoStart);
        };
        let (settings, broker) = start_of(start).ok_or(RecordingError::Damaged(MAGIC.len() + 1))?;
        let mut playback = Self {
            settings,
            broker,
            truncated: false,
            count: 0,
            blocks: &bytes[sections.at..],
        };
        playback.survey(sections)?;
        Ok(playback)
    }

    /// All whole events, in order.
    pub fn events(&self) -> impl Iterator<Item = Event> + use<'a> {
        let mut sections = Sections {
            bytes: self.blocks,
            at: 0,
        };
        let mut reader: Option<Reader<'a>> = None;
        std::iter::from_fn(move || {
            loop {
                if let Some(event) = reader.as_mut().and_then(Event::get) {
                    return Some(event);
                }
                let section = sections.next_unchecked()?;
                reader = Reader::new(section.content());
            }
        })
    }

    fn survey(&mut self, mut sections: Sections<'a>) -> Result<(), RecordingError> {
        loop {
            let at = sections.at;
            let Some(section) = sections.next_section()? else {
                return Ok(());
            };
            let mut reader = Reader::new(section.content());
            while let Some(reader) = &mut reader
                && reader.left() > 0
                && Event::get(reader).is_some()
            {
                self.count += 1;
            }
            match section {
                Section::Cut(_) => self.truncated = true,
                Section::Whole(_) if reader.is_some_and(|r| r.left() == 0) => {}
                Section::Whole(_) => return Err(RecordingError::Damaged(at)),
            }
        }
    }
}

fn start_of(content: &[u8]) -> Option<(Settings, BrokerRow)> {
    let mut reader = Reader::plain(content);
    Some((Settings::get(&mut reader)?, BrokerRow::get(&mut reader)?))
}

/// A section, or the part of it that is there.
#[derive(Clone, Copy, Debug)]
enum Section<'a> {
    Whole(&'a [u8]),
    Cut(&'a [u8]),
}

impl<'a> Section<'a> {
    const fn content(self) -> &'a [u8] {
        match self {
            Self::Whole(content) | Self::Cut(content) => content,
        }
    }
}

#[derive(Clone, Debug)]
struct Sections<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Sections<'a> {
    fn next_section(&mut self) -> Result<Option<Section<'a>>, RecordingError> {
        let at = self.at;
        let section = self.next_unchecked();
        if let Some(Section::Whole(content)) = section
            && self.bytes[at + 4..at + HEAD] != crc32(content).to_le_bytes()
        {
            return Err(RecordingError::Damaged(at));
        }
        Ok(section)
    }

    fn next_unchecked(&mut self) -> Option<Section<'a>> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        let Some((len, _)) = rest.split_first_chunk::<4>() else {
            self.at = self.bytes.len();
            return Some(Section::Cut(&[]));
        };
        let len = u32::from_le_bytes(*len) as usize;
        let content = rest.get(HEAD..).unwrap_or_default();
        self.at += rest.len().min(HEAD.saturating_add(len));
        Some(match content.get(..len).filter(|_| rest.len() >= HEAD) {
            Some(whole) => Section::Whole(whole),
            None => Section::Cut(content),
        })
    }
}

fn section(content: &[u8], to: &mut Vec<u8>) {
    let len = u32::try_from(content.len()).unwrap_or(u32::MAX);
    to.extend(len.to_le_bytes());
    to.extend(crc32(content).to_le_bytes());
    to.extend(content);
}

/// CRC-32 as in Ethernet and zip.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        CRC_TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ crc >> 8
    })
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};
