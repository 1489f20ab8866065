//! What fuzzing found and what it walked through, played again: one input a line, as hexadecimal digits.

use super::{decoder, session};
use proptest::prelude::*;

const DECODER: &str = include_str!("../../../tests/corpus/decoder.hex");
const SESSION: &str = include_str!("../../../tests/corpus/session.hex");

/// The inputs of one corpus.
fn corpus(text: &str) -> Vec<Vec<u8>> {
    text.lines().map(bytes).collect()
}

fn bytes(line: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit");
    let pairs = line.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(digit(pair[0]) << 4 | digit(pair[1])).expect("two digits"))
        .collect()
}

#[test]
fn corpus_of_the_decoder_breaks_no_promise() {
    let corpus = corpus(DECODER);
    assert!(corpus.len() > 50, "{} inputs", corpus.len());
    for input in corpus {
        decoder(&input);
    }
}

#[test]
fn corpus_of_sessions_breaks_no_promise() {
    let corpus = corpus(SESSION);
    assert!(corpus.len() > 50, "{} inputs", corpus.len());
    for input in corpus {
        session(&input);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_sessions_break_no_promise(input in prop::collection::vec(any::<u8>(), 0..1200)) {
        session(&input);
    }
}
