"""kafka-python speaking as clients of Kafka 0.8.2 to 0.11 did: fixed versions of requests, message formats v0 and
v1, every codec; what each writes is read by all the others and by the client as it speaks today."""

import sys
import uuid

import kafka

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from scenario import check

RECORDS = 500
FIRST_TIMESTAMP = 1_700_000_000_000
TODAY = None
GENERATIONS = [(0, 8, 2), (0, 9), (0, 10, 0), (0, 10, 1), (0, 11), TODAY]
CODECS = [None, "gzip", "snappy", "lz4"]
WAIT_MS = 30_000


def name(generation):
    return "today" if generation is TODAY else ".".join(map(str, generation))


def key_and_value(number):
    key = None if number % 3 == 0 else f"key-{number}".encode()
    value = None if key and number % 50 == 7 else f"value {number} ".encode() * (number % 20)
    return key, value


def write(bootstrap, topic, generation, codec):
    producer = KafkaProducer(bootstrap_servers=bootstrap, api_version=generation, acks="all",
                             compression_type=codec, linger_ms=20, batch_size=8192)
    stamped = generation is TODAY or generation >= (0, 10)
    sent = []
    for number in range(RECORDS):
        key, value = key_and_value(number)
        timestamp = FIRST_TIMESTAMP + number if stamped else None
        sent.append(producer.send(topic, value, key, partition=0, timestamp_ms=timestamp))
    offsets = [future.get(timeout=60).offset for future in sent]
    producer.close()
    check(offsets == list(range(RECORDS)), f"{name(generation)} writes {codec}")


def read(bootstrap, topic, generation, start=0):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, api_version=generation, group_id=None,
                             consumer_timeout_ms=WAIT_MS, max_partition_fetch_bytes=4096)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, start)
    records = []
    for record in consumer:
        records.append(record)
        if record.offset == RECORDS - 1:
            break
    consumer.close()
    return records


def check_read(records, start, reader, writer, codec):
    claim = f"{name(reader)} reads what {name(writer)} wrote with {codec} from {start}"
    placed = [record.offset for record in records] == list(range(start, RECORDS))
    same = all((record.key, record.value) == key_and_value(record.offset) for record in records)
    has_time = lambda generation: generation is TODAY or generation >= (0, 10)
    timed = not (has_time(reader) and has_time(writer)) or all(
        record.timestamp == FIRST_TIMESTAMP + record.offset for record in records)
    check(placed and same and timed, claim)


def group_of(bootstrap, topic, generation):
    """Commits and finds an offset again; 0.8 has no groups of the kind, and keeps its offsets the same way."""
    group = f"old-{uuid.uuid4()}"
    partition = TopicPartition(topic, 0)
    for expected, position in [(None, 100), (100, 200)]:
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, api_version=generation, group_id=group,
                                 enable_auto_commit=False)
        consumer.assign([partition])
        check(consumer.committed(partition) == expected, f"{name(generation)} finds {expected} committed")
        consumer.commit({partition: OffsetAndMetadata(position, "")})
        consumer.close()


def member_of(bootstrap, topic, generation):
    consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap, api_version=generation,
                             group_id=f"old-{uuid.uuid4()}", auto_offset_reset="earliest",
                             consumer_timeout_ms=WAIT_MS)
    first = next(consumer)
    consumer.close()
    check(first.offset == 0, f"{name(generation)} is a member of a group")


def main(bootstrap):
    for writer in GENERATIONS:
        for codec in CODECS:
            topic = f"old-{name(writer)}-{codec}"
            write(bootstrap, topic, writer, codec)
            for reader in GENERATIONS:
                check_read(read(bootstrap, topic, reader), 0, reader, writer, codec)
            check_read(read(bootstrap, topic, (0, 9), 123), 123, (0, 9), writer, codec)
    for generation in GENERATIONS:
        group_of(bootstrap, "old-today-None", generation)
        if generation is TODAY or generation >= (0, 9):
            member_of(bootstrap, "old-today-None", generation)


if __name__ == "__main__":
    print(f"kafka-python {kafka.__version__}")
    main(sys.argv[1])
    print("all checks held")
