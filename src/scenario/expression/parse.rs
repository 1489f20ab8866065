//! An expression from its text.

use super::super::fault::Fault;
use super::super::token::{Kind, Token, tokens};
use super::quantity::{Named, Unit, named};
use super::{Arithmetic, Claim, EXPRESSION_MAX, Expr, Node, Quantity};
use std::ops::Range;

/// How deep brackets and signs may nest, which bounds the stack.
const DEPTH_MAX: usize = 32;

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
    names: Vec<(Quantity, Range<usize>)>,
}

/// A part of an expression: its unit (none: a zero, which is zero of anything) and where it stands.
struct Part {
    node: Node,
    unit: Option<Unit>,
    at: Range<usize>,
}

pub(super) fn parse(text: &str) -> Result<Expr, Fault> {
    if text.len() > EXPRESSION_MAX {
        return Err(Fault::new(
            0..text.len(),
            format!("too long: {EXPRESSION_MAX} bytes are allowed"),
        ));
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        names: Vec::new(),
    };
    let mut claims = vec![parser.claim()?];
    while let Some(token) = parser.take() {
        match token.kind {
            Kind::Word("and") => claims.push(parser.claim()?),
            Kind::Word("or") => {
                return Err(Fault::new(token.at(), "`or` is not known here").hint("only `and` joins comparisons"));
            }
            Kind::Compare(_) => {
                return Err(Fault::new(token.at(), "a comparison has two sides").hint("join two by `and`"));
            }
            _ => {
                return Err(Fault::new(
                    token.at(),
                    format!("`{}` comes after a whole comparison", &text[token.at()]),
                )
                .hint("`and` and another comparison may follow"));
            }
        }
    }
    let names = parser.names;
    Ok(Expr { claims, names })
}

impl<'a> Parser<'a> {
    fn take(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.next).copied();
        self.next += usize::from(token.is_some());
        token
    }

    fn take_sign(&mut self, signs: &str) -> Option<char> {
        match self.tokens.get(self.next)?.kind {
            Kind::Sign(sign) if signs.contains(sign) => {
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn missing(&self, what: impl Into<String>) -> Fault {
        let end = self.text.trim_end().len();
        Fault::new(end..end, what)
    }

    fn claim(&mut self) -> Result<Claim, Fault> {
        let left = self.sum()?;
        let Some(token) = self.take() else {
            let whole = left.at.clone();
            return Err(self
                .missing("a comparison is missing")
                .hint(format!("for example `{} > 0`", &self.text[whole])));
        };
        match token.kind {
            Kind::Compare(how) => {
                let right = self.sum()?;
                same_kind(&left, &right, "compared with")?;
                Ok(Claim::Compare(left.node, how, right.node))
            }
            Kind::Word("within") => self.within(left),
            _ => Err(Fault::new(
                token.at(),
                format!("a comparison is wanted here, not `{}`", &self.text[token.at()]),
            )
            .hint("<, <=, ==, !=, >=, > or `within`")),
        }
    }

    fn within(&mut self, left: Part) -> Result<Claim, Fault> {
        let percent = match self.tokens.get(self.next).map(|token| token.kind) {
            Some(Kind::Percent(percent)) => {
                self.next += 1;
                Some(percent)
            }
            _ => None,
        };
        let by = if percent.is_none() { Some(self.sum()?) } else { None };
        match self.take() {
            Some(Token {
                kind: Kind::Word("of"), ..
            }) => {}
            Some(token) => return Err(Fault::new(token.at(), "`of` is wanted here").hint("`A within 10% of B`")),
            None => return Err(self.missing("`of` is missing").hint("`A within 10% of B`")),
        }
        let right = self.sum()?;
        same_kind(&left, &right, "compared with")?;
        match (percent, by) {
            (Some(percent), _) => Ok(Claim::WithinPart(left.node, percent / 100.0, right.node)),
            (None, Some(by)) => {
                same_kind(&left, &by, "compared by")?;
                Ok(Claim::Within(left.node, by.node, right.node))
            }
            (None, None) => Err(self.missing("how near is missing").hint("`A within 10% of B`")),
        }
    }

    fn sum(&mut self) -> Result<Part, Fault> {
        let mut left = self.product()?;
        while let Some(sign) = self.take_sign("+-") {
            let right = self.product()?;
            same_kind(&left, &right, if sign == '+' { "added to" } else { "taken from" })?;
            no_worker(&left)?;
            let how = if sign == '+' {
                Arithmetic::Plus
            } else {
                Arithmetic::Minus
            };
            let unit = left.unit.or(right.unit);
            left = join(left, how, right, unit);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Part, Fault> {
        let mut left = self.atom()?;
        while let Some(sign) = self.take_sign("*/") {
            let right = self.atom()?;
            no_worker(&left)?;
            no_worker(&right)?;
            let time = |part: &Part| part.unit == Some(Unit::Time);
            let (how, unit) = match (sign, time(&left), time(&right)) {
                ('*', true, true) => {
                    return Err(Fault::new(
                        left.at.start..right.at.end,
                        "a time times a time is nothing",
                    ));
                }
                ('*', a, b) => (Arithmetic::Times, if a || b { Unit::Time } else { Unit::Count }),
                (_, true, true) | (_, false, false) => (Arithmetic::By, Unit::Count),
                (_, true, false) => (Arithmetic::By, Unit::Time),
                (_, false, true) => {
                    return Err(Fault::new(
                        right.at,
                        "a number divided by a time is nothing that is known here",
                    ));
                }
            };
            left = join(left, how, right, Some(unit));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Part, Fault> {
        let Some(token) = self.take() else {
            return Err(self.missing("a number or a name is missing at the end"));
        };
        let at = token.at();
        let (node, unit) = match token.kind {
            Kind::Number(0.0) => (Node::Is(0.0), None),
            Kind::Number(number) => (Node::Is(number), Some(Unit::Count)),
            Kind::Percent(percent) => (Node::Is(percent / 100.0), Some(Unit::Part)),
            Kind::Duration(milliseconds) => (Node::Is(milliseconds), Some(Unit::Time)),
            Kind::Word(word) => self.name(word, at.clone())?,
            Kind::Sign('-') => return self.deeper(at, Self::negative),
            Kind::Sign('(') => return self.deeper(at, Self::bracket),
            Kind::Compare(_) | Kind::Sign(_) => {
                let text = &self.text[at.clone()];
                return Err(Fault::new(
                    at,
                    format!("a number or a name is wanted here, not `{text}`"),
                ));
            }
        };
        Ok(Part { node, unit, at })
    }

    fn deeper(
        &mut self,
        at: Range<usize>,
        parse: fn(&mut Self, Range<usize>) -> Result<Part, Fault>,
    ) -> Result<Part, Fault> {
        if self.depth == DEPTH_MAX {
            return Err(Fault::new(at, format!("too deep: {DEPTH_MAX} brackets are allowed")));
        }
        self.depth += 1;
        let part = parse(self, at);
        self.depth -= 1;
        part
    }

    fn negative(&mut self, at: Range<usize>) -> Result<Part, Fault> {
        let part = self.atom()?;
        no_worker(&part)?;
        Ok(Part {
            node: Node::Negative(Box::new(part.node)),
            unit: part.unit,
            at: at.start..part.at.end,
        })
    }

    fn bracket(&mut self, at: Range<usize>) -> Result<Part, Fault> {
        let part = self.sum()?;
        match self.take() {
            Some(token) if token.kind == Kind::Sign(')') => Ok(Part {
                at: at.start..token.end,
                ..part
            }),
            Some(token) => Err(Fault::new(token.at(), "the bracket is not closed").hint("`)` is wanted here")),
            None => Err(Fault::new(at, "the bracket is not closed")),
        }
    }

    fn name(&mut self, word: &str, at: Range<usize>) -> Result<(Node, Option<Unit>), Fault> {
        match named(word, at.clone())? {
            Named::Worker(worker) => Ok((Node::Is(f64::from(worker.0)), Some(Unit::Worker))),
            Named::Quantity(quantity) => {
                self.names.push((quantity, at));
                Ok((Node::Name(quantity), Some(quantity.unit())))
            }
        }
    }
}

fn join(left: Part, how: Arithmetic, right: Part, unit: Option<Unit>) -> Part {
    Part {
        at: left.at.start..right.at.end,
        node: Node::Of(Box::new(left.node), how, Box::new(right.node)),
        unit,
    }
}

/// A worker can be compared, and nothing else.
fn no_worker(part: &Part) -> Result<(), Fault> {
    match part.unit {
        Some(Unit::Worker) => Err(Fault::new(part.at.clone(), "a worker is not a number to count with")
            .hint("one of its numbers is meant, for example `W1.done`")),
        _ => Ok(()),
    }
}

fn same_kind(left: &Part, right: &Part, doing: &str) -> Result<(), Fault> {
    let (Some(a), Some(b)) = (left.unit, right.unit) else {
        return Ok(());
    };
    let kind = |unit| match unit {
        Unit::Count | Unit::Part => "a number",
        Unit::Time => "a time",
        Unit::Worker => "a worker",
    };
    if kind(a) == kind(b) {
        return Ok(());
    }
    // The one that is written out is the one to mend.
    let wrong = if matches!(left.node, Node::Is(_)) { left } else { right };
    let fault = Fault::new(wrong.at.clone(), format!("{} can't be {doing} {}", kind(b), kind(a)));
    Err(match wrong.node {
        Node::Is(number) if a == Unit::Time || b == Unit::Time => fault.hint(format!("write `{number}s` for seconds")),
        Node::Is(number) if wrong.unit == Some(Unit::Worker) => {
            fault.hint(format!("one of its numbers is meant, for example `W{number}.done`"))
        }
        _ => fault,
    })
}
