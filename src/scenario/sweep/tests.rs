//! What a sweep comes to.
