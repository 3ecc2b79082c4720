// SPDX-License-Identifier: BSD-2-Clause
// The fast way: pictures of a size by libjpeg-turbo, where it is sure of the result, or by FFmpeg's
// decoders, and then by our own resize.
#pragma once

#include "load/canvas.h"
#include "load/item.h"

namespace spdl::load {

// The format of what the fast way makes; null if it does not make what is asked for.
std::optional<pixel::Format> fast_format(const ItemOptions &options);

// The image or the video.
Result<ItemPtr> load_fast(const ffmpeg::Packets &packets, const ItemOptions &options,
                          pixel::Format format, const Limits &limits);

}  // namespace spdl::load
