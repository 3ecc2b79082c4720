// SPDX-License-Identifier: BSD-2-Clause
// Frames on memory of the caller.
#pragma once

#include <memory>
#include <string>

#include "buffer/memory.h"
#include "ffmpeg/frames.h"

namespace spdl::ffmpeg {

// How the memory lies: densely, plane after plane, frame after frame.
struct ReferenceLayout {
  Media media = Media::video;
  std::string format;
  int64_t num_frames = 0;  // of audio: samples per channel
  int width = 0;
  int height = 0;
  AVRational frame_rate{1, 1};
  int sample_rate = 0;
  int num_channels = 0;
  int64_t pts = 0;  // of the first frame or sample; each adds one tick
};

// The frames keep the memory, and FFmpeg may not write to it.
Result<FramesPtr> refer(const std::shared_ptr<const buffer::Memory> &memory,
                        const ReferenceLayout &layout);

}  // namespace spdl::ffmpeg
