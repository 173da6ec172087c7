//! `kafka-client-metrics`: which metrics the nodes ask of clients, and how often.

use client::{Admin, AlterOperation, ConfigAlteration, ConfigResource, ResourceType};
use model::Uuid;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

/// The command line of `kafka-client-metrics`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-client-metrics",
    about: "Shows and changes which metrics are asked of clients, and how often.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("list", "List the names of the subscriptions."),
        Flag::switch("describe", "Show a subscription, or all of them."),
        Flag::switch("alter", "Make or change a subscription."),
        Flag::switch("delete", "Delete a subscription."),
        Flag::value("name", "NAME", "The name of the subscription."),
        Flag::switch("generate-name", "With --alter: a new name by chance."),
        Flag::value("interval", "MS", "How often metrics are sent; empty for the default."),
        Flag::value("metrics", "PREFIX,PREFIX", "Metrics whose names begin so; empty for none."),
        Flag::value(
            "match",
            "SELECTOR=PATTERN,...",
            "Only of clients that match: client_id, client_instance_id, client_software_name, \
             client_software_version, client_source_address, client_source_port.",
        ),
    ],
};

const SETTINGS: &[&str] = &["generate-name", "interval", "match", "metrics"];

/// Does what the command line says. As in Kafka, what the cluster refuses is told on standard output.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let action = check(options)?;
    let config = connect::admin_config(options)?;
    let work = async {
        let admin = Admin::new(&config)?;
        match action {
            "list" => print(&(list(&admin).await?.join("\n") + "\n")),
            "describe" => describe(&admin, options.value("name")?).await,
            "alter" => alter(&admin, options).await,
            _ => delete(&admin, options.required("name")?).await,
        }
    };
    match connect::block_on(work) {
        Err(failure) if !failure.is_broken_pipe() => {
            print(&format!("Error while executing client metrics command : {failure}\n"))?;
            Err(Failure::Told)
        }
        other => other,
    }
}

fn check(options: &Options) -> Result<&'static str, Failure> {
    let action = options.action(&["alter", "delete", "describe", "list"])?;
    options.require(&["bootstrap-server"])?;
    options.forbid("delete", SETTINGS)?;
    options.forbid("describe", SETTINGS)?;
    options.forbid("list", SETTINGS)?;
    options.forbid("list", &["name"])?;
    if action == "alter" {
        if options.has("name") == options.has("generate-name") {
            return Err(Failure::Usage(
                "One of --name or --generate-name must be specified with --alter.".into(),
            ));
        }
        let interval = options.value("interval")?.unwrap_or_default();
        if !interval.is_empty() && interval.parse::<i32>().is_err() {
            return Err(Failure::Usage(
                "Invalid interval value. Enter an integer, or leave empty to reset.".into(),
            ));
        }
    }
    if action == "delete" && !options.has("name") {
        return Err(Failure::Usage(
            "A client metrics resource name must be specified with --delete.".into(),
        ));
    }
    Ok(action)
}

async fn list(admin: &Admin) -> Result<Vec<String>, Failure> {
    let mut names = admin.list_config_resources(ResourceType::ClientMetrics).await?;
    names.sort();
    Ok(names)
}

/// Name and value of what is set or defaulted in a subscription.
async fn settings(admin: &Admin, name: &str) -> Result<Vec<(String, String)>, Failure> {
    let resource = ConfigResource::new(ResourceType::ClientMetrics, name);
    let mut found = Vec::new();
    for description in admin.describe_configs(&[resource], false).await? {
        for entry in description.entries? {
            found.push((entry.name, entry.value.unwrap_or_default()));
        }
    }
    Ok(found)
}

async fn describe(admin: &Admin, name: Option<&str>) -> Result<(), Failure> {
    let known = list(admin).await?;
    let shown = match name {
        Some(name) if known.iter().any(|known| known == name) => vec![name.to_owned()],
        Some(name) => {
            return print(&format!(
                "The client metric resource {name} doesn't exist and doesn't have dynamic config.\n"
            ));
        }
        None => known,
    };
    for name in shown {
        let mut text = format!("Client metrics configs for {name} are:\n");
        for (setting, value) in settings(admin, &name).await? {
            text.push_str(&format!("  {setting}={value}\n"));
        }
        print(&text)?;
    }
    Ok(())
}

async fn alter(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let name = match options.value("name")? {
        Some(name) => name.to_owned(),
        None => Uuid::from_random(rand::random()).to_string(),
    };
    let mut alterations = Vec::new();
    for (flag, config) in [("interval", "interval.ms"), ("metrics", "metrics"), ("match", "match")]
    {
        if let Some(value) = options.value(flag)? {
            alterations.push(match value {
                "" => deletion(config),
                _ => ConfigAlteration {
                    name: config.to_owned(),
                    operation: AlterOperation::Set,
                    value: Some(value.to_owned()),
                },
            });
        }
    }
    let resource = ConfigResource::new(ResourceType::ClientMetrics, &name);
    admin.incremental_alter_configs(&resource, &alterations, false).await?;
    print(&format!("Altered client metrics config for {name}.\n"))
}

async fn delete(admin: &Admin, name: &str) -> Result<(), Failure> {
    let settings = settings(admin, name).await?;
    let alterations: Vec<_> = settings.iter().map(|(setting, _)| deletion(setting)).collect();
    let resource = ConfigResource::new(ResourceType::ClientMetrics, name);
    admin.incremental_alter_configs(&resource, &alterations, false).await?;
    print(&format!("Deleted client metrics config for {name}.\n"))
}

fn deletion(name: &str) -> ConfigAlteration {
    ConfigAlteration { name: name.to_owned(), operation: AlterOperation::Delete, value: None }
}
