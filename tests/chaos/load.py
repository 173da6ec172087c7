"""Produces as fast as the broker takes it, and remembers what was acknowledged.

usage: load.py BOOTSTRAP TOPIC PARTITIONS MODE HISTORY     (MODE: plain or idempotent)

Every partition gets its own sequence of records, whose bytes follow from topic, partition and number
(see records.py). `acked N` is printed while it runs. A line on standard input, or its end, stops it:
it waits for what is in flight and writes HISTORY, one line `partition number offset` for each
acknowledged record. An error of a record that is final is printed and makes the exit code 1.
"""

import array
import sys
import threading

from confluent_kafka import Producer

from records import value_of

bootstrap, topic, partitions, mode, history = sys.argv[1:6]
partitions = int(partitions)

producer = Producer({
    "bootstrap.servers": bootstrap,
    "acks": "all",
    "enable.idempotence": mode == "idempotent",
    # Without idempotence, more than one request in flight may change the order when one is retried.
    "max.in.flight.requests.per.connection": 5 if mode == "idempotent" else 1,
    "message.timeout.ms": 0,
    "retries": 2147483647,
    "retry.backoff.ms": 20,
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 100,
    "topic.metadata.refresh.interval.ms": 1000,
    "linger.ms": 1,
    "queue.buffering.max.messages": 5000,
    "log_level": 2,
})

acked = [(array.array("q"), array.array("q")) for _ in range(partitions)]
errors = []
stopping = threading.Event()
count = 0


def delivered(partition, number):
    def report(error, message):
        global count
        if error:
            errors.append(str(error))
            return
        numbers, offsets = acked[partition]
        numbers.append(number)
        offsets.append(message.offset())
        count += 1
    return report


def wait_for_stop():
    sys.stdin.readline()
    stopping.set()


def report_progress():
    printed = -1
    while not stopping.wait(0.02):
        if count != printed:
            printed = count
            print(f"acked {printed}", flush=True)


threading.Thread(target=wait_for_stop, daemon=True).start()
threading.Thread(target=report_progress, daemon=True).start()

number = 0
while not stopping.is_set() and not errors:
    for partition in range(partitions):
        value = value_of(topic, partition, number)
        while True:
            try:
                producer.produce(topic, value, partition=partition, on_delivery=delivered(partition, number))
                break
            except BufferError:
                # The queue is full: the broker is the slower one, or away.
                producer.poll(0.05)
    number += 1
    producer.poll(0)

left = producer.flush(60)
with open(history, "w", encoding="ascii") as file:
    for partition, (numbers, offsets) in enumerate(acked):
        for one, offset in zip(numbers, offsets):
            file.write(f"{partition} {one} {offset}\n")
if errors or left:
    print(f"failed: {left} unanswered, {len(errors)} errors, first: {errors[:1]}", flush=True)
    sys.exit(1)
print(f"finished {count}", flush=True)
