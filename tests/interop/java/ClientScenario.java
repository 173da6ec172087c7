import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The scenario of the interop suites with Apache Kafka's own Java clients: administer, produce, seek by
 * time, a group whose members come and go. Compiles against clients 2.8 and later; any check that does
 * not hold ends it with exit code 1.
 *
 * <p>usage: ClientScenario BOOTSTRAP ASSIGNOR
 */
@SuppressWarnings({"deprecation", "removal"}) // Admin.listConsumerGroups is the only way that 2.8 knows.
public class ClientScenario {
    static final int PARTITIONS = 3;
    static final int PARTITIONS_AFTER = 5;
    static final int RECORDS_PER_BATCH = 600;
    static final long FIRST_TIMESTAMP = 1_700_000_000_000L;
    static final long WAIT_MS = 60_000;

    static String bootstrap;
    static String assignor;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        assignor = arguments[1];
        String jar = Admin.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        System.out.println(jar.substring(jar.lastIndexOf('/') + 1));
        String name = UUID.randomUUID().toString().substring(0, 8);
        String topic = "interop-" + name;
        try (Admin admin = Admin.create(common())) {
            administer(admin, topic);
            produceAndSeek(topic);
            groupWithMembersComingAndGoing(admin, topic, "group-" + name);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(PARTITIONS_AFTER))).all().get();
            until(() -> partitions(topic) == PARTITIONS_AFTER, "partitions are added");
            admin.deleteTopics(List.of(topic)).all().get();
            until(() -> !topics(admin).contains(topic), "a deleted topic is gone");
        }
        System.out.println("all checks held");
        System.exit(0);
    }

    static void administer(Admin admin, String topic) throws Exception {
        NewTopic wanted = new NewTopic(topic, PARTITIONS, (short) 1).configs(Map.of("retention.ms", "86400000"));
        admin.createTopics(List.of(wanted)).all().get();
        until(() -> topics(admin).contains(topic), "a created topic is listed");
        check(partitions(topic) == PARTITIONS, "it has the partitions asked for");
        check(config(admin, topic, "retention.ms").equals("86400000"), "it has the configuration asked for");
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("max.message.bytes", "123456"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
        until(() -> config(admin, topic, "max.message.bytes").equals("123456"), "a configuration is altered");
    }

    static void produceAndSeek(String topic) throws Exception {
        int count = 300;
        List<RecordMetadata> placed = produce(topic, "first", count);
        Set<String> places = new HashSet<>();
        boolean contiguous = true;
        for (RecordMetadata metadata : placed) {
            contiguous &= metadata.offset() >= 0 && metadata.offset() < count / PARTITIONS;
            places.add(metadata.partition() + "@" + metadata.offset());
        }
        check(contiguous && places.size() == count,
            "every record is acknowledged with an offset of its own, without gaps");
        long middle = FIRST_TIMESTAMP + count / 2;
        check(offsetForTime(topic, middle) == (count / 2) / PARTITIONS,
            "the offset for a time is that of the first record at or after it");
        check(offsetForTime(topic, 0) == 0, "the offset for the beginning of time is 0");
        check(offsetForTime(topic, FIRST_TIMESTAMP + count + 10) == -1,
            "there is no offset for a time after the last record");
    }

    static void groupWithMembersComingAndGoing(Admin admin, String topic, String group) throws Exception {
        Shared shared = new Shared();
        Set<String> expected = values("first", 300);
        Member first = new Member(topic, group, shared);
        shared.await(() -> shared.sawAll(expected), "a group of one reads everything");
        Member second = new Member(topic, group, shared);
        shared.await(() -> {
            Set<Integer> both = new HashSet<>(first.assignment);
            both.addAll(second.assignment);
            return !first.assignment.isEmpty() && !second.assignment.isEmpty() && both.size() == PARTITIONS
                && first.assignment.size() + second.assignment.size() == PARTITIONS;
        }, "two members share the partitions");
        produce(topic, "second", RECORDS_PER_BATCH);
        expected.addAll(values("second", RECORDS_PER_BATCH));
        shared.await(() -> shared.sawAll(expected), "two members read everything");
        first.leave();
        shared.await(() -> second.assignment.size() == PARTITIONS, "the one who stays takes over");
        produce(topic, "third", RECORDS_PER_BATCH);
        expected.addAll(values("third", RECORDS_PER_BATCH));
        shared.await(() -> shared.sawAll(expected), "nothing is lost when a member leaves");
        second.leave();
        long committed = 0;
        for (OffsetAndMetadata offset : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values()) {
            committed += offset.offset();
        }
        check(committed == expected.size(), "everything read is committed");
        check(shared.failure == null, "no member failed");
        System.out.println("  read twice: " + (shared.values.size() - expected.size()));
        check(admin.listConsumerGroups().all().get().stream().anyMatch(listed -> listed.groupId().equals(group)),
            "the group is listed");
        admin.deleteConsumerGroups(List.of(group)).all().get();
        check(admin.listConsumerGroups().all().get().stream().noneMatch(listed -> listed.groupId().equals(group)),
            "a deleted group is gone");
    }

    /** What all members have read. */
    static class Shared {
        final List<String> values = new ArrayList<>();
        Exception failure;

        synchronized void add(List<String> more) {
            values.addAll(more);
            notifyAll();
        }

        synchronized void fail(Exception error) {
            failure = error;
            notifyAll();
        }

        boolean sawAll(Set<String> expected) {
            return new HashSet<>(values).containsAll(expected);
        }

        synchronized void await(BooleanSupplier holds, String claim) throws Exception {
            long deadline = System.currentTimeMillis() + WAIT_MS;
            while (!holds.getAsBoolean()) {
                long left = deadline - System.currentTimeMillis();
                if (failure != null) {
                    throw failure;
                }
                if (left <= 0) {
                    throw new AssertionError("not within " + WAIT_MS + " ms: " + claim);
                }
                wait(left);
            }
            System.out.println("  ok: " + claim);
        }
    }

    /** A member of a group in a thread of its own. */
    static class Member extends Thread {
        final String topic;
        final String group;
        final Shared shared;
        volatile boolean stopping;
        volatile Set<Integer> assignment = Collections.emptySet();

        Member(String topic, String group, Shared shared) {
            this.topic = topic;
            this.group = group;
            this.shared = shared;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            Map<String, Object> more = Map.of("group.id", group, "auto.offset.reset", "earliest",
                "auto.commit.interval.ms", "500", "heartbeat.interval.ms", "500",
                "partition.assignment.strategy", assignor);
            try (KafkaConsumer<String, String> consumer = consumer(more)) {
                consumer.subscribe(List.of(topic));
                while (!stopping) {
                    List<String> values = new ArrayList<>();
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                        values.add(record.value());
                    }
                    Set<Integer> mine = new HashSet<>();
                    for (TopicPartition partition : consumer.assignment()) {
                        mine.add(partition.partition());
                    }
                    assignment = mine;
                    shared.add(values);
                }
            } catch (Exception error) {
                shared.fail(error);
            }
        }

        void leave() throws Exception {
            stopping = true;
            join(WAIT_MS);
            check(!isAlive(), "a member leaves");
        }
    }

    static Properties common() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    static KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Properties properties = common();
        properties.putAll(more);
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        return new KafkaConsumer<>(properties);
    }

    static List<RecordMetadata> produce(String topic, String name, int count) throws Exception {
        Properties properties = common();
        properties.put("enable.idempotence", "true");
        properties.put("acks", "all");
        properties.put("linger.ms", "5");
        properties.put("compression.type", "gzip");
        properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        List<RecordMetadata> placed = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                sent.add(producer.send(new ProducerRecord<>(topic, number % PARTITIONS, FIRST_TIMESTAMP + number,
                    "key-" + number, name + "-" + number)));
            }
            for (Future<RecordMetadata> one : sent) {
                placed.add(one.get());
            }
        }
        return placed;
    }

    static Set<String> values(String name, int count) {
        Set<String> values = new HashSet<>();
        for (int number = 0; number < count; number++) {
            values.add(name + "-" + number);
        }
        return values;
    }

    static long offsetForTime(String topic, long timestamp) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = consumer(new HashMap<>())) {
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, timestamp)).get(partition);
            return found == null ? -1 : found.offset();
        }
    }

    static int partitions(String topic) {
        try (KafkaConsumer<String, String> consumer = consumer(new HashMap<>())) {
            return consumer.partitionsFor(topic).size();
        }
    }

    static Collection<String> topics(Admin admin) {
        try {
            return admin.listTopics().names().get();
        } catch (Exception error) {
            throw new RuntimeException(error);
        }
    }

    static String config(Admin admin, String topic, String key) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key).value();
        } catch (Exception error) {
            throw new RuntimeException(error);
        }
    }

    static void check(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("does not hold: " + claim);
        }
        System.out.println("  ok: " + claim);
    }

    /** For facts that the server tells only when asked. */
    static void until(BooleanSupplier holds, String claim) throws Exception {
        long deadline = System.currentTimeMillis() + WAIT_MS;
        while (!holds.getAsBoolean()) {
            if (System.currentTimeMillis() > deadline) {
                throw new AssertionError("not within " + WAIT_MS + " ms: " + claim);
            }
            Thread.sleep(100);
        }
        System.out.println("  ok: " + claim);
    }
}
