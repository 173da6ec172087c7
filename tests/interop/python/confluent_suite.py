"""The scenario with confluent-kafka (librdkafka)."""

import sys

import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, ResourceType,
)

import scenario


class Member:
    def __init__(self, bootstrap, topic, group):
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest",
            "enable.auto.commit": True, "auto.commit.interval.ms": 500, "heartbeat.interval.ms": 500,
            "topic.metadata.refresh.interval.ms": 1000,
        })
        self.consumer.subscribe([topic])

    def poll(self, seconds):
        found = []
        for message in self.consumer.consume(500, timeout=seconds):
            if message.error():
                raise RuntimeError(str(message.error()))
            found.append((message.partition(), message.offset(), message.value()))
        return found

    def assignment(self):
        return {partition.partition for partition in self.consumer.assignment()}

    def close(self):
        self.consumer.close()


class Adapter:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})
        self.producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True,
                                  "linger.ms": 5, "compression.type": "lz4"})
        self.reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader-of-offsets"})

    @staticmethod
    def done(futures):
        return [future.result(30) for future in futures.values()]

    def create_topic(self, name, partitions, config):
        self.done(self.admin.create_topics([NewTopic(name, partitions, 1, config=config)]))

    def topics(self):
        return set(self.admin.list_topics(timeout=30).topics)

    def partition_count(self, topic):
        return len(self.admin.list_topics(topic, timeout=30).topics[topic].partitions)

    def config(self, topic, key):
        described = self.done(self.admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))
        return described[0][key].value

    def alter_config(self, topic, key, value):
        entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        self.done(self.admin.incremental_alter_configs([resource]))

    def add_partitions(self, topic, total):
        self.done(self.admin.create_partitions([NewPartitions(topic, total)]))

    def delete_topic(self, topic):
        self.done(self.admin.delete_topics([topic]))

    def produce(self, topic, records):
        placed, errors = [], []

        def delivered(error, message):
            if error:
                errors.append(error)
            else:
                placed.append((message.partition(), message.offset()))

        for partition, key, value, timestamp in records:
            self.producer.produce(topic, value, key, partition, on_delivery=delivered, timestamp=timestamp,
                                  headers={"client": b"confluent-kafka"})
            self.producer.poll(0)
        self.producer.flush(30)
        if errors:
            raise RuntimeError(str(errors[0]))
        return placed

    def offset_for_time(self, topic, partition, timestamp):
        asked = [TopicPartition(topic, partition, timestamp)]
        found = self.reader.offsets_for_times(asked, timeout=30)[0].offset
        return found if found >= 0 else None

    def consumer(self, topic, group):
        return Member(self.bootstrap, topic, group)

    def committed(self, topic, group, partitions):
        reader = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group})
        found = reader.committed([TopicPartition(topic, p) for p in partitions], timeout=30)
        reader.close()
        return {entry.partition: max(entry.offset, 0) for entry in found}

    def close(self):
        self.reader.close()


if __name__ == "__main__":
    print(f"confluent-kafka {confluent_kafka.version()}, librdkafka {confluent_kafka.libversion()[0]}")
    scenario.run(Adapter(sys.argv[1]))
