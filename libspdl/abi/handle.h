// SPDX-License-Identifier: BSD-2-Clause
// Handles: a counted reference to what the inner floors made.
#pragma once

#include <memory>

#include "base/limits.h"
#include "base/live.h"
#include "base/recorder.h"
#include "buffer/buffer.h"
#include "ffmpeg/bsf.h"
#include "ffmpeg/demux.h"
#include "ffmpeg/filter_graph.h"
#include "ffmpeg/frames.h"
#include "ffmpeg/mux.h"
#include "ffmpeg/packets.h"
#include "ffmpeg/source.h"
#include "ffmpeg/stream_decoder.h"
#include "load/batch.h"
#include "load/sample.h"
#include "queue/queue.h"
#include "readers/zip.h"
#include "spdl/library.h"
#include "spdl/spdl.h"

namespace spdl::abi {

template <class T, uint32_t kind_>
struct Handle : Live<kind_> {
  using Value = std::shared_ptr<T>;
  static constexpr uint32_t kind = kind_;
  explicit Handle(Value value) noexcept : value(std::move(value)) {}
  Value value;
};

}  // namespace spdl::abi

struct spdl_cancel : spdl::abi::Handle<const spdl::StopFlag, SPDL_KIND_CANCEL> {
  using Handle::Handle;
};
struct spdl_memory : spdl::abi::Handle<const spdl::buffer::Memory, SPDL_KIND_MEMORY> {
  using Handle::Handle;
};
struct spdl_source : spdl::abi::Handle<const spdl::ffmpeg::Source, SPDL_KIND_SOURCE> {
  using Handle::Handle;
};
struct spdl_demuxer : spdl::abi::Handle<spdl::ffmpeg::Demuxer, SPDL_KIND_DEMUXER> {
  using Handle::Handle;
};
struct spdl_chunk : spdl::abi::Handle<const spdl::ffmpeg::Chunk, SPDL_KIND_CHUNK> {
  using Handle::Handle;
};
struct spdl_codec : spdl::abi::Handle<const spdl::ffmpeg::Codec, SPDL_KIND_CODEC> {
  using Handle::Handle;
};
struct spdl_packets : spdl::abi::Handle<const spdl::ffmpeg::Packets, SPDL_KIND_PACKETS> {
  using Handle::Handle;
};
struct spdl_decoder : spdl::abi::Handle<spdl::ffmpeg::StreamDecoder, SPDL_KIND_DECODER> {
  using Handle::Handle;
};
struct spdl_frames : spdl::abi::Handle<const spdl::ffmpeg::Frames, SPDL_KIND_FRAMES> {
  using Handle::Handle;
};
struct spdl_buffer : spdl::abi::Handle<const spdl::buffer::Buffer, SPDL_KIND_BUFFER> {
  using Handle::Handle;
};
struct spdl_batch : spdl::abi::Handle<const spdl::load::Batch, SPDL_KIND_BATCH> {
  using Handle::Handle;
};
struct spdl_encoder : spdl::abi::Handle<spdl::ffmpeg::Encoder, SPDL_KIND_ENCODER> {
  using Handle::Handle;
};
struct spdl_muxer : spdl::abi::Handle<spdl::ffmpeg::Muxer, SPDL_KIND_MUXER> {
  using Handle::Handle;
};
struct spdl_samples : spdl::abi::Handle<const spdl::load::Samples, SPDL_KIND_SAMPLES> {
  using Handle::Handle;
};
struct spdl_trace : spdl::abi::Handle<spdl::trace::Trace, SPDL_KIND_TRACE> {
  using Handle::Handle;
};
struct spdl_bsf : spdl::abi::Handle<spdl::ffmpeg::Bsf, SPDL_KIND_BSF> {
  using Handle::Handle;
};
struct spdl_filter_graph : spdl::abi::Handle<spdl::ffmpeg::FilterGraph, SPDL_KIND_FILTER_GRAPH> {
  using Handle::Handle;
};
struct spdl_pool : spdl::abi::Handle<spdl::queue::Pool, SPDL_KIND_POOL> {
  using Handle::Handle;
};
struct spdl_queue : spdl::abi::Handle<spdl::queue::Queue, SPDL_KIND_QUEUE> {
  using Handle::Handle;
};
struct spdl_zip : spdl::abi::Handle<const spdl::readers::Zip, SPDL_KIND_ZIP> {
  using Handle::Handle;
};
