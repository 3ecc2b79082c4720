// SPDX-License-Identifier: BSD-2-Clause
// One job of many items, which idle workers share.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "queue/pool.h"

namespace spdl::queue {

class SharedWork : public std::enable_shared_from_this<SharedWork> {
 public:
  // At least one item.
  explicit SharedWork(size_t num_items);
  virtual ~SharedWork() = default;
  SharedWork(const SharedWork &) = delete;
  SharedWork &operator=(const SharedWork &) = delete;

  // Begin on this thread; idle workers of the pool help. The thread that ends the last item calls
  // finish(); no thread waits.
  void start(PoolPtr pool);

 protected:
  // What became of an item: it is over, or another item must first come so far as to resume() it.
  // Then the thread leaves, so that no more items are begun than there are threads.
  enum class Progress { over, suspended };

  size_t num_items() const { return num_items_; }
  // Run suspended items again; called by the run of another one.
  void resume(std::span<const size_t> items);

 private:
  // In ascending order, several at a time.
  virtual Progress run_item(size_t index) noexcept = 0;
  virtual void finish() noexcept = 0;
  void add_helpers(size_t count) noexcept;
  // Take items until none is left.
  void run();
  std::optional<size_t> take();

  const size_t num_items_;
  PoolPtr pool_;
  std::mutex mutex_;
  size_t next_ = 0;
  std::vector<size_t> resumed_;  // it has room for all items
  std::atomic<size_t> num_finished_{0};
};

}  // namespace spdl::queue
