// SPDX-License-Identifier: BSD-2-Clause
// Source → buffer in one operation.
#pragma once

#include <memory>

#include "buffer/buffer.h"
#include "load/item.h"

namespace spdl::load {

struct LoadOptions {
  ItemOptions item;
  ffmpeg::Window window;
  std::shared_ptr<const buffer::Memory> out;
};

Result<buffer::BufferPtr> load(const ffmpeg::SourcePtr &source, const LoadOptions &options,
                               const Limits &limits);

}  // namespace spdl::load
