"""The tutorial's consumer: reads numtest in group my-group and stores each message in a document database.

usage: tutorial_read.py BOOTSTRAP DATABASE COUNT; it stops after COUNT messages, as a user would stop it.
"""

import json
import sys

from kafka import KafkaConsumer
from pymongo import MongoClient

bootstrap, database, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = KafkaConsumer(
    "numtest",
    bootstrap_servers=[bootstrap],
    auto_offset_reset="earliest",
    enable_auto_commit=True,
    group_id="my-group",
    value_deserializer=lambda value: json.loads(value.decode("utf-8")))
collection = MongoClient(database).numtest.numtest

for message in consumer:
    collection.insert_one(message.value)
    print(f"stored {message.value['number']}", flush=True)
    count -= 1
    if count == 0:
        break
consumer.close()
