// SPDX-License-Identifier: BSD-2-Clause
// Some frames of a video, without decoding the others.
#pragma once

#include <functional>
#include <span>

#include "ffmpeg/decode.h"
#include "ffmpeg/filter_picture.h"

namespace spdl::ffmpeg {

// A frame that is wanted: the index-th of the window, as time goes.
struct Sample {
  int64_t index = 0;
  int64_t pts = AV_NOPTS_VALUE;  // if the packets say it
  FramesPtr frames;              // one picture, if it is kept
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

// Takes the picture of a sample as it was decoded. `end_pts` is when the window ends.
using TakeSample =
    std::function<Result<void>(Sample &sample, TimedPicture picture, int64_t end_pts)>;

// Decode a split up to the last of its samples. Every sample of the split is taken, or gets its
// error.
void decode_split(const Packets &packets, const SampleSplit &split, std::span<Sample> samples,
                  const DecodeOptions &options, const Limits &limits, const TakeSample &take);

}  // namespace spdl::ffmpeg
