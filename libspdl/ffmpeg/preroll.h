// SPDX-License-Identifier: BSD-2-Clause
// What decoding needs of the packets before a window, to be exact from its start on.
#pragma once

#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

// B-frames come after frames that are shown later; by so many packets at most (H.264, HEVC).
inline constexpr int max_reorder = 16;

class Preroll {
 public:
  Preroll(const AVStream &stream, const Window &window);

  // Decoding may begin with a key frame at or before this tick; none: with the first packet only.
  const std::optional<int64_t> &latest_start() const { return latest_start_; }
  // Whether decoding can begin with this packet, and needs none before it.
  bool can_begin(const AVPacket &packet) const;
  // Whether a packet of audio ends before decoding has to begin.
  bool is_over(const AVPacket &packet) const;

 private:
  int64_t frame_duration(const AVPacket &packet) const;

  const AVStream &stream_;
  const bool is_audio_;
  std::optional<int64_t> latest_start_;
};

}  // namespace spdl::ffmpeg
