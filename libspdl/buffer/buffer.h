// SPDX-License-Identifier: BSD-2-Clause
// Contiguous C-ordered arrays, in memory of the library or of the caller.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "buffer/layout.h"
#include "buffer/memory.h"

namespace spdl::buffer {

// Where the bytes of a buffer are. Borrowed memory is kept by its reference.
class Storage {
 public:
  // New memory, 64-byte aligned, not initialised. Throws std::bad_alloc.
  static Storage allocate(size_t size);
  // Borrowed memory from an offset inside it on, for a result that is there already.
  static Storage view(std::shared_ptr<const Memory> memory, size_t offset);
  // The caller's memory, which must fit the layout; new memory if there is none. Memory that was
  // set aside serves one storage at a time.
  static Result<Storage> make(std::shared_ptr<const Memory> memory, const Layout &layout);

  uint8_t *data() const { return data_; }

 private:
  Storage(std::shared_ptr<const void> owner, uint8_t *data)
      : owner_(std::move(owner)), data_(data) {}

  static Result<Storage> borrow(std::shared_ptr<const Memory> memory, const Layout &layout);
  static Result<Storage> lease(std::shared_ptr<const Memory> memory, size_t size);

  std::shared_ptr<const void> owner_;
  uint8_t *data_;
};

struct Buffer {
  Storage storage;
  Layout layout;
  int32_t media = 0;  // SPDL_MEDIA_*
  const char *format = "";
  const char *backend = "";
  int32_t sample_rate = 0;
  uint32_t num_corrupt = 0;
  std::vector<uint32_t> item_corrupt{};  // of each item, if it is a batch
  std::vector<double> pts{};             // of all items, one after the other
  bool writable = true;                  // false on borrowed memory that is not
};

using BufferPtr = std::shared_ptr<const Buffer>;

}  // namespace spdl::buffer
