"""Creates a topic. usage: create_topic.py BOOTSTRAP TOPIC PARTITIONS"""

import sys

from confluent_kafka.admin import AdminClient, NewTopic

admin = AdminClient({"bootstrap.servers": sys.argv[1]})
# Small segments, so that kills also meet a log that rolls.
topic = NewTopic(sys.argv[2], int(sys.argv[3]), 1, config={"segment.bytes": "4194304"})
for created in admin.create_topics([topic]).values():
    created.result(60)
