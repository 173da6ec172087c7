"""Checks what a broker holds against the history of a load.

usage: check.py BOOTSTRAP TOPIC PARTITIONS MODE HISTORY

- No gap: offsets are contiguous from 0 to the end.
- None altered: every record has the bytes that its number demands.
- Order: no number appears before a smaller one was seen; a retry may only repeat.
- None duplicated (idempotent): every number is the one before plus 1.
- None lost: every acknowledged record is at the offset that was acknowledged.
"""

import array
import sys

from confluent_kafka import Consumer, TopicPartition

from records import number_of, value_of

WAIT_SECONDS = 60


def numbers_in(consumer, topic, partition, mode):
    """The numbers of the records of a partition, by offset."""
    start, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=WAIT_SECONDS)
    assert start == 0, f"{topic}-{partition} begins at {start}"
    consumer.assign([TopicPartition(topic, partition, 0)])
    numbers, highest, repeated = array.array("q"), -1, 0
    while len(numbers) < end:
        messages = consumer.consume(min(10000, end - len(numbers)), timeout=WAIT_SECONDS)
        assert messages, f"{topic}-{partition} yields nothing after offset {len(numbers)} of {end}"
        for message in messages:
            assert not message.error(), message.error()
            place = f"{topic}-{partition} offset {message.offset()}"
            assert message.offset() == len(numbers), f"{place}: gap after {len(numbers) - 1}"
            number = number_of(message.value())
            assert message.value() == value_of(topic, partition, number), f"{place}: altered"
            assert number <= highest + 1, f"{place}: number {number} after {highest}: lost or out of order"
            if number <= highest:
                repeated += 1
                assert mode == "plain", f"{place}: number {number} is there twice"
            highest = max(highest, number)
            numbers.append(number)
    return numbers, repeated


def main():
    bootstrap, topic, partitions, mode, history = sys.argv[1:6]
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "history-checker",
                         "enable.auto.commit": False, "auto.offset.reset": "error",
                         "enable.partition.eof": False})
    held, repeated = [], 0
    for partition in range(int(partitions)):
        numbers, twice = numbers_in(consumer, topic, partition, mode)
        held.append(numbers)
        repeated += twice
    acked = 0
    with open(history, encoding="ascii") as file:
        for line in file:
            partition, number, offset = map(int, line.split())
            acked += 1
            place = f"acknowledged record {number} of {topic}-{partition}"
            if offset < 0:
                # A retry that the broker knew as a duplicate; the place was lost with the first answer.
                assert number <= max(held[partition], default=-1), f"{place} is lost"
                continue
            assert offset < len(held[partition]), f"{place} at {offset} is lost: the log ends at {len(held[partition])}"
            assert held[partition][offset] == number, f"{place}: offset {offset} holds {held[partition][offset]}"
    consumer.close()
    assert acked > 0, "nothing was acknowledged"
    print(f"held {sum(map(len, held))} acked {acked} repeated {repeated}")


main()
