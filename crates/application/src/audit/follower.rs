//! Hearing of events as they happen.

use std::{collections::HashMap, sync::Arc, time::Duration};

use fastauth_domain::{audit::Event, identifier::EventId, time::Timestamp};
use fastauth_ports::{audit::ReadAudit, clock::Clock, unavailable::Unavailable};

/// How far back is looked each time. An event is seen late when its commit took a while, or when the
/// clock of the instance that stored it is behind.
const OVERLAP: Duration = Duration::from_secs(30);
/// How many events are read at once.
const PAGE: u32 = 500;

/// Tells of each event once, whichever instance it comes from.
pub struct Follower {
    events: Arc<dyn ReadAudit>,
    clock: Arc<dyn Clock>,
    /// Everything before this was told, or is older than this follower.
    from: Timestamp,
    /// When the newest event happened that was told.
    newest: Option<Timestamp>,
    /// What was told of the time from then on.
    told: HashMap<EventId, Timestamp>,
}

impl Follower {
    /// Starts at this moment: what is stored already is taken for told.
    pub async fn start(
        events: Arc<dyn ReadAudit>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unavailable> {
        let from = clock.now().minus(OVERLAP);
        let mut follower = Self { events, clock, from, newest: None, told: HashMap::new() };
        follower.news().await?;
        Ok(follower)
    }

    /// Takes events for told that were come by in another way.
    pub fn skip(&mut self, events: &[Event]) {
        self.told.extend(events.iter().map(|event| (event.id, event.at)));
    }

    /// The events that were stored since this was last asked, the oldest first.
    pub async fn news(&mut self) -> Result<Vec<Event>, Unavailable> {
        let now = self.clock.now();
        let mut news = Vec::new();
        let mut from = self.from;
        loop {
            let page = self.events.events_since(from, PAGE).await?;
            let last = page.last().map(|event| event.at);
            news.extend(page.into_iter().filter(|it| self.told.insert(it.id, it.at).is_none()));
            match last.filter(|last| *last > from) {
                Some(last) => from = last,
                None => break,
            }
        }
        self.move_on(now, &news);
        Ok(news)
    }

    /// Forgets what is too long ago to be read again: by this clock, and by the clock of the newest event.
    fn move_on(&mut self, now: Timestamp, news: &[Event]) {
        self.newest = news.iter().map(|event| event.at).chain(self.newest).max();
        let latest = self.newest.map_or(now, |newest| newest.min(now));
        self.from = self.from.max(latest.minus(OVERLAP));
        self.told.retain(|_, at| *at >= self.from);
    }
}
