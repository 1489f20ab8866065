//! How deep field tables nest: looked at before the library reads them.
//!
//! The library's parser calls itself for each table or array inside another, so whoever sends thousands of them, one
//! inside the other, could use up the stack. Here lengths and types alone are walked, in a loop. What this walk can't
//! follow the library could not read either, and is refused alike.

/// Tables and arrays inside one another, the outermost among them: far beyond what anyone needs, far below what the
/// stack holds.
const DEEPEST: usize = 32;

/// Flags of the properties up to the headers (AMQP 0-9-1, section 4.2.6.1).
const BEFORE_HEADERS: [u16; 2] = [1 << 15, 1 << 14];
const HEADERS: u16 = 1 << 13;

/// Whether the field table in a method's arguments, if that method has one, can be read without risk.
pub(crate) fn is_sound_method(class: u16, method: u16, arguments: &[u8]) -> bool {
    // What stands before the table: bytes of fixed size, then short strings, then flags.
    let (fixed, strings, flags) = match (class, method) {
        (10, 10) => (2, 0, 0),
        (10, 11) => (0, 0, 0),
        (40, 10) | (60, 20) => (2, 2, 1),
        (40, 30 | 40) | (50, 20) => (2, 3, 1),
        (50, 10) => (2, 1, 1),
        (50, 50) => (2, 3, 0),
        _ => return true,
    };
    let mut at = Some(arguments);
    at = at.and_then(|bytes| bytes.get(fixed..));
    for _ in 0..strings {
        at = at.and_then(after_short_string);
    }
    at.and_then(|bytes| bytes.get(flags..)).is_some_and(is_sound_table)
}

/// Whether the headers among these properties, if there are any, can be read without risk.
pub(super) fn is_sound_properties(raw: &[u8]) -> bool {
    let Some((&flags, rest)) = raw.split_first_chunk::<2>() else {
        return false;
    };
    let flags = u16::from_be_bytes(flags);
    if flags & HEADERS == 0 {
        return true;
    }
    let mut at = Some(rest);
    for flag in BEFORE_HEADERS {
        if flags & flag != 0 {
            at = at.and_then(after_short_string);
        }
    }
    at.is_some_and(is_sound_table)
}

/// Whether the table at the head of these bytes, which may go on behind it, can be read without risk.
pub(super) fn is_sound_table(bytes: &[u8]) -> bool {
    walk(bytes).is_some()
}

/// A table or array that is being walked.
#[derive(Clone, Copy)]
struct Open {
    end: usize,
    named: bool,
}

fn walk(bytes: &[u8]) -> Option<()> {
    let mut open = Vec::with_capacity(DEEPEST);
    let (mut at, end) = extent(bytes, 0, bytes.len())?;
    open.push(Open { end, named: true });
    while let Some(&Open { end, named }) = open.last() {
        if at == end {
            open.pop();
            continue;
        }
        if named {
            at = inside(at + 1 + usize::from(bytes[at]), end)?;
        }
        let kind = *bytes[..end].get(at)?;
        at += 1;
        let size = match kind {
            b'F' | b'A' => {
                let (first, last) = extent(bytes, at, end)?;
                if open.len() == DEEPEST {
                    return None;
                }
                at = first;
                open.push(Open {
                    end: last,
                    named: kind == b'F',
                });
                continue;
            }
            b'S' | b'x' => {
                at = extent(bytes, at, end)?.1;
                continue;
            }
            b'V' => 0,
            b't' | b'b' | b'B' => 1,
            b's' | b'U' | b'u' => 2,
            b'I' | b'i' | b'f' => 4,
            b'D' => 5,
            b'L' | b'l' | b'd' | b'T' => 8,
            _ => return None,
        };
        at = inside(at + size, end)?;
    }
    Some(())
}

/// Where the content of something with a length of four bytes begins and ends.
fn extent(bytes: &[u8], at: usize, end: usize) -> Option<(usize, usize)> {
    let length = bytes[..end].get(at..)?.first_chunk::<4>()?;
    let first = at + 4;
    let last = first.checked_add(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((first, inside(last, end)?))
}

fn inside(at: usize, end: usize) -> Option<usize> {
    (at <= end).then_some(at)
}

fn after_short_string(bytes: &[u8]) -> Option<&[u8]> {
    let (&length, rest) = bytes.split_first()?;
    rest.get(usize::from(length)..)
}

#[cfg(test)]
mod tests;
