// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/memory.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/released.h"
#include "base/trace.h"

namespace spdl::buffer {
namespace {

// For the counter of a trace: the library's own memory of buffers and storages.
std::atomic<int64_t> num_live_bytes{0};

void count_bytes(int64_t more) noexcept {
  const int64_t now = num_live_bytes.fetch_add(more, std::memory_order_relaxed) + more;
  trace::add_counter("buffer bytes", static_cast<double>(now));
}

}  // namespace

void FreeAligned::operator()(uint8_t *data) const noexcept {
  std::free(data);
  count_bytes(-static_cast<int64_t>(size));
}

AlignedBytes allocate_aligned(size_t size) {
  constexpr size_t alignment = 64;
  const size_t rounded = (std::max<size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (rounded < size) throw std::bad_alloc();
  auto *data = static_cast<uint8_t *>(std::aligned_alloc(alignment, rounded));
  if (!data) throw std::bad_alloc();
  count_bytes(static_cast<int64_t>(rounded));
  return AlignedBytes(data, FreeAligned{rounded});
}

Memory::~Memory() {
  if (!is_set_aside()) add_released(tag_);
}

}  // namespace spdl::buffer
