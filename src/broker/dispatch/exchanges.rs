//! Declaring and deleting exchanges.

use super::charge;
use super::differs::Differs;
use super::durability::StoreOp;
use super::effect::Effect;
use super::exchange::{ALTERNATE_EXCHANGE, Exchange, ExchangeSpec, Target};
use super::refusal::Refusal;
use super::rules::TransientExchanges;
use super::slab::ExchangeKey;
use super::{Dispatch, record};
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
        if self.is_exchange_stored(&spec) {
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

    /// Deletes an auto-delete exchange that its last binding has left.
    pub(super) fn auto_delete_exchange(&mut self, name: &str, out: &mut Vec<Effect>) {
        if self.is_exchange_done(name) {
            self.remove_exchange(name, out);
        }
    }

    fn is_exchange_done(&self, name: &str) -> bool {
        let exchange = self.exchanges.get(name);
        exchange.is_some_and(|exchange| exchange.spec.auto_delete && exchange.is_unused())
    }

    /// Its end may be that of the exchanges bound to it, and so on: a list, since a chain of them may be longer than the
    /// stack is deep.
    fn remove_exchange(&mut self, name: &str, out: &mut Vec<Effect>) {
        let mut leaving: Vec<Arc<str>> = vec![name.into()];
        while let Some(name) = leaving.pop() {
            let Some(key) = self.exchanges.get(&name).map(|exchange| exchange.key) else {
                continue;
            };
            let sources = self.unbind_all(Target::Exchange(key), out);
            if let Some(mut exchange) = self.exchanges.remove(&name) {
                self.drop_bindings(&name, &mut exchange, out);
                self.exchange_names.remove(exchange.key);
                if self.is_exchange_stored(&exchange.spec) {
                    record(&mut self.seq, StoreOp::ExchangeDeleted(name.to_string()), out);
                }
            }
            leaving.extend(sources.into_iter().filter(|source| self.is_exchange_done(source)));
        }
    }

    pub(super) fn add_exchange(&mut self, spec: ExchangeSpec) {
        let name: Arc<str> = spec.name.as_str().into();
        let key = self.exchange_names.insert_with(|_| Arc::clone(&name));
        let charge = self.own.charge(charge::exchange(&spec));
        self.exchanges.insert(name, Exchange::new(key, spec, charge));
    }

    /// Whether an exchange survives a restart.
    pub(super) fn is_exchange_stored(&self, spec: &ExchangeSpec) -> bool {
        spec.durable || self.rules.transient_exchanges == TransientExchanges::Kept
    }

    pub(super) fn exchange(&self, key: ExchangeKey) -> Option<&Exchange> {
        self.exchanges.get(self.exchange_names.get(key)?)
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
