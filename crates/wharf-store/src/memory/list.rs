//! Lists of events in memory: all that match, sorted, and a part of them.

use super::events::{Events, Lane};
use crate::events::list::{in_order, page_of};
use crate::events::{
    ATTEMPT_LIMIT, Attempt, Event, Filter, HandlerResult, Listed, Page, Paging, Standing,
};
use crate::names::{Name, Place};

impl Events {
    pub(crate) fn list(&self, filter: &Filter, paging: &Paging) -> Page {
        let all = self.lanes.values().flat_map(|lane| {
            let mut events = Vec::new();
            for event in &lane.events {
                if matches(filter, event) {
                    events.push(listed(lane, event));
                }
            }
            events
        });
        let stands = |event: &Listed| match &filter.standing {
            Some((handler, standing)) => stands(event, handler, *standing),
            None => true,
        };
        let is_behind = |event: &Listed| {
            let behind = paging.behind.as_ref();
            behind.is_none_or(|behind| event.list_position() < *behind)
        };
        let mut events: Vec<_> = all.filter(stands).filter(is_behind).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.list_position()));
        let has_more = events.len() > paging.count();
        events.truncate(paging.count());
        let (events, is_cut) = page_of(events, Some);
        let has_more = is_cut || has_more;
        let last = events.last().map(Listed::list_position);
        Page {
            events,
            next: last.filter(|_| has_more),
            is_complete: true,
        }
    }

    pub(crate) fn attempts(&self, place: Place) -> Vec<Attempt> {
        let lane = self.lanes.get(&place.lane);
        let attempts = lane.and_then(|lane| lane.attempts.get(&place.position));
        let mut attempts = attempts.cloned().unwrap_or_default();
        in_order(&mut attempts);
        let first = attempts.len().saturating_sub(ATTEMPT_LIMIT);
        attempts.split_off(first)
    }
}

fn matches(filter: &Filter, event: &Event) -> bool {
    let source = filter.source.as_ref();
    let kind = filter.kind.as_ref();
    filter.place.is_none_or(|place| event.place == place)
        && filter.lane.is_none_or(|lane| event.place.lane == lane)
        && source.is_none_or(|source| source.holds(event.source.as_str()))
        && kind.is_none_or(|kind| kind.holds(event.kind.as_str()))
        && filter.since.is_none_or(|since| event.at >= since)
        && filter.until.is_none_or(|until| event.at < until)
}

fn stands(event: &Listed, handler: &Name, standing: Standing) -> bool {
    let mut results = event.results.iter();
    results.any(|of| of.handler == *handler && of.standing == standing)
}

fn listed(lane: &Lane, event: &Event) -> Listed {
    let position = event.place.position;
    let attempts = lane.attempts.get(&position).map_or(&[][..], Vec::as_slice);
    let result = |(name, handler): (&Name, &super::events::Handler)| {
        let of_it = attempts.iter().filter(|of| of.handler == *name);
        let last = of_it
            .clone()
            .max_by_key(|of| (of.outcome.at, of.outcome.attempt));
        HandlerResult::of(
            name.clone(),
            position,
            handler.cursor,
            handler.exceptions.get(&position).cloned(),
            (of_it.count() as u64, last.map(|of| of.outcome.clone())),
        )
    };
    Listed {
        place: event.place,
        at: event.at,
        source: event.source.clone(),
        kind: event.kind.clone(),
        body_bytes: event.body.len() as u64,
        results: lane.handlers.iter().map(result).collect(),
    }
}
