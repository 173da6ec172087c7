import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Fills a broker with everything that its data folder can hold, and prints what a broker serves, so that
 * Apache Kafka and Klamm can be compared on one folder. Compiles against clients 2.8 and later.
 *
 * <p>usage: KafkaFolder fill BOOTSTRAP GROUP_PROTOCOL | fill-without-transactions BOOTSTRAP GROUP_PROTOCOL | dump BOOTSTRAP FILE | append BOOTSTRAP
 */
@SuppressWarnings({"deprecation", "removal"}) // Only the old forms are known to 2.8.
public class KafkaFolder {
    static final long LONG_AGO = 1_700_000_000_000L;
    static final long LATELY = System.currentTimeMillis() - 3_600_000L;
    /** Topics without retention, whose records may be older than any default. */
    static final List<String> KEPT = List.of("codecs", "transactions");
    /** Kafka 3 and later write record batches only. */
    static final boolean HAS_OLD_FORMATS = AppInfoParser.getVersion().startsWith("2.");
    /** Topics in message format v0 or v1. */
    static final Map<String, String> OLD_FORMATS =
        Map.of("old-v0", "0.9.0", "old-v1", "0.10.0", "old-appended", "0.10.0", "old-compacted", "0.10.0");
    /** Of which only the last record of each key is compared: when it is compacted is the broker's affair. */
    static final String COMPACTED = "old-compacted";
    /** Keys of it, and what compaction leaves at most of more than 400 records. */
    static final int COMPACTED_KEYS = 10;
    static final int COMPACTED_RECORDS_MAX = 350;
    static final long WAIT_MS = 60_000;
    static final List<String> GROUPS = List.of("readers", "committed-by-hand", "exactly-once");
    static String bootstrap;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[1];
        switch (arguments[0]) {
            case "fill" -> fill(arguments[2], true);
            case "fill-without-transactions" -> fill(arguments[2], false);
            case "dump" -> dump(arguments[2]);
            case "append" -> append();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("done");
        // An open transaction is left open: closing its producer would abort it.
        Runtime.getRuntime().halt(0);
    }

    static Properties common() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    static KafkaProducer<byte[], byte[]> producer(Map<String, String> more) {
        Properties properties = common();
        properties.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        properties.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        properties.putAll(more);
        return new KafkaProducer<>(properties);
    }

    static KafkaConsumer<byte[], byte[]> consumer(Map<String, String> more) {
        Properties properties = common();
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.putAll(more);
        return new KafkaConsumer<>(properties);
    }

    static ProducerRecord<byte[], byte[]> record(String topic, int partition, int number) {
        byte[] key = number % 3 == 0 && !topic.equals(COMPACTED) ? null : ("key-" + number % COMPACTED_KEYS).getBytes();
        byte[] value = number % 17 == 16 ? null : ("value-" + number + "-").repeat(1 + number % 7).getBytes();
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, partition, (KEPT.contains(topic) ? LONG_AGO : LATELY) + number * 1000L, key, value);
        if (number % 5 == 0 && !OLD_FORMATS.containsKey(topic)) {
            record.headers().add("number", Integer.toString(number).getBytes()).add("nothing", null);
        }
        return record;
    }

    static void fill(String groupProtocol, boolean withTransactions) throws Exception {
        try (Admin admin = Admin.create(common())) {
            admin.createTopics(List.of(
                new NewTopic("plain", 3, (short) 1),
                new NewTopic("codecs", 1, (short) 1).configs(Map.of("retention.ms", "-1", "segment.index.bytes", "240", "index.interval.bytes", "512")),
                new NewTopic("transactions", 2, (short) 1).configs(Map.of("segment.index.bytes", "240", "index.interval.bytes", "512", "retention.ms", "-1")),
                new NewTopic("appended", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")),
                new NewTopic("empty", 2, (short) 1).configs(Map.of("max.message.bytes", "123456")),
                new NewTopic("deleted", 1, (short) 1))).all().get();
            produce("plain", 3, Map.of(), 500);
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                produce("codecs", 1, Map.of("compression.type", codec, "linger.ms", "20"), 300);
            }
            produce("codecs", 1, Map.of("enable.idempotence", "false", "acks", "1"), 100);
            produce("appended", 1, Map.of(), 100);
            produce("deleted", 1, Map.of(), 10);
            read("plain", "readers", groupProtocol);
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            offsets.put(new TopicPartition("plain", 1), new OffsetAndMetadata(17, "by hand"));
            offsets.put(new TopicPartition("codecs", 0), new OffsetAndMetadata(1000));
            admin.alterConsumerGroupOffsets("committed-by-hand", offsets).all().get();
            if (withTransactions) {
                transactions();
            }
            if (HAS_OLD_FORMATS) {
                oldFormats(admin);
            }
            admin.deleteTopics(List.of("deleted")).all().get();
        }
    }

    static void oldFormats(Admin admin) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        OLD_FORMATS.forEach((topic, format) -> {
            Map<String, String> configs = new HashMap<>(Map.of(
                "message.format.version", format, "segment.bytes", "10000", "index.interval.bytes", "512"));
            if (topic.equals("old-appended")) {
                configs.put("message.timestamp.type", "LogAppendTime");
            } else if (topic.equals(COMPACTED)) {
                configs.putAll(Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
            }
            topics.add(new NewTopic(topic, 1, (short) 1).configs(configs));
        });
        admin.createTopics(topics).all().get();
        for (String topic : OLD_FORMATS.keySet()) {
            for (String codec : List.of("none", "gzip", "snappy", "lz4")) {
                produce(topic, 1, Map.of("compression.type", codec, "linger.ms", "20"), 120);
            }
        }
    }

    /** Waits until the broker has compacted the topic, which it is told to where nothing tells it yet. */
    static void compacted() throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, COMPACTED);
        try (Admin admin = Admin.create(common())) {
            String policy = admin.describeConfigs(List.of(resource)).all().get().get(resource).get("cleanup.policy").value();
            if (!policy.equals("compact")) {
                List<AlterConfigOp> changes = new ArrayList<>();
                Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01").forEach((name, value) ->
                    changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
                admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
            }
        }
        List<TopicPartition> partition = List.of(new TopicPartition(COMPACTED, 0));
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of())) {
            consumer.assign(partition);
            long end = consumer.endOffsets(partition).get(partition.get(0));
            int left = Integer.MAX_VALUE;
            for (long deadline = System.currentTimeMillis() + WAIT_MS; left > COMPACTED_RECORDS_MAX; ) {
                if (System.currentTimeMillis() > deadline) {
                    throw new IllegalStateException(COMPACTED + " is not compacted: " + left + " records of " + end);
                }
                consumer.seekToBeginning(partition);
                for (left = 0; consumer.position(partition.get(0)) < end; ) {
                    left += consumer.poll(Duration.ofMillis(200)).count();
                }
            }
        }
    }

    static void produce(String topic, int partitions, Map<String, String> more, int count) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(more)) {
            for (int number = 0; number < count; number++) {
                producer.send(record(topic, number % partitions, number));
                if (number % 50 == 49) {
                    producer.flush();
                }
            }
        }
    }

    static void read(String topic, String group, String protocol) {
        Map<String, String> more = new HashMap<>(Map.of("group.id", group, "client.id", "reader"));
        if (!protocol.equals("classic")) {
            more.put("group.protocol", protocol);
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(more)) {
            consumer.subscribe(List.of(topic));
            int seen = 0;
            for (long end = System.currentTimeMillis() + WAIT_MS; seen < 200 && System.currentTimeMillis() < end; ) {
                seen += consumer.poll(Duration.ofMillis(500)).count();
            }
            if (seen == 0) {
                throw new IllegalStateException("the group read nothing");
            }
            consumer.commitSync();
        }
    }

    /** Committed, aborted, interleaved and open ones, over several segments. */
    static void transactions() throws Exception {
        Map<String, String> one = Map.of("transactional.id", "one", "transaction.timeout.ms", "900000");
        Map<String, String> two = Map.of("transactional.id", "two", "transaction.timeout.ms", "900000");
        KafkaProducer<byte[], byte[]> first = producer(one);
        KafkaProducer<byte[], byte[]> second = producer(two);
        KafkaConsumer<byte[], byte[]> group = consumer(Map.of("group.id", "exactly-once"));
        first.initTransactions();
        second.initTransactions();
        for (int round = 0; round < 40; round++) {
            first.beginTransaction();
            second.beginTransaction();
            for (int number = 0; number < 20; number++) {
                first.send(record("transactions", number % 2, round * 20 + number));
                second.send(record("transactions", number % 2, 10_000 + round * 20 + number));
            }
            first.flush();
            if (round == 20) {
                Map<TopicPartition, OffsetAndMetadata> offsets =
                    Map.of(new TopicPartition("plain", 0), new OffsetAndMetadata(42, "in a transaction"));
                first.sendOffsetsToTransaction(offsets, group.groupMetadata());
            }
            if (round % 3 == 0) {
                second.abortTransaction();
                first.commitTransaction();
            } else if (round % 3 == 1) {
                first.abortTransaction();
                second.commitTransaction();
            } else {
                second.commitTransaction();
                first.commitTransaction();
            }
        }
        second.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> aborted =
            Map.of(new TopicPartition("plain", 0), new OffsetAndMetadata(99, "aborted"));
        second.sendOffsetsToTransaction(aborted, group.groupMetadata());
        group.close();
        second.abortTransaction();
        // Stays open in partition 1; what comes after it is not stable.
        first.beginTransaction();
        first.send(record("transactions", 1, 77_777)).get();
        first.flush();
        second.beginTransaction();
        second.send(record("transactions", 0, 88_888)).get();
        second.send(record("transactions", 1, 88_889)).get();
        second.commitTransaction();
    }

    static void append() throws Exception {
        for (String codec : List.of("none", "zstd")) {
            produce("plain", 3, Map.of("compression.type", codec), 100);
            produce("codecs", 1, Map.of("compression.type", codec), 100);
        }
        produce("empty", 2, Map.of(), 10);
        produce("transactions", 2, Map.of(), 10);
        if (HAS_OLD_FORMATS) {
            for (String topic : OLD_FORMATS.keySet()) {
                produce(topic, 1, Map.of("compression.type", "lz4"), 20);
            }
            compacted();
        }
    }

    static void dump(String file) throws Exception {
        try (PrintWriter out = new PrintWriter(file); Admin admin = Admin.create(common())) {
            TreeSet<String> topics = new TreeSet<>(admin.listTopics().names().get());
            Map<String, KafkaFuture<TopicDescription>> described = describe(admin, topics);
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : topics) {
                TopicDescription description = described.get(topic).get();
                out.println("topic " + topic + " partitions " + description.partitions().size());
                out.println("id " + topic + " " + id(description));
                description.partitions().forEach(it -> partitions.add(new TopicPartition(topic, it.partition())));
                configs(admin, topic, out);
            }
            for (String isolation : List.of("read_uncommitted", "read_committed")) {
                records(isolation, partitions, out);
            }
            for (String group : GROUPS) {
                Map<TopicPartition, OffsetAndMetadata> offsets =
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
                Map<String, String> sorted = new TreeMap<>();
                offsets.forEach((partition, offset) ->
                    sorted.put(partition.toString(), offset.offset() + " " + offset.metadata()));
                sorted.forEach((partition, offset) -> out.println("group " + group + " " + partition + " " + offset));
            }
        }
    }

    @SuppressWarnings("unchecked") // The method has another name since 3.1.
    static Map<String, KafkaFuture<TopicDescription>> describe(Admin admin, Collection<String> topics) throws Exception {
        DescribeTopicsResult result = admin.describeTopics(topics);
        Method method;
        try {
            method = DescribeTopicsResult.class.getMethod("topicNameValues");
        } catch (NoSuchMethodException error) {
            method = DescribeTopicsResult.class.getMethod("values");
        }
        return (Map<String, KafkaFuture<TopicDescription>>) method.invoke(result);
    }

    static String id(TopicDescription description) throws Exception {
        try {
            return TopicDescription.class.getMethod("topicId").invoke(description).toString();
        } catch (NoSuchMethodException error) {
            return "unknown";
        }
    }

    static void configs(Admin admin, String topic, PrintWriter out) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Collection<ConfigEntry> entries = admin.describeConfigs(List.of(resource)).all().get().get(resource).entries();
        Map<String, String> set = new TreeMap<>();
        for (ConfigEntry entry : entries) {
            if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                set.put(entry.name(), entry.value());
            }
        }
        set.forEach((name, value) -> out.println("config " + topic + " " + name + "=" + value));
    }

    static void records(String isolation, List<TopicPartition> partitions, PrintWriter out) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of("isolation.level", isolation))) {
            Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            for (TopicPartition partition : partitions) {
                if (partition.topic().startsWith("__") && !partition.topic().equals("__consumer_offsets")) {
                    continue;
                }
                out.println(isolation + " " + partition + " from " + starts.get(partition) + " to " + ends.get(partition));
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                Map<String, String> latest = new TreeMap<>();
                long deadline = System.currentTimeMillis() + WAIT_MS;
                while (consumer.position(partition) < ends.get(partition)) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                        if (partition.topic().equals(COMPACTED)) {
                            latest.put(hex(record.key()), text(record));
                        } else if (record.offset() < ends.get(partition)) {
                            out.println(isolation + " " + partition + " " + text(record));
                        }
                    }
                    if (System.currentTimeMillis() > deadline) {
                        throw new IllegalStateException(isolation + " " + partition + ": at " + consumer.position(partition)
                            + " of " + ends.get(partition));
                    }
                }
                latest.forEach((key, record) -> out.println(isolation + " " + partition + " latest of " + key + " " + record));
            }
        }
    }

    static String text(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder text = new StringBuilder();
        text.append(record.offset()).append(' ').append(record.timestampType()).append(' ').append(record.timestamp());
        text.append(' ').append(hex(record.key())).append(' ').append(hex(record.value()));
        for (Header header : record.headers()) {
            text.append(' ').append(header.key()).append('=').append(hex(header.value()));
        }
        return text.toString();
    }

    static String hex(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        StringBuilder text = new StringBuilder("0x");
        for (byte b : bytes) {
            text.append(String.format("%02x", b));
        }
        return text.toString();
    }
}
