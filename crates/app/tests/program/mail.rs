//! Reading the mail that the program prints.

/// Every mail whose subject begins so in what was printed, from the subject to the next one's.
pub(crate) fn with_subject(output: &str, subject: &str) -> Vec<String> {
    output
        .split("Subject: ")
        .zip(output.split("Subject: ").skip(1))
        .filter(|(_, mail)| mail.starts_with(subject))
        .map(|(before, mail)| {
            let to = before.lines().rev().find(|line| line.contains("To: ")).unwrap_or_default();
            format!("{to}\n{mail}")
        })
        .collect()
}

/// The link in a mail.
pub(crate) fn link(mail: &str) -> &str {
    mail.split_whitespace().find(|word| word.starts_with("http")).unwrap()
}

/// The token in a mail's link.
pub(crate) fn token(mail: &str) -> &str {
    link(mail).split_once("token=").unwrap().1
}
