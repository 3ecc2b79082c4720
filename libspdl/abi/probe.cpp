// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/probe.h"

#include "abi/boundary.h"
#include "abi/handle.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

using Seconds = std::optional<spdl_rational>;

constexpr spdl_rational unknown{0, 1};

spdl_rational rational(AVRational value) { return {value.num, value.den > 0 ? value.den : 1}; }

uint32_t known(const Seconds &start_time, const Seconds &duration) {
  uint32_t flags = 0;
  if (start_time) flags |= SPDL_KNOWN_START_TIME;
  if (duration) flags |= SPDL_KNOWN_DURATION;
  return flags;
}

int32_t kind_of(int media_type) {
  switch (media_type) {
    case AVMEDIA_TYPE_AUDIO:
      return SPDL_STREAM_AUDIO;
    case AVMEDIA_TYPE_VIDEO:
      return SPDL_STREAM_VIDEO;
    case AVMEDIA_TYPE_SUBTITLE:
      return SPDL_STREAM_SUBTITLE;
    case AVMEDIA_TYPE_DATA:
      return SPDL_STREAM_DATA;
    case AVMEDIA_TYPE_ATTACHMENT:
      return SPDL_STREAM_ATTACHMENT;
    default:
      return SPDL_STREAM_UNKNOWN;
  }
}

template <class Info>
void set_metadata(Info &info, const ffmpeg::Metadata &metadata) {
  info.metadata = metadata.entries().data();
  info.num_metadata = static_cast<uint32_t>(metadata.entries().size());
}

void set_common(spdl_stream_info &info, const ffmpeg::StreamInfo &stream) {
  info.known = known(stream.start_time, stream.duration);
  info.kind = kind_of(stream.kind);
  if (stream.is_default) info.disposition |= SPDL_DISPOSITION_DEFAULT;
  if (stream.is_attached_picture) info.disposition |= SPDL_DISPOSITION_ATTACHED_PICTURE;
  info.codec = stream.codec;
  info.profile = stream.profile;
  info.format = stream.format;
  info.time_base = rational(stream.time_base);
  info.start_time = stream.start_time.value_or(unknown);
  info.duration = stream.duration.value_or(unknown);
  info.bit_rate = stream.bit_rate;
  info.num_frames = stream.num_frames;
  info.bits_per_sample = stream.bits_per_sample;
  set_metadata(info, stream.metadata);
}

void set_details(spdl_stream_info &info, const ffmpeg::StreamInfo &stream) {
  info.sample_rate = stream.sample_rate;
  info.num_channels = stream.num_channels;
  info.channel_layout = stream.channel_layout.c_str();
  info.width = stream.width;
  info.height = stream.height;
  info.frame_rate = rational(stream.frame_rate);
  info.sample_aspect_ratio = rational(stream.sample_aspect_ratio);
  info.rotation = stream.rotation;
  info.color_range = stream.color_range;
  info.color_space = stream.color_space;
  info.color_primaries = stream.color_primaries;
  info.color_transfer = stream.color_transfer;
}

}  // namespace

spdl_status spdl_demuxer_get_container(const spdl_demuxer *demuxer, spdl_container_info *out_info,
                                       spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(demuxer));
    const ffmpeg::ContainerInfo &container = demuxer->value->container();
    spdl_container_info info{};
    info.known = known(container.start_time, container.duration);
    info.format = container.format;
    info.description = container.description;
    info.start_time = container.start_time.value_or(unknown);
    info.duration = container.duration.value_or(unknown);
    info.bit_rate = container.bit_rate;
    set_metadata(info, container.metadata);
    info.num_streams = static_cast<uint32_t>(container.streams.size());
    return write_struct(out_info, info);
  });
}

spdl_status spdl_demuxer_get_stream(const spdl_demuxer *demuxer, uint32_t index,
                                    spdl_stream_info *out_info, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(demuxer));
    const auto &streams = demuxer->value->container().streams;
    if (index >= streams.size())
      return invalid("There is no stream " + std::to_string(index) + " among " +
                     std::to_string(streams.size()) + ".");
    spdl_stream_info info{};
    set_common(info, streams[index]);
    set_details(info, streams[index]);
    return write_struct(out_info, info);
  });
}
