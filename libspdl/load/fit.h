// SPDX-License-Identifier: BSD-2-Clause
// Pictures of any size brought to one size and format.
#pragma once

#include <optional>
#include <string>

#include "base/limits.h"
#include "ffmpeg/form.h"

namespace spdl::load {

// What is done where the shapes of picture and size differ.
enum class ScaleMode { pad, crop, stretch };

// Where a picture comes in the array.
struct Placement {
  // Of the array, in pixels.
  int width, height;
  // The whole picture is brought to this size, and this part of that is shown.
  int scaled_width, scaled_height;
  int crop_x, crop_y, shown_width, shown_height;
  // Where that part comes; around it the array is black.
  int x, y;
};

struct Fit {
  int width = 0;  // 0: each picture's own
  int height = 0;
  ScaleMode mode = ScaleMode::pad;
  std::string pix_fmt;  // empty: the decoder's own

  bool is_sized() const { return width > 0 && height > 0; }
  bool is_empty() const { return width == 0 && height == 0 && pix_fmt.empty(); }
  // The filter that does it; null if nothing is asked for.
  std::optional<std::string> describe() const;
  // The same for a picture of this size. Like the filter but that it puts the picture in the very
  // middle, where the filter keeps to the grid of chroma.
  Placement place(int picture_width, int picture_height) const;
  // What an image becomes, if that can be told before one is decoded.
  Result<std::optional<ffmpeg::Form>> foresee() const;
};

}  // namespace spdl::load
