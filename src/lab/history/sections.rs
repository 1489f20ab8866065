//! The sections of a recording: pieces with their own length and checksum.
//!
//! A section counts as a whole or not at all. One that is not whole is either *torn*: the program, or the machine, was
//! ended while it was written, so nothing follows it, or only the zeros that a file system leaves there; what came
//! before it is good. Or it is *damaged*: something else follows, which was written when this section was whole.

/// Length and checksum in front of a section.
const HEAD: usize = 8;
/// A longer section was never written: an event with all jobs that a run can have takes less.
const LARGEST: usize = 256 << 20;
/// Bytes that are summed in search of a whole section behind a bad one: some tenths of a second. Sections begin within
/// some ten thousand bytes of each other, and what looks like one by chance is mostly short.
const SEARCHED: usize = 64 << 20;

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next<'a> {
    /// This content, as it was written.
    Whole(&'a [u8]),
    /// Nothing.
    End,
    /// A section that was not written to its end.
    Torn,
    /// A section that is not any more what was written.
    Damaged,
}

/// Goes from section to section, and stays before one that is not whole.
#[derive(Clone, Debug)]
pub(super) struct Sections<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Sections<'a> {
    pub(super) fn next_section(&mut self) -> Next<'a> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return Next::End;
        }
        match head(rest).and_then(|head| head.whole(rest)) {
            Some(content) => {
                self.at += HEAD + content.len();
                Next::Whole(content)
            }
            None if is_torn(rest) => Next::Torn,
            None => Next::Damaged,
        }
    }
}

/// Appends one with that content.
pub(super) fn section(content: &[u8], to: &mut Vec<u8>) {
    let len = u32::try_from(content.len()).unwrap_or(u32::MAX);
    to.extend(len.to_le_bytes());
    to.extend(crc32(content).to_le_bytes());
    to.extend(content);
}

/// What is in front of a section.
#[derive(Clone, Copy, Debug)]
struct Head {
    len: usize,
    checksum: u32,
}

/// `None`: there is no room for one.
fn head(bytes: &[u8]) -> Option<Head> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, _) = rest.split_first_chunk::<4>()?;
    Some(Head {
        len: u32::from_le_bytes(*len) as usize,
        checksum: u32::from_le_bytes(*checksum),
    })
}

impl Head {
    /// The content, as far as it can be one and all of it is there.
    fn content(self, bytes: &[u8]) -> Option<&[u8]> {
        if self.len == 0 || self.len > LARGEST {
            return None;
        }
        bytes.get(HEAD..HEAD + self.len)
    }

    /// The content, if it is as it was written.
    fn whole(self, bytes: &[u8]) -> Option<&[u8]> {
        self.content(bytes).filter(|content| crc32(content) == self.checksum)
    }
}

/// Whether a section that is not whole is the last one.
fn is_torn(bytes: &[u8]) -> bool {
    let Some(Head { len, .. }) = head(bytes) else {
        return true;
    };
    let after = bytes.get(HEAD.saturating_add(len)..).unwrap_or_default();
    len <= LARGEST && after.iter().all(|byte| *byte == 0) && !is_followed(bytes)
}

/// Whether a whole section begins somewhere behind the first byte. A length that was changed can point to the end of the
/// recording, or beyond it, and hide what follows.
fn is_followed(bytes: &[u8]) -> bool {
    let mut left = SEARCHED;
    for at in 1..bytes.len() {
        let rest = &bytes[at..];
        let Some(head) = head(rest) else { return false };
        if head.content(rest).is_none() {
            continue;
        }
        let Some(less) = left.checked_sub(head.len) else {
            return false;
        };
        left = less;
        if head.whole(rest).is_some() {
            return true;
        }
    }
    false
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
