// SPDX-License-Identifier: BSD-2-Clause
// The tags of borrowed memory that came back, until the caller takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace spdl {

void add_released(uint64_t tag);

// Take at most tags.size() tags; returns how many.
size_t drain_released(std::span<uint64_t> tags);

// Have `notify` called whenever the list turns non-empty, as long as the returned object lives. It
// runs on the releasing thread and must be quick.
std::shared_ptr<void> watch_released(std::function<void()> notify);

}  // namespace spdl
