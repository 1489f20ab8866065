//! A job: a message whose body is a word and dots, each dot a second of work, as in the classic work-queue scripts.

use super::ids::JobId;

/// What a dot of work takes: microseconds at speed ×1, times a thousand, so that speeds in thousandths divide it.
pub(super) const UNITS_PER_DOT: u64 = 1_000_000 * 1000;

/// A numbered piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number; travels in the `message_id` property.
    pub id: JobId,
    /// Its word.
    pub word: &'static str,
    /// Its dots: seconds of lab time at speed ×1.
    pub dots: u32,
}

impl Job {
    /// The message body, for example `maple...`.
    pub fn body(&self) -> String {
        let mut body = String::with_capacity(self.word.len() + self.dots as usize);
        body.push_str(self.word);
        body.extend(std::iter::repeat_n('.', self.dots as usize));
        body
    }
}
