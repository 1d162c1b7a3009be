//! Webhooks in both directions, and who takes them.

use wharf_document::Integration;
use wharf_workspace::settings::Handler;

use super::page::{Page, duration, or_nothing, pair, text};
use crate::commands::show::places;
use crate::table::Column;

impl Page {
    pub(super) fn webhooks(&mut self, integration: &Integration, handlers: &[(&str, &Handler)]) {
        let webhooks = &integration.webhooks;
        let rows: Vec<_> = webhooks
            .incoming
            .iter()
            .map(|row| {
                vec![
                    row.event.value.clone(),
                    or_nothing(text(row.endpoint.as_ref())),
                    or_nothing(text(row.handler.as_ref())),
                ]
            })
            .collect();
        let columns = [
            Column::words("EVENT", 12, 0),
            Column::words("ENDPOINT", 12, 0),
            Column::words("HANDLER", 8, 1),
        ];
        self.table("Incoming webhooks", &columns, &rows);
        self.handlers(handlers);
        if let Some(found) = &webhooks.verification {
            let scheme = found
                .scheme
                .as_ref()
                .map(|scheme| places::scheme(&scheme.value));
            let pairs = [
                pair("scheme", scheme),
                pair("secret is in", places::joined(&found.secrets)),
                pair("tolerance", duration(found.tolerance)),
                pair("events stand at", places::items(found)),
                pair("our address", text(found.public_url.as_ref())),
                pair(
                    "handshake",
                    places::joined(found.handshakes.iter().map(|one| &one.value)),
                ),
            ];
            self.pairs("Verification", pairs.into_iter().flatten().collect());
        }
        let rows: Vec<_> = webhooks
            .outgoing
            .iter()
            .map(|row| {
                let target = row.target.as_ref();
                vec![
                    row.trigger.value.clone(),
                    or_nothing(target.map(|target| places::target(&target.value))),
                    or_nothing(text(row.payload.as_ref())),
                ]
            })
            .collect();
        let columns = [
            Column::words("TRIGGER", 12, 0),
            Column::words("TARGET", 12, 0),
            Column::words("PAYLOAD", 8, 1),
        ];
        self.table("Outgoing webhooks", &columns, &rows);
    }

    pub(super) fn handlers(&mut self, handlers: &[(&str, &Handler)]) {
        let rows: Vec<_> = handlers
            .iter()
            .map(|(name, handler)| {
                vec![
                    (*name).to_owned(),
                    handler.url.clone(),
                    or_nothing(handler.secret.as_ref()),
                    or_nothing(handler.rate.as_ref()),
                ]
            })
            .collect();
        let columns = [
            Column::words("HANDLER", 8, 1),
            Column::words("ADDRESS", 12, 0),
            Column::words("SECRET IS IN", 12, 0),
            Column::words("RATE", 6, 2),
        ];
        self.table("Handlers in wharf.toml (not in force yet)", &columns, &rows);
    }
}
