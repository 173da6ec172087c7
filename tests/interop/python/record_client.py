"""Writes and reads topics as it is told, a command a line of standard input, with any of the Python clients.

The commands are `write TOPIC CODEC` and `read TOPIC`. What is read is printed as one line for each record: the word
`record`, topic, offset, key, value, timestamp and headers, separated by tabs; bytes in hex or `null`, and `-` for what
the client's version cannot know. Record n of a topic is the same whoever writes it; the suite in xtask compares.

usage: record_client.py BOOTSTRAP kafka-python|confluent|aiokafka [VERSION OF KAFKA TO SPEAK TO]
"""

import asyncio
import sys
import time

RECORDS = 120
FIRST_TIMESTAMP = 1_700_000_000_000
WAIT_SECONDS = 60


def key(number):
    return None if number % 3 == 0 else f"key-{number}".encode()


def value(number):
    return None if key(number) and number % 50 == 7 else f"value {number} ".encode() * (number % 20)


def headers(number):
    return [("number", str(number).encode()), ("empty", b"")]


def hexadecimal(data):
    return "null" if data is None else bytes(data).hex()


def show(topic, offset, its_key, its_value, timestamp, its_headers):
    shown = "-" if its_headers is None else ",".join(f"{name}={hexadecimal(data)}" for name, data in its_headers)
    time_shown = "-" if timestamp is None else timestamp
    print("record", topic, offset, hexadecimal(its_key), hexadecimal(its_value), time_shown, shown, sep="\t")


class KafkaPython:
    def __init__(self, bootstrap, version):
        import kafka
        self.kafka = kafka
        print(f"kafka-python {kafka.__version__}", "as it is" if version is None else f"as {version}")
        self.version = tuple(map(int, version.split("."))) if version else None
        self.common = {"bootstrap_servers": bootstrap}
        if self.version:
            self.common["api_version"] = self.version

    def since(self, version):
        return self.version is None or self.version >= version

    def write(self, topic, codec):
        producer = self.kafka.KafkaProducer(acks="all", compression_type=codec, linger_ms=20, batch_size=4096,
                                            **self.common)
        sent = [
            producer.send(topic, value(number), key(number), partition=0,
                          headers=headers(number) if self.since((0, 11)) else None,
                          timestamp_ms=FIRST_TIMESTAMP + number if self.since((0, 10)) else None)
            for number in range(RECORDS)
        ]
        offsets = [future.get(timeout=WAIT_SECONDS).offset for future in sent]
        producer.close()
        return offsets

    def read(self, topic):
        consumer = self.kafka.KafkaConsumer(group_id=None, consumer_timeout_ms=WAIT_SECONDS * 1000, **self.common)
        partition = self.kafka.TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        for record in consumer:
            show(topic, record.offset, record.key, record.value,
                 record.timestamp if self.since((0, 10)) else None,
                 # To kafka-python, (0, 11) is before (0, 11, 0), which is when it began to ask for record batches.
                 record.headers if self.since((0, 11, 0)) else None)
            if record.offset == RECORDS - 1:
                break
        consumer.close()


class Confluent:
    def __init__(self, bootstrap, _):
        import confluent_kafka
        self.kafka = confluent_kafka
        print(f"confluent-kafka {confluent_kafka.version()}, librdkafka {confluent_kafka.libversion()[0]}")
        self.bootstrap = bootstrap

    def write(self, topic, codec):
        producer = self.kafka.Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 20, "batch.size": 4096,
                                        "allow.auto.create.topics": True, "compression.codec": codec or "none",
                                        "log_level": 4})
        offsets = []

        def delivered(error, message):
            if error:
                raise RuntimeError(str(error))
            offsets.append(message.offset())

        for number in range(RECORDS):
            producer.produce(topic, value(number), key(number), 0, on_delivery=delivered,
                             timestamp=FIRST_TIMESTAMP + number, headers=headers(number))
        producer.flush(WAIT_SECONDS)
        return offsets

    def read(self, topic):
        consumer = self.kafka.Consumer({"bootstrap.servers": self.bootstrap, "group.id": "unused",
                                        "enable.auto.commit": False, "log_level": 4})
        consumer.assign([self.kafka.TopicPartition(topic, 0, 0)])
        deadline = time.monotonic() + WAIT_SECONDS
        offset = -1
        while offset < RECORDS - 1 and time.monotonic() < deadline:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error():
                raise RuntimeError(str(message.error()))
            offset = message.offset()
            show(topic, offset, message.key(), message.value(), message.timestamp()[1], message.headers() or [])
        consumer.close()


class Aiokafka:
    def __init__(self, bootstrap, _):
        import aiokafka
        self.kafka = aiokafka
        print(f"aiokafka {aiokafka.__version__}")
        self.bootstrap = bootstrap

    def write(self, topic, codec):
        return asyncio.run(self.write_all(topic, codec))

    async def write_all(self, topic, codec):
        producer = self.kafka.AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", compression_type=codec,
                                               linger_ms=20, max_batch_size=4096)
        await producer.start()
        sent = [
            await producer.send(topic, value(number), key(number), 0, FIRST_TIMESTAMP + number,
                                headers=headers(number))
            for number in range(RECORDS)
        ]
        placed = await asyncio.gather(*sent)
        await producer.stop()
        return [metadata.offset for metadata in placed]

    def read(self, topic):
        asyncio.run(self.read_all(topic))

    async def read_all(self, topic):
        consumer = self.kafka.AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        await consumer.start()
        partition = self.kafka.TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        offset = -1
        while offset < RECORDS - 1:
            record = await asyncio.wait_for(consumer.getone(), WAIT_SECONDS)
            offset = record.offset
            show(topic, offset, record.key, record.value, record.timestamp, record.headers)
        await consumer.stop()


LIBRARIES = {"kafka-python": KafkaPython, "confluent": Confluent, "aiokafka": Aiokafka}


def main(bootstrap, library, version=None):
    client = LIBRARIES[library](bootstrap, version)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "write":
            offsets = client.write(words[1], None if words[2] == "none" else words[2])
            if sorted(offsets) != list(range(RECORDS)):
                raise AssertionError(f"{words[1]}: acknowledged at {offsets}")
            print("wrote", words[1])
        else:
            client.read(words[1])
            print("read", words[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("all checks held")
