//! What people need who run the service: how it is watched, who needs it, what to do when it is away.

use wharf_document::Integration;
use wharf_workspace::Workspace;

use super::page::{Page, Pairs, duration, or_nothing, pair, text};
use super::people::links;
use crate::commands::show::{json, places};

impl Page {
    pub(super) fn monitoring(&mut self, integration: &Integration) {
        let monitoring = &integration.monitoring;
        let health = &monitoring.health;
        let probe = health
            .probe
            .as_ref()
            .map(|probe| places::probe(&probe.value));
        let health = [
            pair("probe", probe),
            pair("every", duration(health.interval)),
            pair("timeout", duration(health.timeout)),
            pair(
                "healthy with",
                places::joined(health.expect.iter().map(|one| &one.value)),
            ),
            pair(
                "alert after failures",
                health.threshold.map(|found| found.value),
            ),
        ];
        let objectives = monitoring.objectives.iter().filter_map(|objective| {
            let comparison = objective.comparison.as_ref()?;
            pair(&objective.name.value, Some(&comparison.value))
        });
        let pairs = health.into_iter().flatten().chain(objectives).collect();
        self.pairs("Monitoring", pairs);
        self.pairs("Dashboards", links(&monitoring.dashboards));
    }

    pub(super) fn dependencies(&mut self, integration: &Integration, workspace: &Workspace) {
        let dependencies = &integration.dependencies;
        let systems = dependencies.systems.iter().map(|system| {
            let mut importance = or_nothing(text(system.importance.as_ref()));
            if let Some(deadline) = duration(system.deadline) {
                importance += &format!(" (waits {deadline})");
            }
            (system.name.value.clone(), importance)
        });
        self.pairs("Systems that use it", systems.collect());
        let needs: Vec<_> = dependencies
            .needs
            .iter()
            .map(|need| places::need(&need.value))
            .collect();
        let by = json::needed_by(integration, workspace);
        let pairs = [("needs", needs), ("named by", by)];
        let pairs = pairs.into_iter().filter(|(_, names)| !names.is_empty());
        let pairs = pairs.map(|(name, names)| (name.to_owned(), names.join(", ")));
        self.pairs("Dependencies", pairs.collect());
    }

    pub(super) fn recovery(&mut self, integration: &Integration) {
        let recovery = &integration.recovery;
        let fallback = recovery.fallback.as_ref();
        let mut pairs: Pairs = [
            pair(
                "fallback",
                fallback.map(|found| places::fallback(&found.value)),
            ),
            pair("cache at most", duration(recovery.cache)),
            pair("by hand", text(recovery.manual.as_ref())),
        ]
        .into_iter()
        .flatten()
        .collect();
        pairs.extend(recovery.operations.iter().map(|row| {
            let fallback = text(row.fallback.as_ref()).unwrap_or("no fallback");
            (row.operation.value.clone(), format!("-> {fallback}"))
        }));
        self.pairs("Recovery", pairs);
        let steps: Vec<_> = recovery
            .procedure
            .iter()
            .map(|(words, _)| words.value.clone())
            .collect();
        self.lines("Outage procedure", &steps);
    }
}
