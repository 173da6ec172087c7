//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of StreamsGroupTopologyDescriptionUpdate (key 93), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupTopologyDescriptionUpdateRequest {
    pub group_id: Str,
    pub member_id: Str,
    pub topology_epoch: i32,
    pub topology_description: TopologyDescription,
}

impl Wire for StreamsGroupTopologyDescriptionUpdateRequest {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.member_id = r.get()?;
        m.topology_epoch = r.get()?;
        m.topology_description = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        self.member_id.put(w)?;
        self.topology_epoch.put(w)?;
        self.topology_description.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescription {
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

impl Wire for TopologyDescription {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopologies = r.get()?;
        m.global_stores = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopologies.put(w)?;
        self.global_stores.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionSubtopology {
    pub subtopology_id: Str,
    pub nodes: Vec<TopologyDescriptionNode>,
}

impl Wire for TopologyDescriptionSubtopology {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.nodes = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.nodes.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionGlobalStore {
    pub source: TopologyDescriptionNode,
    pub processor: TopologyDescriptionNode,
}

impl Wire for TopologyDescriptionGlobalStore {
    const SIZE_MIN: usize = 15;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.source = r.get()?;
        m.processor = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.source.put(w)?;
        self.processor.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupTopologyDescriptionUpdateRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionNode {
    pub name: Str,
    pub node_type: i8,
    pub source_topics: Vec<Str>,
    pub sink_topic: Option<Str>,
    pub stores: Vec<Str>,
    pub successors: Vec<Str>,
}

impl Wire for TopologyDescriptionNode {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.node_type = r.get()?;
        m.source_topics = r.get()?;
        m.sink_topic = r.get()?;
        m.stores = r.get()?;
        m.successors = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.node_type.put(w)?;
        self.source_topics.put(w)?;
        self.sink_topic.put(w)?;
        self.stores.put(w)?;
        self.successors.put(w)?;
        w.tags(&[])
    }
}

impl Message for StreamsGroupTopologyDescriptionUpdateRequest {
    const NAME: &'static str = "StreamsGroupTopologyDescriptionUpdateRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for StreamsGroupTopologyDescriptionUpdateRequest {
    const KEY: ApiKey = ApiKey::StreamsGroupTopologyDescriptionUpdate;
    type Response = super::StreamsGroupTopologyDescriptionUpdateResponse;
}
