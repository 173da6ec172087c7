import java.util.Collections;
import java.util.HashSet;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/**
 * What the AdminClient of Kafka 1.0 can do, with the methods that it has: topics, partitions, configurations, log
 * folders and the cluster.
 *
 * <p>usage: OldAdminScenario BOOTSTRAP
 */
public class OldAdminScenario {
    static final String TOPIC = "administered";

    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[0]);
        try (AdminClient admin = AdminClient.create(properties)) {
            NewTopic wanted = new NewTopic(TOPIC, 2, (short) 1).configs(Collections.singletonMap("retention.ms", "86400000"));
            admin.createTopics(Collections.singleton(wanted)).all().get();
            check(admin.listTopics().names().get().contains(TOPIC), "a created topic is listed");
            check(config(admin, "retention.ms").value().equals("86400000"), "it has the configuration asked for");
            check(config(admin, "cleanup.policy").isDefault(), "and defaults for the others");
            Config more = new Config(Collections.singleton(new ConfigEntry("segment.bytes", "1048576")));
            admin.alterConfigs(Collections.singletonMap(resource(), more)).all().get();
            check(config(admin, "segment.bytes").value().equals("1048576"), "a configuration is altered");
            check(config(admin, "retention.ms").isDefault(), "and what is not named is back at its default");
            admin.createPartitions(Collections.singletonMap(TOPIC, NewPartitions.increaseTo(5))).all().get();
            TopicDescription described = describe(admin);
            check(described.partitions().size() == 5, "partitions are added");
            Node leader = described.partitions().get(4).leader();
            Node node = admin.describeCluster().nodes().get().iterator().next();
            check(leader.id() == node.id(), "and have a leader");
            check(admin.describeCluster().controller().get().id() == node.id(), "there is a controller");
            folders(admin, node.id());
            admin.deleteTopics(Collections.singleton(TOPIC)).all().get();
            check(!admin.listTopics().names().get().contains(TOPIC), "a deleted topic is gone");
        }
        System.out.println("all checks held");
        System.exit(0);
    }

    @SuppressWarnings("deprecation") // These names are those of 1.0.
    static void folders(AdminClient admin, int node) throws Exception {
        HashSet<Integer> partitions = new HashSet<>();
        admin.describeLogDirs(Collections.singleton(node)).all().get().get(node).values().forEach(
            folder -> folder.replicaInfos.keySet().stream().filter(it -> it.topic().equals(TOPIC)).forEach(
                it -> partitions.add(it.partition())));
        check(partitions.size() == 5, "every partition is in a log folder");
    }

    static TopicDescription describe(AdminClient admin) throws Exception {
        return admin.describeTopics(Collections.singleton(TOPIC)).all().get().get(TOPIC);
    }

    static ConfigResource resource() {
        return new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    }

    static ConfigEntry config(AdminClient admin, String name) throws Exception {
        return admin.describeConfigs(Collections.singleton(resource())).all().get().get(resource()).get(name);
    }

    static void check(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("does not hold: " + claim);
        }
        System.out.println("  ok: " + claim);
    }
}
