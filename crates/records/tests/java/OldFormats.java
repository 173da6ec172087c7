// Prints, as `name hex` lines, what Apache Kafka 3.9's own classes make of three records in the
// message formats before record batches; `old_formats.txt` holds what it printed.
// Run with kafka-clients, kafka-storage and kafka-server-common 3.9.2 and their dependencies.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;

public class OldFormats {
    static final long TIME = 1_700_000_000_000L;
    static final long APPENDED = TIME + 1_000;

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static MemoryRecords build(byte magic, CompressionType codec, TimestampType type, long baseOffset) {
        long appendTime = type == TimestampType.LOG_APPEND_TIME ? APPENDED : -1;
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(4096), magic,
            Compression.of(codec).build(), type, baseOffset, appendTime);
        Header[] headers = magic < 2 ? new Header[0] : new Header[] {new RecordHeader("h1", utf8("x"))};
        builder.appendWithOffset(baseOffset, TIME, utf8("key"), utf8("value"), headers);
        builder.appendWithOffset(baseOffset + 1, TIME + 5, null, utf8("abc".repeat(16)));
        builder.appendWithOffset(baseOffset + 2, TIME - 10, utf8("tomb"), null);
        return builder.build();
    }

    static void print(String name, ByteBuffer bytes) {
        StringBuilder hex = new StringBuilder();
        for (ByteBuffer rest = bytes.duplicate(); rest.hasRemaining();)
            hex.append(String.format("%02x", rest.get()));
        System.out.println(name + " " + hex);
    }

    static ByteBuffer validated(MemoryRecords produced, CompressionType source, Compression target) {
        return new LogValidator(produced, new TopicPartition("t", 0), Time.SYSTEM, source, target, false,
            (byte) 2, TimestampType.CREATE_TIME, Long.MAX_VALUE, Long.MAX_VALUE, 7, AppendOrigin.CLIENT,
            MetadataVersion.latestProduction())
            .validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(500), new NoMetrics(), BufferSupplier.NO_CACHING)
            .validatedRecords.buffer();
    }

    public static void main(String[] arguments) {
        CompressionType[] codecs =
            {CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4};
        for (CompressionType codec : codecs) {
            for (byte magic = 0; magic < 2; magic++) {
                String name = "v" + magic + "/" + codec.name;
                TimestampType type = magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME;
                print("stored/" + name, build(magic, codec, type, 1000).buffer());
                MemoryRecords produced = build(magic, codec, type, 0);
                print("produced/" + name, produced.buffer());
                Compression target = Compression.of(codec).build();
                print("up/" + name, validated(produced, codec, target));
                print("down/" + name, down(codec, TimestampType.CREATE_TIME, magic));
            }
            print("stored-append-time/v1/" + codec.name, build((byte) 1, codec, TimestampType.LOG_APPEND_TIME, 1000).buffer());
            print("down-append-time/v1/" + codec.name, down(codec, TimestampType.LOG_APPEND_TIME, (byte) 1));
            print("batch/" + codec.name, build((byte) 2, codec, TimestampType.CREATE_TIME, 1000).buffer());
            print("batch-append-time/" + codec.name, build((byte) 2, codec, TimestampType.LOG_APPEND_TIME, 1000).buffer());
        }
        print("batch/zstd", build((byte) 2, CompressionType.ZSTD, TimestampType.CREATE_TIME, 1000).buffer());
    }

    static ByteBuffer down(CompressionType codec, TimestampType type, byte magic) {
        return ((MemoryRecords) build((byte) 2, codec, type, 1000)
            .downConvert(magic, 1001, Time.SYSTEM).records()).buffer();
    }

    static class NoMetrics implements LogValidator.MetricsRecorder {
        public void recordInvalidMagic() { }
        public void recordInvalidOffset() { }
        public void recordInvalidSequence() { }
        public void recordInvalidChecksums() { }
        public void recordNoKeyCompactedTopic() { }
    }
}
