// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/memory.h"

#include "base/released.h"

namespace spdl::buffer {

Memory::~Memory() { add_released(tag_); }

}  // namespace spdl::buffer
