// SPDX-License-Identifier: BSD-2-Clause
#include "queue/shared_work.h"

#include <algorithm>
#include <exception>

namespace spdl::queue {

void SharedWork::start(Pool &pool) {
  const size_t helpers = std::min<size_t>(pool.num_threads(), num_items_) - 1;
  try {
    for (size_t i = 0; i < helpers; ++i) pool.post([self = shared_from_this()] { self->run(); });
  } catch (const std::exception &) {
    // Then there are fewer helpers.
  }
  run();
}

void SharedWork::run() {
  for (size_t i; (i = next_.fetch_add(1)) < num_items_;) {
    run_item(i);
    if (num_finished_.fetch_add(1) + 1 == num_items_) finish();
  }
}

}  // namespace spdl::queue
