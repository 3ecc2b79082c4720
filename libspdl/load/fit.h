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

struct Fit {
  int width = 0;  // 0: each picture's own
  int height = 0;
  ScaleMode mode = ScaleMode::pad;
  std::string pix_fmt;  // empty: the decoder's own

  bool is_sized() const { return width > 0 && height > 0; }
  bool is_empty() const { return width == 0 && height == 0 && pix_fmt.empty(); }
  // The filter that does it; null if nothing is asked for.
  std::optional<std::string> describe() const;
  // What an image becomes, if that can be told before one is decoded.
  Result<std::optional<ffmpeg::Form>> foresee() const;
};

}  // namespace spdl::load
