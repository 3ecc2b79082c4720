// SPDX-License-Identifier: BSD-2-Clause
// How the components of a picture become those of the target.
#pragma once

#include <cstdint>

#include "pixel/picture.h"
#include "pixel/resize.h"

namespace spdl::pixel {

// Samples are taken as their distance from the middle of their range: value - 128.
struct Mix {
  enum class Kind {
    gray,       // out = first * x + offset
    gray_rgb,   // the same, thrice
    ycbcr_rgb,  // red += red_cr * Cr, ...
    rgb,        // each as it is
    rgb_gray,   // out = first * R + second * G + third * B
  };
  Kind kind;
  int num_in;   // components
  int num_out;  // bytes of a pixel
  int red;      // where it stands in the pixel; blue is at 2 - red
  // Of 2^-13.
  int16_t first = 0;
  int16_t second = 0;
  int16_t third = 0;
  int16_t red_cr = 0;
  int16_t green_cb = 0;
  int16_t green_cr = 0;
  int16_t blue_cb = 0;
  int16_t offset = 0;  // in 64ths of a level, with half a level for rounding
};

Mix make_mix(const Picture &picture, Format format);

}  // namespace spdl::pixel
