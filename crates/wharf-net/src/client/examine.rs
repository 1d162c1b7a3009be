//! A connection that is made to learn how it goes: every step with what came of it and its time.

use std::net::SocketAddr;
use std::time::Instant;

use super::connect::{Connector, Step};
use super::origin::Origin;
use super::tcp::Reached;
use super::tls::Secured;

/// What each step of connecting came to. A step that another one kept from being taken is absent.
#[derive(Debug)]
pub struct Examined {
    /// The name lookup. It takes no time where the host is an address.
    pub resolve: Step<Vec<SocketAddr>>,
    /// The TCP connection, closed by now where TLS was not to follow.
    pub tcp: Option<Step<TcpFacts>>,
    /// The TLS handshake; absent for an origin without TLS too.
    pub tls: Option<Step<Secured>>,
    tried: usize,
}

/// What is known of a TCP connection.
#[derive(Debug)]
pub struct TcpFacts {
    /// Where it led.
    pub address: SocketAddr,
    /// How many addresses had failed by then.
    pub failed_count: usize,
}

impl TcpFacts {
    fn of(reached: &Reached) -> Self {
        Self {
            address: reached.address(),
            failed_count: reached.failures().len(),
        }
    }
}

impl Examined {
    /// The addresses that were tried, in the order in which they were. Those that were begun beside
    /// the one that took the connection are among them.
    pub fn addresses_tried(&self) -> &[SocketAddr] {
        let all = self.resolve.result.as_deref().unwrap_or_default();
        all.get(..self.tried).unwrap_or(all)
    }

    /// Whether a call could be sent over the connection.
    pub fn is_connected(&self, origin: &Origin) -> bool {
        let tcp = self.tcp.as_ref().is_some_and(|step| step.result.is_ok());
        let tls = self.tls.as_ref().is_some_and(|step| step.result.is_ok());
        tcp && (tls || !origin.is_tls())
    }
}

impl Connector {
    /// Connects as a call would, sends nothing, and tells how each step went.
    ///
    /// `deadline` covers all steps. The connection belongs to no pool and is closed with the result.
    /// Dropping the future gives it up.
    pub async fn examine(&self, origin: &Origin, deadline: Instant) -> Examined {
        let mut examined = Examined {
            resolve: self.resolve(origin, deadline).await,
            tcp: None,
            tls: None,
            tried: 0,
        };
        let Ok(addresses) = &examined.resolve.result else {
            return examined;
        };
        let tried = &mut examined.tried;
        let Step { result, took } = self.reach_counting(addresses, deadline, tried).await;
        let (result, reached) = match result {
            Ok(reached) => (Ok(TcpFacts::of(&reached)), Some(reached)),
            Err(error) => (Err(error), None),
        };
        examined.tcp = Some(Step { result, took });
        if let Some(reached) = reached.filter(|_| origin.is_tls()) {
            examined.tls = Some(self.secure(origin, reached, deadline).await);
        }
        examined
    }
}

#[cfg(test)]
mod tests;
