// SPDX-License-Identifier: BSD-2-Clause
// One picture through a chain of filters of its own.
#pragma once

#include <string>

#include "base/limits.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

struct TimedPicture {
  FramePtr frame;
  AVRational time_base;  // of its pts
};

// The first picture that the filters make of this one alone. `codec` is what it was decoded from,
// `end_pts` when it ends.
Result<TimedPicture> filter_picture(TimedPicture picture, const std::string &desc,
                                    const Codec &codec, int64_t end_pts, const Limits &limits,
                                    const std::string &source);

}  // namespace spdl::ffmpeg
