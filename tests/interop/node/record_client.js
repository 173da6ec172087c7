// Writes and reads topics as it is told, with kafkajs; the commands and the lines are those of
// ../python/record_client.py. usage: node record_client.js BOOTSTRAP

const { randomUUID } = require("crypto");
const readline = require("readline");
const kafkajs = require("kafkajs");
const snappy = require("kafkajs-snappy");

const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = kafkajs;
const RECORDS = 120;
const FIRST_TIMESTAMP = 1_700_000_000_000;
const WAIT_MS = 60_000;

CompressionCodecs[CompressionTypes.Snappy] = snappy;
const CODECS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy };

const key = (number) => (number % 3 === 0 ? null : Buffer.from(`key-${number}`));
const value = (number) =>
  key(number) && number % 50 === 7 ? null : Buffer.from(`value ${number} `.repeat(number % 20));
const hex = (bytes) => (bytes === null || bytes === undefined ? "null" : bytes.toString("hex"));

async function write(kafka, topic, codec) {
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: RECORDS }, (_, number) => ({
    key: key(number), value: value(number), partition: 0, timestamp: String(FIRST_TIMESTAMP + number),
    headers: { number: String(number), empty: Buffer.alloc(0) },
  }));
  const placed = await producer.send({ topic, acks: -1, compression: CODECS[codec], messages });
  if (placed[0].baseOffset !== "0") throw new Error(`${topic}: ${JSON.stringify(placed)}`);
  await producer.disconnect();
}

async function read(kafka, topic) {
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${topic}: not read within ${WAIT_MS} ms`)), WAIT_MS).unref();
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        const headers = Object.entries(message.headers || {}).map(([name, data]) => `${name}=${hex(data)}`);
        console.log(["record", topic, message.offset, hex(message.key), hex(message.value), message.timestamp,
          headers.join(",")].join("\t"));
        if (message.offset === String(RECORDS - 1)) resolve();
      },
    });
  });
  await consumer.disconnect();
}

async function main(bootstrap) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.ERROR });
  console.log(`kafkajs ${require("kafkajs/package.json").version}`);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, topic, codec] = line.split(" ");
    await (verb === "write" ? write(kafka, topic, codec) : read(kafka, topic));
    console.log(verb === "write" ? "wrote" : "read", topic);
  }
}

main(process.argv[2]).then(
  () => { console.log("all checks held"); process.exit(0); },
  (error) => { console.error(error); process.exit(1); },
);
