//! Whom a server runs as. PostgreSQL refuses to run as root, and nothing should.

#[cfg(unix)]
use std::os::unix::{
    fs::{MetadataExt, PermissionsExt, chown},
    process::CommandExt,
};
use std::{fs, io, path::Path, process::Command};

use crate::Failure;

/// The user who runs this or, in place of root, one with no powers.
pub(super) struct Owner(Option<Account>);

#[derive(Debug, PartialEq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there is no root, and nothing to change"))]
struct Account {
    user: u32,
    group: u32,
}

#[cfg(unix)]
impl Owner {
    /// For a server that has an account of this name where it is installed; `folder` belongs to
    /// the user who runs this.
    pub(super) fn of_server(name: &str, folder: &Path) -> Result<Self, Failure> {
        if fs::metadata(folder)?.uid() != 0 {
            return Ok(Self(None));
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        match account(&accounts, name).or_else(|| account(&accounts, "nobody")) {
            Some(account) => Ok(Self(Some(account))),
            None => {
                Err(format!("root must not run it, and there is no user {name} or nobody").into())
            }
        }
    }

    /// Makes a file or folder the owner's, and closes it to others.
    pub(super) fn take(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        match &self.0 {
            Some(Account { user, group }) => chown(path, Some(*user), Some(*group)),
            None => Ok(()),
        }
    }

    /// Has the owner run a program.
    pub(super) fn run(&self, program: &mut Command) {
        if let Some(Account { user, group }) = &self.0 {
            program.uid(*user).gid(*group);
        }
    }
}

#[cfg(not(unix))]
impl Owner {
    pub(super) fn of_server(_: &str, _: &Path) -> Result<Self, Failure> {
        Ok(Self(None))
    }

    pub(super) fn take(&self, _: &Path, _: u32) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn run(&self, _: &mut Command) {}
}

/// Someone's line in passwd(5).
#[cfg(unix)]
fn account(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nnobody2:x:1:2::/:/bin/sh\n\
                        nobody:x:65534:65533:nobody:/:/usr/sbin/nologin\nbad:x:-2:-2::/:/bin/sh\n";
        let nobody = Account { user: 65534, group: 65533 };
        assert_eq!(account(accounts, "nobody"), Some(nobody));
        assert_eq!(account(accounts, "postgres"), None);
        assert_eq!(account(accounts, "bad"), None);
    }
}
