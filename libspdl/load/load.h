// SPDX-License-Identifier: BSD-2-Clause
// Source → buffer in one operation.
#pragma once

#include <memory>

#include "buffer/buffer.h"
#include "ffmpeg/decode.h"
#include "ffmpeg/demux.h"

namespace spdl::load {

struct LoadOptions {
  ffmpeg::DemuxOptions demux;
  ffmpeg::DecodeOptions decode;
  ffmpeg::Window window;
  std::shared_ptr<const buffer::Memory> out;
};

// What is in the window; an error if that is nothing.
Result<ffmpeg::FramesPtr> load_frames(const ffmpeg::SourcePtr &source, ffmpeg::Media media,
                                      const ffmpeg::Window &window,
                                      const ffmpeg::DemuxOptions &demux_options,
                                      const ffmpeg::DecodeOptions &decode_options,
                                      const Limits &limits);

Result<buffer::BufferPtr> load(const ffmpeg::SourcePtr &source, ffmpeg::Media media,
                               const LoadOptions &options, const Limits &limits);

}  // namespace spdl::load
