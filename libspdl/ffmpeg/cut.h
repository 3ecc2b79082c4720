// SPDX-License-Identifier: BSD-2-Clause
// Cuts decoded frames to the window, before any filter sees them: video by whole frames, audio to
// the sample.
#pragma once

#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

class Cut {
 public:
  explicit Cut(const Packets &packets);

  // These packets are next; they may know when the frame after the window is due.
  void follow(const Packets &packets);

  // The part of the frame inside the window, with its pts in ticks of time_base(); null if none is.
  FramePtr apply(FramePtr frame);
  // Of the packets for pictures; 1 / sample rate for audio, as the ffmpeg command has it.
  AVRational time_base() const { return time_base_; }
  // When the last frame ends: the next frame after the window is due, or the stream is over. In
  // ticks of time_base(); filters such as fps fill the time up to here.
  int64_t end_pts() const { return end_pts_; }

 private:
  FramePtr apply_picture(FramePtr frame);
  FramePtr apply_samples(FramePtr frame);
  void end_before(int64_t pts);

  Media media_;
  Window window_;
  AVRational packet_time_base_;
  AVRational time_base_;
  AVRational frame_rate_;
  bool is_past_ = false;  // end_pts_ is that of a frame after the window
  int64_t end_pts_ = AV_NOPTS_VALUE;
  int64_t next_pts_ = AV_NOPTS_VALUE;  // of packet_time_base_
  int64_t rescale_state_ = AV_NOPTS_VALUE;
};

}  // namespace spdl::ffmpeg
