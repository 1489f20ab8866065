//! Values as few bytes: the alphabet of kept and recorded events.
//!
//! Numbers are written seven bits to a byte, the lowest first, a set top bit saying that more follow (as LEB128).
//! Signed ones are folded first: 0, -1, 1, -2 become 0, 1, 2, 3. A number that is likely near an earlier one is written
//! as the distance from it; which earlier one that is stands in the [`Context`], which writer and reader carry along
//! alike and which starts empty with each block.

use super::super::wire::BrokerSays;
use std::sync::Arc;

/// What was written before, as far as distances are taken from it.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// The times of the event before.
    pub(super) at: u64,
    pub(super) lab: u64,
    /// The lab clock's speed, from which lab time is foretold.
    pub(super) scale: u32,
    /// The worker told of last.
    pub(super) worker: u16,
    /// Whose last job the next one is near to.
    pub(super) thread: usize,
    /// The last job of each thread.
    jobs: Vec<u32>,
    /// The last delivery tag of each thread.
    tags: Vec<u64>,
    /// The broker's last word.
    pub(super) says: BrokerSays,
}

/// The thread of jobs on their way to the broker.
pub(super) const TO_BROKER: usize = 0;
/// The thread of jobs on their way to a worker.
pub(super) const TO_WORKER: usize = 1;
/// The threads of the workers' own hands lie from here on, by number.
pub(super) const HANDS: usize = 2;

impl Context {
    fn new(scale: u32) -> Self {
        Self {
            at: 0,
            lab: 0,
            scale,
            worker: 0,
            thread: TO_BROKER,
            jobs: Vec::new(),
            tags: Vec::new(),
            says: BrokerSays::default(),
        }
    }

    pub(super) fn job(&mut self) -> &mut u32 {
        slot(&mut self.jobs, self.thread)
    }

    pub(super) fn tag(&mut self, worker: u16) -> &mut u64 {
        slot(&mut self.tags, usize::from(worker))
    }
}

fn slot<T: Clone + Default>(list: &mut Vec<T>, i: usize) -> &mut T {
    if list.len() <= i {
        list.resize(i + 1, T::default());
    }
    &mut list[i]
}

/// What can be written and read back.
pub(super) trait Code: Sized {
    fn put(&self, to: &mut Writer);

    /// `None`: these bytes are none of ours, or end too early.
    fn get(from: &mut Reader<'_>) -> Option<Self>;

    fn put_list(list: &[Self], to: &mut Writer) {
        to.number(list.len() as u64);
        for item in list {
            item.put(to);
        }
    }

    fn get_list(from: &mut Reader<'_>) -> Option<Vec<Self>> {
        let len = usize::try_from(from.number()?).ok()?;
        // Each item takes a byte at least, so damaged bytes can't ask for much memory.
        let mut list = Vec::with_capacity(len.min(from.left()));
        for _ in 0..len {
            list.push(Self::get(from)?);
        }
        Some(list)
    }
}

/// Appends to a block.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    pub(super) context: Context,
}

impl Writer {
    /// A new block, begun while the lab clock runs at that scale.
    pub(super) fn new(scale: u32) -> Self {
        let mut writer = Self {
            bytes: Vec::new(),
            context: Context::new(scale),
        };
        writer.number(scale.into());
        writer
    }

    /// Of bytes that are no block of events.
    pub(super) fn plain() -> Self {
        Self {
            bytes: Vec::new(),
            context: Context::new(0),
        }
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn number(&mut self, mut n: u64) {
        while n > 0x7f {
            self.bytes.push(n.to_le_bytes()[0] | 0x80);
            n >>= 7;
        }
        self.bytes.push(n.to_le_bytes()[0]);
    }

    pub(super) fn signed(&mut self, n: i64) {
        self.number(fold(n));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Where a reader stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) offset: usize,
    context: Context,
}

/// Reads a block.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(super) context: Context,
}

impl<'a> Reader<'a> {
    /// At the beginning of a block.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Self::plain(bytes);
        let scale = u32::try_from(reader.number()?).ok()?;
        reader.context.scale = scale;
        Some(reader)
    }

    /// Of bytes that are no block of events.
    pub(super) fn plain(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            context: Context::new(0),
        }
    }

    /// Where it stood before.
    pub(super) fn resume(bytes: &'a [u8], place: Place) -> Self {
        Self {
            bytes,
            at: place.offset,
            context: place.context,
        }
    }

    pub(super) fn place(self) -> Place {
        Place {
            offset: self.at,
            context: self.context,
        }
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits.leading_zeros() < shift {
                return None;
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.number().map(unfold)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.number()?).ok()?;
        let end = self.at.checked_add(len)?;
        let text = std::str::from_utf8(self.bytes.get(self.at..end)?).ok()?;
        self.at = end;
        Some(text)
    }
}

pub(super) const fn fold(n: i64) -> u64 {
    (n.cast_unsigned() << 1) ^ (n >> 63).cast_unsigned()
}

pub(super) const fn unfold(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

macro_rules! code_numbers {
    ($($type:ty),+) => {$(
        impl Code for $type {
            fn put(&self, to: &mut Writer) {
                to.number(u64::from(*self));
            }

            fn get(from: &mut Reader<'_>) -> Option<Self> {
                Self::try_from(from.number()?).ok()
            }
        }
    )+};
}

code_numbers!(u16, u32, u64);

impl Code for Arc<str> {
    fn put(&self, to: &mut Writer) {
        to.text(self);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        from.text().map(Self::from)
    }
}

impl Code for String {
    fn put(&self, to: &mut Writer) {
        to.text(self);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        from.text().map(Self::from)
    }
}

impl<T: Code> Code for Vec<T> {
    fn put(&self, to: &mut Writer) {
        T::put_list(self, to);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        T::get_list(from)
    }
}

impl<T: Code> Code for Arc<[T]> {
    fn put(&self, to: &mut Writer) {
        T::put_list(self, to);
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        let list = T::get_list(from)?;
        // Most lists are empty, and the empty one is shared.
        Some(if list.is_empty() { Self::default() } else { list.into() })
    }
}

impl<T: Code> Code for [T; 2] {
    fn put(&self, to: &mut Writer) {
        for item in self {
            item.put(to);
        }
    }

    fn get(from: &mut Reader<'_>) -> Option<Self> {
        Some([T::get(from)?, T::get(from)?])
    }
}

/// A newtype is written as what it wraps.
macro_rules! code_newtypes {
    ($($type:ident),+ $(,)?) => {$(
        impl Code for $type {
            fn put(&self, to: &mut Writer) {
                self.0.put(to);
            }

            fn get(from: &mut Reader<'_>) -> Option<Self> {
                Code::get(from).map(Self)
            }
        }
    )+};
}

/// A struct is written field by field.
macro_rules! code_struct {
    ($type:ident { $($field:ident),+ $(,)? }) => {
        impl Code for $type {
            fn put(&self, to: &mut Writer) {
                $( self.$field.put(to); )+
            }

            fn get(from: &mut Reader<'_>) -> Option<Self> {
                $( let $field = Code::get(from)?; )+
                Some(Self { $($field),+ })
            }
        }
    };
}

/// An enum is written as the number of its variant in one byte, then the fields. Numbers are never reused.
macro_rules! code_enum {
    ($type:ident { $($n:literal $variant:ident $(($($field:ident),+))? $({$($named:ident),+})?),+ $(,)? }) => {
        impl Variants for $type {
            fn number(&self) -> u8 {
                match self {
                    $( Self::$variant { .. } => $n, )+
                }
            }

            fn put_fields(&self, _to: &mut Writer) {
                match self {
                    $( Self::$variant $(($($field),+))? $({$($named),+})? => {
                        $($( $field.put(_to); )+)?
                        $($( $named.put(_to); )+)?
                    } )+
                }
            }

            fn get_fields(number: u8, _from: &mut Reader<'_>) -> Option<Self> {
                match number {
                    $( $n => {
                        $($( let $field = Code::get(_from)?; )+)?
                        $($( let $named = Code::get(_from)?; )+)?
                        Some(Self::$variant $(($($field),+))? $({$($named),+})?)
                    } )+
                    _ => None,
                }
            }
        }

        impl Code for $type {
            fn put(&self, to: &mut Writer) {
                to.byte(self.number());
                self.put_fields(to);
            }

            fn get(from: &mut Reader<'_>) -> Option<Self> {
                let number = from.byte()?;
                Self::get_fields(number, from)
            }
        }
    };
}

/// A closed set whose variants have numbers.
pub(super) trait Variants: Sized {
    fn number(&self) -> u8;
    fn put_fields(&self, to: &mut Writer);
    fn get_fields(number: u8, from: &mut Reader<'_>) -> Option<Self>;
}

pub(super) use {code_enum, code_newtypes, code_struct};
