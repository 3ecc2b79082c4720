// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/encode.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

constexpr uint32_t known_flags = SPDL_ENCODE_BIT_RATE | SPDL_ENCODE_COMPRESSION_LEVEL |
                                 SPDL_ENCODE_QSCALE | SPDL_ENCODE_GOP_SIZE |
                                 SPDL_ENCODE_MAX_B_FRAMES;

Result<void> read_quality(ffmpeg::EncodeOptions &to, const spdl_encode_options &from) {
  SPDL_TRY(check_flags(from.flags, known_flags));
  if (from.flags & SPDL_ENCODE_BIT_RATE) to.bit_rate = from.bit_rate;
  if (from.flags & SPDL_ENCODE_COMPRESSION_LEVEL) to.compression_level = from.compression_level;
  if (from.flags & SPDL_ENCODE_QSCALE) to.qscale = from.qscale;
  if (from.flags & SPDL_ENCODE_GOP_SIZE) to.gop_size = from.gop_size;
  if (from.flags & SPDL_ENCODE_MAX_B_FRAMES) to.max_b_frames = from.max_b_frames;
  constexpr int largest = 1000;
  if (to.qscale.value_or(0) < 0 || to.qscale.value_or(0) > largest)
    return invalid("The qscale must be from 0 to 1000.");
  if (to.bit_rate.value_or(0) < 0 || to.gop_size.value_or(0) < 0 || to.max_b_frames.value_or(0) < 0)
    return invalid("A bit rate, GOP size or number of B-frames is negative.");
  return {};
}

Result<Call<spdl_packets>> plan_encode(const spdl_encoder *encoder, const spdl_frames *frames) {
  SPDL_TRY(require(encoder, frames));
  return [encoder = encoder->value, frames = frames->value](const Limits &limits) {
    return encoder->encode(*frames, limits);
  };
}

Result<Call<spdl_packets>> plan_flush(const spdl_encoder *encoder) {
  SPDL_TRY(require(encoder));
  return [encoder = encoder->value](const Limits &limits) { return encoder->flush(limits); };
}

}  // namespace

Result<ffmpeg::EncodeOptions> spdl::abi::read_open_encode_options(const spdl_encode_options *from) {
  SPDL_TRY_ASSIGN(spdl_encode_options read, read_struct(from));
  if (!from) read.media = SPDL_MEDIA_IMAGE;
  ffmpeg::EncodeOptions options;
  SPDL_TRY(read_quality(options, read));
  SPDL_TRY_ASSIGN(options.media, read_media(read.media));
  if (options.media == ffmpeg::Media::image) options.media = ffmpeg::Media::video;
  options.encoder = to_string(read.encoder);
  SPDL_TRY_ASSIGN(options.encoder_options,
                  read_option_list(read.encoder_options, read.num_encoder_options));
  options.format = to_string(read.format);
  options.width = read.width;
  options.height = read.height;
  options.sample_rate = read.sample_rate;
  options.num_channels = read.num_channels;
  options.color_space = to_string(read.color_space);
  options.color_primaries = to_string(read.color_primaries);
  options.color_trc = to_string(read.color_trc);
  if (read.width < 0 || read.height < 0) return invalid("A size is negative.");
  if (read.frame_rate.num || read.frame_rate.den) {
    SPDL_TRY_ASSIGN(options.frame_rate, read_rate(read.frame_rate));
  }
  return options;
}

Result<ffmpeg::EncodeOptions> spdl::abi::read_encode_options(const spdl_encode_options *from) {
  SPDL_TRY(require(from));
  SPDL_TRY_ASSIGN(auto options, read_open_encode_options(from));
  if (options.format.empty()) return invalid("A pixel or sample format is needed.");
  if (options.media == ffmpeg::Media::audio) {
    constexpr int max_channels = 1024;
    if (options.sample_rate < 1 || options.num_channels < 1 || options.num_channels > max_channels)
      return invalid("Samples need a rate above 0 and 1 to 1024 channels.");
  } else if (options.width < 1 || options.height < 1) {
    return invalid("Pictures need a size above 0.");
  }
  return options;
}

spdl_status spdl_encoder_get_info(const spdl_encoder *encoder, spdl_encoder_info *out_info,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(encoder));
    const ffmpeg::Encoder &value = *encoder->value;
    const ffmpeg::Codec &codec = *value.codec();
    spdl_encoder_info info{};
    info.media = static_cast<int32_t>(value.media());
    info.name = value.context().codec->name;
    info.frame_size = value.media() == ffmpeg::Media::audio ? value.context().frame_size : 0;
    info.time_base = {codec.time_base.num, codec.time_base.den};
    return write_struct(out_info, info);
  });
}

spdl_status spdl_encoder_encode(const spdl_encoder *encoder, const spdl_frames *frames,
                                const spdl_limits *limits, spdl_packets **out_packets,
                                spdl_error *err) noexcept {
  return run([&] { return plan_encode(encoder, frames); }, limits, out_packets, err);
}

spdl_status spdl_encoder_encode_submit(spdl_queue *queue, uint64_t tag, const spdl_encoder *encoder,
                                       const spdl_frames *frames, const spdl_limits *limits,
                                       spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_encode(encoder, frames); }, limits, err);
}

spdl_status spdl_encoder_flush(const spdl_encoder *encoder, const spdl_limits *limits,
                               spdl_packets **out_packets, spdl_error *err) noexcept {
  return run([&] { return plan_flush(encoder); }, limits, out_packets, err);
}

spdl_status spdl_encoder_flush_submit(spdl_queue *queue, uint64_t tag, const spdl_encoder *encoder,
                                      const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(queue, tag, [&] { return plan_flush(encoder); }, limits, err);
}

spdl_status spdl_encoder_give_up(const spdl_encoder *encoder, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(encoder));
    encoder->value->give_up();
    return {};
  });
}

void spdl_encoder_free(spdl_encoder *encoder) noexcept { delete encoder; }
