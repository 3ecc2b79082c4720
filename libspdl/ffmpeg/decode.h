// SPDX-License-Identifier: BSD-2-Clause
// Packets → frames.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ffmpeg/decoder.h"
#include "ffmpeg/frames.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

struct DecodeOptions {
  DecoderOptions decoder;
  // Without a description, frames come out as they were decoded.
  std::optional<std::string> filter_desc;
  bool use_default_filter = true;  // instead of filter_desc
  bool strict = false;
  bool is_reference = false;  // of loads: the way whose results are those of the ffmpeg command
  int64_t num_frames = 0;     // stop after so many left the graph; 0: all
};

// "format=pix_fmts=rgb24" or "aformat=sample_fmts=fltp".
const char *default_filter(Media media);

Result<FramesPtr> decode(const Packets &packets, const DecodeOptions &options,
                         const Limits &limits);

// Hand the frames over as they come, at least one at a time. Damage after the last one comes with
// no frame.
Result<void> decode_each(const Packets &packets, const DecodeOptions &options, const Limits &limits,
                         const std::function<Result<void>(FramesPtr)> &take);

}  // namespace spdl::ffmpeg
