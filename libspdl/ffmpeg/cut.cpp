// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/cut.h"

#include <algorithm>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace spdl::ffmpeg {
namespace {

// Samples [first, last) as a frame of their own. A copy: filters want aligned planes.
FramePtr slice(const AVFrame &frame, int64_t first, int64_t last) {
  auto part = make_frame();
  part->format = frame.format;
  part->nb_samples = static_cast<int>(last - first);
  part->sample_rate = frame.sample_rate;
  if (av_channel_layout_copy(&part->ch_layout, &frame.ch_layout) < 0 ||
      av_frame_get_buffer(part.get(), 0) < 0 || av_frame_copy_props(part.get(), &frame) < 0)
    throw std::bad_alloc();
  av_samples_copy(part->extended_data, frame.extended_data, 0, static_cast<int>(first),
                  part->nb_samples, frame.ch_layout.nb_channels,
                  static_cast<AVSampleFormat>(frame.format));
  return part;
}

}  // namespace

Cut::Cut(const Packets &packets)
    : media_(packets.media),
      window_(packets.window),
      packet_time_base_(packets.codec->time_base),
      time_base_(packets.codec->time_base),
      frame_rate_(packets.codec->frame_rate) {
  follow(packets);
}

void Cut::follow(const Packets &packets) {
  if (media_ != Media::audio && packets.next_pts != AV_NOPTS_VALUE) end_before(packets.next_pts);
}

FramePtr Cut::apply(FramePtr frame) {
  return media_ == Media::audio ? apply_samples(std::move(frame)) : apply_picture(std::move(frame));
}

FramePtr Cut::apply_picture(FramePtr frame) {
  frame->pts = frame->best_effort_timestamp;
  const bool is_whole = !window_.start && !window_.end;
  const int64_t pts = frame->pts == AV_NOPTS_VALUE ? next_pts_ : frame->pts;
  if (pts == AV_NOPTS_VALUE) return is_whole ? std::move(frame) : FramePtr();
  int64_t duration = duration_of(*frame);
  if (duration <= 0 && frame_rate_.num > 0)
    duration = av_rescale_q(1, av_inv_q(frame_rate_), packet_time_base_);
  next_pts_ = add_ticks(pts, duration);
  if (!is_past_) end_pts_ = next_pts_;
  frame->pts = pts;
  if (is_whole) return frame;
  if (window_.is_past(pts, packet_time_base_)) end_before(pts);
  return window_.contains(pts, packet_time_base_) ? std::move(frame) : FramePtr();
}

void Cut::end_before(int64_t pts) {
  end_pts_ = is_past_ ? std::min(end_pts_, pts) : pts;
  is_past_ = true;
}

FramePtr Cut::apply_samples(FramePtr frame) {
  if (frame->nb_samples <= 0 || frame->sample_rate <= 0) return {};
  // A file may say how many channels it has, but not which; FFmpeg's command takes the usual ones.
  if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
  const int rate = frame->sample_rate;
  const int64_t n = frame->nb_samples;
  time_base_ = {1, rate};
  if (frame->pts == AV_NOPTS_VALUE) frame->pts = next_pts_ == AV_NOPTS_VALUE ? 0 : next_pts_;
  const int64_t pts = frame->pts;
  next_pts_ = add_ticks(pts, av_rescale_q(n, time_base_, packet_time_base_));
  // Coarse time bases jitter; FFmpeg's command smooths them so, and filters see the same times.
  const int64_t sample = av_rescale_delta(packet_time_base_, pts, time_base_, static_cast<int>(n),
                                          &rescale_state_, time_base_);
  const int64_t first =
      window_.start ? first_sample(*window_.start, pts, packet_time_base_, rate, n) : 0;
  const int64_t last =
      window_.end ? first_sample(*window_.end, pts, packet_time_base_, rate, n) : n;
  if (first >= last) return {};
  if (first > 0 || last < n) frame = slice(*frame, first, last);
  frame->pts = add_ticks(sample, first);
  duration_of(*frame) = last - first;
  end_pts_ = add_ticks(sample, last);
  return frame;
}

}  // namespace spdl::ffmpeg
