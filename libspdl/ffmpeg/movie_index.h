// SPDX-License-Identifier: BSD-2-Clause
// Why an MP4 or QuickTime file cannot be opened.
#pragma once

#include "ffmpeg/compat.h"

namespace spdl::ffmpeg {

// Whether a file of this format has no "moov" among its boxes: where it is written last, a file
// that was cut short has lost it. False for other formats, and for what cannot be read again.
bool lacks_movie_index(const AVInputFormat &format, AVIOContext &io);

}  // namespace spdl::ffmpeg
