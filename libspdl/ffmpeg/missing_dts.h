// SPDX-License-Identifier: BSD-2-Clause
// Decode times where a container gives none.
#pragma once

#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

// Raw streams have no timestamps. Pictures then get those that the ffmpeg command gives them:
// decoding at the frame rate, begun early enough for pictures to be reordered.
class MissingDts {
 public:
  MissingDts(const AVStream &stream, bool is_at_start) {
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO || stream.avg_frame_rate.num <= 0) return;
    duration_ = av_rescale_q(1, av_inv_q(stream.avg_frame_rate), stream.time_base);
    if (is_at_start) next_ = -stream.codecpar->video_delay * duration_;
  }
  void fill(AVPacket &packet) {
    if (packet.dts == AV_NOPTS_VALUE) packet.dts = next_;
    if (packet.dts != AV_NOPTS_VALUE)
      next_ = add_ticks(packet.dts, packet.duration > 0 ? packet.duration : duration_);
  }

 private:
  int64_t duration_ = 0;
  int64_t next_ = AV_NOPTS_VALUE;
};

}  // namespace spdl::ffmpeg
