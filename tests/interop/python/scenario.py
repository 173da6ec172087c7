"""One scenario for every Python client: administer, produce, seek by time, a group whose members come and go.

A client takes part by an adapter (see the classes in the scripts beside this file). The scenario
prints each check that held and raises on the first that did not.
"""

import threading
import time
import uuid

PARTITIONS = 3
PARTITIONS_AFTER = 5
RECORDS_PER_BATCH = 600
WAIT_SECONDS = 60
FIRST_TIMESTAMP = 1_700_000_000_000


def check(holds, claim):
    if not holds:
        raise AssertionError(f"does not hold: {claim}")
    print(f"  ok: {claim}", flush=True)


def until(predicate, claim):
    """Polls the server until the predicate holds; for facts that a server tells only when asked."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = threading.Event()
    while not predicate():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WAIT_SECONDS} s: {claim}")
        pause.wait(0.1)
    print(f"  ok: {claim}", flush=True)


class Shared:
    """What all members of the group have seen."""

    def __init__(self):
        self.changed = threading.Condition()
        self.values = []
        self.error = None

    def wait(self, predicate, claim):
        with self.changed:
            held = self.changed.wait_for(lambda: self.error or predicate(), WAIT_SECONDS)
        if self.error:
            raise self.error
        if not held:
            raise AssertionError(f"not within {WAIT_SECONDS} s: {claim}")
        print(f"  ok: {claim}", flush=True)


class Member(threading.Thread):
    """A member of a group in a thread of its own, as clients want it."""

    def __init__(self, adapter, topic, group, shared):
        super().__init__(daemon=True)
        self.arguments = (adapter, topic, group)
        self.shared = shared
        self.stopping = threading.Event()
        self.assignment = set()
        self.start()

    def run(self):
        try:
            adapter, topic, group = self.arguments
            consumer = adapter.consumer(topic, group)
            try:
                while not self.stopping.is_set():
                    values = [value for (_, _, value) in consumer.poll(0.2)]
                    assignment = consumer.assignment()
                    with self.shared.changed:
                        self.shared.values.extend(values)
                        self.assignment = assignment
                        self.shared.changed.notify_all()
            finally:
                consumer.close()
        except Exception as error:  # pylint: disable=broad-except
            with self.shared.changed:
                self.shared.error = error
                self.shared.changed.notify_all()

    def leave(self):
        self.stopping.set()
        self.join(WAIT_SECONDS)
        if self.shared.error:
            raise self.shared.error
        check(not self.is_alive(), "a member leaves")


def batch(name, count=RECORDS_PER_BATCH):
    return [f"{name}-{number}".encode() for number in range(count)]


def produce(adapter, topic, values):
    records = [
        (number % PARTITIONS, f"key-{number}".encode(), value, FIRST_TIMESTAMP + number)
        for number, value in enumerate(values)
    ]
    return adapter.produce(topic, records)


def administer(adapter, topic):
    adapter.create_topic(topic, PARTITIONS, {"retention.ms": "86400000"})
    until(lambda: topic in adapter.topics(), "a created topic is listed")
    check(adapter.partition_count(topic) == PARTITIONS, "it has the partitions asked for")
    check(adapter.config(topic, "retention.ms") == "86400000", "it has the configuration asked for")
    adapter.alter_config(topic, "max.message.bytes", "123456")
    until(lambda: adapter.config(topic, "max.message.bytes") == "123456", "a configuration is altered")


def produce_and_seek(adapter, topic):
    count = 300
    placed = produce(adapter, topic, batch("first", count))
    by_partition = {}
    for partition, offset in placed:
        by_partition.setdefault(partition, []).append(offset)
    expected = {partition: list(range(count // PARTITIONS)) for partition in range(PARTITIONS)}
    check({p: sorted(o) for p, o in by_partition.items()} == expected,
          "every record is acknowledged with an offset of its own, without gaps")
    # Record n of the batch is in partition n % 3 at offset n // 3 with timestamp first + n.
    middle = FIRST_TIMESTAMP + count // 2
    check(adapter.offset_for_time(topic, 0, middle) == (count // 2) // PARTITIONS,
          "the offset for a time is that of the first record at or after it")
    check(adapter.offset_for_time(topic, 0, 0) == 0, "the offset for the beginning of time is 0")
    check(adapter.offset_for_time(topic, 0, FIRST_TIMESTAMP + count + 10) is None,
          "there is no offset for a time after the last record")


def group_with_members_coming_and_going(adapter, topic, group):
    shared = Shared()
    expected = set(batch("first", 300))
    first = Member(adapter, topic, group, shared)

    def all_seen():
        return expected <= set(shared.values)

    shared.wait(all_seen, "a group of one reads everything")
    second = Member(adapter, topic, group, shared)
    shared.wait(
        lambda: first.assignment and second.assignment
        and len(first.assignment | second.assignment) == PARTITIONS
        and not first.assignment & second.assignment,
        "two members share the partitions")
    expected |= set(batch("second"))
    produce(adapter, topic, batch("second"))
    shared.wait(all_seen, "two members read everything")
    first.leave()
    shared.wait(lambda: len(second.assignment) == PARTITIONS,
                "the one who stays takes over")
    expected |= set(batch("third"))
    produce(adapter, topic, batch("third"))
    shared.wait(all_seen, "nothing is lost when a member leaves")
    second.leave()
    total = 300 + 2 * RECORDS_PER_BATCH
    committed = adapter.committed(topic, group, range(PARTITIONS))
    check(sum(committed.values()) == total, "everything read is committed")
    print(f"  read twice: {len(shared.values) - total}")


def run(adapter):
    name = uuid.uuid4().hex[:8]
    topic, group = f"interop-{name}", f"group-{name}"
    administer(adapter, topic)
    produce_and_seek(adapter, topic)
    group_with_members_coming_and_going(adapter, topic, group)
    adapter.add_partitions(topic, PARTITIONS_AFTER)
    until(lambda: adapter.partition_count(topic) == PARTITIONS_AFTER, "partitions are added")
    adapter.delete_topic(topic)
    until(lambda: topic not in adapter.topics(), "a deleted topic is gone")
    adapter.close()
    print("all checks held")
