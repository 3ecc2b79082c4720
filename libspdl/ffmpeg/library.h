// SPDX-License-Identifier: BSD-2-Clause
// FFmpeg's libraries as they were loaded.
#pragma once

#include <cstdint>

namespace spdl::ffmpeg {

struct Versions {
  const char *release;
  const char *license;
  // (major << 16) | (minor << 8) | micro
  uint32_t avutil, avcodec, avformat, avfilter, swscale, swresample;
};

Versions versions();

// av_log's; AV_LOG_PANIC from the moment on that libspdl is loaded.
void set_log_level(int level);
int log_level();

}  // namespace spdl::ffmpeg
