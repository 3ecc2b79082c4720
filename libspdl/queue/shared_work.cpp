// SPDX-License-Identifier: BSD-2-Clause
#include "queue/shared_work.h"

#include <algorithm>
#include <exception>

namespace spdl::queue {

SharedWork::SharedWork(size_t num_items) : num_items_(num_items) { resumed_.reserve(num_items); }

void SharedWork::start(PoolPtr pool) {
  pool_ = std::move(pool);
  add_helpers(std::min<size_t>(pool_->num_threads(), num_items_) - 1);
  run();
}

void SharedWork::resume(std::span<const size_t> items) {
  {
    std::lock_guard lock(mutex_);
    resumed_.insert(resumed_.end(), items.begin(), items.end());
  }
  // In place of the threads that left. Without them this one goes on alone.
  add_helpers(items.size());
}

void SharedWork::add_helpers(size_t count) noexcept {
  try {
    for (size_t i = 0; i < count; ++i) pool_->post([self = shared_from_this()] { self->run(); });
  } catch (const std::exception &) {
    // Then there are fewer helpers.
  }
}

void SharedWork::run() {
  while (const auto index = take()) {
    if (run_item(*index) == Progress::suspended) return;
    if (num_finished_.fetch_add(1) + 1 == num_items_) finish();
  }
}

std::optional<size_t> SharedWork::take() {
  std::lock_guard lock(mutex_);
  if (!resumed_.empty()) {
    const size_t index = resumed_.back();
    resumed_.pop_back();
    return index;
  }
  if (next_ == num_items_) return std::nullopt;
  return next_++;
}

}  // namespace spdl::queue
