// SPDX-License-Identifier: BSD-2-Clause
// Resize with kernels of one's choice: for tests, which compare them.
#pragma once

#include "pixel/kernels.h"
#include "pixel/resize.h"

namespace spdl::pixel {

Result<void> resize_with(const Kernels &kernels, const Picture &picture, const Geometry &geometry,
                         Format format, uint8_t *to, ptrdiff_t stride);

}  // namespace spdl::pixel
