// SPDX-License-Identifier: BSD-2-Clause
#include "abi/operation.h"
#include "ffmpeg/save.h"
#include "spdl/encode.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Action> plan_save(const spdl_frames *frames, const char *destination,
                         const spdl_save_options *options) {
  SPDL_TRY(require(frames));
  SPDL_TRY_ASSIGN(const spdl_save_options read, read_struct(options));
  SPDL_TRY(check_flags(read.flags, SPDL_SAVE_CONVERT));
  ffmpeg::SaveOptions save;
  SPDL_TRY_ASSIGN(save.destination, read_destination(destination, read.muxer));
  SPDL_TRY_ASSIGN(save.encode, read_open_encode_options(read.encode));
  if (save.encode.media == ffmpeg::Media::audio) return invalid("A picture is no sound.");
  SPDL_TRY_ASSIGN(save.muxer_options, read_option_list(read.muxer_options, read.num_muxer_options));
  save.is_converted = read.flags & SPDL_SAVE_CONVERT;
  save.filter_desc = to_string(read.filter_desc);
  save.scale_algo = to_string(read.scale_algo);
  if (!save.is_converted && !(save.filter_desc.empty() && save.scale_algo.empty()))
    return invalid("Filters need SPDL_SAVE_CONVERT.");
  return [frames = frames->value, save = std::move(save)](const Limits &limits) {
    return ffmpeg::save(*frames, save, limits);
  };
}

Result<Action> plan_open(const spdl_muxer *muxer, const spdl_option *options,
                         uint32_t num_options) {
  SPDL_TRY(require(muxer));
  SPDL_TRY_ASSIGN(auto list, read_option_list(options, num_options));
  return [muxer = muxer->value, list = std::move(list)](const Limits &limits) {
    return muxer->open(list, limits);
  };
}

Result<Action> plan_write(const spdl_muxer *muxer, uint32_t stream_index,
                          const spdl_packets *packets) {
  SPDL_TRY(require(muxer, packets));
  return [muxer = muxer->value, stream_index, packets = packets->value](const Limits &limits) {
    return muxer->write(stream_index, *packets, limits);
  };
}

Result<Action> plan_flush(const spdl_muxer *muxer) {
  SPDL_TRY(require(muxer));
  return [muxer = muxer->value](const Limits &limits) { return muxer->flush(limits); };
}

Result<Action> plan_close(const spdl_muxer *muxer) {
  SPDL_TRY(require(muxer));
  return [muxer = muxer->value](const Limits &limits) { return muxer->close(limits); };
}

}  // namespace

Result<ffmpeg::Destination> spdl::abi::read_destination(const char *name,
                                                        const spdl_muxer_options *options) {
  SPDL_TRY(require(name));
  SPDL_TRY_ASSIGN(const spdl_muxer_options read, read_struct(options));
  SPDL_TRY(check_flags(read.flags, SPDL_MUXER_URL));
  return ffmpeg::Destination{name, (read.flags & SPDL_MUXER_URL) != 0, to_string(read.format)};
}

spdl_status spdl_muxer_create(const char *destination, const spdl_muxer_options *options,
                              spdl_muxer **out_muxer, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_muxer));
    SPDL_TRY_ASSIGN(auto read, read_destination(destination, options));
    return hand_over(ffmpeg::Muxer::create(std::move(read)), out_muxer);
  });
}

spdl_status spdl_muxer_add_encode_stream(const spdl_muxer *muxer,
                                         const spdl_encode_options *options,
                                         spdl_encoder **out_encoder, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(muxer, out_encoder));
    const auto value = muxer->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(const auto read, read_encode_options(options));
    return hand_over(value->add_encode_stream(read), out_encoder);
  });
}

spdl_status spdl_muxer_add_remux_stream(const spdl_muxer *muxer, const spdl_codec *codec,
                                        spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(muxer, codec));
    const auto value = muxer->value;  // the handles may be freed meanwhile
    const auto from = codec->value;
    return value->add_remux_stream(*from);
  });
}

spdl_status spdl_muxer_open(const spdl_muxer *muxer, const spdl_option *options,
                            uint32_t num_options, const spdl_limits *limits,
                            spdl_error *err) noexcept {
  return run_action([&] { return plan_open(muxer, options, num_options); }, limits, err);
}

spdl_status spdl_muxer_open_submit(spdl_queue *queue, uint64_t tag, const spdl_muxer *muxer,
                                   const spdl_option *options, uint32_t num_options,
                                   const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(
      queue, tag, [&] { return plan_open(muxer, options, num_options); }, limits, err);
}

spdl_status spdl_muxer_write(const spdl_muxer *muxer, uint32_t stream_index,
                             const spdl_packets *packets, const spdl_limits *limits,
                             spdl_error *err) noexcept {
  return run_action([&] { return plan_write(muxer, stream_index, packets); }, limits, err);
}

spdl_status spdl_muxer_write_submit(spdl_queue *queue, uint64_t tag, const spdl_muxer *muxer,
                                    uint32_t stream_index, const spdl_packets *packets,
                                    const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(
      queue, tag, [&] { return plan_write(muxer, stream_index, packets); }, limits, err);
}

spdl_status spdl_muxer_flush(const spdl_muxer *muxer, const spdl_limits *limits,
                             spdl_error *err) noexcept {
  return run_action([&] { return plan_flush(muxer); }, limits, err);
}

spdl_status spdl_muxer_flush_submit(spdl_queue *queue, uint64_t tag, const spdl_muxer *muxer,
                                    const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(queue, tag, [&] { return plan_flush(muxer); }, limits, err);
}

spdl_status spdl_muxer_close(const spdl_muxer *muxer, const spdl_limits *limits,
                             spdl_error *err) noexcept {
  return run_action([&] { return plan_close(muxer); }, limits, err);
}

spdl_status spdl_muxer_close_submit(spdl_queue *queue, uint64_t tag, const spdl_muxer *muxer,
                                    const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(queue, tag, [&] { return plan_close(muxer); }, limits, err);
}

void spdl_muxer_free(spdl_muxer *muxer) noexcept { delete muxer; }

spdl_status spdl_frames_save(const spdl_frames *frames, const char *destination,
                             const spdl_save_options *options, const spdl_limits *limits,
                             spdl_error *err) noexcept {
  return run_action([&] { return plan_save(frames, destination, options); }, limits, err);
}

spdl_status spdl_frames_save_submit(spdl_queue *queue, uint64_t tag, const spdl_frames *frames,
                                    const char *destination, const spdl_save_options *options,
                                    const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(
      queue, tag, [&] { return plan_save(frames, destination, options); }, limits, err);
}
