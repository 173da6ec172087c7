//! Who may do what: authorizer, tokens, policies and principals.

use crate::def::{ConfigDef, boolean, class, int, long, password, string};

const AUTHORIZER: &str = "the authorizer is not built yet";
const POLICIES: &str = "policies are not built yet, and Java classes cannot be loaded";
const NO_POLICY: &str = "policies are not built yet";
const TOKENS: &str = "delegation tokens are not built yet";
const NO_PASSWORDS: &str = "no passwords are kept in ZooKeeper";
const PRINCIPALS: &str = "principals are not built yet, and Java classes cannot be loaded";
const JAVA_SECURITY: &str = "Java classes cannot be loaded";

/// Who may do what: authorizer, tokens, policies and principals.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean("allow.everyone.if.no.acl.found", "Whether everyone may use what no ACL names.")
        .default("false")
        .meaningless(AUTHORIZER),
    class("alter.config.policy.class.name", "A Java class that judges changes of configurations.")
        .refused(POLICIES),
    boolean(
        "alter.config.policy.kraft.compatibility.enable",
        "How changes by subtraction are shown to that class.",
    )
    .default("false")
    .meaningless(NO_POLICY),
    string("authorizer.class.name", "The Java class that says who may do what.")
        .default("")
        .refused(AUTHORIZER),
    class("create.topic.policy.class.name", "A Java class that judges new topics.")
        .refused(POLICIES),
    long(
        "delegation.token.expiry.check.interval.ms",
        "How often delegation tokens are looked through for expired ones.",
    )
    .default("3600000")
    .at_least(1)
    .meaningless(TOKENS),
    long(
        "delegation.token.expiry.time.ms",
        "How long a delegation token is valid until it is renewed.",
    )
    .default("86400000")
    .at_least(1)
    .meaningless(TOKENS),
    password("delegation.token.master.key", "Older name of `delegation.token.secret.key`.")
        .refused(TOKENS),
    long("delegation.token.max.lifetime.ms", "How long a delegation token may be renewed.")
        .default("604800000")
        .at_least(1)
        .meaningless(TOKENS),
    password("delegation.token.secret.key", "The secret that delegation tokens are signed with.")
        .refused(TOKENS),
    string("password.encoder.cipher.algorithm", "How passwords in ZooKeeper are encrypted.")
        .default("AES/CBC/PKCS5Padding")
        .meaningless(NO_PASSWORDS),
    int("password.encoder.iterations", "How often the key of such a password is stretched.")
        .default("4096")
        .at_least(1024)
        .meaningless(NO_PASSWORDS),
    int("password.encoder.key.length", "How long the key of such a password is.")
        .default("128")
        .at_least(8)
        .meaningless(NO_PASSWORDS),
    string("password.encoder.keyfactory.algorithm", "How the key of such a password is made.")
        .meaningless(NO_PASSWORDS),
    password("password.encoder.old.secret", "The former secret of such passwords.")
        .meaningless(NO_PASSWORDS),
    password("password.encoder.secret", "The secret of such passwords.").meaningless(NO_PASSWORDS),
    class("principal.builder.class", "The Java class that makes principals of connections.")
        .default("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")
        .per_broker()
        .refused(PRINCIPALS),
    string("security.providers", "Java classes of security algorithms.").refused(JAVA_SECURITY),
    string("super.users", "Principals that may do everything.").refused(AUTHORIZER),
];
