// SPDX-License-Identifier: BSD-2-Clause
// Many images → one buffer, by all workers that have time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "load/load.h"
#include "queue/pool.h"

namespace spdl::load {

struct BatchOptions {
  bool skip_errors = false;
  int width = 0;  // 0: each image's own
  int height = 0;
  std::string pix_fmt;  // empty: the decoder's own
  ffmpeg::DemuxOptions demux;
  ffmpeg::DecodeOptions decode;
  std::shared_ptr<const buffer::Memory> out;
};

struct Batch {
  buffer::BufferPtr buffer;      // null if no image was loaded
  std::vector<int64_t> indices;  // of the sources in the buffer
  std::vector<Error> failures;   // of the others, in order; `item` says which
};

using BatchPtr = std::shared_ptr<const Batch>;
using Sources = std::vector<ffmpeg::SourcePtr>;
using BatchDone = std::function<void(Result<BatchPtr>)>;

// The filter that fits an image into the size and format; null if nothing is asked for.
std::optional<std::string> describe_fit(int width, int height, const std::string &pix_fmt);

// Begin on this thread; idle workers of the pool help. The thread that ends the last image calls
// `done`; no thread waits.
Result<void> start_batch(Sources sources, BatchOptions options, const Limits &limits,
                         queue::Pool &pool, BatchDone done);

// Begin on this thread and wait for the others.
Result<BatchPtr> load_batch(Sources sources, BatchOptions options, const Limits &limits);

}  // namespace spdl::load
