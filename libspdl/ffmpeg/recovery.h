// SPDX-License-Identifier: BSD-2-Clause
// Key frames of H.264 after which pictures become right only bit by bit: periodic intra refresh.
#pragma once

#include <optional>

#include "ffmpeg/compat.h"

namespace spdl::ffmpeg {

// How many frames after this key frame the pictures are exact: 0 of nearly all, more where it is a
// recovery point (ITU-T H.264, D.2.8). None: they never need be.
std::optional<int64_t> frames_to_recover(const AVPacket &packet,
                                         const AVCodecParameters &parameters);

}  // namespace spdl::ffmpeg
