// SPDX-License-Identifier: BSD-2-Clause
// Memory that is lent by the caller, or set aside for results.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "buffer/layout.h"

namespace spdl::buffer {

struct FreeAligned {
  size_t size = 0;
  void operator()(uint8_t *data) const noexcept;
};
using AlignedBytes = std::unique_ptr<uint8_t, FreeAligned>;

// 64-byte aligned, not initialised. Throws std::bad_alloc.
AlignedBytes allocate_aligned(size_t size);

// What a caller's array is: a result must be the same. The type is his own and may be any.
struct Form {
  Shape shape;
  std::string typestr;
};

class Memory {
 public:
  // Lent: the tag comes back when the last reference ends.
  Memory(void *data, size_t size, bool writable, uint64_t tag,
         std::optional<Form> form = std::nullopt) noexcept
      : data_(data), size_(size), writable_(writable), tag_(tag), form_(std::move(form)) {}
  // Set aside, for one result at a time. Throws std::bad_alloc.
  explicit Memory(size_t size)
      : own_(allocate_aligned(size)), data_(own_.get()), size_(size), writable_(true) {}
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  uint8_t *data() const noexcept { return static_cast<uint8_t *>(data_); }
  size_t size() const noexcept { return size_; }
  bool writable() const noexcept { return writable_; }
  const std::optional<Form> &form() const noexcept { return form_; }

  bool is_set_aside() const noexcept { return own_ != nullptr; }
  // Whether a result may use it from now on until give_back().
  bool take() const noexcept { return !in_use_.test_and_set(std::memory_order_acquire); }
  void give_back() const noexcept { in_use_.clear(std::memory_order_release); }

 private:
  const AlignedBytes own_;
  void *const data_;
  const size_t size_;
  const bool writable_;
  const uint64_t tag_ = 0;
  const std::optional<Form> form_;
  mutable std::atomic_flag in_use_;
};

}  // namespace spdl::buffer
