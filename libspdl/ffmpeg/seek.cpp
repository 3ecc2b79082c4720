// SPDX-License-Identifier: BSD-2-Clause
// Where a demuxer begins to read for a window.
#include <algorithm>

#include "base/trace.h"
#include "ffmpeg/demux.h"

namespace spdl::ffmpeg {
namespace {

// After a seek into the middle of a packet (MPEG-TS) the first ones may have no times.
constexpr int max_timeless = 16;

}  // namespace

// Go to where decoding has to begin: the key frame at or before the start, and verify it.
Result<void> Demuxer::seek(AVStream &stream, const Window &window, const Limits &limits) {
  const Preroll preroll(stream, window);
  if (!preroll.latest_start()) return rewind(stream, limits);
  const trace::Stage stage("seek", source());
  int64_t ticks = *preroll.latest_start() - 1;
  // Each step back doubles, so it ends at the first packet soon.
  const int64_t first = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  const int64_t second = std::max<int64_t>(1, av_rescale_q(1, {1, 1}, stream.time_base));
  for (int64_t step = second; ticks > first; step *= 2) {
    if (!seek_to(stream, ticks, 0)) break;  // what cannot seek is read from its beginning
    SPDL_TRY(limits.check(Origin::demux, source()));
    SPDL_TRY_ASSIGN(const bool is_found, find_start(stream, preroll, limits));
    if (is_found) return {};
    ticks = step > INT64_MAX / 4 ? first : add_ticks(ticks, -step);
  }
  return rewind(stream, limits);
}

// Read on to a packet that decoding can begin with, unless it comes after the wanted time. Where a
// container has no index (MPEG-TS), a seek lands on any packet.
Result<bool> Demuxer::find_start(const AVStream &stream, const Preroll &preroll,
                                 const Limits &limits) {
  for (int num_timeless = 0;;) {
    SPDL_TRY_ASSIGN(pending_, read({&stream.index, 1}, limits));
    if (!pending_) return false;
    if (preroll.can_begin(*pending_)) return true;
    const int64_t time = pending_->pts != AV_NOPTS_VALUE ? pending_->pts : pending_->dts;
    if (time == AV_NOPTS_VALUE ? ++num_timeless > max_timeless : time > *preroll.latest_start())
      return false;
    pending_.reset();
  }
}

// To the first packet.
Result<void> Demuxer::rewind(AVStream &stream, const Limits &limits) {
  if (is_at_start_) return {};
  const int64_t first = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  const int64_t margin = av_rescale_q(10, {1, 1}, stream.time_base);
  // The first packet may be due for decoding before the start time, so aim earlier; some demuxers
  // refuse that. Raw streams know positions only.
  is_at_start_ = seek_to(stream, add_ticks(first, -margin), 0) || seek_to(stream, first, 0) ||
                 seek_to(stream, 0, AVSEEK_FLAG_BYTE);
  SPDL_TRY(limits.check(Origin::demux, source()));
  if (is_at_start_) return {};
  return Error{Status::io, Origin::demux,
               source() + ": it cannot be read again from its beginning."};
}

bool Demuxer::seek_to(AVStream &stream, int64_t target, int flags) {
  // A seek that fails would still drop the packets that probing has read ahead.
  if (context_->pb && !(context_->pb->seekable & AVIO_SEEKABLE_NORMAL)) return false;
  pending_.reset();
  is_at_start_ = was_interrupted_ = false;
  return av_seek_frame(context_.get(), stream.index, target, flags | AVSEEK_FLAG_BACKWARD) >= 0;
}

}  // namespace spdl::ffmpeg
