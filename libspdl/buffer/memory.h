// SPDX-License-Identifier: BSD-2-Clause
// Memory lent by the caller. Its tag comes back when the last reference to it ends.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spdl::buffer {

class Memory {
 public:
  Memory(void *data, size_t size, bool writable, uint64_t tag) noexcept
      : data_(data), size_(size), writable_(writable), tag_(tag) {}
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  uint8_t *data() const noexcept { return static_cast<uint8_t *>(data_); }
  size_t size() const noexcept { return size_; }
  bool writable() const noexcept { return writable_; }

 private:
  void *data_;
  size_t size_;
  bool writable_;
  uint64_t tag_;
};

}  // namespace spdl::buffer
