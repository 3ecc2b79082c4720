// SPDX-License-Identifier: BSD-2-Clause
// Decoded pictures or samples. Values: immutable and shared.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

struct Frames {
  Media media;
  std::string source;
  AVRational time_base{0, 1};  // of the frames' pts
  std::vector<FramePtr> frames;
  uint32_t num_corrupt = 0;

  bool is_audio() const { return media == Media::audio; }
  const AVFrame &front() const { return *frames.front(); }
  // Pictures; of audio: samples per channel.
  int64_t count() const;
  // Pixel or sample format, "" if there is no frame.
  const char *format() const;
};

using FramesPtr = std::shared_ptr<const Frames>;

// These pictures, shared; each index is one of the frames.
FramesPtr select(const Frames &frames, std::span<const int64_t> indices, Media media);

const char *format_name(const AVFrame &frame, bool is_audio);

// Whether the decoder marked it as damaged.
bool is_damaged(const AVFrame &frame);

// About how much memory a frame holds.
int64_t num_bytes(const AVFrame &frame);

}  // namespace spdl::ffmpeg
