// SPDX-License-Identifier: BSD-2-Clause
// Cuts decoded frames to the window, before any filter sees them: video by whole frames, audio to
// the sample.
#pragma once

#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

class Cut {
 public:
  explicit Cut(const Packets &packets);

  // The part of the frame inside the window, with its pts in ticks of time_base(); null if none is.
  FramePtr apply(FramePtr frame);
  // Of the packets for pictures; 1 / sample rate for audio, as the ffmpeg command has it.
  AVRational time_base() const { return time_base_; }

 private:
  FramePtr apply_picture(FramePtr frame);
  FramePtr apply_samples(FramePtr frame);

  Media media_;
  Window window_;
  AVRational packet_time_base_;
  AVRational time_base_;
  int64_t next_pts_ = AV_NOPTS_VALUE;  // of packet_time_base_
  int64_t rescale_state_ = AV_NOPTS_VALUE;
};

}  // namespace spdl::ffmpeg
