// SPDX-License-Identifier: BSD-2-Clause
// The walk over a picture in bands of target rows.
#pragma once

#include <vector>

#include "pixel/kernels.h"
#include "pixel/resize.h"
#include "pixel/sampling.h"

namespace spdl::pixel {

// Planes of one size have the same taps.
struct Grid {
  int width;  // of the planes
  int height;
  Taps across;
  Taps down;
};

class Bands {
 public:
  // What is given is in order and outlives this.
  Bands(const Picture &picture, const Geometry &geometry, const Mix &mix, const Sampling *samplings,
        const Kernels &kernels);

  void write(uint8_t *to, ptrdiff_t stride);

 private:
  // Rows of bytes with the samples of one component, or of several among each other.
  struct Strip {
    const uint8_t *data;
    ptrdiff_t stride;
    int step;
    size_t grid;
    int width = 0;  // bytes of a row that count
    std::vector<uint16_t> columns = {};
  };
  struct Component {
    size_t strip;
    ptrdiff_t offset;  // of its samples in the strip
  };

  size_t find_grid(const Plane &plane, const Sampling &sampling);
  size_t find_strip(const Plane &plane, size_t grid);
  void add_component(const Plane &plane, size_t grid);
  void blend_rows(Strip &strip, int begin, int count);
  int blend_columns(int component, int x, int width, uint16_t *to) const;
  void write_band(int count, uint8_t *to, ptrdiff_t stride);

  const Picture &picture_;
  const Geometry &geometry_;
  const Mix &mix_;
  const Kernels &kernels_;
  std::vector<Grid> grids_;
  std::vector<Strip> strips_;
  std::vector<Component> components_;
  std::vector<uint16_t> rows_;          // of the strip at hand
  std::vector<uint32_t> sums_;          // of wide taps
  std::vector<const uint8_t *> taken_;  // rows that a target row is made of
};

}  // namespace spdl::pixel
