// SPDX-License-Identifier: BSD-2-Clause
// How many handles of each kind are alive.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace spdl {

inline constexpr uint32_t max_kinds = 32;
inline std::array<std::atomic<int64_t>, max_kinds> live_handles{};

// A base class of handles: counts them by SPDL_KIND_*.
template <uint32_t kind>
struct Live {
  static_assert(kind < max_kinds);
  Live() noexcept { live_handles[kind].fetch_add(1, std::memory_order_relaxed); }
  ~Live() { live_handles[kind].fetch_sub(1, std::memory_order_relaxed); }
  Live(const Live &) = delete;
  Live &operator=(const Live &) = delete;
};

}  // namespace spdl
