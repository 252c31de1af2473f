//! Mail in a directory, read by something other than what wrote it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use fastauth_domain::{delivery::Reason, email::EmailAddress, identifier::MailId, moment::Moment};
use fastauth_eml::EmlDirectory;
use fastauth_ports::mail::{NotSent, OutgoingMail, SendMail, Sender};
use fastauth_testkit::{
    clock::TurnableClock,
    mailer::{Arrived, TestedMailer},
    mailer_contract,
};
use mail_parser::{Address, Message, MessageParser};
use tempfile::TempDir;

/// Writes into a directory, and sees after each mail what is new there.
struct Watched {
    mailer: EmlDirectory,
    directory: TempDir,
    files: Mutex<Vec<PathBuf>>,
}

impl Watched {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("not/there/yet");
        let mailer = EmlDirectory::open(path, Arc::new(TurnableClock::default())).unwrap();
        Self { mailer, directory, files: Mutex::default() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("not/there/yet")
    }
}

#[async_trait::async_trait]
impl SendMail for Watched {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let said = self.mailer.send(mail).await?;
        let mut files = self.files.lock().unwrap();
        for entry in fs::read_dir(self.path()).unwrap() {
            let file = entry.unwrap().path();
            assert_eq!(file.extension(), Some("eml".as_ref()), "{}", file.display());
            if !files.contains(&file) {
                files.push(file);
            }
        }
        Ok(said)
    }
}

struct Tested(Arc<Watched>);

#[async_trait::async_trait]
impl TestedMailer for Tested {
    fn mailer(&self) -> Arc<dyn SendMail> {
        Arc::clone(&self.0) as _
    }

    async fn arrived(&self) -> Vec<Arrived> {
        let files = self.0.files.lock().unwrap();
        let read =
            |file| arrived(&MessageParser::default().parse(&fs::read(file).unwrap()).unwrap());
        files.iter().map(read).collect()
    }

    fn repeats_replace(&self) -> bool {
        true
    }
}

fn arrived(message: &Message<'_>) -> Arrived {
    let (from_name, from) = mailboxes(message.from()).pop().unwrap();
    let html = message.html_bodies().find(|part| part.is_text_html());
    let name = |(name, _): (&str, &str)| name.to_ascii_lowercase();
    Arrived {
        id: message.message_id().map(ToOwned::to_owned),
        from,
        from_name,
        recipients: mailboxes(message.to()).into_iter().map(|(_, address)| address).collect(),
        headers: message.headers_raw().map(name).collect(),
        subject: message.subject().unwrap().to_owned(),
        text: message.body_text(0).unwrap().replace("\r\n", "\n"),
        html: html.map(|part| part.text_contents().unwrap().replace("\r\n", "\n")),
    }
}

/// The names and addresses in a header.
fn mailboxes(header: Option<&Address<'_>>) -> Vec<(Option<String>, String)> {
    let Some(Address::List(list)) = header else { panic!("{header:?}") };
    let owned = |it: &mail_parser::Addr<'_>| {
        (it.name().map(ToOwned::to_owned), it.address().unwrap().to_owned())
    };
    list.iter().map(owned).collect()
}

mailer_contract!(Some(Tested(Arc::new(Watched::new()))));

fn mail() -> OutgoingMail {
    let address = |text| EmailAddress::parse(text).unwrap();
    OutgoingMail {
        id: MailId::generate(&mut Moment::new(TurnableClock::START, [7; 32])),
        from: Sender { address: address("no-reply@example.org"), name: None },
        to: address("ada@example.com"),
        subject: "Hello".to_owned(),
        text: "Read this.\n".into(),
        html: None,
    }
}

#[tokio::test]
async fn a_mail_is_found_by_its_identifier_and_read_by_its_owner_alone() {
    let watched = Watched::new();
    let said = watched.send(&mail()).await.unwrap().unwrap();
    let name = format!("{}.eml", mail().id);
    assert_eq!(said.as_str(), format!("written to {name}"));
    let file = fs::metadata(watched.path().join(name)).unwrap();
    assert!(file.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let directory = fs::metadata(watched.path()).unwrap();
        assert_eq!(directory.permissions().mode() & 0o777, 0o700);
    }
}

#[tokio::test]
async fn a_directory_that_is_gone_is_temporary_and_leaves_nothing_half_written() {
    let watched = Watched::new();
    fs::remove_dir(watched.path()).unwrap();
    let error = watched.mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert!(!format!("{error:?}").contains("Read this"));

    // A directory of its name is in the way of the file.
    fs::create_dir_all(watched.path().join(format!("{}.eml", mail().id)).join("full")).unwrap();
    let error = watched.mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert_eq!(fs::read_dir(watched.path()).unwrap().count(), 1);
}

#[test]
fn a_file_in_the_place_of_the_directory_is_noticed_at_the_start() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(EmlDirectory::open(file, Arc::new(TurnableClock::default())).is_err());
}
