// SPDX-License-Identifier: BSD-2-Clause
// Pictures that keep their size: rows are converted where they lie, without bands.
#pragma once

#include <vector>

#include "pixel/kernels.h"
#include "pixel/resize.h"
#include "pixel/sampling.h"

namespace spdl::pixel {

class Unscaled {
 public:
  // Whether there is such a way for the picture.
  static bool takes(const Picture &picture, const Geometry &geometry, const Mix &mix,
                    const Sampling *samplings);

  // What is given is in order and outlives this.
  Unscaled(const Picture &picture, const Geometry &geometry, const Mix &mix,
           const Sampling *samplings, const Kernels &kernels);

  void write(uint8_t *to, ptrdiff_t stride);

 private:
  // A row's samples one after the other, in `room` if they do not lie so.
  const uint8_t *row_of(const Plane &plane, int x, int y, int width, uint8_t *room) const;
  const int16_t *make_chroma(int component, int y);

  const Picture &picture_;
  const Geometry &geometry_;
  const Mix &mix_;
  const Sampling *const samplings_;
  const Kernels &kernels_;
  std::vector<uint8_t> samples_;  // of rows that are not packed tightly
  std::vector<int16_t> chroma_[2];
};

}  // namespace spdl::pixel
