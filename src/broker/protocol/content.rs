//! Message assembly on one channel: method, header, then bodies until the announced size is reached
//! (AMQP 0-9-1, section 4.2.6).

use super::frame::{Header, Publish};
use super::properties::Properties;
use super::refusal::{Code, Exception, MethodId, Refused};
use super::rules::OverlongBody;
use crate::broker::dispatch::{Charge, Gauge};
use std::sync::Arc;

/// How far the current message has come.
#[derive(Debug, Default)]
pub(super) enum Content {
    /// A method is next.
    #[default]
    None,
    /// A header is next.
    Header(Publish),
    /// Body is next.
    Body(Partial),
}

/// A message whose body is not complete.
#[derive(Debug)]
pub(super) struct Partial {
    publish: Publish,
    properties: Arc<Properties>,
    missing: u64,
    /// What came so far: one buffer, so that empty and tiny pieces cost nothing.
    whole: Vec<u8>,
    charge: Charge,
}

/// A message as it was published.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Published {
    /// Where to.
    pub(super) publish: Publish,
    /// Its properties.
    pub(super) properties: Arc<Properties>,
    /// Its body.
    pub(super) body: Arc<[u8]>,
}

/// The largest body that RabbitMQ can be configured to take, in bytes; its text is another then.
const HIGHEST_LIMIT: u64 = 512 * 1024 * 1024;

/// `basic.publish`
pub(super) const PUBLISH: MethodId = MethodId { class: 60, method: 40 };

impl Content {
    /// A publish begins.
    pub(super) fn begin(&mut self, publish: Publish) -> Result<(), Exception> {
        self.expect_method()?;
        *self = Self::Header(publish);
        Ok(())
    }

    /// A method came: fine unless content is due.
    pub(super) fn expect_method(&self) -> Result<(), Exception> {
        match self {
            Self::None => Ok(()),
            Self::Header(_) => Err(unexpected(
                "expected content header for class 60, got non content header frame instead",
                PUBLISH,
            )),
            Self::Body(_) => Err(unexpected(
                "expected content body, got non content body frame instead",
                PUBLISH,
            )),
        }
    }

    /// A header came. The message, if it has no body; `limit` is the largest body in bytes.
    pub(super) fn header(&mut self, header: Header, limit: u64, gauge: &Gauge) -> Result<Option<Published>, Exception> {
        if !matches!(self, Self::Header(_)) {
            self.expect_method()?;
        }
        let Self::Header(publish) = std::mem::take(self) else {
            return Err(no_method());
        };
        if header.class_id != PUBLISH.class {
            let text = format!(
                "expected content header for class 60, got one for class {} instead",
                header.class_id
            );
            return Err(unexpected(&text, PUBLISH));
        }
        if header.body_size > limit {
            let configured = if limit == HIGHEST_LIMIT { "" } else { "configured " };
            let text = format!(
                "message size {} is larger than {configured}max size {limit}",
                header.body_size
            );
            return Err(Refused::channel(Code::PreconditionFailed, text).at(PUBLISH));
        }
        let (properties, missing) = (header.properties, header.body_size);
        if missing == 0 {
            return Ok(Some(Published {
                publish,
                properties,
                body: Arc::from(&b""[..]),
            }));
        }
        *self = Self::Body(Partial {
            publish,
            properties,
            missing,
            whole: Vec::new(),
            charge: gauge.charge(0),
        });
        Ok(None)
    }

    /// A piece of body came. The message, if it is complete.
    pub(super) fn body(&mut self, piece: Arc<[u8]>, overlong: OverlongBody) -> Result<Option<Published>, Exception> {
        match std::mem::take(self) {
            Self::None => Err(no_method()),
            Self::Header(_) => Err(unexpected(
                "expected content header for class 60, got non content header frame instead",
                PUBLISH,
            )),
            Self::Body(mut partial) => {
                if piece.len() as u64 > partial.missing && overlong == OverlongBody::Refused {
                    let text = "content body frame exceeds remaining content size";
                    return Err(Refused::connection(Code::FrameError, text).at(PUBLISH));
                }
                partial.missing = partial.missing.saturating_sub(piece.len() as u64);
                if partial.missing == 0 {
                    return Ok(Some(partial.complete(piece)));
                }
                partial.whole.extend_from_slice(&piece);
                partial.charge.grow(piece.len() as u64);
                *self = Self::Body(partial);
                Ok(None)
            }
        }
    }
}

impl Partial {
    /// Ends with the last piece; a body that came in one is not copied.
    fn complete(mut self, last: Arc<[u8]>) -> Published {
        let body = if self.whole.is_empty() {
            last
        } else {
            self.whole.extend_from_slice(&last);
            self.whole.into()
        };
        Published {
            publish: self.publish,
            properties: self.properties,
            body,
        }
    }
}

fn no_method() -> Exception {
    unexpected(
        "expected method frame, got non method frame instead",
        MethodId::default(),
    )
}

fn unexpected(text: &str, at: MethodId) -> Exception {
    Refused::connection(Code::UnexpectedFrame, text).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_tiny_pieces_take_no_more_room_than_the_body() {
        let publish = Publish {
            exchange: "".into(),
            routing_key: "q".into(),
            mandatory: false,
            immediate: false,
        };
        let partial = Partial {
            publish,
            properties: Arc::new(Properties::parse(&[0, 0]).expect("no properties")),
            missing: 100,
            whole: Vec::new(),
            charge: Charge::default(),
        };
        let mut content = Content::Body(partial);
        for piece in [&b""[..], b"x"].into_iter().cycle().take(198) {
            assert!(
                content
                    .body(piece.into(), OverlongBody::Kept)
                    .is_ok_and(|whole| whole.is_none())
            );
        }
        let Content::Body(partial) = &content else {
            panic!("one byte is missing");
        };
        assert_eq!((partial.missing, partial.whole.len()), (1, 99));
        assert!(partial.whole.capacity() < 256);
    }
}
