//! Declaring and deleting exchanges, binding and unbinding.

use super::args::Differs;
use super::durability::StoreOp;
use super::effect::Effect;
use super::exchange::{ALTERNATE_EXCHANGE, Binding, Bound, Exchange, ExchangeSpec};
use super::ids::{ConnectionId, QueueId};
use super::refusal::Refusal;
use super::{Dispatch, headers, record};
use std::sync::Arc;

impl Dispatch {
    /// `exchange.declare`: the same declaration again is fine.
    pub fn declare_exchange(&mut self, spec: ExchangeSpec, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if spec.name.is_empty() {
            return Err(Refusal::DefaultExchange);
        }
        if let Some(exchange) = self.exchanges.get(spec.name.as_str()) {
            return assert_same_exchange(&exchange.spec, &spec);
        }
        if spec.name.starts_with("amq.") {
            return Err(Refusal::ReservedName {
                what: "exchange",
                name: spec.name,
            });
        }
        if spec.durable {
            record(&mut self.seq, StoreOp::ExchangeDeclared(spec.clone()), out);
        }
        self.add_exchange(spec);
        Ok(())
    }

    /// Passive `exchange.declare`: it is there, or `NoExchange`.
    pub fn check_exchange(&self, name: &str) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::DefaultExchange);
        }
        self.find_exchange(name).map(|_| ())
    }

    /// Whether a client may publish to an exchange: it must be there and not be internal.
    pub fn check_target(&self, name: &str) -> Result<(), Refusal> {
        if name.is_empty() {
            return Ok(());
        }
        if self.find_exchange(name)?.spec.internal {
            return Err(Refusal::InternalExchange(name.to_owned()));
        }
        Ok(())
    }

    /// `exchange.delete`; one that is not there counts as deleted.
    pub fn delete_exchange(&mut self, name: &str, if_unused: bool, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::DefaultExchange);
        }
        if name.starts_with("amq.") {
            return Err(Refusal::SystemExchange(name.to_owned()));
        }
        match self.exchanges.get(name) {
            Some(exchange) if if_unused && !exchange.is_unused() => Err(Refusal::ExchangeInUse(name.to_owned())),
            Some(_) => {
                self.remove_exchange(name, out);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// `queue.bind`: the same binding again is fine.
    pub fn bind(&mut self, by: ConnectionId, binding: Binding, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if binding.exchange.is_empty() {
            return Err(Refusal::DefaultExchange);
        }
        self.find_exchange(&binding.exchange)?;
        let queue = self.find_queue(by, &binding.queue)?;
        headers::validate(&binding.args).map_err(Refusal::InvalidBinding)?;
        if self.add_binding(queue, &binding) && self.is_binding_stored(&binding.exchange, queue) {
            record(&mut self.seq, StoreOp::Bound(binding), out);
        }
        Ok(())
    }

    /// `queue.unbind`: a binding, queue or exchange that is not there counts as unbound.
    pub fn unbind(&mut self, by: ConnectionId, binding: &Binding, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if binding.exchange.is_empty() {
            return Err(Refusal::DefaultExchange);
        }
        let queue = match self.find_queue(by, &binding.queue) {
            Err(Refusal::NoQueue(_)) => return Ok(()),
            found => found?,
        };
        let stored = self.is_binding_stored(&binding.exchange, queue);
        let Some(exchange) = self.exchanges.get_mut(binding.exchange.as_str()) else {
            return Ok(());
        };
        if !exchange.unbind(queue, &binding.key, &binding.args) {
            return Ok(());
        }
        if exchange.bindings().iter().all(|bound| bound.queue != queue) {
            self.queues[queue].bound_to.remove(binding.exchange.as_str());
        }
        if stored {
            record(&mut self.seq, StoreOp::Unbound(binding.clone()), out);
        }
        self.auto_delete_exchange(&binding.exchange, out);
        Ok(())
    }

    /// Adds a binding between ends that are there; false if it was there.
    pub(super) fn add_binding(&mut self, queue: QueueId, binding: &Binding) -> bool {
        let Some((name, _)) = self.exchanges.get_key_value(binding.exchange.as_str()) else {
            return false;
        };
        self.queues[queue].bound_to.insert(Arc::clone(name));
        let bound = Bound {
            key: binding.key.as_str().into(),
            queue,
            args: binding.args.clone(),
        };
        self.exchanges
            .get_mut(binding.exchange.as_str())
            .is_some_and(|exchange| exchange.bind(bound))
    }

    /// Removes all bindings of a queue that is about to go.
    pub(super) fn unbind_all(&mut self, queue: QueueId, out: &mut Vec<Effect>) {
        for name in std::mem::take(&mut self.queues[queue].bound_to) {
            let stored = self.is_binding_stored(&name, queue);
            let Some(exchange) = self.exchanges.get_mut(&name) else {
                continue;
            };
            for bound in exchange.unbind_queue(queue) {
                if stored {
                    let binding = self.queues[queue].binding(&name, &bound);
                    record(&mut self.seq, StoreOp::Unbound(binding), out);
                }
            }
            self.auto_delete_exchange(&name, out);
        }
    }

    fn auto_delete_exchange(&mut self, name: &str, out: &mut Vec<Effect>) {
        let is_done = |exchange: &Exchange| exchange.spec.auto_delete && exchange.is_unused();
        if self.exchanges.get(name).is_some_and(is_done) {
            self.remove_exchange(name, out);
        }
    }

    fn remove_exchange(&mut self, name: &str, out: &mut Vec<Effect>) {
        let Some(exchange) = self.exchanges.remove(name) else {
            return;
        };
        for bound in exchange.bindings() {
            let queue = &mut self.queues[bound.queue];
            queue.bound_to.remove(name);
            if exchange.spec.durable && queue.is_stored() {
                let binding = queue.binding(name, bound);
                record(&mut self.seq, StoreOp::Unbound(binding), out);
            }
        }
        if exchange.spec.durable {
            record(&mut self.seq, StoreOp::ExchangeDeleted(name.to_owned()), out);
        }
    }

    /// A binding survives a restart when both its ends do.
    fn is_binding_stored(&self, exchange: &str, queue: QueueId) -> bool {
        self.queues[queue].is_stored()
            && self
                .exchanges
                .get(exchange)
                .is_some_and(|exchange| exchange.spec.durable)
    }

    pub(super) fn find_exchange(&self, name: &str) -> Result<&Exchange, Refusal> {
        self.exchanges
            .get(name)
            .ok_or_else(|| Refusal::NoExchange(name.to_owned()))
    }
}

fn assert_same_exchange(current: &ExchangeSpec, asked: &ExchangeSpec) -> Result<(), Refusal> {
    let differs = Differs {
        what: "exchange",
        name: &asked.name,
    };
    differs.plain("type", current.kind.name(), asked.kind.name())?;
    differs.plain("durable", current.durable, asked.durable)?;
    differs.plain("auto_delete", current.auto_delete, asked.auto_delete)?;
    differs.plain("internal", current.internal, asked.internal)?;
    differs.arg(
        ALTERNATE_EXCHANGE,
        current.args.get(ALTERNATE_EXCHANGE),
        asked.args.get(ALTERNATE_EXCHANGE),
    )
}
