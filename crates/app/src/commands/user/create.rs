//! `fastauth user create`

use clap::Args;
use fastauth::{
    Operations,
    domain::{
        account::{Account, DisplayName, InvalidName},
        email::{EmailAddress, InvalidEmail},
        provisioning::{FirstPassword, Provision},
        role::RoleName,
    },
    secrecy::SecretString,
    settings::Configuration,
};

use super::{
    super::{
        operate,
        output::{say_json, show},
        role,
    },
    account::ShownWithRights,
    operator, password,
};
use crate::failure::Failure;

/// The password is asked for, or is the first line of standard input.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in super::super) struct Create {
    /// The address that its owner signs in with.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    email: EmailAddress,
    /// What its owner is called.
    #[arg(long, value_parser = name)]
    name: Option<DisplayName>,
    /// Give it this role, which must be there unless it is `admin`.
    #[arg(long, value_parser = role::name)]
    role: Option<RoleName>,
    /// Take the address for proven.
    #[arg(long)]
    verified: bool,
    /// Make it without a password: its owner asks for a link to choose one.
    #[arg(long)]
    no_password: bool,
    /// Mail that link at once.
    #[arg(long, requires = "no_password")]
    invite: bool,
    /// Print the account as a JSON document.
    #[arg(long)]
    json: bool,
}

fn address(text: &str) -> Result<EmailAddress, InvalidEmail> {
    EmailAddress::parse(text)
}

fn name(text: &str) -> Result<DisplayName, InvalidName> {
    DisplayName::parse(text)
}

impl Create {
    pub(super) fn run(self) -> Result<(), Failure> {
        operate(async |operations, configuration| {
            let json = self.json;
            let created = tokio::select! {
                // Before anything is asked for: from then on Ctrl-C ends the asking, which leaves the
                // terminal as it was.
                biased;
                _ = tokio::signal::ctrl_c() => Err(Failure::Other("interrupted".to_owned())),
                created = self.create(operations, configuration) => created,
            }?;
            if !json {
                return tell(&created);
            }
            let rights = operations.roles.rights(created.id).await?;
            say_json(&ShownWithRights::new(&created, &rights))
        })
    }

    async fn create(
        self,
        operations: &Operations,
        configuration: &Configuration,
    ) -> Result<Account, Failure> {
        let provisioning = operations.provisioning(configuration)?;
        if let Some(role) = &self.role {
            role::be_ready_to_give(operations, role).await?;
        }
        let password = self.first_password()?;
        let Self { email, name, verified: is_verified, role, .. } = self;
        let new = Provision { email, name, is_verified, role, password };
        Ok(provisioning.provision(new, &operator()).await?)
    }

    fn first_password(&self) -> Result<FirstPassword<SecretString>, Failure> {
        Ok(match (self.no_password, self.invite) {
            (false, _) => FirstPassword::Chosen(password::ask()?),
            (true, false) => FirstPassword::LeftToOwner,
            (true, true) => FirstPassword::Invited,
        })
    }
}

fn tell(created: &Account) -> Result<(), Failure> {
    show(format_args!("{} has an account: {}", created.email, created.id))
}
