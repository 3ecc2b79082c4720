// SPDX-License-Identifier: BSD-2-Clause
// Videos by the fast way.
#pragma once

#include "load/canvas.h"
#include "load/item.h"

namespace spdl::load {

// Each picture is brought to its size as it comes out of the decoder.
Result<ItemPtr> load_fast_video(const ffmpeg::Packets &packets, const ItemOptions &options,
                                pixel::Format format, const Limits &limits);

}  // namespace spdl::load
