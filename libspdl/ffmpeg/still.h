// SPDX-License-Identifier: BSD-2-Clause
// Still pictures whose file is one packet: JPEG, PNG, WebP. They need no container, no probing and
// no seeking; what is left is to know them by their first bytes and to read their size.
#pragma once

#include <optional>
#include <span>

#include "ffmpeg/input.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

struct Still {
  AVCodecID codec;
  // 0 if the header does not say.
  int width = 0;
  int height = 0;
  // Whether its end is there.
  bool is_complete = false;
};

// What these bytes are, if they are a still picture. Animations and unknown formats are not.
std::optional<Still> recognize_still(std::span<const uint8_t> data);

// Whether these bytes are a WebP of several pictures, which not every FFmpeg decodes.
bool is_animated_webp(std::span<const uint8_t> data);

// An error if the packet is a JPEG of so many scans that it was made to keep the decoder busy.
Result<void> check_scans(AVCodecID codec, const AVPacket &packet, const std::string &source);

// The picture in a source of known size as one packet; null if it is none, so that the reader goes
// to a demuxer.
Result<PacketsPtr> read_still(const Source &source, Reader &reader, const Limits &limits);

}  // namespace spdl::ffmpeg
