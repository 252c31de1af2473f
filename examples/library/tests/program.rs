//! The program does what it says.

use std::process::Command;

#[test]
fn it_registers_signs_in_and_meets_the_four_errors() {
    let output = Command::new(env!("CARGO_BIN_EXE_example-library")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(),
        [
            "registered and signed in: user@example.com",
            "signed in again, for 30 minutes",
            "UserAlreadyExists: the e-mail address is already registered",
            "InvalidCredentials: wrong email or password",
            "EmailNotVerified: the e-mail address is not verified",
            "TokenExpired: the token has expired",
        ]
    );
}
