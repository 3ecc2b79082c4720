// SPDX-License-Identifier: BSD-2-Clause
#include "load/load.h"

#include "base/trace.h"
#include "ffmpeg/convert.h"

namespace spdl::load {

Result<ffmpeg::FramesPtr> load_frames(const ffmpeg::SourcePtr &source, ffmpeg::Media media,
                                      const ffmpeg::Window &window,
                                      const ffmpeg::DemuxOptions &demux_options,
                                      const ffmpeg::DecodeOptions &decode_options,
                                      const Limits &limits) {
  SPDL_TRY_ASSIGN(const auto packets, ffmpeg::demux(source, media, window, demux_options, limits));
  SPDL_TRY_ASSIGN(auto frames, ffmpeg::decode(*packets, decode_options, limits));
  if (frames->frames.empty() && (window.start || window.end))
    return Error{Status::mismatch, Origin::convert,
                 "No frame to convert to buffer. (" + frames->source +
                     ": nothing is in the window of time)"};
  return frames;
}

Result<buffer::BufferPtr> load(const ffmpeg::SourcePtr &source, ffmpeg::Media media,
                               const LoadOptions &options, const Limits &limits) {
  const trace::Stage stage("load", source->name);
  SPDL_TRY_ASSIGN(const auto frames, load_frames(source, media, options.window, options.demux,
                                                 options.decode, limits));
  return ffmpeg::convert({&frames, 1}, false, options.out, limits);
}

}  // namespace spdl::load
