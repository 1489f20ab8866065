//! Names that the broker makes up: `amq.gen-…` for queues, `amq.ctag-…` for consumers.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A seeded source of names.
#[derive(Debug)]
pub(crate) struct Names {
    random: StdRng,
}

/// The alphabet of base64url (RFC 4648, section 5), which RabbitMQ's generated names use too.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Names {
    /// Equal seeds give equal names.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// A queue's name.
    pub(super) fn queue(&mut self) -> String {
        self.name("amq.gen-")
    }

    /// A consumer's tag.
    pub(super) fn consumer(&mut self) -> String {
        self.name("amq.ctag-")
    }

    /// What makes the name of a channel's direct replies.
    pub(super) fn replies(&mut self) -> String {
        self.name("")
    }

    /// 16 random bytes in base64url without padding: 22 characters.
    fn name(&mut self, prefix: &str) -> String {
        let bits = (u128::from(self.random.next_u64()) << 64) | u128::from(self.random.next_u64());
        let letters = (0..22).map(|i| {
            let six = if i < 21 { bits >> (122 - 6 * i) } else { bits << 4 };
            char::from(ALPHABET[(six & 63) as usize])
        });
        prefix.chars().chain(letters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_have_rabbitmqs_shape_and_differ() {
        let mut names = Names::new(1);
        let (a, b, tag) = (names.queue(), names.queue(), names.consumer());
        assert_ne!(a, b);
        for (name, prefix) in [(&a, "amq.gen-"), (&b, "amq.gen-"), (&tag, "amq.ctag-")] {
            let rest = name.strip_prefix(prefix).expect("prefix");
            assert_eq!(rest.len(), 22);
            assert!(rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        }
    }
}
