import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Writes, reads and joins groups as it is told, a command a line of standard input, with any Java client from
 * 0.9 on: what later clients renamed or added is found by reflection. The commands and the records are those of
 * `record_client.py`.
 *
 * <p>usage: RecordClient BOOTSTRAP
 */
public class RecordClient {
    static final int RECORDS = 120;
    static final long FIRST_TIMESTAMP = 1_700_000_000_000L;
    static final long WAIT_MS = 60_000;

    static String bootstrap;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        String jar = KafkaConsumer.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        System.out.println(jar.substring(jar.lastIndexOf('/') + 1));
        Scanner lines = new Scanner(System.in, "UTF-8");
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().trim().split(" ");
            switch (words[0]) {
                case "write":
                    write(words[1], words[2]);
                    break;
                case "read":
                    read(words[1]);
                    break;
                case "group":
                    commitAndResume(words[1], words[3]);
                    comeAndGo(words[1], words[2], words[3] + "-members");
                    break;
                default:
                    throw new IllegalArgumentException(words[0]);
            }
        }
        System.out.println("all checks held");
        System.exit(0);
    }

    static byte[] key(int number) {
        return number % 3 == 0 ? null : ("key-" + number).getBytes(StandardCharsets.UTF_8);
    }

    static byte[] value(int number) {
        if (number % 3 != 0 && number % 50 == 7) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int times = 0; times < number % 20; times++) {
            text.append("value ").append(number).append(' ');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static void write(String topic, String codec) throws Exception {
        Properties properties = common();
        properties.put("acks", "all");
        properties.put("linger.ms", "20");
        properties.put("batch.size", "4096");
        properties.put("compression.type", codec);
        properties.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        properties.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int number = 0; number < RECORDS; number++) {
                ProducerRecord<byte[], byte[]> record = record(topic, number);
                addHeaders(record, number);
                sent.add(producer.send(record));
            }
            long expected = 0;
            for (Future<RecordMetadata> one : sent) {
                check(one.get().offset() == expected, "offset " + expected + " in " + topic);
                expected++;
            }
        }
        System.out.println("wrote " + topic);
    }

    /** Timestamps exist since 0.10. */
    @SuppressWarnings("unchecked")
    static ProducerRecord<byte[], byte[]> record(String topic, int number) throws Exception {
        if (method(ConsumerRecord.class, "timestamp") == null) {
            return new ProducerRecord<>(topic, 0, key(number), value(number));
        }
        return ProducerRecord.class
            .getConstructor(String.class, Integer.class, Long.class, Object.class, Object.class)
            .newInstance(topic, 0, FIRST_TIMESTAMP + number, key(number), value(number));
    }

    /** Headers exist since 0.11. */
    static void addHeaders(ProducerRecord<byte[], byte[]> record, int number) throws Exception {
        Method headers = method(ProducerRecord.class, "headers");
        if (headers == null) {
            return;
        }
        Object all = headers.invoke(record);
        Method add = Class.forName("org.apache.kafka.common.header.Headers").getMethod("add", String.class, byte[].class);
        add.invoke(all, "number", Integer.toString(number).getBytes(StandardCharsets.UTF_8));
        add.invoke(all, "empty", new byte[0]);
    }

    static void read(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        long deadline = System.currentTimeMillis() + WAIT_MS;
        int count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(null)) {
            consumer.assign(Arrays.asList(partition));
            consumer.seek(partition, 0);
            while (count < RECORDS && System.currentTimeMillis() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : poll(consumer)) {
                    System.out.println("record\t" + topic + "\t" + record.offset() + "\t" + hex(record.key()) + "\t"
                        + hex(record.value()) + "\t" + timestamp(record) + "\t" + headers(record));
                    count++;
                }
            }
        }
        System.out.println("read " + topic);
    }

    static String timestamp(ConsumerRecord<byte[], byte[]> record) throws Exception {
        Method timestamp = method(ConsumerRecord.class, "timestamp");
        return timestamp == null ? "-" : timestamp.invoke(record).toString();
    }

    static String headers(ConsumerRecord<byte[], byte[]> record) throws Exception {
        Method headers = method(ConsumerRecord.class, "headers");
        if (headers == null) {
            return "-";
        }
        Class<?> header = Class.forName("org.apache.kafka.common.header.Header");
        List<String> texts = new ArrayList<>();
        for (Object one : (Iterable<?>) headers.invoke(record)) {
            texts.add(header.getMethod("key").invoke(one) + "=" + hex((byte[]) header.getMethod("value").invoke(one)));
        }
        return String.join(",", texts);
    }

    /** One member reads half and commits; the next goes on from there. */
    static void commitAndResume(String topic, String group) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        long half = RECORDS / 2;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(group)) {
            consumer.subscribe(Arrays.asList(topic));
            check(first(consumer) == 0, "a group begins at the first record");
            consumer.commitSync(Collections.singletonMap(partition, new OffsetAndMetadata(half, "half")));
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(group)) {
            consumer.subscribe(Arrays.asList(topic));
            check(first(consumer) == half, "a group goes on where it committed");
            check(consumer.position(partition) == RECORDS, "and reads to the end");
        }
    }

    static long first(KafkaConsumer<byte[], byte[]> consumer) throws Exception {
        long deadline = System.currentTimeMillis() + WAIT_MS;
        while (System.currentTimeMillis() < deadline) {
            long first = -1;
            for (ConsumerRecord<byte[], byte[]> record : poll(consumer)) {
                first = first < 0 ? record.offset() : first;
            }
            if (first >= 0) {
                return first;
            }
        }
        throw new AssertionError("a group reads nothing");
    }

    /** Two members share two topics, then one leaves. */
    static void comeAndGo(String one, String two, String group) throws Exception {
        Member staying = new Member(one, two, group);
        staying.await(2, "a group of one has everything");
        Member leaving = new Member(one, two, group);
        leaving.await(1, "the second member gets a part");
        staying.await(1, "the first member gives it up");
        leaving.leave();
        staying.await(2, "the one who stays takes over");
        staying.leave();
        check(staying.read.size() + leaving.read.size() >= 2 * RECORDS, "together they read everything");
    }

    /** A member of a group in a thread of its own. */
    static class Member extends Thread {
        final String one;
        final String two;
        final String group;
        final Set<String> read = new HashSet<>();
        volatile boolean stopping;
        int partitions;
        Exception failure;

        Member(String one, String two, String group) {
            this.one = one;
            this.two = two;
            this.group = group;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer(group)) {
                consumer.subscribe(Arrays.asList(one, two));
                while (!stopping) {
                    ConsumerRecords<byte[], byte[]> records = poll(consumer);
                    synchronized (this) {
                        for (ConsumerRecord<byte[], byte[]> record : records) {
                            read.add(record.topic() + record.offset());
                        }
                        partitions = consumer.assignment().size();
                        notifyAll();
                    }
                }
            } catch (Exception error) {
                synchronized (this) {
                    failure = error;
                    notifyAll();
                }
            }
        }

        synchronized void await(int wanted, String claim) throws Exception {
            long deadline = System.currentTimeMillis() + WAIT_MS;
            while (partitions != wanted) {
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

        void leave() throws Exception {
            stopping = true;
            join(WAIT_MS);
            check(!isAlive() && failure == null, "a member leaves");
        }
    }

    /** `poll(Duration)` exists since 2.0, and `poll(long)` no longer since 4.0. */
    @SuppressWarnings("unchecked")
    static ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer) throws Exception {
        Method poll = method(KafkaConsumer.class, "poll", java.time.Duration.class);
        if (poll != null) {
            return (ConsumerRecords<byte[], byte[]>) poll.invoke(consumer, java.time.Duration.ofMillis(200));
        }
        poll = method(KafkaConsumer.class, "poll", long.class);
        return (ConsumerRecords<byte[], byte[]>) poll.invoke(consumer, 200L);
    }

    static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException error) {
            return null;
        }
    }

    static Properties common() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    static KafkaConsumer<byte[], byte[]> consumer(String group) {
        Properties properties = common();
        if (group != null) {
            properties.put("group.id", group);
        }
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("heartbeat.interval.ms", "500");
        properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RoundRobinAssignor");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        return new KafkaConsumer<>(properties);
    }

    static void check(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("does not hold: " + claim);
        }
        if (!claim.startsWith("offset ")) {
            System.out.println("  ok: " + claim);
        }
    }

    static String hex(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append(String.format("%02x", one));
        }
        return text.toString();
    }
}
