"""The tutorial's producer: numbers as JSON to the topic numtest. usage: tutorial_send.py BOOTSTRAP FIRST END"""

import json
import sys

from kafka import KafkaProducer

bootstrap, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
producer = KafkaProducer(bootstrap_servers=[bootstrap],
                         value_serializer=lambda value: json.dumps(value).encode("utf-8"))
for number in range(first, end):
    producer.send("numtest", value={"number": number})
producer.close()
print(f"sent {first} to {end - 1}")
