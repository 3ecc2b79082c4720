// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/library.h"

extern "C" {
#include <libswresample/swresample.h>
}

#include "ffmpeg/compat.h"
#include "pixel/version.h"

namespace spdl::ffmpeg {
namespace {

[[maybe_unused]] const bool is_silenced = [] {
  av_log_set_level(AV_LOG_PANIC);
  return true;
}();

}  // namespace

Versions versions() {
  return {av_version_info(),  avformat_license(), avutil_version(),        avcodec_version(),
          avformat_version(), avfilter_version(), pixel::scaler_version(), swresample_version()};
}

void set_log_level(int level) { av_log_set_level(level); }
int log_level() { return av_log_get_level(); }

}  // namespace spdl::ffmpeg
