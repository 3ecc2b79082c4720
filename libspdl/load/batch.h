// SPDX-License-Identifier: BSD-2-Clause
// Many sources → one buffer, by all workers that have time.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "buffer/buffer.h"
#include "load/item.h"
#include "queue/pool.h"

namespace spdl::load {

struct BatchOptions {
  ItemOptions item;
  bool skip_errors = false;
  // None, one for all sources, or one for each.
  std::vector<ffmpeg::Window> windows;
  std::shared_ptr<const buffer::Memory> out;
};

struct Batch {
  buffer::BufferPtr buffer;      // null if nothing was loaded
  std::vector<int64_t> indices;  // of the sources in the buffer
  std::vector<Error> failures;   // of the others, in order; `item` says which
};

using BatchPtr = std::shared_ptr<const Batch>;
using Sources = std::vector<ffmpeg::SourcePtr>;
using BatchDone = std::function<void(Result<BatchPtr>)>;

// Begin on this thread; idle workers of the pool help. The thread that ends the last item calls
// `done`; no thread waits. At most one item for each thread is decoded and not yet in the buffer.
Result<void> start_batch(Sources sources, BatchOptions options, const Limits &limits,
                         queue::PoolPtr pool, BatchDone done);

// Begin on this thread and wait for the others.
Result<BatchPtr> load_batch(Sources sources, BatchOptions options, const Limits &limits);

}  // namespace spdl::load
