// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/kernels.h"

namespace spdl::pixel {

const Kernels &best_kernels() { return portable_kernels(); }

}  // namespace spdl::pixel
