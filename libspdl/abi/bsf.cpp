// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/bsf.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Call<spdl_packets>> plan_filter(const spdl_bsf *bsf, const spdl_packets *packets,
                                       uint32_t flags) {
  SPDL_TRY(require(bsf));
  if (flags & ~uint32_t{SPDL_BSF_FLUSH}) return invalid("An unknown SPDL_BSF flag.");
  if (!packets && !flags) return invalid("There are no packets to filter.");
  return [bsf = bsf->value, packets = packets ? packets->value : nullptr, is_end = flags != 0](
             const Limits &limits) { return bsf->filter(packets, is_end, limits); };
}

Result<Call<spdl_packets>> plan_apply(const spdl_packets *packets, const char *desc) {
  SPDL_TRY(require(packets, desc));
  return [packets = packets->value, desc = std::string(desc)](const Limits &limits) {
    return ffmpeg::apply_bsf(packets, desc, limits);
  };
}

// What demuxes, and then filters.
template <class Demux>
Call<spdl_packets> then_apply(Demux demux, const char *desc) {
  return [demux = std::move(demux),
          desc = std::string(desc)](const Limits &limits) -> Result<ffmpeg::PacketsPtr> {
    SPDL_TRY_ASSIGN(const auto packets, demux(limits));
    return ffmpeg::apply_bsf(packets, desc, limits);
  };
}

Result<Call<spdl_packets>> plan_demuxer(const spdl_demuxer *demuxer, int32_t media,
                                        const spdl_window *window, const char *desc) {
  SPDL_TRY(require(demuxer, desc));
  SPDL_TRY_ASSIGN(const auto kind, read_media(media));
  SPDL_TRY_ASSIGN(const auto range, read_window_for(kind, window));
  return then_apply([demuxer = demuxer->value, kind,
                     range](const Limits &limits) { return demuxer->demux(kind, range, limits); },
                    desc);
}

Result<Call<spdl_packets>> plan_source(const spdl_source *source, int32_t media,
                                       const spdl_window *window, const char *desc,
                                       const spdl_demux_options *options) {
  SPDL_TRY(require(source, desc));
  SPDL_TRY_ASSIGN(const auto kind, read_media(media));
  SPDL_TRY_ASSIGN(const auto range, read_window_for(kind, window));
  SPDL_TRY_ASSIGN(auto read, read_demux_options(options));
  return then_apply(
      [source = source->value, kind, range, read = std::move(read)](const Limits &limits) {
        return ffmpeg::demux(source, kind, range, read, limits);
      },
      desc);
}

}  // namespace

spdl_status spdl_bsf_open(const spdl_codec *codec, const char *desc, spdl_bsf **out_bsf,
                          spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(codec, desc, out_bsf));
    return hand_over(ffmpeg::Bsf::open(codec->value, desc), out_bsf);
  });
}

spdl_status spdl_bsf_filter(const spdl_bsf *bsf, const spdl_packets *packets, uint32_t flags,
                            const spdl_limits *limits, spdl_packets **out_packets,
                            spdl_error *err) noexcept {
  return run([&] { return plan_filter(bsf, packets, flags); }, limits, out_packets, err);
}

spdl_status spdl_bsf_filter_submit(spdl_queue *queue, uint64_t tag, const spdl_bsf *bsf,
                                   const spdl_packets *packets, uint32_t flags,
                                   const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_filter(bsf, packets, flags); }, limits, err);
}

void spdl_bsf_free(spdl_bsf *bsf) noexcept { delete bsf; }

spdl_status spdl_packets_apply_bsf(const spdl_packets *packets, const char *desc,
                                   const spdl_limits *limits, spdl_packets **out_packets,
                                   spdl_error *err) noexcept {
  return run([&] { return plan_apply(packets, desc); }, limits, out_packets, err);
}

spdl_status spdl_packets_apply_bsf_submit(spdl_queue *queue, uint64_t tag,
                                          const spdl_packets *packets, const char *desc,
                                          const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(queue, tag, [&] { return plan_apply(packets, desc); }, limits, err);
}

spdl_status spdl_demuxer_demux_bsf(const spdl_demuxer *demuxer, int32_t media,
                                   const spdl_window *window, const char *desc,
                                   const spdl_limits *limits, spdl_packets **out_packets,
                                   spdl_error *err) noexcept {
  return run([&] { return plan_demuxer(demuxer, media, window, desc); }, limits, out_packets, err);
}

spdl_status spdl_demuxer_demux_bsf_submit(spdl_queue *queue, uint64_t tag,
                                          const spdl_demuxer *demuxer, int32_t media,
                                          const spdl_window *window, const char *desc,
                                          const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_demuxer(demuxer, media, window, desc); }, limits, err);
}

spdl_status spdl_source_demux_bsf(const spdl_source *source, int32_t media,
                                  const spdl_window *window, const char *desc,
                                  const spdl_demux_options *options, const spdl_limits *limits,
                                  spdl_packets **out_packets, spdl_error *err) noexcept {
  return run([&] { return plan_source(source, media, window, desc, options); }, limits, out_packets,
             err, source);
}

spdl_status spdl_source_demux_bsf_submit(spdl_queue *queue, uint64_t tag, const spdl_source *source,
                                         int32_t media, const spdl_window *window, const char *desc,
                                         const spdl_demux_options *options,
                                         const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_packets>(
      queue, tag, [&] { return plan_source(source, media, window, desc, options); }, limits, err,
      source);
}
