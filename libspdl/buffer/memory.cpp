// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/memory.h"

#include <sys/mman.h>

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

constexpr size_t huge_page = size_t{2} << 20;

// Touching new memory for the first time costs as much as filling it; less in huge pages.
void prefer_huge_pages([[maybe_unused]] uint8_t *data, [[maybe_unused]] size_t size) noexcept {
#ifdef MADV_HUGEPAGE
  madvise(data, size, MADV_HUGEPAGE);  // a wish: whether it comes true does not matter
#endif
}

}  // namespace

void FreeAligned::operator()(uint8_t *data) const noexcept {
  std::free(data);
  count_bytes(-static_cast<int64_t>(size));
}

AlignedBytes allocate_aligned(size_t size) {
  constexpr size_t unit = 64;
  const size_t rounded = (std::max<size_t>(size, 1) + unit - 1) / unit * unit;
  if (rounded < size) throw std::bad_alloc();
  const bool is_large = rounded >= 2 * huge_page;
  void *memory = nullptr;
  if (posix_memalign(&memory, is_large ? huge_page : unit, rounded) != 0) throw std::bad_alloc();
  auto *data = static_cast<uint8_t *>(memory);
  if (is_large) prefer_huge_pages(data, rounded);
  count_bytes(static_cast<int64_t>(rounded));
  return AlignedBytes(data, FreeAligned{rounded});
}

Memory::~Memory() {
  if (!is_set_aside()) add_released(tag_);
}

}  // namespace spdl::buffer
