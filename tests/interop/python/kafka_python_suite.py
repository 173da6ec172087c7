"""The scenario with kafka-python, 2.0.1 and later."""

import sys

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic

import scenario

OLD = kafka.__version__.startswith("2.")


class Member:
    def __init__(self, bootstrap, topic, group):
        self.consumer = KafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
            enable_auto_commit=True, auto_commit_interval_ms=500, heartbeat_interval_ms=500)

    def poll(self, seconds):
        polled = self.consumer.poll(timeout_ms=int(seconds * 1000))
        return [(r.partition, r.offset, r.value) for records in polled.values() for r in records]

    def assignment(self):
        return {partition.partition for partition in self.consumer.assignment()}

    def close(self):
        self.consumer.close()


class Adapter:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self.reader = KafkaConsumer(bootstrap_servers=bootstrap)
        more = {} if OLD else {"enable_idempotence": True}
        self.producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", **more)

    def create_topic(self, name, partitions, config):
        self.admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config)])

    def topics(self):
        return set(self.reader.topics())

    def partition_count(self, topic):
        self.reader.topics()
        return len(self.reader.partitions_for_topic(topic) or ())

    def config(self, topic, key):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, None if OLD else [key])
        if OLD:
            entries = self.admin.describe_configs([resource])[0].resources[0][4]
            return {entry[0]: entry[1] for entry in entries}[key]
        described = self.admin.describe_configs([resource], config_filter="all")
        return str(described["topic"][topic][key]["value"])

    def alter_config(self, topic, key, value):
        self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})])

    def add_partitions(self, topic, total):
        self.admin.create_partitions({topic: NewPartitions(total)})

    def delete_topic(self, topic):
        self.admin.delete_topics([topic])

    def produce(self, topic, records):
        futures = [
            self.producer.send(topic, value, key, partition=partition, timestamp_ms=timestamp,
                               headers=[("client", b"kafka-python")])
            for partition, key, value, timestamp in records
        ]
        self.producer.flush()
        placed = [future.get(timeout=30) for future in futures]
        return [(metadata.partition, metadata.offset) for metadata in placed]

    def offset_for_time(self, topic, partition, timestamp):
        asked = TopicPartition(topic, partition)
        found = self.reader.offsets_for_times({asked: timestamp})[asked]
        return found.offset if found else None

    def consumer(self, topic, group):
        return Member(self.bootstrap, topic, group)

    def committed(self, topic, group, partitions):
        reader = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=group, enable_auto_commit=False)
        offsets = {p: reader.committed(TopicPartition(topic, p)) or 0 for p in partitions}
        reader.close()
        return offsets

    def close(self):
        self.producer.close()
        self.reader.close()
        self.admin.close()


if __name__ == "__main__":
    print(f"kafka-python {kafka.__version__}")
    scenario.run(Adapter(sys.argv[1]))
