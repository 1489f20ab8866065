//! Tests of dispatch as a whole, through its public methods.
