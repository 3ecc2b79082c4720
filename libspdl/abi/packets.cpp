// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/packets.h"

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/operation.h"
#include "ffmpeg/packets_format.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

spdl_rational rational(AVRational value) { return {value.num, value.den ? value.den : 1}; }

// None for SPDL_MEDIA_NONE.
Result<std::optional<ffmpeg::Media>> read_wanted_media(int32_t media) {
  if (media == SPDL_MEDIA_NONE) return std::nullopt;
  SPDL_TRY_ASSIGN(const auto wanted, read_media(media));
  return wanted;
}

}  // namespace

spdl_status spdl_packets_get_info(const spdl_packets *packets, spdl_packets_info *out_info,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(packets));
    const ffmpeg::Packets &value = *packets->value;
    const auto &[start, end] = value.window;
    spdl_packets_info info{};
    info.media = static_cast<int32_t>(value.media);
    info.source = value.source.c_str();
    info.stream_index = value.stream_index;
    info.num_packets = static_cast<uint32_t>(value.packets.size());
    info.num_in_window = static_cast<uint32_t>(value.count_in_window());
    if (start) info.window_flags |= SPDL_WINDOW_START;
    if (end) info.window_flags |= SPDL_WINDOW_END;
    info.window_start = start.value_or(spdl_rational{0, 1});
    info.window_end = end.value_or(spdl_rational{0, 1});
    info.num_bytes = value.num_bytes;
    return write_struct(out_info, info);
  });
}

spdl_status spdl_packets_get_timestamps(const spdl_packets *packets, uint32_t flags,
                                        double *out_seconds, size_t num_seconds, size_t *out_num,
                                        spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(packets, out_num));
    if (num_seconds > 0) SPDL_TRY(require(out_seconds));
    if (flags & ~uint32_t{SPDL_TIMESTAMPS_RAW}) return invalid("An unknown SPDL_TIMESTAMPS flag.");
    const auto value = packets->value;  // the handle may be freed meanwhile
    return copy_list(value->timestamps(flags & SPDL_TIMESTAMPS_RAW), out_seconds, num_seconds,
                     out_num);
  });
}

spdl_status spdl_packets_get_codec(const spdl_packets *packets, spdl_codec **out_codec,
                                   spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(packets, out_codec));
    const auto value = packets->value;  // the handle may be freed meanwhile
    *out_codec = new spdl_codec(value->described_codec());
    return {};
  });
}

spdl_status spdl_packets_serialize(const spdl_packets *packets, spdl_buffer **out_buffer,
                                   spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(packets, out_buffer));
    const auto value = packets->value;  // the handle may be freed meanwhile
    return hand_over(ffmpeg::serialize(*value), out_buffer);
  });
}

spdl_status spdl_packets_deserialize(const spdl_memory *memory, int32_t media, uint32_t flags,
                                     spdl_packets **out_packets, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_packets));
    SPDL_TRY_ASSIGN(const auto value, read_data(memory));
    if (flags & ~uint32_t{SPDL_DESERIALIZE_COPY})
      return invalid("An unknown SPDL_DESERIALIZE flag.");
    SPDL_TRY_ASSIGN(const auto wanted, read_wanted_media(media));
    const std::span<const uint8_t> data(value->data(), value->size());
    return hand_over(flags & SPDL_DESERIALIZE_COPY ? ffmpeg::deserialize_copy(data, wanted)
                                                   : ffmpeg::deserialize(data, value, wanted),
                     out_packets);
  });
}

void spdl_packets_free(spdl_packets *packets) noexcept { delete packets; }

spdl_status spdl_codec_get_info(const spdl_codec *codec, spdl_codec_info *out_info,
                                spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(codec));
    const ffmpeg::Codec &value = *codec->value;
    const AVCodecParameters &parameters = *value.parameters;
    spdl_codec_info info{};
    info.media = static_cast<int32_t>(value.media);
    info.name = value.name();
    info.format = value.format();
    info.channel_layout = value.channel_layout.c_str();
    info.bit_rate = parameters.bit_rate;
    info.bits_per_sample = parameters.bits_per_coded_sample;
    info.width = parameters.width;
    info.height = parameters.height;
    info.sample_rate = parameters.sample_rate;
    info.num_channels = parameters.ch_layout.nb_channels;
    info.time_base = rational(value.time_base);
    info.frame_rate = rational(value.frame_rate);
    info.sample_aspect_ratio = rational(parameters.sample_aspect_ratio);
    return write_struct(out_info, info);
  });
}

void spdl_codec_free(spdl_codec *codec) noexcept { delete codec; }
