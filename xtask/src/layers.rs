//! `cargo xtask layers`: dependencies point inwards, and each layer keeps out what is not its
//! business.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::{Failure, run::root};

/// What one layer may know.
struct Layer {
    /// The packages it is made of.
    packages: &'static [&'static str],
    /// The packages of this repository that it may depend on.
    may_know: &'static [&'static str],
    /// The packages of others that it must not depend on.
    must_not_know: &'static [&'static str],
    /// The sentence of `docs/architecture.md` that it would break.
    because: &'static str,
}

const DOMAIN: &str = "fastauth-domain";
const CORE: &[&str] = &[DOMAIN, "fastauth-ports"];
/// What writes mail as the systems that carry it want it.
const MIME: &str = "fastauth-mime";
/// What keeps memory in large pages.
const HUGE_PAGES: &str = "fastauth-huge-pages";
const ADAPTERS: &[&str] = &[
    "fastauth-breaches",
    "fastauth-console",
    "fastauth-memory",
    "fastauth-paseto",
    "fastauth-redis",
    "fastauth-seaorm",
    "fastauth-system",
    "fastauth-templates",
    "fastauth-webhook",
];
/// What the domain must not even reach through others: runtimes, databases, the web.
const HEAVY: &[&str] =
    &["async-std", "axum", "hyper", "reqwest", "sea-orm", "smol", "sqlx", "tokio"];
const WEB: &[&str] = &["axum", "hyper", "utoipa"];
const SQL: &[&str] = &["sea-orm", "sqlx"];

const LAYERS: &[Layer] = &[
    Layer {
        packages: &[DOMAIN],
        may_know: &[],
        must_not_know: &[
            "async-trait",
            "tokio",
            "getrandom",
            "axum",
            "hyper",
            "sea-orm",
            "sqlx",
            "reqwest",
        ],
        because: "`fastauth-domain` does no I/O, has no `async`, reads no clock and draws no randomness",
    },
    Layer {
        packages: &["fastauth-ports"],
        may_know: &[DOMAIN],
        must_not_know: &["tokio", "axum", "hyper", "sea-orm", "sqlx"],
        because: "the ports know nothing of what is behind them",
    },
    Layer {
        packages: &["fastauth-application"],
        may_know: CORE,
        must_not_know: &["axum", "hyper", "sea-orm", "sqlx", "argon2", "pasetors"],
        because: "a use case knows ports, and no adapter",
    },
    Layer {
        packages: ADAPTERS,
        may_know: CORE,
        must_not_know: WEB,
        because: "no adapter knows another adapter, nor who uses it",
    },
    Layer {
        packages: &["fastauth-argon2"],
        may_know: &[DOMAIN, "fastauth-ports", HUGE_PAGES],
        must_not_know: WEB,
        because: "no adapter knows another adapter, nor who uses it",
    },
    Layer {
        packages: &[HUGE_PAGES],
        may_know: &[],
        must_not_know: HEAVY,
        because: "there is no `unsafe` but in `fastauth-huge-pages`, which knows nothing else",
    },
    Layer {
        packages: &[MIME],
        may_know: CORE,
        must_not_know: HEAVY,
        because: "a message is written the same way, whoever sends it",
    },
    Layer {
        packages: &["fastauth-eml", "fastauth-ses", "fastauth-smtp"],
        may_know: &[DOMAIN, "fastauth-ports", MIME],
        must_not_know: WEB,
        because: "no adapter knows another adapter, nor who uses it",
    },
    Layer {
        packages: &["fastauth-testkit"],
        may_know: CORE,
        must_not_know: &["axum", "hyper", "sea-orm", "sqlx"],
        because: "the contract holds for every adapter, and knows none",
    },
    Layer {
        packages: &["fastauth-http"],
        may_know: &["fastauth-application", DOMAIN, "fastauth-ports"],
        must_not_know: SQL,
        because: "no crate but `fastauth-seaorm` knows SQL",
    },
];

/// Reads the workspace, and fails with every arrow that should not be there.
pub(crate) fn run() -> Result<(), Failure> {
    let metadata = MetadataCommand::new().current_dir(root()).exec()?;
    let broken = broken_rules(&metadata);
    if broken.is_empty() {
        println!("Every dependency points the way it should.");
        return Ok(());
    }
    Err(broken.join("\n").into())
}

/// Each arrow that should not be there, with the sentence it breaks.
fn broken_rules(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(layer) = LAYERS.iter().find(|it| it.packages.contains(&package.name.as_str()))
        else {
            continue;
        };
        let known = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
        for dependency in known {
            let name = dependency.name.as_str();
            let is_ours = dependency.path.is_some();
            let is_allowed = if is_ours {
                layer.may_know.contains(&name)
            } else {
                !layer.must_not_know.contains(&name)
            };
            if !is_allowed {
                broken.push(format!("{} -> {name}: {}", package.name, layer.because));
            }
        }
    }
    broken.extend(domain_reaches(metadata));
    broken
}

/// What the domain must not know, it must not reach through others either.
fn domain_reaches(metadata: &Metadata) -> Vec<String> {
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let arrows: BTreeMap<_, Vec<_>> = nodes
        .map(|node| {
            let is_normal = |it: &&cargo_metadata::NodeDep| {
                it.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            };
            (&node.id, node.deps.iter().filter(is_normal).map(|it| &it.pkg).collect())
        })
        .collect();
    let mut ahead: Vec<&PackageId> =
        names.iter().filter(|(_, name)| **name == DOMAIN).map(|(id, _)| *id).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = ahead.pop() {
        for next in arrows.get(id).into_iter().flatten() {
            if reached.insert(*next) {
                ahead.push(next);
            }
        }
    }
    reached
        .into_iter()
        .filter_map(|id| names.get(id))
        .filter(|name| HEAVY.contains(name))
        .map(|name| format!("{DOMAIN} reaches {name}: it is to be usable alone"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Writes a package with the given dependencies, each on a package beside it.
    fn package(folder: &Path, name: &str, dependencies: &[&str], dev: &[&str]) {
        let line = |name: &&str| format!("{name} = {{ path = \"../{name}\" }}\n");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{}\n[dev-dependencies]\n{}",
            dependencies.iter().map(line).collect::<String>(),
            dev.iter().map(line).collect::<String>(),
        );
        let source = folder.join(name).join("src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("lib.rs"), "").unwrap();
        fs::write(folder.join(name).join("Cargo.toml"), manifest).unwrap();
    }

    fn broken(packages: &[(&str, &[&str], &[&str])]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("Cargo.toml"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n",
        )
        .unwrap();
        for (name, dependencies, dev) in packages {
            package(folder.path(), name, dependencies, dev);
        }
        let metadata = MetadataCommand::new()
            .current_dir(folder.path())
            .other_options(vec!["--offline".to_owned()])
            .exec()
            .unwrap();
        let arrow = |line: String| line.split(':').next().unwrap_or_default().to_owned();
        let mut broken: Vec<_> = broken_rules(&metadata).into_iter().map(arrow).collect();
        broken.sort();
        broken
    }

    #[test]
    fn arrows_that_point_outwards_or_sideways_are_found() {
        let found = broken(&[
            ("fastauth-domain", &["fastauth-ports"], &[]),
            ("fastauth-ports", &[], &[]),
            ("fastauth-memory", &["fastauth-ports", "fastauth-argon2"], &["fastauth-testkit"]),
            ("fastauth-argon2", &["fastauth-application"], &[]),
            ("fastauth-application", &["fastauth-ports"], &["fastauth-memory"]),
            ("fastauth-http", &["fastauth-memory"], &[]),
            ("fastauth-testkit", &["fastauth-ports"], &[]),
            ("fastauth", &["fastauth-http", "fastauth-memory"], &[]),
        ]);
        assert_eq!(
            found,
            [
                "fastauth-argon2 -> fastauth-application",
                "fastauth-domain -> fastauth-ports",
                "fastauth-http -> fastauth-memory",
                "fastauth-memory -> fastauth-argon2",
            ]
        );
    }

    #[test]
    fn what_the_domain_reaches_through_others_is_found() {
        let found = broken(&[
            ("fastauth-domain", &["innocent"], &[]),
            ("innocent", &["tokio"], &[]),
            ("tokio", &[], &[]),
        ]);
        assert_eq!(found, ["fastauth-domain -> innocent", "fastauth-domain reaches tokio"]);
    }

    #[test]
    fn this_workspace_keeps_the_rules() {
        let metadata = MetadataCommand::new().current_dir(root()).exec().unwrap();
        assert_eq!(broken_rules(&metadata), Vec::<String>::new());
        let packages: Vec<_> =
            metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
        for name in LAYERS.iter().flat_map(|layer| layer.packages) {
            assert!(packages.iter().any(|package| package == name), "{name} is gone");
        }
    }
}
