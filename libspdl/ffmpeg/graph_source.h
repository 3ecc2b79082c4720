// SPDX-License-Identifier: BSD-2-Clause
// Where frames enter a graph of filters: those that wait to be asked for, on the source's clock.
#pragma once

#include <deque>
#include <string>

#include "ffmpeg/error.h"
#include "ffmpeg/frames.h"

namespace spdl::ffmpeg {

class GraphSource {
 public:
  // The graph, which is configured, outlives this.
  GraphSource(AVFilterContext *context, std::string key);

  const AVFilterContext *context() const { return context_; }
  const std::string &key() const { return key_; }
  bool is_audio() const { return link().type == AVMEDIA_TYPE_AUDIO; }
  AVRational time_base() const { return link().time_base; }
  AVRational frame_rate() const { return frame_rate_; }  // 0/1 if the description has none

  // Whether these are what the description says of the source.
  Result<void> check(const Frames &frames) const;
  // They wait, after those before. The frames themselves are shared, and stay as they are.
  void add(const Frames &frames);
  // After those that wait, the stream is over.
  void end() { is_ended_ = true; }
  // The graph takes no more.
  void close();

  bool is_closed() const { return is_closed_; }
  // Whether a frame, or the end, waits.
  bool has_next() const { return !is_closed_ && (is_ended_ || !waiting_.empty()); }
  // How often the graph asked in vain since the last frame.
  unsigned num_requests() const { return av_buffersrc_get_nb_failed_requests(context_); }
  // Give the graph what comes next. FFmpeg's code, but fine if the graph wants no more.
  int push();

  // Pictures, or samples per channel.
  int64_t num_waiting() const { return num_waiting_; }
  int64_t bytes_waiting() const { return bytes_waiting_; }

 private:
  const AVFilterLink &link() const { return *context_->outputs[0]; }
  bool fits(const AVFrame &frame) const;
  std::string describe(const AVFrame &frame) const;
  std::string describe() const;
  FramePtr prepare(const AVFrame &frame, AVRational time_base);
  int64_t duration(AVFrame &frame, AVRational time_base, int64_t pts) const;

  AVFilterContext *const context_;
  const std::string key_;
  AVRational frame_rate_{0, 1};
  std::deque<FramePtr> waiting_;
  int64_t num_waiting_ = 0;
  int64_t bytes_waiting_ = 0;
  // In ticks of the source.
  int64_t last_pts_ = AV_NOPTS_VALUE;
  int64_t next_pts_ = AV_NOPTS_VALUE;
  bool is_ended_ = false;
  bool is_closed_ = false;
};

}  // namespace spdl::ffmpeg
