// SPDX-License-Identifier: BSD-2-Clause
#include "readers/view.h"

#include <algorithm>
#include <cstring>

namespace spdl::readers {

buffer::BufferPtr make_bytes(buffer::Storage storage, size_t size, bool writable) {
  return std::make_shared<const buffer::Buffer>(
      buffer::Buffer{.storage = std::move(storage),
                     .layout = {{static_cast<int64_t>(size)}, buffer::u8},
                     .format = "bytes",
                     .backend = "native",
                     .writable = writable});
}

Result<void> copy_bytes(Bytes from, uint8_t *to, const Limits &limits) {
  constexpr size_t at_once = 16 << 20;  // some milliseconds
  while (!from.empty()) {
    SPDL_TRY(limits.check(Origin::readers, "A copy"));
    const size_t size = std::min(at_once, from.size());
    std::memcpy(to, from.data(), size);
    from = from.subspan(size);
    to += size;
  }
  return {};
}

}  // namespace spdl::readers
