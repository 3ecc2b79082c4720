// SPDX-License-Identifier: BSD-2-Clause
// Workers that run tasks in the order in which they were posted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/process.h"

namespace spdl::queue {

// Threads start when there is work for them and block all signals. A pool may end at any time, on
// any thread: its workers run what is posted, and leave.
class Pool {
 public:
  using Task = std::function<void()>;
  static constexpr unsigned max_threads = 4096;

  // 0: default_num_threads().
  explicit Pool(unsigned num_threads);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  void post(Task task);
  void set_num_threads(unsigned num_threads);
  unsigned num_threads() const;

  // A pool of the parent has no workers in a forked child.
  bool is_forked() const { return generation_ != process_generation(); }

  struct State;

 private:
  uint64_t generation_ = process_generation();
  std::shared_ptr<State> state_;
};

using PoolPtr = std::shared_ptr<Pool>;

// The process's own pool.
PoolPtr process_pool();

}  // namespace spdl::queue
