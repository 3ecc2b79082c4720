// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace spdl::pixel {

// (major << 16) | (minor << 8) | micro of the loaded libswscale.
unsigned scaler_version();

}  // namespace spdl::pixel
