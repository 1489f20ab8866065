//! What has to be so at the end of a run: `W1.done within 10% of W2.done and makespan < 1.1 * ideal`.
//!
//! ```text
//! expression  = claim { "and" claim }
//! claim       = sum ("<" | "<=" | "==" | "!=" | ">=" | ">") sum
//!             | sum "within" (percent | sum) "of" sum
//! sum         = product { ("+" | "-") product }
//! product     = atom { ("*" | "/") atom }
//! atom        = number | percent | duration | name | worker | "-" atom | "(" sum ")"
//! ```
//!
//! A name is a [`Quantity`]. What it comes to is asked of [`Numbers`]: a run that is over, or the lab as it is now. Times
//! are compared with times (`10s`), counts with counts, and workers (`#3.worker == W2`) with workers: what mixes them is
//! refused when it is read, since `makespan < 60` would be sixty milliseconds.

mod judge;
mod parse;
mod quantity;

#[cfg(test)]
mod tests;

pub use judge::{Judged, Numbers};
pub use quantity::{JobNumber, Quantity, RunNumber, WorkerNumber};
pub(super) use quantity::{Named, Unit, named};

use super::fault::Fault;
use crate::lab::Compare;
use std::ops::Range;

/// The longest text of an expression, in bytes.
pub const EXPRESSION_MAX: usize = 500;

/// An expression, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    claims: Vec<Claim>,
    /// All names in it, in their order, and where each stands.
    names: Vec<(Quantity, Range<usize>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Claim {
    Compare(Node, Compare, Node),
    /// The two differ by no more than so much.
    Within(Node, Node, Node),
    /// The two differ by no more than this part of the second: 0.1 is 10 %.
    WithinPart(Node, f64, Node),
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// A number, milliseconds, or the number of a worker.
    Is(f64),
    Name(Quantity),
    Negative(Box<Node>),
    Of(Box<Node>, Arithmetic, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arithmetic {
    Plus,
    Minus,
    Times,
    By,
}

impl Expr {
    /// Understands a text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        parse::parse(text)
    }

    /// The names in it, in their order, each with the bytes of the text where it stands.
    pub fn names(&self) -> &[(Quantity, Range<usize>)] {
        &self.names
    }
}
