// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace spdl::pixel {

// Where the samples of a component lie.
struct Sampling {
  int ratio_x;
  int ratio_y;
  int phase_x;  // as in Axis
  int phase_y;
};

}  // namespace spdl::pixel
