// SPDX-License-Identifier: BSD-2-Clause
// The array that a picture makes, by the descriptor of its pixel format.
#pragma once

#include "buffer/buffer.h"
#include "ffmpeg/compat.h"

namespace spdl::ffmpeg {

// That of one picture of this size and format.
Result<buffer::Layout> picture_layout(AVPixelFormat format, int width, int height);

// A size that fits the array of every format: a multiple of whatever subsampling asks for.
inline constexpr int fitting_size = 64;

// The format with elements in this machine's order of bytes; most formats are their own.
AVPixelFormat native_format(AVPixelFormat format);

// Reverse the bytes of each element.
void swap_elements(uint8_t *data, size_t size, uint32_t element_size);

}  // namespace spdl::ffmpeg
