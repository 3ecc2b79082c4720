// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/packets.h"

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

spdl_rational rational(AVRational value) { return {value.num, value.den ? value.den : 1}; }

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
