//! Instances that end without warning.

use crate::{
    engine::Engine,
    pair::Pair,
    people::{arrive, live, nothing_is_double, pause},
};

const PEOPLE: usize = 24;
const KILLS: usize = 4;

async fn nothing_is_lost_and_nothing_is_double_when_an_instance_is_killed(engine: Engine) {
    let mut pair = Pair::start(engine).await;
    let people = arrive(&pair, PEOPLE).await;
    let living = tokio::spawn(live(people));
    let mut kills = 0;
    while kills < KILLS && !living.is_finished() {
        pause(kills, 120).await;
        pair.kill(kills % 2);
        pause(kills + KILLS, 60).await;
        pair.restart(kills % 2);
        kills += 1;
    }
    assert!(living.await.unwrap() > 0, "nobody noticed");
    assert!(kills > 1, "everything was over before");
    nothing_is_double(&pair, PEOPLE).await;
    pair.stop();
}

everywhere!(nothing_is_lost_and_nothing_is_double_when_an_instance_is_killed);
