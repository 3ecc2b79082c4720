// SPDX-License-Identifier: BSD-2-Clause
// What differs between FFmpeg 5.1, 6, 7, 8 and 9, by the version that changed it.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
}

#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 28, 100)
#error "libspdl needs FFmpeg 5.1 or newer."
#endif

// AVBufferSrcParameters carries colour since lavfi 10.1 (7.0.1 / 7.1).
#define SPDL_BUFFERSRC_HAS_COLOR (LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(10, 1, 100))

// AVFrame.duration replaced pkt_duration with lavu 57.30 (FFmpeg 6).
#define SPDL_FRAME_HAS_DURATION (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100))

namespace spdl::ffmpeg {

inline int64_t &duration_of(AVFrame &frame) {
#if SPDL_FRAME_HAS_DURATION
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

inline void copy_color(AVBufferSrcParameters &to, const AVFrame &from) {
#if SPDL_BUFFERSRC_HAS_COLOR
  to.color_space = from.colorspace;
  to.color_range = from.color_range;
#else
  static_cast<void>(to);
  static_cast<void>(from);
#endif
}

}  // namespace spdl::ffmpeg
