// SPDX-License-Identifier: BSD-2-Clause
// Some frames of a video, without decoding the others.
#pragma once

#include <atomic>
#include <span>

#include "ffmpeg/decode.h"

namespace spdl::ffmpeg {

// A frame that is wanted: the index-th of the window, as time goes.
struct Sample {
  int64_t index = 0;
  int64_t pts = AV_NOPTS_VALUE;  // if the packets say it
  FramesPtr frames;              // one picture
  std::optional<Error> error;    // or why there is none
};

// Packets that are decoded together, beginning with a key frame, for the samples that come of them.
struct SampleSplit {
  size_t first = 0;  // in decode order
  size_t end = 0;    // behind the last packet that is needed
  std::vector<size_t> samples;
};

// Splits at key frames. Pictures that are shown before the key frame that they follow may need the
// ones before it: they stay with the split before. Packets that do not tell the order of the frames
// are one split. A sample that cannot be gets its error.
std::vector<SampleSplit> split_samples(const Packets &packets, std::span<Sample> samples);

// Decode a split up to the last of its samples, and filter each of them alone. Every sample of the
// split gets its frames or its error. `num_bytes` counts those of all splits.
void decode_split(const Packets &packets, const SampleSplit &split, std::span<Sample> samples,
                  const DecodeOptions &options, const Limits &limits,
                  std::atomic<int64_t> &num_bytes);

}  // namespace spdl::ffmpeg
