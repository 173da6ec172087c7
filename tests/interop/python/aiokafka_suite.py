"""The scenario with aiokafka, each client on an event loop of its own."""

import asyncio
import sys

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

import scenario


class Loop:
    """Runs coroutines one at a time, from one thread."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()

    def __call__(self, coroutine):
        return self.loop.run_until_complete(coroutine)


async def started(make):
    client = make()
    await client.start()
    return client


class Member:
    def __init__(self, bootstrap, topic, group):
        self.run = Loop()
        self.consumer = self.run(started(lambda: AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
            enable_auto_commit=True, auto_commit_interval_ms=500, heartbeat_interval_ms=500,
            metadata_max_age_ms=1000)))

    def poll(self, seconds):
        polled = self.run(self.consumer.getmany(timeout_ms=int(seconds * 1000)))
        return [(r.partition, r.offset, r.value) for records in polled.values() for r in records]

    def assignment(self):
        return {partition.partition for partition in self.consumer.assignment()}

    def close(self):
        self.run(self.consumer.stop())


class Adapter:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.run = Loop()
        self.admin = self.run(started(lambda: AIOKafkaAdminClient(bootstrap_servers=bootstrap)))
        self.producer = self.run(started(
            lambda: AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=5)))
        self.reader = self.run(started(lambda: AIOKafkaConsumer(bootstrap_servers=bootstrap)))

    def create_topic(self, name, partitions, config):
        response = self.run(self.admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config)]))
        assert all(error[1] == 0 for error in response.topic_errors), response

    def topics(self):
        return set(self.run(self.admin.list_topics()))

    def partition_count(self, topic):
        return len(self.run(self.admin.describe_topics([topic]))[0]["partitions"])

    def config(self, topic, key):
        response = self.run(self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)]))
        entries = response[0].resources[0][4]
        return {entry[0]: entry[1] for entry in entries}[key]

    def alter_config(self, topic, key, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})
        self.run(self.admin.alter_configs([resource]))

    def add_partitions(self, topic, total):
        self.run(self.admin.create_partitions({topic: NewPartitions(total)}))

    def delete_topic(self, topic):
        self.run(self.admin.delete_topics([topic]))

    async def send_all(self, topic, records):
        futures = [
            await self.producer.send(topic, value, key, partition, timestamp,
                                     headers=[("client", b"aiokafka")])
            for partition, key, value, timestamp in records
        ]
        return await asyncio.gather(*futures)

    def produce(self, topic, records):
        placed = self.run(self.send_all(topic, records))
        return [(metadata.partition, metadata.offset) for metadata in placed]

    def offset_for_time(self, topic, partition, timestamp):
        asked = TopicPartition(topic, partition)
        found = self.run(self.reader.offsets_for_times({asked: timestamp}))[asked]
        return found.offset if found else None

    def consumer(self, topic, group):
        return Member(self.bootstrap, topic, group)

    def committed(self, topic, group, partitions):
        listed = self.run(self.admin.list_consumer_group_offsets(group))
        return {p: listed[TopicPartition(topic, p)].offset for p in partitions}

    def close(self):
        self.run(self.producer.stop())
        self.run(self.reader.stop())
        self.run(self.admin.close())


if __name__ == "__main__":
    print(f"aiokafka {aiokafka.__version__}")
    scenario.run(Adapter(sys.argv[1]))
