// The scenario of the interop suites with kafkajs: administer, produce, seek by time, a group whose
// members come and go. usage: node kafkajs_suite.js BOOTSTRAP

const { randomUUID } = require("crypto");
const { Kafka, ConfigResourceTypes, CompressionTypes, logLevel } = require("kafkajs");

const PARTITIONS = 3;
const PARTITIONS_AFTER = 5;
const RECORDS_PER_BATCH = 600;
const FIRST_TIMESTAMP = 1_700_000_000_000;
const WAIT_MS = 60_000;

function check(holds, claim) {
  if (!holds) throw new Error(`does not hold: ${claim}`);
  console.log(`  ok: ${claim}`);
}

async function until(holds, claim) {
  const deadline = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${WAIT_MS} ms: ${claim}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log(`  ok: ${claim}`);
}

const values = (name, count = RECORDS_PER_BATCH) => Array.from({ length: count }, (_, n) => `${name}-${n}`);

async function produce(producer, topic, batch) {
  const messages = batch.map((value, n) => ({
    key: `key-${n}`, value, partition: n % PARTITIONS, timestamp: String(FIRST_TIMESTAMP + n),
    headers: { client: "kafkajs" },
  }));
  return producer.send({ topic, acks: -1, compression: CompressionTypes.GZIP, messages });
}

async function config(admin, topic, name) {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
  const described = await admin.describeConfigs({ includeSynonyms: false, resources });
  return described.resources[0].configEntries.find((entry) => entry.configName === name).configValue;
}

async function partitions(admin, topic) {
  return (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length;
}

async function administer(admin, topic) {
  const configEntries = [{ name: "retention.ms", value: "86400000" }];
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1, configEntries }] });
  await until(async () => (await admin.listTopics()).includes(topic), "a created topic is listed");
  check((await partitions(admin, topic)) === PARTITIONS, "it has the partitions asked for");
  check((await config(admin, topic, "retention.ms")) === "86400000", "it has the configuration asked for");
  const altered = [{ name: "max.message.bytes", value: "123456" }];
  await admin.alterConfigs({ validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: altered }] });
  await until(async () => (await config(admin, topic, "max.message.bytes")) === "123456", "a configuration is altered");
}

async function produceAndSeek(admin, producer, topic) {
  const count = 300;
  const placed = await produce(producer, topic, values("first", count));
  check(placed.length === PARTITIONS && placed.every((one) => one.errorCode === 0 && one.baseOffset === "0"),
    "every partition acknowledges its records from offset 0");
  const ends = await admin.fetchTopicOffsets(topic);
  check(ends.every((one) => one.offset === String(count / PARTITIONS)), "there are no gaps before the end");
  const at = async (time) => {
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, time);
    return found.find((one) => one.partition === 0).offset;
  };
  check((await at(FIRST_TIMESTAMP + count / 2)) === String(count / 2 / PARTITIONS),
    "the offset for a time is that of the first record at or after it");
}

function member(kafka, topic, groupId, seen) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 500, sessionTimeout: 10_000 });
  const self = { consumer, assignment: [] };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    self.assignment = payload.memberAssignment[topic] || [];
  });
  self.start = async () => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => { seen.push(message.value.toString()); } });
  };
  return self;
}

async function groupWithMembersComingAndGoing(kafka, admin, producer, topic, groupId) {
  const seen = [];
  const expected = new Set(values("first", 300));
  const all = () => { const have = new Set(seen); return [...expected].every((one) => have.has(one)); };
  const first = member(kafka, topic, groupId, seen);
  await first.start();
  await until(all, "a group of one reads everything");
  const second = member(kafka, topic, groupId, seen);
  await second.start();
  await until(() => first.assignment.length && second.assignment.length
    && new Set([...first.assignment, ...second.assignment]).size === PARTITIONS
    && first.assignment.length + second.assignment.length === PARTITIONS, "two members share the partitions");
  values("second").forEach((one) => expected.add(one));
  await produce(producer, topic, values("second"));
  await until(all, "two members read everything");
  await first.consumer.disconnect();
  await until(() => second.assignment.length === PARTITIONS, "the one who stays takes over");
  values("third").forEach((one) => expected.add(one));
  await produce(producer, topic, values("third"));
  await until(all, "nothing is lost when a member leaves");
  await second.consumer.disconnect();
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = offsets.partitions.reduce((sum, one) => sum + Math.max(Number(one.offset), 0), 0);
  check(committed === expected.size, "everything read is committed");
  console.log(`  read twice: ${seen.length - expected.size}`);
  check((await admin.listGroups()).groups.some((one) => one.groupId === groupId), "the group is listed");
  await admin.deleteGroups([groupId]);
}

async function main() {
  console.log(`kafkajs ${require("kafkajs/package.json").version}`);
  const kafka = new Kafka({ clientId: "kafkajs-suite", brokers: [process.argv[2]], logLevel: logLevel.NOTHING });
  const name = randomUUID().slice(0, 8);
  const topic = `interop-${name}`;
  const admin = kafka.admin();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await admin.connect();
  await producer.connect();
  await administer(admin, topic);
  await produceAndSeek(admin, producer, topic);
  await groupWithMembersComingAndGoing(kafka, admin, producer, topic, `group-${name}`);
  await admin.createPartitions({ topicPartitions: [{ topic, count: PARTITIONS_AFTER }] });
  await until(async () => (await partitions(admin, topic)) === PARTITIONS_AFTER, "partitions are added");
  await admin.deleteTopics({ topics: [topic] });
  await until(async () => !(await admin.listTopics()).includes(topic), "a deleted topic is gone");
  await producer.disconnect();
  await admin.disconnect();
  console.log("all checks held");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
