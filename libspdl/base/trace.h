// SPDX-License-Identifier: BSD-2-Clause
// Events of this process, for a trace file: what ran when, on which thread.
//
// While no trace is written, an event costs one relaxed load. Otherwise it takes a slot of a ring
// of fixed size, without a lock and without waiting: if the ring is full, the event is dropped and
// counted. A thread of its own writes the slots to the file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/limits.h"

namespace spdl::trace {

inline std::atomic<bool> is_writing{false};

inline bool is_on() noexcept { return is_writing.load(std::memory_order_relaxed); }

// When something begins: monotonic_ns() if a trace is written, else 0.
inline int64_t begin() noexcept { return is_on() ? monotonic_ns() : 0; }

enum class Category : uint8_t {
  stage,  // of loading, on the thread that does it
  job,    // from its submission to its completion
  user,   // of the program around the library
};

// Says what ends now and began then; nothing if it began at 0 or before the trace. `track` 0 is
// this thread, on which events nest. What may overlap takes a track of another number.
void add(Category category, int64_t begin_ns, uint64_t track, std::string_view name,
         std::string_view detail) noexcept;

// A value that holds from now on. Finite.
void add_counter(std::string_view name, double value) noexcept;

// A stage on this thread, from here to the end of the scope. The detail says what it works on, and
// outlives the scope.
class Stage {
 public:
  explicit Stage(std::string_view name, std::string_view detail = {}) noexcept
      : name_(name), detail_(detail), begin_ns_(begin()) {}
  ~Stage() {
    if (begin_ns_) [[unlikely]]
      add(Category::stage, begin_ns_, 0, name_, detail_);
  }
  Stage(const Stage &) = delete;
  Stage &operator=(const Stage &) = delete;

  // It turned out to be none.
  void discard() noexcept { begin_ns_ = 0; }

 private:
  const std::string_view name_, detail_;
  int64_t begin_ns_;
};

}  // namespace spdl::trace
