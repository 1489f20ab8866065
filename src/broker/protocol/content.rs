//! Message assembly on one channel: method, header, then bodies until the announced size is reached
//! (AMQP 0-9-1, section 4.2.6).

use super::frame::{Header, Publish};
use super::properties::Properties;
use super::refusal::{Code, Exception, MethodId, Refused};
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
    pieces: Vec<Arc<[u8]>>,
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
    pub(super) fn header(&mut self, header: Header, limit: u64) -> Result<Option<Published>, Exception> {
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
            let text = format!(
                "message size {} is larger than configured max size {limit}",
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
            pieces: Vec::new(),
        });
        Ok(None)
    }

    /// A piece of body came. The message, if it is complete. What goes beyond the announced size is kept, as
    /// RabbitMQ does up to 4.0.
    pub(super) fn body(&mut self, piece: Arc<[u8]>) -> Result<Option<Published>, Exception> {
        match std::mem::take(self) {
            Self::None => Err(no_method()),
            Self::Header(_) => Err(unexpected(
                "expected content header for class 60, got non content header frame instead",
                PUBLISH,
            )),
            Self::Body(mut partial) => {
                partial.missing = partial.missing.saturating_sub(piece.len() as u64);
                partial.pieces.push(piece);
                if partial.missing == 0 {
                    return Ok(Some(partial.complete()));
                }
                *self = Self::Body(partial);
                Ok(None)
            }
        }
    }
}

impl Partial {
    fn complete(mut self) -> Published {
        let body = match self.pieces.pop() {
            Some(only) if self.pieces.is_empty() => only,
            last => {
                let mut whole = Vec::with_capacity(self.pieces.iter().chain(&last).map(|piece| piece.len()).sum());
                self.pieces
                    .iter()
                    .chain(&last)
                    .for_each(|piece| whole.extend_from_slice(piece));
                whole.into()
            }
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
