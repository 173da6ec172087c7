//! What the table says about one configuration, and the constructors its entries are written with.
//!
//! An entry reads as a sentence: `int("num.partitions", "...").default("1").at_least(1).effective()`.
//! Every entry ends in `effective`, `meaningless` or `refused`; a test holds that.

/// The type of a value, as Kafka's DescribeConfigs numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigType {
    /// `true` or `false`.
    Boolean = 1,
    /// Any text.
    String = 2,
    /// 32 bits, signed.
    Int = 3,
    /// 16 bits, signed.
    Short = 4,
    /// 64 bits, signed.
    Long = 5,
    /// A decimal number.
    Double = 6,
    /// Names separated by commas.
    List = 7,
    /// The name of a Java class.
    Class = 8,
    /// Text that is never shown.
    Password = 9,
}

impl ConfigType {
    /// The name in the documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Int => "int",
            Self::Short => "short",
            Self::Long => "long",
            Self::Double => "double",
            Self::List => "list",
            Self::Class => "class",
            Self::Password => "password",
        }
    }
}

/// Which values of the type are allowed.
#[derive(Debug, Clone, Copy)]
pub enum Validator {
    /// All of them.
    Any,
    /// Whole numbers from the first to the second, both included.
    Range(i64, i64),
    /// Decimal numbers from the first to the second, both included.
    Fraction(f64, f64),
    /// One of these words; for a list, each element is one of them.
    OneOf(&'static [&'static str]),
    /// One of these words in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// Text that is not empty.
    NonEmpty,
    /// A rule of its own: the check, and what it allows in words.
    Custom(fn(&str) -> bool, &'static str),
}

/// What belongs to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A node's file, and the dynamic configuration of brokers.
    Broker,
    /// A topic.
    Topic,
    /// A consumer, share or streams group.
    Group,
    /// A subscription to clients' metrics.
    ClientMetrics,
}

/// Whether a broker configuration may change while the node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Only by the file and a restart.
    ReadOnly,
    /// For one broker at a time.
    PerBroker,
    /// For one broker or for all.
    ClusterWide,
}

/// What Klamm does with a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does what the documentation says.
    Effective,
    /// It is accepted and changes nothing; the text says why.
    Meaningless(&'static str),
    /// Anything but the harmless values is an error; the text says what is not built yet.
    Refused(&'static str),
}

/// One configuration.
#[derive(Debug, Clone, Copy)]
pub struct ConfigDef {
    /// Kafka's name, or one beginning with `klamm.`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// The type of its value.
    pub kind: ConfigType,
    /// The value when nobody sets it; `None` is Kafka's null.
    pub default: Option<&'static str>,
    /// Kafka's default, where ours differs on purpose.
    pub kafka_default: Option<&'static str>,
    /// Which values are allowed.
    pub validator: Validator,
    /// Whether it may change while the node runs.
    pub update: Update,
    /// What Klamm does with it.
    pub status: Status,
    /// Values besides the default that a refused key may have.
    pub harmless: &'static [&'static str],
    /// Further broker keys that give the value, weaker ones last, with the factor to this unit.
    pub synonyms: &'static [(&'static str, i64)],
}

impl ConfigDef {
    const fn new(name: &'static str, kind: ConfigType, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            kind,
            default: None,
            kafka_default: None,
            validator: Validator::Any,
            update: Update::ReadOnly,
            status: Status::Meaningless(""),
            harmless: &[],
            synonyms: &[],
        }
    }

    /// The value when nobody sets it.
    pub(crate) const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Kafka's default, where ours differs.
    pub(crate) const fn kafka_default(mut self, value: &'static str) -> Self {
        self.kafka_default = Some(value);
        self
    }

    pub(crate) const fn at_least(mut self, least: i64) -> Self {
        self.validator = Validator::Range(least, i64::MAX);
        self
    }

    pub(crate) const fn range(mut self, least: i64, most: i64) -> Self {
        self.validator = Validator::Range(least, most);
        self
    }

    pub(crate) const fn fraction(mut self, least: f64, most: f64) -> Self {
        self.validator = Validator::Fraction(least, most);
        self
    }

    pub(crate) const fn one_of(mut self, words: &'static [&'static str]) -> Self {
        self.validator = Validator::OneOf(words);
        self
    }

    pub(crate) const fn one_of_any_case(mut self, words: &'static [&'static str]) -> Self {
        self.validator = Validator::OneOfAnyCase(words);
        self
    }

    pub(crate) const fn non_empty(mut self) -> Self {
        self.validator = Validator::NonEmpty;
        self
    }

    pub(crate) const fn rule(mut self, rule: fn(&str) -> bool, allowed: &'static str) -> Self {
        self.validator = Validator::Custom(rule, allowed);
        self
    }

    pub(crate) const fn per_broker(mut self) -> Self {
        self.update = Update::PerBroker;
        self
    }

    pub(crate) const fn cluster_wide(mut self) -> Self {
        self.update = Update::ClusterWide;
        self
    }

    pub(crate) const fn synonyms(mut self, keys: &'static [(&'static str, i64)]) -> Self {
        self.synonyms = keys;
        self
    }

    pub(crate) const fn effective(mut self) -> Self {
        self.status = Status::Effective;
        self
    }

    pub(crate) const fn meaningless(mut self, why: &'static str) -> Self {
        self.status = Status::Meaningless(why);
        self
    }

    pub(crate) const fn refused(mut self, missing: &'static str) -> Self {
        self.status = Status::Refused(missing);
        self
    }

    pub(crate) const fn harmless(mut self, values: &'static [&'static str]) -> Self {
        self.harmless = values;
        self
    }

    /// Whether its value must never be shown.
    pub fn is_sensitive(&self) -> bool {
        self.kind == ConfigType::Password
    }

    /// Whether a refused key may have this value all the same.
    pub fn is_harmless(&self, value: &str) -> bool {
        value.is_empty() || self.default == Some(value) || self.harmless.contains(&value)
    }
}

macro_rules! constructors {
    ($($name:ident => $kind:ident,)*) => {
        $(pub(crate) const fn $name(name: &'static str, doc: &'static str) -> ConfigDef {
            ConfigDef::new(name, ConfigType::$kind, doc)
        })*
    };
}

constructors! {
    boolean => Boolean,
    string => String,
    int => Int,
    short => Short,
    long => Long,
    double => Double,
    list => List,
    class => Class,
    password => Password,
}
