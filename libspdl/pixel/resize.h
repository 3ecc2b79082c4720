// SPDX-License-Identifier: BSD-2-Clause
// Pictures at another size, as packed 8-bit samples of full range: area average where an axis
// shrinks, bilinear where it grows. Chroma goes from its own resolution to the target's in one
// step.
#pragma once

#include "base/result.h"
#include "pixel/picture.h"

namespace spdl::pixel {

// The picture is scaled to scaled_width x scaled_height; of that, the window at (x, y) is written.
struct Geometry {
  int scaled_width = 0;
  int scaled_height = 0;
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

enum class Format { gray, rgb24, bgr24 };

// Sides of pictures, scaled or not.
inline constexpr int max_side = 1 << 16;

// Write geometry.height rows of geometry.width pixels, `stride` bytes apart. Nothing outside the
// planes is read and nothing outside the rows is written. The bytes are the same on every machine.
// Fails (Status::invalid) on sizes that do not fit together; throws std::bad_alloc only.
// Any thread; no state is kept between calls.
Result<void> resize(const Picture &picture, const Geometry &geometry, Format format, uint8_t *to,
                    ptrdiff_t stride);

}  // namespace spdl::pixel
