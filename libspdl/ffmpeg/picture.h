// SPDX-License-Identifier: BSD-2-Clause
// Decoded frames as pictures of planes.
#pragma once

#include <optional>

#include "ffmpeg/frames.h"
#include "pixel/picture.h"

namespace spdl::ffmpeg {

// The planes of a frame, without alpha; the frame keeps them. Null if its samples are not of 8 bits
// each, or its colours mean something that pixel::Picture cannot say: swscale is to do it.
std::optional<pixel::Picture> picture_of(const AVFrame &frame, Media media);

}  // namespace spdl::ffmpeg
