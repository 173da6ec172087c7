//! A client of bytes: what a test sends is what the node gets, good or bad.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use model::{Offset, PartitionIndex, Timestamp};
use protocol::messages::{
    ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, FetchRequest, MetadataRequest,
    MetadataResponse, ProduceRequest, create_topics_request, create_topics_response,
    delete_topics_request, fetch_request, fetch_response, metadata_request, metadata_response,
    produce_request, produce_response,
};
use protocol::{Chunk, Message, Reader, Records, Request, Str, frame};
use records::{BatchBuilder, Batches, Compression, records_of};

/// Longer than any answer takes on a busy machine.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
const RECORDS_BYTES_MAX: usize = 64 << 20;
/// Versions in which topics go by their names.
pub(crate) const PRODUCE: i16 = 12;
pub(crate) const FETCH: i16 = 12;

/// One connection.
pub(crate) struct Wire {
    stream: TcpStream,
    next_correlation_id: i32,
}

impl Wire {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(ANSWER_TIME_MAX)).unwrap();
        stream.set_write_timeout(Some(ANSWER_TIME_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, next_correlation_id: 0 }
    }

    /// A connection from another address of this machine.
    pub(crate) fn from_address(ip: IpAddr, address: SocketAddr) -> Self {
        use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddr::new(ip, 0)).unwrap();
        connect(&socket, &address).unwrap();
        Self::over(TcpStream::from(socket))
    }

    /// Waits no longer than this for the node to take or send bytes.
    pub(crate) fn give_up_after(&self, time: Duration) {
        self.stream.set_read_timeout(Some(time)).unwrap();
        self.stream.set_write_timeout(Some(time)).unwrap();
    }

    /// Sends a request and reads its answer.
    pub(crate) fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let sent = self.send(version, request);
        let (received, response) = self.receive::<R>(version);
        assert_eq!(received, sent, "the answer is to another request");
        response
    }

    /// Sends a request; returns its correlation id.
    pub(crate) fn send<R: Request>(&mut self, version: i16, request: &R) -> i32 {
        let id = self.next_correlation_id;
        self.next_correlation_id += 1;
        self.send_bytes(&frame_of(id, version, request)).unwrap();
        id
    }

    /// Reads the answer to the oldest request.
    pub(crate) fn receive<R: Request>(&mut self, version: i16) -> (i32, R::Response) {
        let mut reader = Reader::new(self.receive_frame().unwrap());
        let header = R::KEY.response_header_version(version);
        let id = frame::decode_response_header(&mut reader, header).unwrap();
        let response = R::Response::decode(&mut reader, version).unwrap();
        reader.finish().unwrap();
        (id, response)
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// One frame without its length.
    pub(crate) fn receive_frame(&mut self) -> io::Result<Bytes> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame)?;
        Ok(frame.into())
    }

    /// Waits until the node closes the connection; what it sent before that.
    pub(crate) fn until_closed(&mut self) -> Vec<u8> {
        let mut received = Vec::new();
        match self.stream.read_to_end(&mut received) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the connection is still open: {error}"),
        }
        received
    }

    /// Says that nothing more will be sent, and keeps listening.
    pub(crate) fn half_close(&self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    pub(crate) fn metadata(&mut self, topics: &[&str]) -> MetadataResponse {
        let topic = |name: &&str| metadata_request::MetadataRequestTopic {
            name: Some(Str::from(*name)),
            ..Default::default()
        };
        let request = MetadataRequest {
            topics: Some(topics.iter().map(topic).collect()),
            allow_auto_topic_creation: false,
            ..Default::default()
        };
        self.call(12, &request)
    }

    /// What is known of one topic.
    pub(crate) fn topic(&mut self, name: &str) -> metadata_response::MetadataResponseTopic {
        self.metadata(&[name]).topics.remove(0)
    }

    /// Creates a topic with the replication factor that is the node's default.
    pub(crate) fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> create_topics_response::CreatableTopicResult {
        self.create_replicated(name, partitions, -1, configs)
    }

    pub(crate) fn create_replicated(
        &mut self,
        name: &str,
        partitions: i32,
        replication_factor: i16,
        configs: &[(&str, &str)],
    ) -> create_topics_response::CreatableTopicResult {
        let config = |(name, value): &(&str, &str)| create_topics_request::CreatableTopicConfig {
            name: Str::from(*name),
            value: Some(Str::from(*value)),
        };
        let topic = create_topics_request::CreatableTopic {
            name: Str::from(name),
            num_partitions: partitions,
            replication_factor,
            configs: configs.iter().map(config).collect(),
            ..Default::default()
        };
        let request =
            CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, validate_only: false };
        self.call(7, &request).topics.remove(0)
    }

    /// Creates a topic, which must work.
    pub(crate) fn with_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let result = self.create_topic(name, partitions, configs);
        assert_eq!(result.error_code, 0, "{:?}", result.error_message);
    }

    /// Deletes a topic; returns the error code.
    pub(crate) fn delete_topic(&mut self, name: &str) -> i16 {
        let topic = delete_topics_request::DeleteTopicState {
            name: Some(Str::from(name)),
            ..Default::default()
        };
        let request =
            DeleteTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
        self.call(6, &request).responses[0].error_code
    }

    pub(crate) fn produce(
        &mut self,
        topic: &str,
        partition: i32,
        batch: Bytes,
    ) -> produce_response::PartitionProduceResponse {
        let request = produce_request(topic, partition, batch);
        let mut response = self.call(PRODUCE, &request);
        response.responses.remove(0).partition_responses.remove(0)
    }

    /// Produces to a partition, which must work; returns the offset.
    pub(crate) fn produced(&mut self, topic: &str, partition: i32, values: &[&[u8]]) -> i64 {
        let response = self.produce(topic, partition, batch(values));
        assert_eq!(response.error_code, 0, "{:?}", response.error_message);
        response.base_offset.get()
    }

    /// Reads a partition once, without waiting.
    pub(crate) fn fetch(
        &mut self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> fetch_response::PartitionData {
        let request = fetch_request(&[(topic, partition, offset)]);
        let mut response = self.call(FETCH, &request);
        assert_eq!(response.error_code, 0);
        response.responses.remove(0).partitions.remove(0)
    }

    /// All values of a partition from an offset to its end.
    pub(crate) fn values(&mut self, topic: &str, partition: i32, from: i64) -> Vec<Bytes> {
        let (mut values, mut next) = (Vec::new(), from);
        loop {
            let data = self.fetch(topic, partition, next);
            assert_eq!(data.error_code, 0);
            if next >= data.high_watermark.get() {
                return values;
            }
            for (offset, value) in values_of(&data.records) {
                assert!(offset <= next, "offset {next} is missing, {offset} came");
                if offset == next {
                    values.push(value);
                    next += 1;
                }
            }
        }
    }
}

/// What a client begins with.
pub(crate) fn versions_request() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1.0".into(),
        ..Default::default()
    }
}

/// The bytes of a request with its length.
pub(crate) fn frame_of<R: Request>(correlation_id: i32, version: i16, request: &R) -> Vec<u8> {
    let client = Str::from("test");
    let chunks = frame::encode_request(correlation_id, Some(&client), request, version).unwrap();
    let bytes = chunks.into_iter().flat_map(|chunk| match chunk {
        Chunk::Bytes(bytes) => bytes,
        Chunk::File(_) => panic!("requests hold no files"),
    });
    bytes.collect()
}

/// A batch of records with these values.
pub(crate) fn batch(values: &[&[u8]]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    fill(&mut builder, values);
    builder.finish().unwrap()
}

pub(crate) fn fill(builder: &mut BatchBuilder, values: &[&[u8]]) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::new(now.as_millis() as i64);
    for value in values {
        builder.append(now, None, Some(value), []).unwrap();
    }
}

pub(crate) fn produce_request(topic: &str, partition: i32, batch: Bytes) -> ProduceRequest {
    let partition = produce_request::PartitionProduceData {
        index: PartitionIndex::new(partition),
        records: Records::Bytes(batch),
    };
    let topic = produce_request::TopicProduceData {
        name: Str::from(topic),
        partition_data: vec![partition],
        ..Default::default()
    };
    ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..Default::default() }
}

/// A fetch of partitions (topic, partition, offset) that does not wait.
pub(crate) fn fetch_request(partitions: &[(&str, i32, i64)]) -> FetchRequest {
    let topics = partitions.iter().map(|(topic, partition, offset)| {
        let partition = fetch_request::FetchPartition {
            partition: PartitionIndex::new(*partition),
            fetch_offset: Offset::new(*offset),
            partition_max_bytes: 1 << 20,
            ..Default::default()
        };
        fetch_request::FetchTopic {
            topic: Str::from(*topic),
            partitions: vec![partition],
            ..Default::default()
        }
    });
    FetchRequest { topics: topics.collect(), ..Default::default() }
}

/// The values of records, with their offsets. A batch that was cut short at the end is left out.
pub(crate) fn values_of(records: &Records) -> Vec<(i64, Bytes)> {
    let bytes = records.as_bytes().expect("records are empty rather than null");
    let mut values = Vec::new();
    for batch in Batches::new(bytes) {
        let Ok((_, batch)) = batch else { break };
        let batch = bytes.slice_ref(batch);
        for record in records_of(&batch, RECORDS_BYTES_MAX).unwrap() {
            let record = record.unwrap();
            values.push((record.offset.get(), record.value.unwrap_or_default()));
        }
    }
    values
}
