// Lets Kafka's own cleaner compact what our `compacted_log` example wrote, so that the two can be
// compared, record by record:
//
//   cargo run -p storage --example compacted_log -- write OURS/t-0
//   cp -r OURS KAFKA
//   cargo run -p storage --example compacted_log -- compact OURS/t-0
//   java -cp KAFKA_4_3_CLASSPATH crates/storage/oracle/KafkaCleaner.java KAFKA/t-0
//   java -cp KAFKA_4_3_CLASSPATH crates/storage/oracle/KafkaCleaner.java --print OURS/t-0
//   java -cp KAFKA_4_3_CLASSPATH crates/storage/oracle/KafkaCleaner.java --print KAFKA/t-0
//
// What is printed is read by Kafka's classes: batches with their producers and records.

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

import org.apache.kafka.common.record.internal.FileLogInputStream;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class KafkaCleaner {
    // The settings of compacted_log.
    private static final Map<String, String> SETTINGS = Map.of("internal.segment.bytes", "16384",
        "index.interval.bytes", "512", "cleanup.policy", "compact", "file.delete.delay.ms", "0");

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--print")) {
            print(new File(arguments[1]));
            return;
        }
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(new File(arguments[0]), new LogConfig(SETTINGS), 0, 0, scheduler,
            new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(Integer.MAX_VALUE, false),
            600_000, new LogDirFailureChannel(1), true, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        Throttler throttler = new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", Time.SYSTEM);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(1 << 20), 1 << 16, 1 << 20, 0.9, throttler,
            Time.SYSTEM, partition -> { });
        long end = log.activeSegment().baseOffset();
        System.out.println("cleaned to " + cleaner.clean(new LogToClean(log, 0, end, false)).getKey());
        log.close();
        scheduler.shutdown();
    }

    private static void print(File folder) throws Exception {
        File[] segments = folder.listFiles((directory, name) -> name.endsWith(".log"));
        Arrays.sort(segments);
        for (File segment : segments) {
            FileRecords records = FileRecords.open(segment, false);
            for (FileLogInputStream.FileChannelRecordBatch batch : records.batches()) {
                batch.ensureValid();
                System.out.println("batch " + batch.baseOffset() + ".." + batch.lastOffset() + " producer "
                    + batch.producerId() + " sequences " + batch.baseSequence() + ".." + batch.lastSequence()
                    + " " + batch.compressionType().name + " epoch " + batch.partitionLeaderEpoch()
                    + " horizon " + batch.deleteHorizonMs().isPresent() + " max " + batch.maxTimestamp());
                for (Record record : batch) {
                    System.out.println("  " + record.offset() + " " + record.timestamp() + " " + record.sequence()
                        + " " + text(record.key()) + " " + text(record.value()) + " " + Arrays.toString(record.headers()));
                }
            }
        }
    }

    private static String text(java.nio.ByteBuffer bytes) {
        return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
