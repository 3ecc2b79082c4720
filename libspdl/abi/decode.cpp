// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/decode.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Call<spdl_frames>> plan_decode(const spdl_packets *packets,
                                      const spdl_decode_options *options) {
  SPDL_TRY(require(packets));
  SPDL_TRY_ASSIGN(auto read, read_decode_options(options));
  return [packets = packets->value, read = std::move(read)](const Limits &limits) {
    return ffmpeg::decode(*packets, read, limits);
  };
}

Result<Call<spdl_frames>> plan_pull(const spdl_decoder *decoder, int64_t num_frames) {
  SPDL_TRY(require(decoder));
  if (num_frames < 0) return invalid("The number of frames is negative.");
  return [decoder = decoder->value, num_frames](const Limits &limits) {
    return decoder->pull(num_frames, limits);
  };
}

}  // namespace

spdl_status spdl_packets_decode(const spdl_packets *packets, const spdl_decode_options *options,
                                const spdl_limits *limits, spdl_frames **out_frames,
                                spdl_error *err) noexcept {
  return run([&] { return plan_decode(packets, options); }, limits, out_frames, err);
}

spdl_status spdl_packets_decode_submit(spdl_queue *queue, uint64_t tag, const spdl_packets *packets,
                                       const spdl_decode_options *options,
                                       const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_frames>(
      queue, tag, [&] { return plan_decode(packets, options); }, limits, err);
}

spdl_status spdl_decoder_open(const spdl_codec *codec, const spdl_decode_options *options,
                              spdl_decoder **out_decoder, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(codec, out_decoder));
    SPDL_TRY_ASSIGN(const auto read, read_decode_options(options));
    return hand_over(ffmpeg::StreamDecoder::open(codec->value, read), out_decoder);
  });
}

spdl_status spdl_decoder_push(const spdl_decoder *decoder, const spdl_packets *packets,
                              spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(decoder, packets));
    const auto value = decoder->value;  // the handle may be freed meanwhile
    return value->push(packets->value);
  });
}

spdl_status spdl_decoder_end(const spdl_decoder *decoder, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(decoder));
    const auto value = decoder->value;  // the handle may be freed meanwhile
    return value->end();
  });
}

spdl_status spdl_decoder_pull(const spdl_decoder *decoder, int64_t num_frames,
                              const spdl_limits *limits, spdl_frames **out_frames,
                              spdl_error *err) noexcept {
  return run([&] { return plan_pull(decoder, num_frames); }, limits, out_frames, err);
}

spdl_status spdl_decoder_pull_submit(spdl_queue *queue, uint64_t tag, const spdl_decoder *decoder,
                                     int64_t num_frames, const spdl_limits *limits,
                                     spdl_error *err) noexcept {
  return submit<spdl_frames>(
      queue, tag, [&] { return plan_pull(decoder, num_frames); }, limits, err);
}

void spdl_decoder_free(spdl_decoder *decoder) noexcept { delete decoder; }
