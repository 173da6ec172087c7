"""The bytes of a record, which follow from topic, partition and number: an altered one is noticed."""

import zlib


def value_of(topic, partition, number):
    head = f"{topic} {partition} {number} "
    # Sizes differ, so that batches end anywhere in a page.
    body = head + str(zlib.crc32(head.encode())) * (1 + number % 17)
    return body.encode()


def number_of(value):
    return int(value.split(b" ", 3)[2])
