// The calls of the Java client that `cargo xtask differential` compares: each prints one line, the name
// of the step, a tab, and its result or the class of what it threw. Nothing that two clusters must
// have of their own is printed: no ids, ports, times or messages.

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.*;

public class ClientCalls {
    interface Step {
        Object run() throws Exception;
    }

    private static final int CALL_TIME_MAX_MS = 8_000;
    private static final String BARRIER = "settled";
    private static int number = 0;
    private static long barrier = 1L << 40;

    private static void step(String name, Step step) {
        String result;
        try {
            result = String.valueOf(step.run());
        } catch (ExecutionException failed) {
            result = "throws " + failed.getCause().getClass().getSimpleName();
        } catch (Throwable failed) {
            result = "throws " + failed.getClass().getSimpleName();
        }
        number++;
        System.out.printf("%03d %s\t%s%n", number, name, result.replace('\n', ' '));
    }

    /** One line for each of many results. */
    private static void steps(String name, java.util.concurrent.Callable<TreeMap<String, String>> many) throws Exception {
        many.call().forEach((key, value) -> System.out.printf("%03d %s %s\t%s%n", number, name, key, value));
        number++;
    }

    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0];
        Map<String, Object> options = new HashMap<>();
        options.put("bootstrap.servers", bootstrap);
        options.put("request.timeout.ms", CALL_TIME_MAX_MS);
        options.put("default.api.timeout.ms", CALL_TIME_MAX_MS);
        try (Admin admin = Admin.create(options)) {
            topics(admin);
            configs(admin);
            produce(admin, bootstrap);
            offsets(admin);
            groups(admin, bootstrap);
            cluster(admin);
            security(admin);
            transactions(admin, bootstrap);
            delete(admin);
        }
        System.out.println("done");
        System.exit(0);
    }

    /**
     * Returns when every part of the node knows all changes that were answered: what is set here lies
     * behind them in the log of metadata, and when it is seen for the second time, whoever is told of
     * changes was told of all before the first.
     */
    private static void settle(Admin admin) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, BARRIER);
        for (int time = 0; time < 2; time++) {
            String value = String.valueOf(++barrier);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", value), AlterConfigOp.OpType.SET)))).all().get();
            long end = System.currentTimeMillis() + CALL_TIME_MAX_MS;
            while (!admin.describeConfigs(List.of(resource)).all().get().get(resource).get("retention.ms").value().equals(value)) {
                if (System.currentTimeMillis() > end) {
                    throw new IllegalStateException("a change does not show");
                }
            }
        }
    }

    private static void create(Admin admin, NewTopic topic) {
        step("create " + topic.name() + " " + topic.numPartitions() + " " + topic.replicationFactor() + " " + topic.configs(), () -> {
            CreateTopicsResult result = admin.createTopics(List.of(topic));
            result.all().get();
            return result.numPartitions(topic.name()).get() + " partitions, "
                + result.replicationFactor(topic.name()).get() + " replicas, "
                + nonDefault(result.config(topic.name()).get());
        });
    }

    private static String nonDefault(Config config) {
        TreeMap<String, String> found = new TreeMap<>();
        for (ConfigEntry entry : config.entries()) {
            // What Kafka 4 sets for eligible leader replicas is told by the raw requests.
            boolean isOfElr = entry.name().equals("min.insync.replicas") && entry.source() == ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG;
            if (!entry.isDefault() && !isOfElr) {
                found.put(entry.name(), entry.value() + " " + entry.source());
            }
        }
        return found.toString();
    }

    private static void topics(Admin admin) throws Exception {
        create(admin, new NewTopic(BARRIER, 1, (short) 1));
        create(admin, new NewTopic("java-one", 1, (short) 1));
        create(admin, new NewTopic("java-three", 3, (short) 1).configs(Map.of("retention.ms", "-1")));
        create(admin, new NewTopic("java-defaults", Optional.empty(), Optional.empty()));
        create(admin, new NewTopic("java-assigned", Map.of(0, List.of(1), 1, List.of(1))));
        create(admin, new NewTopic("java-one", 1, (short) 1));
        create(admin, new NewTopic("no slash/", 1, (short) 1));
        create(admin, new NewTopic("..", 1, (short) 1));
        create(admin, new NewTopic("java.collides", 1, (short) 1));
        create(admin, new NewTopic("java_collides", 1, (short) 1));
        create(admin, new NewTopic("java-none", 0, (short) 1));
        create(admin, new NewTopic("java-two-replicas", 1, (short) 2));
        create(admin, new NewTopic("java-bad", 1, (short) 1).configs(Map.of("retention.ms", "long")));
        create(admin, new NewTopic("java-bad", 1, (short) 1).configs(Map.of("no.such", "1")));
        create(admin, new NewTopic("java-bad", Map.of(1, List.of(1))));
        create(admin, new NewTopic("java-bad", Map.of(0, List.of(7))));
        settle(admin);
        step("list topics", () -> {
            TreeSet<String> names = new TreeSet<>(admin.listTopics().names().get());
            names.removeIf(name -> !name.startsWith("java"));
            return names;
        });
        step("describe topic", () -> {
            TopicDescription topic = admin.describeTopics(List.of("java-three")).allTopicNames().get().get("java-three");
            StringBuilder text = new StringBuilder(topic.isInternal() + " ");
            for (TopicPartitionInfo partition : topic.partitions()) {
                text.append(partition.partition()).append(' ').append(partition.leader().id()).append(' ')
                    .append(partition.replicas().size()).append(partition.isr().size()).append(' ');
            }
            return text;
        });
        step("describe topic that is not there", () -> admin.describeTopics(List.of("java-ghost")).allTopicNames().get());
        step("describe topic by unknown id", () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(Uuid.fromString("AAAAAAAAAAAAAAAAAAAABQ")))).allTopicIds().get());
        for (int count : new int[] {4, 4, 2, 0}) {
            step("partitions " + count, () -> {
                admin.createPartitions(Map.of("java-three", NewPartitions.increaseTo(count))).all().get();
                return "done";
            });
            settle(admin);
        }
        step("partitions of a ghost", () -> admin.createPartitions(Map.of("java-ghost", NewPartitions.increaseTo(2))).all().get());
        step("partitions on a missing broker", () -> admin.createPartitions(Map.of("java-one", NewPartitions.increaseTo(2, List.of(List.of(9))))).all().get());
    }

    private static void alter(Admin admin, ConfigResource resource, String name, String value, AlterConfigOp.OpType how) {
        step("alter " + resource.type() + " " + resource.name() + " " + how + " " + name + "=" + value, () -> {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), how)))).all().get();
            return "done";
        });
    }

    private static void configs(Admin admin) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "java-one");
        steps("topic config", () -> {
            TreeMap<String, String> found = new TreeMap<>();
            for (ConfigEntry entry : admin.describeConfigs(List.of(topic)).all().get().get(topic).entries()) {
                found.put(entry.name(), entry.value());
            }
            return found;
        });
        steps("topic config with all", () -> {
            DescribeConfigsOptions all = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
            TreeMap<String, String> found = new TreeMap<>();
            for (ConfigEntry entry : admin.describeConfigs(List.of(topic), all).all().get().get(topic).entries()) {
                found.put(entry.name(), entry.value() + " " + entry.type() + entry.isReadOnly() + entry.isSensitive() + (entry.documentation() != null));
            }
            return found;
        });
        alter(admin, topic, "retention.ms", "86400000", AlterConfigOp.OpType.SET);
        alter(admin, topic, "retention.ms", "word", AlterConfigOp.OpType.SET);
        alter(admin, topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
        alter(admin, topic, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT);
        alter(admin, topic, "retention.ms", "1", AlterConfigOp.OpType.APPEND);
        alter(admin, topic, "nonsense", "1", AlterConfigOp.OpType.SET);
        alter(admin, topic, "min.insync.replicas", "0", AlterConfigOp.OpType.SET);
        alter(admin, topic, "compression.type", "lzma", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.TOPIC, "java-ghost"), "retention.ms", "1", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), "log.retention.ms", "7200000", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.BROKER, "1"), "log.cleaner.threads", "2", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.BROKER, "1"), "broker.id", "2", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.BROKER, "9"), "log.cleaner.threads", "2", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.GROUP, "java-group"), "consumer.session.timeout.ms", "50000", AlterConfigOp.OpType.SET);
        alter(admin, new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "java-metrics"), "interval.ms", "5000", AlterConfigOp.OpType.SET);
        settle(admin);
        for (ConfigResource resource : List.of(topic, new ConfigResource(ConfigResource.Type.BROKER, ""),
                new ConfigResource(ConfigResource.Type.TOPIC, "java-ghost"), new ConfigResource(ConfigResource.Type.BROKER, "9"),
                new ConfigResource(ConfigResource.Type.GROUP, "java-group"), new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "java-metrics"))) {
            step("configs that were set, " + resource.type() + " " + resource.name(), () -> nonDefault(admin.describeConfigs(List.of(resource)).all().get().get(resource)));
        }
        alter(admin, topic, "cleanup.policy", null, AlterConfigOp.OpType.DELETE);
        alter(admin, topic, "retention.ms", null, AlterConfigOp.OpType.DELETE);
        alter(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), "log.retention.ms", null, AlterConfigOp.OpType.DELETE);
        settle(admin);
        step("configs after deletion", () -> nonDefault(admin.describeConfigs(List.of(topic)).all().get().get(topic)));
    }

    private static Properties client(String bootstrap, String... more) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        for (int index = 0; index < more.length; index += 2) {
            properties.put(more[index], more[index + 1]);
        }
        return properties;
    }

    private static KafkaProducer<String, String> producer(String bootstrap, String... more) {
        Properties properties = client(bootstrap, more);
        properties.put("max.block.ms", "5000");
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private static long end(Admin admin, TopicPartition partition) throws Exception {
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get().get(partition).offset();
    }

    private static void produce(Admin admin, String bootstrap) {
        for (String compression : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            try (KafkaProducer<String, String> producer = producer(bootstrap, "compression.type", compression)) {
                step("produce " + compression, () -> {
                    RecordMetadata last = null;
                    for (int index = 0; index < 5; index++) {
                        last = producer.send(new ProducerRecord<>("java-one", 0, 1_700_000_000_000L + index, "k" + index, "v" + index)).get();
                    }
                    return last.offset() + " " + last.timestamp() + " " + last.serializedValueSize();
                });
            }
        }
        try (KafkaProducer<String, String> producer = producer(bootstrap)) {
            step("produce to a ghost", () -> producer.send(new ProducerRecord<>("java-ghost", "k", "v")).get());
            step("produce to an illegal name", () -> producer.send(new ProducerRecord<>("no slash/", "k", "v")).get());
            step("produce to a partition out of range", () -> producer.send(new ProducerRecord<>("java-one", 9, "k", "v")).get());
            step("produce from the future", () -> producer.send(new ProducerRecord<>("java-one", 0, 4_000_000_000_000L, "k", "v")).get().offset());
        }
        try (KafkaProducer<String, String> producer = producer(bootstrap, "max.request.size", "5000000")) {
            step("produce too large", () -> producer.send(new ProducerRecord<>("java-one", "x".repeat(2_000_000))).get());
        }
        try (KafkaProducer<String, String> producer = producer(bootstrap, "acks", "0", "enable.idempotence", "false")) {
            step("produce unacknowledged", () -> {
                TopicPartition one = new TopicPartition("java-one", 0);
                long before = end(admin, one);
                long told = producer.send(new ProducerRecord<>("java-one", "k", "v")).get().offset();
                long deadline = System.currentTimeMillis() + CALL_TIME_MAX_MS;
                while (end(admin, one) == before && System.currentTimeMillis() < deadline) {
                    Thread.onSpinWait();
                }
                return told + " " + (end(admin, one) - before);
            });
        }
    }

    private static void offsets(Admin admin) {
        TopicPartition one = new TopicPartition("java-one", 0);
        Map<String, OffsetSpec> specs = new TreeMap<>(Map.of("earliest", OffsetSpec.earliest(), "latest", OffsetSpec.latest(),
            "max timestamp", OffsetSpec.maxTimestamp(), "time", OffsetSpec.forTimestamp(1_700_000_000_002L),
            "no time", OffsetSpec.forTimestamp(5_000_000_000_000L), "local", OffsetSpec.earliestLocal(), "tiered", OffsetSpec.latestTiered()));
        specs.forEach((name, spec) -> step("list offsets " + name, () -> {
            ListOffsetsResult.ListOffsetsResultInfo found = admin.listOffsets(Map.of(one, spec)).all().get().get(one);
            return found.offset() + " " + (found.timestamp() > 1_750_000_000_000L ? "now" : found.timestamp()) + " " + found.leaderEpoch();
        }));
        step("list offsets of a ghost", () -> admin.listOffsets(Map.of(new TopicPartition("java-ghost", 0), OffsetSpec.latest())).all().get());
        for (long before : new long[] {3, 2, -1, 10_000}) {
            step("delete records before " + before, () -> admin.deleteRecords(Map.of(one, RecordsToDelete.beforeOffset(before))).all().get() == null ? "done" : "");
            step("earliest after it", () -> admin.listOffsets(Map.of(one, OffsetSpec.earliest())).all().get().get(one).offset());
        }
        step("describe producers", () -> admin.describeProducers(List.of(one)).all().get().get(one).activeProducers().size());
        step("describe producers of a ghost", () -> admin.describeProducers(List.of(new TopicPartition("java-ghost", 0))).all().get());
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String... more) {
        Properties properties = client(bootstrap, more);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static int count(KafkaConsumer<String, String> consumer) {
        int count = 0;
        long end = System.currentTimeMillis() + CALL_TIME_MAX_MS;
        int idle = 0;
        while (System.currentTimeMillis() < end && idle < 2) {
            int now = consumer.poll(Duration.ofMillis(1000)).count();
            count += now;
            idle = now == 0 && count > 0 ? idle + 1 : 0;
        }
        return count;
    }

    private static void groups(Admin admin, String bootstrap) throws Exception {
        TopicPartition one = new TopicPartition("java-one", 0);
        try (KafkaProducer<String, String> producer = producer(bootstrap)) {
            step("produce for the group", () -> {
                for (int index = 0; index < 10; index++) {
                    producer.send(new ProducerRecord<>("java-three", index % 3, "k", "v" + index)).get();
                }
                return "done";
            });
        }
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, "group.id", "java-group", "auto.offset.reset", "earliest", "enable.auto.commit", "false")) {
            consumer.subscribe(List.of("java-three"));
            step("consume in a group", () -> count(consumer));
            step("commit", () -> {
                consumer.commitSync();
                return new TreeMap<>(Map.of("0", consumer.committed(Set.of(new TopicPartition("java-three", 0))).values().toString()));
            });
            step("group", () -> {
                ConsumerGroupDescription group = admin.describeConsumerGroups(List.of("java-group")).all().get().get("java-group");
                return group.state() + " " + group.partitionAssignor() + " " + group.members().size() + " " + group.members().iterator().next().assignment().topicPartitions().size();
            });
            step("delete a group in use", () -> admin.deleteConsumerGroups(List.of("java-group")).all().get());
            step("delete offsets in use", () -> admin.deleteConsumerGroupOffsets("java-group", Set.of(new TopicPartition("java-three", 0))).all().get());
            step("alter offsets in use", () -> admin.alterConsumerGroupOffsets("java-group", Map.of(one, new OffsetAndMetadata(1))).all().get());
            step("offsets for times", () -> consumer.offsetsForTimes(Map.of(one, 1_700_000_000_000L)));
            step("partitions", () -> consumer.partitionsFor("java-three").size());
            step("partitions of a ghost", () -> consumer.partitionsFor("java-ghost"));
        }
        settle(admin);
        step("empty group", () -> admin.describeConsumerGroups(List.of("java-group")).all().get().get("java-group").state());
        step("list groups", () -> {
            TreeSet<String> found = new TreeSet<>();
            for (ConsumerGroupListing group : admin.listConsumerGroups().all().get()) {
                if (group.groupId().startsWith("java")) {
                    found.add(group.groupId() + " " + group.isSimpleConsumerGroup() + " " + group.state());
                }
            }
            return found;
        });
        step("ghost group", () -> admin.describeConsumerGroups(List.of("java-ghosts")).all().get().get("java-ghosts").state());
        step("alter offsets", () -> admin.alterConsumerGroupOffsets("java-group", Map.of(one, new OffsetAndMetadata(3, Optional.of(0), "note"))).all().get() == null ? "done" : "");
        step("alter offsets of a ghost topic", () -> admin.alterConsumerGroupOffsets("java-group", Map.of(new TopicPartition("java-ghost", 0), new OffsetAndMetadata(3))).all().get());
        step("offsets of the group", () -> {
            TreeMap<String, Object> found = new TreeMap<>();
            admin.listConsumerGroupOffsets("java-group").partitionsToOffsetAndMetadata().get().forEach((partition, offset) -> found.put(partition.toString(), offset));
            return found;
        });
        step("offsets of a ghost group", () -> admin.listConsumerGroupOffsets("java-ghosts").partitionsToOffsetAndMetadata().get());
        step("delete offsets", () -> admin.deleteConsumerGroupOffsets("java-group", Set.of(one)).all().get() == null ? "done" : "");
        step("remove members", () -> admin.removeMembersFromConsumerGroup("java-group", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody")))).all().get());
        step("delete the group", () -> admin.deleteConsumerGroups(List.of("java-group")).all().get() == null ? "done" : "");
        step("delete a ghost group", () -> admin.deleteConsumerGroups(List.of("java-ghosts")).all().get());
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, "auto.offset.reset", "none")) {
            consumer.assign(List.of(one));
            step("seek beyond", () -> {
                consumer.seek(one, 1_000_000);
                return consumer.poll(Duration.ofMillis(5000)).count();
            });
            step("end offsets", () -> consumer.endOffsets(List.of(one)));
            step("end offsets of a ghost", () -> consumer.endOffsets(List.of(new TopicPartition("java-ghost", 0)), Duration.ofSeconds(3)));
            step("current lag", () -> consumer.currentLag(one).isPresent());
        }
        step("new protocol", () -> {
            try (KafkaConsumer<String, String> consumer = consumer(bootstrap, "group.id", "java-new", "group.protocol", "consumer", "auto.offset.reset", "earliest")) {
                consumer.subscribe(List.of("java-three"));
                return count(consumer);
            }
        });
    }

    private static void cluster(Admin admin) {
        step("cluster", () -> {
            DescribeClusterResult cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            return cluster.nodes().get().size() + " " + (cluster.controller().get() != null) + " " + new TreeSet<>(cluster.authorizedOperations().get());
        });
        step("log dirs", () -> {
            TreeMap<String, Object> found = new TreeMap<>();
            admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).forEach((path, folder) -> found.put("folder", folder.error() + " " + folder.replicaInfos().size()));
            return found.keySet();
        });
        step("log dirs of a missing broker", () -> admin.describeLogDirs(List.of(9)).allDescriptions().get());
        step("features", () -> new TreeSet<>(admin.describeFeatures().featureMetadata().get().supportedFeatures().keySet()).contains("metadata.version"));
        step("update a feature that nobody has", () -> admin.updateFeatures(Map.of("nonsense", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get());
        step("elect preferred", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("java-one", 0))).partitions().get().values().iterator().next().get().getClass().getSimpleName());
        step("elect unclean", () -> admin.electLeaders(ElectionType.UNCLEAN, Set.of(new TopicPartition("java-one", 0))).partitions().get().values().iterator().next().get().getClass().getSimpleName());
        step("elect for a ghost", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("java-ghost", 0))).partitions().get().values().iterator().next().get().getClass().getSimpleName());
        step("elect for all", () -> admin.electLeaders(ElectionType.PREFERRED, null).partitions().get());
        step("reassignments", () -> admin.listPartitionReassignments().reassignments().get());
        step("reassign", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("java-one", 0), Optional.of(new NewPartitionReassignment(List.of(1))))).all().get() == null ? "done" : "");
        step("reassign to a missing broker", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("java-one", 0), Optional.of(new NewPartitionReassignment(List.of(9))))).all().get());
        step("cancel no reassignment", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("java-one", 0), Optional.empty())).all().get());
        step("quorum", () -> admin.describeMetadataQuorum().quorumInfo().get().voters().size());
        step("client metrics", () -> admin.listClientMetricsResources().all().get().size());
        step("unregister a missing broker", () -> admin.unregisterBroker(9).all().get());
        step("client instance id", () -> admin.clientInstanceId(Duration.ofSeconds(5)) != null);
    }

    private static void security(Admin admin) {
        step("acls", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
        step("create acl", () -> admin.createAcls(List.of(new AclBinding(new ResourcePattern(ResourceType.TOPIC, "java-one", PatternType.LITERAL), new AccessControlEntry("User:x", "*", AclOperation.READ, AclPermissionType.ALLOW)))).all().get());
        step("delete acls", () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get());
        step("scram", () -> admin.describeUserScramCredentials().all().get().size());
        step("alter scram", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("nobody", ScramMechanism.SCRAM_SHA_256))).all().get());
        step("tokens", () -> admin.describeDelegationToken().delegationTokens().get());
        step("create token", () -> admin.createDelegationToken().delegationToken().get());
        step("quotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get());
        step("alter quotas", () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(new ClientQuotaEntity(Map.of("client-id", "x")), List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9))))).all().get() == null ? "done" : "");
    }

    private static void transactions(Admin admin, String bootstrap) {
        step("list transactions", () -> admin.listTransactions().all().get().size());
        step("describe transaction", () -> admin.describeTransactions(List.of("java-nobody")).all().get());
        step("fence", () -> admin.fenceProducers(List.of("java-nobody")).all().get() == null ? "done" : "");
        step("transaction", () -> {
            try (KafkaProducer<String, String> producer = producer(bootstrap, "transactional.id", "java-transaction")) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("java-one", "k", "v")).get();
                producer.commitTransaction();
                return "done";
            }
        });
    }

    private static void delete(Admin admin) throws Exception {
        step("delete topic", () -> admin.deleteTopics(List.of("java-one")).all().get() == null ? "done" : "");
        settle(admin);
        step("delete it again", () -> admin.deleteTopics(List.of("java-one")).all().get());
        step("delete an illegal name", () -> admin.deleteTopics(List.of("no slash/")).all().get());
        step("delete by an unknown id", () -> admin.deleteTopics(TopicCollection.ofTopicIds(List.of(Uuid.fromString("AAAAAAAAAAAAAAAAAAAABQ")))).all().get());
    }
}
