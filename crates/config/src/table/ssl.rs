//! TLS.

use crate::def::{ConfigDef, boolean, class, list, password, string};

const TLS: &str = "TLS is not built yet";

/// TLS.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean(
        "ssl.allow.dn.changes",
        "Whether a new certificate may have another distinguished name.",
    )
    .default("false")
    .refused(TLS),
    boolean(
        "ssl.allow.san.changes",
        "Whether a new certificate may lack alternative names of the former one.",
    )
    .default("false")
    .refused(TLS),
    list("ssl.cipher.suites", "The ciphers that are offered.")
        .default("")
        .per_broker()
        .refused(TLS),
    string("ssl.client.auth", "Whether clients must show a certificate.")
        .default("none")
        .one_of(&["required", "requested", "none"])
        .per_broker()
        .refused(TLS),
    list("ssl.enabled.protocols", "The versions of TLS that are offered.")
        .default("TLSv1.2,TLSv1.3")
        .per_broker()
        .refused(TLS),
    string("ssl.endpoint.identification.algorithm", "How the other side's host name is checked.")
        .default("https")
        .per_broker()
        .refused(TLS),
    class("ssl.engine.factory.class", "The Java class that makes TLS engines.")
        .per_broker()
        .refused(TLS),
    password("ssl.key.password", "The password of the private key.").per_broker().refused(TLS),
    string("ssl.keymanager.algorithm", "How Java picks its key.")
        .default("SunX509")
        .per_broker()
        .refused(TLS),
    password("ssl.keystore.certificate.chain", "The certificates, as PEM text.")
        .per_broker()
        .refused(TLS),
    password("ssl.keystore.key", "The private key, as PEM text.").per_broker().refused(TLS),
    string("ssl.keystore.location", "The file of the private key and its certificates.")
        .per_broker()
        .refused(TLS),
    password("ssl.keystore.password", "The password of that file.").per_broker().refused(TLS),
    string("ssl.keystore.type", "The format of that file.")
        .default("JKS")
        .per_broker()
        .refused(TLS),
    string("ssl.principal.mapping.rules", "How a certificate's name becomes a principal.")
        .default("DEFAULT")
        .refused(TLS),
    string("ssl.protocol", "The version of TLS that is tried first.")
        .default("TLSv1.3")
        .per_broker()
        .refused(TLS),
    string("ssl.provider", "The Java provider of TLS.").per_broker().refused(TLS),
    string("ssl.secure.random.implementation", "The Java source of random numbers.")
        .per_broker()
        .refused(TLS),
    string("ssl.trustmanager.algorithm", "How Java checks certificates.")
        .default("PKIX")
        .per_broker()
        .refused(TLS),
    password("ssl.truststore.certificates", "Whom to trust, as PEM text.")
        .per_broker()
        .refused(TLS),
    string("ssl.truststore.location", "The file of whom to trust.").per_broker().refused(TLS),
    password("ssl.truststore.password", "The password of that file.").per_broker().refused(TLS),
    string("ssl.truststore.type", "The format of that file.")
        .default("JKS")
        .per_broker()
        .refused(TLS),
];
