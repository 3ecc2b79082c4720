// SPDX-License-Identifier: BSD-2-Clause
#include "base/released.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "base/process.h"

namespace spdl {
namespace {

using Notify = std::function<void()>;

struct Released {
  std::mutex mutex;
  std::deque<uint64_t> tags;
  std::vector<std::weak_ptr<Notify>> watchers;

  void add(uint64_t tag) {
    std::lock_guard lock(mutex);
    tags.push_back(tag);
    if (tags.size() > 1) return;
    for (const auto &watcher : watchers)
      if (const auto notify = watcher.lock()) (*notify)();
  }
};

PerProcess<Released> released;

}  // namespace

void add_released(uint64_t tag) { released.get().add(tag); }

size_t drain_released(std::span<uint64_t> tags) {
  Released &list = released.get();
  std::lock_guard lock(list.mutex);
  const size_t n = std::min(tags.size(), list.tags.size());
  std::copy_n(list.tags.begin(), n, tags.begin());
  list.tags.erase(list.tags.begin(), list.tags.begin() + static_cast<std::ptrdiff_t>(n));
  return n;
}

std::shared_ptr<void> watch_released(std::function<void()> notify) {
  auto watcher = std::make_shared<Notify>(std::move(notify));
  Released &list = released.get();
  std::lock_guard lock(list.mutex);
  std::erase_if(list.watchers, [](const auto &other) { return other.expired(); });
  list.watchers.push_back(watcher);
  if (!list.tags.empty()) (*watcher)();
  return watcher;
}

}  // namespace spdl
