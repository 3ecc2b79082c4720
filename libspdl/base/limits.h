// SPDX-License-Identifier: BSD-2-Clause
// What an operation may take, and whether it is to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace spdl {

// Set once, never cleared.
class StopFlag {
 public:
  void set() const noexcept { set_.store(true, std::memory_order_relaxed); }
  bool is_set() const noexcept { return set_.load(std::memory_order_relaxed); }

 private:
  mutable std::atomic<bool> set_{false};
};

int64_t monotonic_ns() noexcept;

// Wait until the condition holds, at most so long; < 0 and what the clock cannot count: for ever.
template <class Condition>
void wait_until(std::condition_variable &changed, std::unique_lock<std::mutex> &lock,
                int64_t timeout_ns, Condition condition) {
  constexpr int64_t countable = std::numeric_limits<int64_t>::max() / 2;
  if (timeout_ns < 0 || timeout_ns > countable)
    changed.wait(lock, condition);
  else
    changed.wait_for(lock, std::chrono::nanoseconds(timeout_ns), condition);
}

// A copy travels with each operation; all copies share their stop flags.
struct Limits {
  static constexpr int64_t default_max_pixels = int64_t{1} << 27;
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();

  int64_t deadline_ns = none;  // on monotonic_ns()'s clock
  int64_t max_pixels = default_max_pixels;
  int64_t max_bytes = none;
  int64_t max_frames = none;
  std::shared_ptr<const StopFlag> user_stop;  // spdl_limits.cancel
  std::shared_ptr<const StopFlag> job_stop;   // spdl_queue_cancel()

  bool is_cancelled() const noexcept;
  bool is_late() const noexcept;
  bool is_interrupted() const noexcept;  // either of both
  // An error if the operation is cancelled or late. `during` begins with the source's name.
  Result<void> check(Origin origin, const std::string &during) const;
  Result<void> check_pixels(Origin origin, int64_t width, int64_t height,
                            const std::string &source) const;
  Result<void> check_bytes(Origin origin, int64_t bytes, const std::string &source) const;
  Result<void> check_frames(Origin origin, int64_t frames, const std::string &source) const;
  // So many packets of video that they must decode to too many frames.
  Result<void> check_packets(Origin origin, int64_t packets, const std::string &source) const;
};

}  // namespace spdl
