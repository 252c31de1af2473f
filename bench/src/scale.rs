//! The same load at few people and at many, in alternation, on one kind of store.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use fastauth_ports::clock::Clock;
use fastauth_system::SystemClock;

use crate::{
    Failure,
    database::{Database, Store},
    draw::Draw,
    floor::Floor,
    load::{Measured, measure},
    people::{People, SECRET_KEY},
    server::Server,
    visitors::{Visitors, Work},
};

/// Connections to each server, and turners at each floor.
const CONNECTIONS: usize = 16;
/// The most people who come over one connection.
const GROUP: usize = 1_024;

/// What to measure.
pub(crate) struct Plan<'a> {
    pub(crate) server: &'a Path,
    pub(crate) store: Store,
    /// In ascending order.
    pub(crate) sizes: &'a [usize],
    pub(crate) length: Duration,
    pub(crate) rounds: usize,
}

/// What was measured.
pub(crate) struct Scale {
    pub(crate) store: Store,
    pub(crate) sizes: Vec<usize>,
    pub(crate) series: Vec<Series>,
}

/// One kind of work: for each round, what was measured at each size.
pub(crate) struct Series {
    pub(crate) step: Step,
    pub(crate) rounds: Vec<Vec<Measured>>,
}

/// What is done in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Visit(Work),
    Floor,
}

impl Step {
    /// A refresh comes right after its floor.
    const ALL: [Self; 4] =
        [Self::Visit(Work::Login), Self::Floor, Self::Visit(Work::Refresh), Self::Visit(Work::Me)];
}

/// Everything at one number of people.
struct Site {
    // Before its database: nobody may be connected when that is removed.
    _server: Server,
    visitors: Vec<Visitors>,
    floor: Option<Floor>,
    database: Option<Database>,
}

pub(crate) async fn run(plan: &Plan<'_>) -> Result<Scale, Failure> {
    let mut sites = Vec::new();
    let measured = measure_all(plan, &mut sites).await;
    for site in sites {
        site.remove().await?;
    }
    measured
}

async fn measure_all(plan: &Plan<'_>, sites: &mut Vec<Site>) -> Result<Scale, Failure> {
    for &size in plan.sizes {
        sites.push(Site::open(plan, size).await?);
    }
    let is_there = |step: &Step| *step != Step::Floor || plan.store != Store::Memory;
    let steps = Step::ALL.into_iter().filter(is_there);
    let mut series: Vec<_> = steps.map(|step| Series { step, rounds: Vec::new() }).collect();
    for round in 0..plan.rounds {
        for series in &mut series {
            series.rounds.push(alternate(sites, series.step, plan.length, round).await?);
        }
    }
    Ok(Scale { store: plan.store, sizes: plan.sizes.to_vec(), series })
}

/// Every other round begins at the other end, so that no size always comes first.
async fn alternate(
    sites: &mut [Site],
    step: Step,
    length: Duration,
    round: usize,
) -> Result<Vec<Measured>, Failure> {
    let mut order: Vec<_> = sites.iter_mut().collect();
    let is_reversed = round % 2 == 1;
    if is_reversed {
        order.reverse();
    }
    let mut measured = Vec::new();
    for site in order {
        measured.push(site.measure(step, length).await?);
    }
    if is_reversed {
        measured.reverse();
    }
    Ok(measured)
}

impl Site {
    async fn open(plan: &Plan<'_>, size: usize) -> Result<Self, Failure> {
        let people = People::until(SystemClock.now(), size);
        let started = Instant::now();
        let (server, database) = if plan.store == Store::Memory {
            (memory(people)?, None)
        } else {
            let database = Database::create(plan.store, size).await?;
            match seeded(plan.server, &database, &people).await {
                Ok(server) => (server, Some(database)),
                Err(failure) => {
                    database.remove().await?;
                    return Err(failure);
                }
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        writeln!(
            std::io::stderr(),
            "{}: {size} users seeded in {seconds:.1} s",
            plan.store.name()
        )?;
        let mut groups = groups(people);
        let others = groups.split_off(CONNECTIONS);
        let visitors = Visitors::open(server.port, people, groups).await?;
        let url = database.as_ref().map_or("", |database| database.url.as_str());
        let floor = Floor::open(plan.store, url, &people, &others).await?;
        Ok(Self { _server: server, visitors, floor, database })
    }

    async fn measure(&mut self, step: Step, length: Duration) -> Result<Measured, Failure> {
        match (step, &mut self.floor) {
            (Step::Visit(work), _) => measure(&mut self.visitors, work, length).await,
            (Step::Floor, Some(floor)) => floor.measure(length).await,
            (Step::Floor, None) => Err("this store has no driver".into()),
        }
    }

    async fn remove(self) -> Result<(), Failure> {
        let Self { _server: server, visitors, floor, database } = self;
        drop((server, visitors, floor));
        match database {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }
}

async fn seeded(program: &Path, database: &Database, people: &People) -> Result<Server, Failure> {
    database.seed(program, people).await?;
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET_KEY),
        // As long as a measurement may take.
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440"),
    ];
    Server::fastauth(program, &settings).await
}

fn memory(people: People) -> Result<Server, Failure> {
    let [count, until] = [people.count.to_string(), people.until.unix_micros().to_string()];
    Server::of_this_program(&["memory-server", &count, &until])
}

/// People who are signed in, drawn over the whole range: a group for each connection, and one for
/// each turner, with nobody in two of them.
fn groups(people: People) -> Vec<Vec<usize>> {
    const GROUPS: usize = 2 * CONNECTIONS;
    let share = people.signed_in() / GROUPS;
    let size = share.min(GROUP);
    let stretch = share.checked_div(size).unwrap_or_default();
    let mut draw = Draw::seeded(0);
    let mut group = |number| {
        let places = (0..size).map(|it| it * stretch + draw.below(stretch));
        places.map(|place| People::nth_signed_in(place * GROUPS + number)).collect()
    };
    (0..GROUPS).map(&mut group).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_who_is_drawn_is_signed_in_and_in_one_group() {
        for size in [64, 1_000, 1_000_000] {
            let people = People::until(SystemClock.now(), size);
            let groups = groups(people);
            assert_eq!(groups.len(), 2 * CONNECTIONS);
            let drawn: Vec<_> = groups.concat();
            assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), drawn.len());
            assert!(drawn.iter().all(|number| people.refresh_token(*number).is_ok()));
            assert!(drawn.iter().any(|number| *number > size * 9 / 10), "{size}");
        }
    }
}
