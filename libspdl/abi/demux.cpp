// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/demux.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Call<spdl_demuxer>> plan_open(const spdl_source *source, const spdl_demux_options *options) {
  SPDL_TRY(require(source));
  SPDL_TRY_ASSIGN(auto read, read_demux_options(options));
  return [source = source->value, read = std::move(read)](const Limits &limits) {
    return ffmpeg::Demuxer::open(source, read, limits);
  };
}

Result<Call<spdl_packets>> plan_demuxer_demux(const spdl_demuxer *demuxer, int32_t media,
                                              const spdl_window *window) {
  SPDL_TRY(require(demuxer));
  SPDL_TRY_ASSIGN(const auto kind, read_media(media));
  SPDL_TRY_ASSIGN(const auto range, read_window_for(kind, window));
  return [demuxer = demuxer->value, kind, range](const Limits &limits) {
    return demuxer->demux(kind, range, limits);
  };
}

Result<Call<spdl_packets>> plan_source_demux(const spdl_source *source, int32_t media,
                                             const spdl_window *window,
                                             const spdl_demux_options *options) {
  SPDL_TRY(require(source));
  SPDL_TRY_ASSIGN(const auto kind, read_media(media));
  SPDL_TRY_ASSIGN(const auto range, read_window_for(kind, window));
  SPDL_TRY_ASSIGN(auto read, read_demux_options(options));
  return [source = source->value, kind, range, read = std::move(read)](const Limits &limits) {
    return ffmpeg::demux(source, kind, range, read, limits);
  };
}

Result<Call<spdl_chunk>> plan_read(const spdl_demuxer *demuxer, const int32_t *streams,
                                   uint32_t num_streams, const spdl_read_options *options) {
  SPDL_TRY(require(demuxer, streams));
  if (num_streams == 0) return invalid("A list of streams is empty.");
  SPDL_TRY_ASSIGN(const auto read, read_read_options(options));
  std::vector<int> wanted(streams, streams + num_streams);
  return [demuxer = demuxer->value, wanted = std::move(wanted), read](const Limits &limits) {
    return demuxer->read_chunk(wanted, read, limits);
  };
}

// A time of the whole source, in AV_TIME_BASE.
spdl_rational seconds(int64_t time) {
  return time == AV_NOPTS_VALUE ? spdl_rational{0, 1} : spdl_rational{time, AV_TIME_BASE};
}

}  // namespace

spdl_status spdl_demuxer_open(const spdl_source *source, const spdl_demux_options *options,
                              const spdl_limits *limits, spdl_demuxer **out_demuxer,
                              spdl_error *err) noexcept {
  return run([&] { return plan_open(source, options); }, limits, out_demuxer, err, source);
}

spdl_status spdl_demuxer_open_submit(spdl_queue *queue, uint64_t tag, const spdl_source *source,
                                     const spdl_demux_options *options, const spdl_limits *limits,
                                     spdl_error *err) noexcept {
  return submit<spdl_demuxer>(
      queue, tag, [&] { return plan_open(source, options); }, limits, err, source);
}

spdl_status spdl_demuxer_get_info(const spdl_demuxer *demuxer, spdl_demuxer_info *out_info,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(demuxer));
    const ffmpeg::Demuxer &value = *demuxer->value;
    spdl_demuxer_info info{};
    info.num_streams = value.num_streams();
    info.source = value.source().c_str();
    info.format = value.format();
    info.audio_stream = value.best_stream(ffmpeg::Media::audio);
    info.video_stream = value.best_stream(ffmpeg::Media::video);
    info.start_time = seconds(value.start_time());
    info.duration = seconds(value.duration());
    return write_struct(out_info, info);
  });
}

spdl_status spdl_demuxer_get_codec(const spdl_demuxer *demuxer, int32_t media,
                                   spdl_codec **out_codec, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(demuxer, out_codec));
    SPDL_TRY_ASSIGN(const auto kind, read_media(media));
    const auto value = demuxer->value;  // the handle may be freed meanwhile
    return hand_over(value->codec(kind), out_codec);
  });
}

spdl_status spdl_demuxer_demux(const spdl_demuxer *demuxer, int32_t media,
                               const spdl_window *window, const spdl_limits *limits,
                               spdl_packets **out_packets, spdl_error *err) noexcept {
  return run([&] { return plan_demuxer_demux(demuxer, media, window); }, limits, out_packets, err);
}

spdl_status spdl_demuxer_demux_submit(spdl_queue *queue, uint64_t tag, const spdl_demuxer *demuxer,
                                      int32_t media, const spdl_window *window,
                                      const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_demuxer_demux(demuxer, media, window); }, limits, err);
}

spdl_status spdl_demuxer_read(const spdl_demuxer *demuxer, const int32_t *streams,
                              uint32_t num_streams, const spdl_read_options *options,
                              const spdl_limits *limits, spdl_chunk **out_chunk,
                              spdl_error *err) noexcept {
  return run([&] { return plan_read(demuxer, streams, num_streams, options); }, limits, out_chunk,
             err);
}

spdl_status spdl_demuxer_read_submit(spdl_queue *queue, uint64_t tag, const spdl_demuxer *demuxer,
                                     const int32_t *streams, uint32_t num_streams,
                                     const spdl_read_options *options, const spdl_limits *limits,
                                     spdl_error *err) noexcept {
  return submit<spdl_chunk>(
      queue, tag, [&] { return plan_read(demuxer, streams, num_streams, options); }, limits, err);
}

spdl_status spdl_chunk_get_info(const spdl_chunk *chunk, spdl_chunk_info *out_info,
                                spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(chunk));
    spdl_chunk_info info{};
    info.num_streams = static_cast<uint32_t>(chunk->value->packets.size());
    return write_struct(out_info, info);
  });
}

spdl_status spdl_chunk_get_packets(const spdl_chunk *chunk, uint32_t index,
                                   spdl_packets **out_packets, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(chunk, out_packets));
    const auto value = chunk->value;  // the handle may be freed meanwhile
    if (index >= value->packets.size())
      return invalid("There is no stream " + std::to_string(index) + " among the " +
                     std::to_string(value->packets.size()) + " of this chunk.");
    *out_packets = new spdl_packets(value->packets[index]);
    return {};
  });
}

void spdl_chunk_free(spdl_chunk *chunk) noexcept { delete chunk; }

void spdl_demuxer_free(spdl_demuxer *demuxer) noexcept { delete demuxer; }

spdl_status spdl_source_demux(const spdl_source *source, int32_t media, const spdl_window *window,
                              const spdl_demux_options *options, const spdl_limits *limits,
                              spdl_packets **out_packets, spdl_error *err) noexcept {
  return run([&] { return plan_source_demux(source, media, window, options); }, limits, out_packets,
             err, source);
}

spdl_status spdl_source_demux_submit(spdl_queue *queue, uint64_t tag, const spdl_source *source,
                                     int32_t media, const spdl_window *window,
                                     const spdl_demux_options *options, const spdl_limits *limits,
                                     spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_source_demux(source, media, window, options); }, limits, err,
      source);
}
