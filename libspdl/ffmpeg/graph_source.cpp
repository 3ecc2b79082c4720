// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/graph_source.h"

#include <algorithm>

#include "ffmpeg/window.h"

namespace spdl::ffmpeg {
namespace {

std::string describe_layout(const AVChannelLayout &layout) {
  char text[256];
  return av_channel_layout_describe(&layout, text, sizeof text) < 0 ? "" : text;
}

std::string describe_picture(int format, int width, int height) {
  const char *name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(format));
  return "pictures (" + std::string(name ? name : "none") + ", " + std::to_string(width) + "x" +
         std::to_string(height) + ")";
}

std::string describe_samples(int format, int rate, const AVChannelLayout &layout) {
  const char *name = av_get_sample_fmt_name(static_cast<AVSampleFormat>(format));
  return "samples (" + std::string(name ? name : "none") + ", " + std::to_string(rate) + " Hz, " +
         describe_layout(layout) + ")";
}

// Which channels there are may be unknown on either side; their number is not.
bool agree(const AVChannelLayout &a, const AVChannelLayout &b) {
  if (a.order == AV_CHANNEL_ORDER_UNSPEC || b.order == AV_CHANNEL_ORDER_UNSPEC)
    return a.nb_channels == b.nb_channels;
  return av_channel_layout_compare(&a, &b) == 0;
}

int64_t count(const AVFrame &frame, bool is_audio) { return is_audio ? frame.nb_samples : 1; }

}  // namespace

GraphSource::GraphSource(AVFilterContext *context, std::string key)
    : context_(context), key_(std::move(key)) {
  AVRational rate{0, 1};
  if (!is_audio() && av_opt_get_q(context_, "frame_rate", AV_OPT_SEARCH_CHILDREN, &rate) >= 0 &&
      rate.num > 0 && rate.den > 0)
    frame_rate_ = rate;
}

bool GraphSource::fits(const AVFrame &frame) const {
  const AVFilterLink &to = link();
  if (frame.format != to.format) return false;
  if (is_audio())
    return frame.sample_rate == to.sample_rate && agree(frame.ch_layout, to.ch_layout);
  return frame.width == to.w && frame.height == to.h;
}

std::string GraphSource::describe() const {
  const AVFilterLink &to = link();
  return is_audio() ? describe_samples(to.format, to.sample_rate, to.ch_layout)
                    : describe_picture(to.format, to.w, to.h);
}

Result<void> GraphSource::check(const Frames &frames) const {
  for (const auto &frame : frames.frames) {
    const bool is_kind = frames.is_audio() == is_audio();
    if (is_kind && fits(*frame)) continue;
    const std::string got =
        frames.is_audio() ? describe_samples(frame->format, frame->sample_rate, frame->ch_layout)
                          : describe_picture(frame->format, frame->width, frame->height);
    return Error{Status::filter, Origin::filter,
                 "The source " + key_ + " of the filter graph takes " + describe() +
                     ", but the frames are " + got + " for " + frames.source}
        .at_time(to_seconds(frame->pts, frames.time_base));
  }
  return {};
}

void GraphSource::add(const Frames &frames) {
  if (is_closed_) return;
  for (const auto &frame : frames.frames) {
    waiting_.push_back(prepare(*frame, frames.time_base));
    num_waiting_ += count(*frame, is_audio());
    bytes_waiting_ += num_bytes(*frame);
  }
}

// A reference of its own, so that times can be changed, and filters that write copy the pixels.
FramePtr GraphSource::prepare(const AVFrame &frame, AVRational from) {
  auto copy = own<FramePtr>(av_frame_clone(&frame));
  if (is_audio() && frame.ch_layout.order != link().ch_layout.order &&
      av_channel_layout_copy(&copy->ch_layout, &link().ch_layout) < 0)
    throw std::bad_alloc();
  int64_t pts = frame.pts;
  if (pts != AV_NOPTS_VALUE) pts = av_rescale_q(pts, from, time_base());
  if (pts == AV_NOPTS_VALUE) pts = next_pts_ == AV_NOPTS_VALUE ? 0 : next_pts_;
  copy->pts = pts;
  copy->time_base = time_base();
  const int64_t ticks = duration(*copy, from, pts);
  duration_of(*copy) = ticks;
  last_pts_ = pts;
  next_pts_ = add_ticks(pts, ticks);
  return copy;
}

// How long a frame lasts, in ticks of the source: where the stream ends if it is the last one.
int64_t GraphSource::duration(AVFrame &frame, AVRational from, int64_t pts) const {
  if (is_audio()) return av_rescale_q(frame.nb_samples, {1, frame.sample_rate}, time_base());
  if (duration_of(frame) > 0)
    return std::max<int64_t>(0, av_rescale_q(duration_of(frame), from, time_base()));
  if (frame_rate_.num > 0) return av_rescale_q(1, av_inv_q(frame_rate_), time_base());
  if (last_pts_ == AV_NOPTS_VALUE || pts <= last_pts_) return 0;
  int64_t since;
  return __builtin_sub_overflow(pts, last_pts_, &since) ? INT64_MAX : since;
}

int GraphSource::push() {
  int code = 0;
  if (waiting_.empty()) {
    code = av_buffersrc_close(context_, next_pts_, 0);
    close();
  } else {
    const FramePtr frame = std::move(waiting_.front());
    waiting_.pop_front();
    num_waiting_ -= count(*frame, is_audio());
    bytes_waiting_ -= num_bytes(*frame);
    code = av_buffersrc_add_frame_flags(context_, frame.get(), 0);
    if (code == AVERROR_EOF) close();
  }
  return code == AVERROR_EOF ? 0 : code;
}

void GraphSource::close() {
  is_closed_ = true;
  waiting_.clear();
  num_waiting_ = bytes_waiting_ = 0;
}

}  // namespace spdl::ffmpeg
