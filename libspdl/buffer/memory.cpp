// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/memory.h"

#include <algorithm>
#include <new>

#include "base/released.h"

namespace spdl::buffer {

AlignedBytes allocate_aligned(size_t size) {
  constexpr size_t alignment = 64;
  const size_t rounded = (std::max<size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (rounded < size) throw std::bad_alloc();
  auto *data = static_cast<uint8_t *>(std::aligned_alloc(alignment, rounded));
  if (!data) throw std::bad_alloc();
  return AlignedBytes(data);
}

Memory::~Memory() {
  if (!is_set_aside()) add_released(tag_);
}

}  // namespace spdl::buffer
