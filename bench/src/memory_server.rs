//! FastAuth on the memory of its process, with people in it from the start: nothing outside could put
//! a million of them there.

use std::{io::Write, sync::Arc};

use fastauth::FastAuth;
use fastauth_domain::change::Changes;
use fastauth_domain::{account, session};
use fastauth_memory::MemoryStore;
use fastauth_ports::commit::Commit;
use tokio::net::TcpListener;

use crate::{
    Failure,
    people::{People, SECRET_KEY},
};

/// Serves until it is killed, and says on standard output on which port.
pub(crate) async fn serve(people: People) -> Result<(), Failure> {
    let store = Arc::new(MemoryStore::default());
    for number in 0..people.count {
        let person = people.person(number)?;
        let changes = Changes::default()
            .with(account::Change::Create(person.account))
            .with_any(person.session.map(session::Change::Open))
            .with(person.event);
        store.commit(&changes).await?;
    }
    let auth = FastAuth::builder().store(store).secret_key(&SECRET_KEY.into()).build().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(axum::serve(listener, auth.server_router()).await?)
}
