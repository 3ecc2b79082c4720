// SPDX-License-Identifier: BSD-2-Clause
// FFmpeg's libraries as they were loaded.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace spdl::ffmpeg {

struct Versions {
  const char *release;
  const char *license;
  // (major << 16) | (minor << 8) | micro
  uint32_t avutil, avcodec, avformat, avfilter, swscale, swresample;
};

Versions versions();

// Static strings, with what they stand for.
using Names = std::vector<std::pair<const char *, const char *>>;

Names filters();         // what each does
Names pixel_formats();   // those that make an array; the type of an element
Names sample_formats();  // likewise

// av_log's; AV_LOG_PANIC from the moment on that libspdl is loaded.
void set_log_level(int level);
int log_level();

}  // namespace spdl::ffmpeg
