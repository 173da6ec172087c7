// Lets Kafka's own log write what our `sample_log` example wrote, so that the two folders can be
// compared byte for byte:
//
//   cargo run -p storage --example sample_log -- write OURS/t-0
//   java -cp KAFKA_4_3_CLASSPATH crates/storage/oracle/KafkaLog.java OURS/t-0 KAFKA/t-0
//   diff -r OURS/t-0 KAFKA/t-0
//
// With `halt` as third argument it stops like a killed broker, with preallocated indexes and
// without a last snapshot, for `sample_log read KAFKA/t-0 0` to recover.

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class KafkaLog {
    // The settings of sample_log.
    private static final Map<String, String> SETTINGS =
        Map.of("internal.segment.bytes", "16384", "index.interval.bytes", "512");
    private static final int LEADER_EPOCH_AT = 12;

    public static void main(String[] arguments) throws Exception {
        File from = new File(arguments[0]);
        File to = new File(arguments[1]);
        to.mkdirs();
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(to, new LogConfig(SETTINGS), 0, 0, scheduler,
            new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(86_400_000, false),
            600_000, new LogDirFailureChannel(1), true, Optional.empty());
        File[] segments = from.listFiles((directory, name) -> name.endsWith(".log"));
        Arrays.sort(segments);
        for (File segment : segments) {
            append(log, segment);
        }
        System.out.println("segments " + log.numberOfSegments() + " end " + log.logEndOffset());
        if (arguments.length > 2 && arguments[2].equals("halt")) {
            Runtime.getRuntime().halt(0);
        }
        log.close();
        scheduler.shutdown();
    }

    /** Appends each batch of a segment as if a producer had just sent it. */
    private static void append(UnifiedLog log, File segment) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment.toPath()));
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            ByteBuffer sent = ByteBuffer.allocate(batch.sizeInBytes());
            batch.writeTo(sent);
            sent.flip();
            int leaderEpoch = sent.getInt(LEADER_EPOCH_AT);
            sent.putLong(0, 0L);
            sent.putInt(LEADER_EPOCH_AT, -1);
            log.appendAsLeader(MemoryRecords.readableRecords(sent), leaderEpoch);
        }
    }
}
