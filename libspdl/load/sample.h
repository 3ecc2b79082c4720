// SPDX-License-Identifier: BSD-2-Clause
// Some frames of a video, by all workers that have time.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ffmpeg/sample.h"
#include "queue/pool.h"

namespace spdl::load {

struct Samples {
  std::vector<ffmpeg::FramesPtr> frames;  // one picture each, as the indices were
  std::vector<int64_t> indices;           // of those
  std::vector<Error> failures;            // of the others; `item` is the index
};

using SamplesPtr = std::shared_ptr<const Samples>;
using SamplesDone = std::function<void(Result<SamplesPtr>)>;

// Ascending, from 0 to one less than the frames in the window.
Result<void> check_indices(const ffmpeg::Packets &packets, std::span<const int64_t> indices);

// Begin on this thread; idle workers of the pool help. The thread that ends the last split calls
// `done`; no thread waits.
Result<void> start_samples(ffmpeg::PacketsPtr packets, std::vector<int64_t> indices,
                           ffmpeg::DecodeOptions options, const Limits &limits, queue::PoolPtr pool,
                           SamplesDone done);

// Begin on this thread and wait for the others.
Result<SamplesPtr> sample(ffmpeg::PacketsPtr packets, std::vector<int64_t> indices,
                          ffmpeg::DecodeOptions options, const Limits &limits);

}  // namespace spdl::load
