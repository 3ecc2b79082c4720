// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/kernels.h"

namespace spdl::pixel {

const Kernels &best_kernels() {
  static const Kernels *const best = avx2_kernels() ? avx2_kernels() : &portable_kernels();
  return *best;
}

}  // namespace spdl::pixel
