//! Binding and unbinding: from an exchange to a queue, or to another exchange.

use super::durability::StoreOp;
use super::effect::Effect;
use super::exchange::{Binding, Bound, Destination, Exchange, Target};
use super::ids::ConnectionId;
use super::refusal::Refusal;
use super::{Dispatch, headers, record};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Dispatch {
    /// `queue.bind` and `exchange.bind`: the same binding again is fine.
    pub fn bind(&mut self, by: ConnectionId, binding: Binding, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        refuse_default_exchange(&binding)?;
        self.find_exchange(&binding.exchange)?;
        let target = self.find_target(by, &binding.to)?;
        headers::validate(&binding.args).map_err(Refusal::InvalidBinding)?;
        if self.add_binding(target, &binding) && self.is_binding_stored(&binding.exchange, target) {
            record(&mut self.seq, StoreOp::Bound(binding), out);
        }
        Ok(())
    }

    /// `queue.unbind` and `exchange.unbind`: a binding, or an end of it, that is not there counts as unbound.
    pub fn unbind(&mut self, by: ConnectionId, binding: &Binding, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        refuse_default_exchange(binding)?;
        let target = match self.find_target(by, &binding.to) {
            Err(Refusal::NoQueue(_) | Refusal::NoExchange(_)) => return Ok(()),
            found => found?,
        };
        let stored = self.is_binding_stored(&binding.exchange, target);
        let Some(exchange) = self.exchanges.get_mut(binding.exchange.as_str()) else {
            return Ok(());
        };
        if !exchange.unbind(target, &binding.key, &binding.args) {
            return Ok(());
        }
        if !exchange.leads_to(target)
            && let Some(sources) = self.sources(target)
        {
            sources.remove(binding.exchange.as_str());
        }
        if stored {
            record(&mut self.seq, StoreOp::Unbound(binding.clone()), out);
        }
        self.auto_delete_exchange(&binding.exchange, out);
        Ok(())
    }

    /// Adds a binding between ends that are there; false if it was there.
    pub(super) fn add_binding(&mut self, target: Target, binding: &Binding) -> bool {
        let Some((name, _)) = self.exchanges.get_key_value(binding.exchange.as_str()) else {
            return false;
        };
        let name = Arc::clone(name);
        if let Some(sources) = self.sources(target) {
            sources.insert(name);
        }
        let bound = Bound {
            key: binding.key.as_str().into(),
            to: target,
            args: binding.args.clone(),
        };
        self.exchanges
            .get_mut(binding.exchange.as_str())
            .is_some_and(|exchange| exchange.bind(bound))
    }

    /// Removes all bindings that lead to a queue or exchange that is about to go; the exchanges that they came from.
    pub(super) fn unbind_all(&mut self, target: Target, out: &mut Vec<Effect>) -> BTreeSet<Arc<str>> {
        let sources = self.sources(target).map(std::mem::take).unwrap_or_default();
        for name in &sources {
            let stored = self.is_binding_stored(name, target);
            let Some(exchange) = self.exchanges.get_mut(name) else {
                continue;
            };
            for bound in exchange.unbind_all(target) {
                if stored {
                    let binding = self.binding(name, &bound);
                    record(&mut self.seq, StoreOp::Unbound(binding), out);
                }
            }
        }
        sources
    }

    /// Forgets the bindings of an exchange that was taken out.
    pub(super) fn drop_bindings(&mut self, name: &str, exchange: &mut Exchange, out: &mut Vec<Effect>) {
        for bound in exchange.take_bindings() {
            if self.is_exchange_stored(&exchange.spec) && self.is_target_stored(bound.to) {
                let binding = self.binding(name, &bound);
                record(&mut self.seq, StoreOp::Unbound(binding), out);
            }
            if let Some(sources) = self.sources(bound.to) {
                sources.remove(name);
            }
        }
    }

    /// What a binding leads to.
    pub(super) fn find_target(&self, by: ConnectionId, to: &Destination) -> Result<Target, Refusal> {
        match to {
            Destination::Queue(name) => self.find_queue(by, name).map(Target::Queue),
            Destination::Exchange(name) => self.find_exchange(name).map(|exchange| Target::Exchange(exchange.key)),
        }
    }

    /// A binding survives a restart when both its ends do.
    fn is_binding_stored(&self, exchange: &str, target: Target) -> bool {
        let exchange = self.exchanges.get(exchange);
        exchange.is_some_and(|exchange| self.is_exchange_stored(&exchange.spec)) && self.is_target_stored(target)
    }

    fn is_target_stored(&self, target: Target) -> bool {
        match target {
            Target::Queue(queue) => self.queues[queue].is_stored(),
            Target::Exchange(key) => self
                .exchange(key)
                .is_some_and(|exchange| self.is_exchange_stored(&exchange.spec)),
        }
    }

    /// The exchanges with a binding to that target.
    fn sources(&mut self, target: Target) -> Option<&mut BTreeSet<Arc<str>>> {
        match target {
            Target::Queue(queue) => self.queues.get_mut(queue).map(|queue| &mut queue.bound_to),
            Target::Exchange(key) => {
                let name = self.exchange_names.get(key)?;
                self.exchanges.get_mut(name).map(|exchange| &mut exchange.bound_to)
            }
        }
    }

    /// A binding in names.
    fn binding(&self, exchange: &str, bound: &Bound) -> Binding {
        let to = match bound.to {
            Target::Queue(queue) => Destination::Queue(self.queues[queue].spec.name.clone()),
            Target::Exchange(key) => Destination::Exchange(self.exchange_names[key].to_string()),
        };
        Binding {
            exchange: exchange.to_owned(),
            to,
            key: bound.key.to_string(),
            args: bound.args.clone(),
        }
    }
}

fn refuse_default_exchange(binding: &Binding) -> Result<(), Refusal> {
    match &binding.to {
        _ if binding.exchange.is_empty() => Err(Refusal::DefaultExchange),
        Destination::Exchange(name) if name.is_empty() => Err(Refusal::DefaultExchange),
        _ => Ok(()),
    }
}
