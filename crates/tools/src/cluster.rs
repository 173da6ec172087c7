//! `kafka-cluster`: the id of a cluster, its nodes, and taking a broker out of it.

use client::{Admin, ClientError, ClusterNode, EndpointType};
use model::BrokerId;

use crate::connect::{self, BOOTSTRAP_CONTROLLER, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::{self, Width, print};

/// The command line of `kafka-cluster`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-cluster",
    about: "Shows the id and the nodes of a cluster, and takes brokers out of it.",
    flags: &[
        Flag::command("cluster-id", "Show the id of the cluster."),
        Flag::command("unregister", "Take a broker that is gone for good out of the cluster."),
        Flag::command("list-endpoints", "List the nodes and where they listen."),
        BOOTSTRAP_SERVER.or(&["bootstrap-servers", "broker-list", "b"]),
        BOOTSTRAP_CONTROLLER.or(&["C"]),
        Flag::value("command-config", "FILE", "Properties of the client.").or(&["config", "c"]),
        Flag::value("id", "ID", "The broker to take out.").or(&["i"]).of(&["unregister"]),
        Flag::switch("include-fenced-brokers", "List brokers that do not serve clients too.")
            .of(&["list-endpoints"]),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let config = connect::admin_config(options)?;
    let endpoint_type = if options.has("bootstrap-controller") {
        EndpointType::Controllers
    } else {
        EndpointType::Brokers
    };
    let fenced = options.has("include-fenced-brokers");
    if fenced && endpoint_type == EndpointType::Controllers {
        return Err(Failure::Usage(
            "The option --include-fenced-brokers is only supported with --bootstrap-server option"
                .into(),
        ));
    }
    let id = match options.command() {
        "unregister" => {
            options.require(&["id"])?;
            options.number::<i32>("id")?.map(BrokerId::new)
        }
        _ => None,
    };
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        if let Some(id) = id {
            return unregister(&admin, id).await;
        }
        match admin.list_nodes(endpoint_type, fenced).await {
            Ok((cluster_id, _)) if options.command() == "cluster-id" => {
                print(&format!("Cluster ID: {cluster_id}\n"))
            }
            Ok((_, nodes)) => print(&endpoints(&nodes, endpoint_type)),
            // Before Kafka 2.8, metadata says it too.
            Err(ClientError::UnsupportedVersion { .. }) if options.command() == "cluster-id" => {
                let cluster = admin.describe_cluster().await?;
                print(&format!("Cluster ID: {}\n", cluster.cluster_id))
            }
            Err(error) => Err(error.into()),
        }
    })
}

async fn unregister(admin: &Admin, id: BrokerId) -> Result<(), Failure> {
    match admin.unregister_broker(id).await {
        Ok(()) => print(&format!("Broker {id} is no longer registered.\n")),
        Err(ClientError::UnsupportedVersion { .. }) => {
            eprintln!("A cluster of one node of Klamm has no other broker to take out.");
            print("The target cluster does not support the broker unregistration API.\n")
        }
        Err(error) => Err(error.into()),
    }
}

/// The table of `list-endpoints`.
fn endpoints(nodes: &[ClusterNode], endpoint_type: EndpointType) -> String {
    let longest = |length: fn(&ClusterNode) -> Option<usize>, none: usize| {
        nodes.iter().filter_map(length).max().unwrap_or(none)
    };
    let host = longest(|node| Some(node.node.host.chars().count()), 100);
    let rack = longest(|node| node.node.rack.as_ref().map(|rack| rack.chars().count()), 10);
    let brokers = endpoint_type == EndpointType::Brokers;
    let mut widths =
        vec![Width::Fixed(10), Width::Fixed(host), Width::Fixed(10), Width::Fixed(rack)];
    let mut header = vec!["ID", "HOST", "PORT", "RACK"];
    if brokers {
        widths.push(Width::Fixed(10));
        header.push("STATE");
    }
    widths.push(Width::Fixed(15));
    header.push("ENDPOINT_TYPE");
    let mut rows = vec![header.into_iter().map(String::from).collect::<Vec<_>>()];
    for ClusterNode { node, is_fenced } in nodes {
        let rack = node.rack.clone().unwrap_or_else(|| "null".to_owned());
        let mut row = vec![node.id.to_string(), node.host.clone(), node.port.to_string(), rack];
        if brokers {
            row.push(if *is_fenced { "fenced" } else { "unfenced" }.to_owned());
        }
        row.push(if brokers { "broker" } else { "controller" }.to_owned());
        rows.push(row);
    }
    output::rows(&widths, &rows).iter().map(|line| format!("{line}\n")).collect()
}
