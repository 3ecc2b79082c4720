// SPDX-License-Identifier: BSD-2-Clause
// Pictures made for the tests of pixel/, and what resizing makes of them by the definition.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "pixel/resize.h"

namespace spdl::unit {

// How the planes of a picture lie in memory.
struct Layout {
  const char *name;
  pixel::Model model;
  int ratio_x = 1;
  int ratio_y = 1;
  int step = 1;        // of the components that are packed together
  bool is_nv = false;  // chroma is packed together, luma is not
};

inline constexpr Layout layouts[] = {
    {"gray", pixel::Model::gray},
    {"4:4:4", pixel::Model::ycbcr},
    {"4:2:2", pixel::Model::ycbcr, 2, 1},
    {"4:2:0", pixel::Model::ycbcr, 2, 2},
    {"4:4:0", pixel::Model::ycbcr, 1, 2},
    {"4:1:1", pixel::Model::ycbcr, 4, 1},
    {"4:1:0", pixel::Model::ycbcr, 4, 4},
    {"nv12", pixel::Model::ycbcr, 2, 2, 2, true},
    {"nv24", pixel::Model::ycbcr, 1, 1, 2, true},
    {"gbrp", pixel::Model::rgb},
    {"rgb24", pixel::Model::rgb, 1, 1, 3},
    {"rgba", pixel::Model::rgb, 1, 1, 4},
    {"gray in rgba", pixel::Model::gray, 1, 1, 4},
};

// A picture and its memory. Rows are padded; samples are smooth shapes with some noise.
class OwnPicture {
 public:
  OwnPicture(const Layout &layout, int width, int height, unsigned seed);
  void fill(const int values[3]);
  // The same picture, stored from the bottom up.
  void flip();

  pixel::Picture picture;
  std::string name;

 private:
  std::vector<std::vector<uint8_t>> memory_;
};

// What resize should give, before it is rounded to bytes.
std::vector<double> resize_exactly(const pixel::Picture &picture, const pixel::Geometry &geometry,
                                   pixel::Format format);

// In decibels; 999 if nothing differs.
double psnr(const std::vector<uint8_t> &bytes, const std::vector<double> &exact);

inline int num_channels(pixel::Format format) { return format == pixel::Format::gray ? 1 : 3; }

}  // namespace spdl::unit
