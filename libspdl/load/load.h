// SPDX-License-Identifier: BSD-2-Clause
// Source → buffer in one operation.
#pragma once

#include <functional>
#include <memory>

#include "buffer/buffer.h"
#include "load/item.h"
#include "queue/pool.h"

namespace spdl::load {

struct LoadOptions {
  ItemOptions item;
  ffmpeg::Window window;
  std::shared_ptr<const buffer::Memory> out;
};

using LoadDone = std::function<void(Result<buffer::BufferPtr>)>;

// Begin on this thread; idle workers of the pool help with a long video. The thread that ends it
// calls `done`; no thread waits.
Result<void> start_load(ffmpeg::SourcePtr source, LoadOptions options, const Limits &limits,
                        queue::PoolPtr pool, LoadDone done);

// Begin on this thread and wait for the others.
Result<buffer::BufferPtr> load(ffmpeg::SourcePtr source, LoadOptions options, const Limits &limits);

}  // namespace spdl::load
