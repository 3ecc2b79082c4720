// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/version.h"

extern "C" {
#include <libswscale/swscale.h>
}

namespace spdl::pixel {

unsigned scaler_version() { return swscale_version(); }

}  // namespace spdl::pixel
