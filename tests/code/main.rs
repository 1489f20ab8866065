//! The programs that the Code view writes: the Python is run against the embedded broker, the Rust is compiled with
//! these tests and its default run too.

mod broker;
mod cases;
mod examples;
mod python;
mod running;
mod written;
