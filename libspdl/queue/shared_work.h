// SPDX-License-Identifier: BSD-2-Clause
// One job of many items, which idle workers share.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "queue/pool.h"

namespace spdl::queue {

class SharedWork : public std::enable_shared_from_this<SharedWork> {
 public:
  // At least one item.
  explicit SharedWork(size_t num_items) : num_items_(num_items) {}
  virtual ~SharedWork() = default;
  SharedWork(const SharedWork &) = delete;
  SharedWork &operator=(const SharedWork &) = delete;

  // Begin on this thread; idle workers of the pool help. The thread that ends the last item calls
  // finish(); no thread waits.
  void start(Pool &pool);

 protected:
  size_t num_items() const { return num_items_; }

 private:
  // In any order, several at a time.
  virtual void run_item(size_t index) noexcept = 0;
  virtual void finish() noexcept = 0;
  // Take items until none is left.
  void run();

  const size_t num_items_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> num_finished_{0};
};

}  // namespace spdl::queue
