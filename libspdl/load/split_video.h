// SPDX-License-Identifier: BSD-2-Clause
// A video by the fast way straight into its array, by all workers that have time.
#pragma once

#include <functional>

#include "load/canvas.h"
#include "load/load.h"
#include "queue/pool.h"

namespace spdl::load {

// The buffer; or null if the packets are not what they promise: one frame each, none of them
// damaged. Then they are to be decoded one after the other.

// Whether the packets promise so much that it is worth while to try.
bool can_split(const ffmpeg::Packets &packets, const ItemOptions &options);

// Begin on this thread; idle workers of the pool help. Each decodes from a key frame on. The thread
// that ends the last part calls `done`; no thread waits. The result does not depend on how many
// there are.
void start_split_video(ffmpeg::PacketsPtr packets, LoadOptions options, pixel::Format format,
                       const Limits &limits, queue::PoolPtr pool, LoadDone done);

}  // namespace spdl::load
