//! What always holds between two inputs. Looked at in tests and by fuzzers, since it looks at everything.

use super::Broker;

impl Broker {
    /// Checks every invariant.
    ///
    /// # Panics
    /// With the name of the broken one.
    pub(crate) fn check(&self) {
        let shared = &self.shared;
        shared.vhosts.iter().for_each(|vhost| vhost.dispatch.check());
        assert!(shared.effects.is_empty(), "every consequence became an output");
        assert!(shared.overdue.is_empty(), "every overdue channel was closed");
        let strangers = shared.deaf.iter().filter(|id| !self.connections.contains_key(id));
        assert_eq!(
            strangers.count(),
            0,
            "nothing is remembered of connections that are gone"
        );
    }
}
