//! SASL: how clients prove who they are.

use crate::def::{ConfigDef, boolean, class, double, int, list, long, password, short, string};

const SASL: &str = "SASL is not built yet";

/// SASL: how clients prove who they are.
pub(super) const CONFIGS: &[ConfigDef] = &[
    long("connections.max.reauth.ms", "How long a login lasts before it must be repeated.")
        .default("0")
        .refused(SASL),
    class(
        "sasl.client.callback.handler.class",
        "The Java class that answers a login's questions on the client's side.",
    )
    .refused(SASL),
    list("sasl.enabled.mechanisms", "The ways in which clients may prove who they are.")
        .default("GSSAPI")
        .per_broker()
        .refused(SASL),
    password("sasl.jaas.config", "The login modules and their secrets.").per_broker().refused(SASL),
    string("sasl.kerberos.kinit.cmd", "The program that renews Kerberos tickets.")
        .default("/usr/bin/kinit")
        .per_broker()
        .refused(SASL),
    long(
        "sasl.kerberos.min.time.before.relogin",
        "The shortest time between two renewals of a ticket.",
    )
    .default("60000")
    .per_broker()
    .refused(SASL),
    list("sasl.kerberos.principal.to.local.rules", "How a Kerberos name becomes a principal.")
        .default("DEFAULT")
        .per_broker()
        .refused(SASL),
    string("sasl.kerberos.service.name", "The name of the Kerberos service.")
        .per_broker()
        .refused(SASL),
    double("sasl.kerberos.ticket.renew.jitter", "The random part of the time of a renewal.")
        .default("0.05")
        .per_broker()
        .refused(SASL),
    double(
        "sasl.kerberos.ticket.renew.window.factor",
        "The share of a ticket's life after which it is renewed.",
    )
    .default("0.8")
    .per_broker()
    .refused(SASL),
    class("sasl.login.callback.handler.class", "The Java class that answers a login's questions.")
        .refused(SASL),
    class("sasl.login.class", "The Java class that logs in.").refused(SASL),
    int("sasl.login.connect.timeout.ms", "How long connecting to the identity provider may take.")
        .refused(SASL),
    int("sasl.login.read.timeout.ms", "How long the identity provider's answer may take.")
        .refused(SASL),
    short(
        "sasl.login.refresh.buffer.seconds",
        "How long before its end a login is refreshed at the latest.",
    )
    .default("300")
    .per_broker()
    .refused(SASL),
    short("sasl.login.refresh.min.period.seconds", "The shortest time between two refreshes.")
        .default("60")
        .per_broker()
        .refused(SASL),
    double(
        "sasl.login.refresh.window.factor",
        "The share of a login's life after which it is refreshed.",
    )
    .default("0.8")
    .per_broker()
    .refused(SASL),
    double("sasl.login.refresh.window.jitter", "The random part of the time of a refresh.")
        .default("0.05")
        .per_broker()
        .refused(SASL),
    long("sasl.login.retry.backoff.max.ms", "The longest pause between two tries to log in.")
        .default("10000")
        .refused(SASL),
    long("sasl.login.retry.backoff.ms", "The first pause between two tries to log in.")
        .default("100")
        .refused(SASL),
    string("sasl.mechanism.controller.protocol", "The mechanism towards controllers.")
        .default("GSSAPI")
        .refused(SASL),
    string("sasl.mechanism.inter.broker.protocol", "The mechanism between brokers.")
        .default("GSSAPI")
        .per_broker()
        .refused(SASL),
    boolean(
        "sasl.oauthbearer.allow.unverified.audience",
        "Whether tokens are accepted without a check of their audience.",
    )
    .default("false")
    .refused(SASL),
    boolean(
        "sasl.oauthbearer.allow.unverified.issuer",
        "Whether tokens are accepted without a check of their issuer.",
    )
    .default("false")
    .refused(SASL),
    string("sasl.oauthbearer.assertion.algorithm", "How assertions are signed.")
        .default("RS256")
        .one_of_any_case(&["ES256", "RS256"])
        .refused(SASL),
    string("sasl.oauthbearer.assertion.claim.aud", "The audience in an assertion.").refused(SASL),
    int("sasl.oauthbearer.assertion.claim.exp.seconds", "How long an assertion is valid.")
        .default("300")
        .range(0, 86400)
        .refused(SASL),
    string("sasl.oauthbearer.assertion.claim.iss", "The issuer in an assertion.").refused(SASL),
    boolean(
        "sasl.oauthbearer.assertion.claim.jti.include",
        "Whether an assertion carries an id of its own.",
    )
    .default("false")
    .refused(SASL),
    int("sasl.oauthbearer.assertion.claim.nbf.seconds", "How far an assertion's begin lies back.")
        .default("60")
        .range(0, 3600)
        .refused(SASL),
    string("sasl.oauthbearer.assertion.claim.sub", "The subject in an assertion.").refused(SASL),
    string("sasl.oauthbearer.assertion.file", "A file with a finished assertion.").refused(SASL),
    string(
        "sasl.oauthbearer.assertion.private.key.file",
        "The key that assertions are signed with.",
    )
    .refused(SASL),
    password("sasl.oauthbearer.assertion.private.key.passphrase", "The password of that key.")
        .refused(SASL),
    string("sasl.oauthbearer.assertion.template.file", "A file with further parts of assertions.")
        .refused(SASL),
    string(
        "sasl.oauthbearer.client.credentials.client.id",
        "The client's name at the identity provider.",
    )
    .refused(SASL),
    password(
        "sasl.oauthbearer.client.credentials.client.secret",
        "The client's secret at the identity provider.",
    )
    .refused(SASL),
    int(
        "sasl.oauthbearer.clock.skew.seconds",
        "By how much clocks may differ when a token is checked.",
    )
    .default("30")
    .refused(SASL),
    list("sasl.oauthbearer.expected.audience", "The audience a token must have.")
        .default("")
        .refused(SASL),
    string("sasl.oauthbearer.expected.issuer", "The issuer a token must have.").refused(SASL),
    long("sasl.oauthbearer.jwks.endpoint.refresh.ms", "How often the provider's keys are fetched.")
        .default("3600000")
        .refused(SASL),
    long(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        "The longest pause between two tries to fetch them.",
    )
    .default("10000")
    .refused(SASL),
    long(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        "The first pause between two tries to fetch them.",
    )
    .default("100")
    .refused(SASL),
    string("sasl.oauthbearer.jwks.endpoint.url", "Where the provider's keys are fetched.")
        .refused(SASL),
    class("sasl.oauthbearer.jwt.retriever.class", "The Java class that fetches tokens.")
        .default("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever")
        .refused(SASL),
    class("sasl.oauthbearer.jwt.validator.class", "The Java class that checks tokens.")
        .default("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator")
        .refused(SASL),
    string("sasl.oauthbearer.scope", "The scope that a token is asked for.").refused(SASL),
    string("sasl.oauthbearer.scope.claim.name", "The name of the scope inside a token.")
        .default("scope")
        .refused(SASL),
    string("sasl.oauthbearer.sub.claim.name", "The name of the subject inside a token.")
        .default("sub")
        .refused(SASL),
    string("sasl.oauthbearer.token.endpoint.url", "Where tokens are fetched.").refused(SASL),
    class("sasl.server.callback.handler.class", "The Java class that checks logins.").refused(SASL),
    int("sasl.server.max.receive.size", "The largest message of a login.")
        .default("524288")
        .refused(SASL),
];
