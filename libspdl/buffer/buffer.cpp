// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

namespace spdl::buffer {
namespace {

constexpr size_t alignment = 64;
constexpr int64_t too_large = std::numeric_limits<int64_t>::max();

int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? too_large : product;
}

}  // namespace

int64_t Shape::count() const {
  int64_t n = 1;
  for (size_t i = 0; i < num_dims_; ++i) n = multiply(n, dims_[i]);
  return n;
}

int64_t Layout::size() const { return multiply(shape.count(), type.size); }

std::string Layout::to_string() const {
  std::string text = "(";
  for (size_t i = 0; i < shape.num_dims(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ") of " + type.typestr;
}

Storage Storage::allocate(size_t size) {
  const size_t rounded = (std::max<size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (rounded < size) throw std::bad_alloc();
  auto *data = static_cast<uint8_t *>(std::aligned_alloc(alignment, rounded));
  if (!data) throw std::bad_alloc();
  return {
      std::shared_ptr<const void>(data, [](const void *p) { std::free(const_cast<void *>(p)); }),
      data};
}

Result<Storage> Storage::borrow(std::shared_ptr<const Memory> memory, size_t size) {
  if (!memory->writable())
    return Error{Status::invalid, Origin::buffer, "The memory of `out` is not writable."};
  if (memory->size() != size)
    return Error{Status::mismatch, Origin::buffer,
                 "The memory of `out` has " + std::to_string(memory->size()) +
                     " bytes, but the result has " + std::to_string(size) + "."};
  auto *data = memory->data();
  return Storage(std::move(memory), data);
}

Storage Storage::view(std::shared_ptr<const Memory> memory, size_t offset) {
  auto *data = memory->data() + offset;
  return {std::move(memory), data};
}

Result<Storage> Storage::make(std::shared_ptr<const Memory> memory, size_t size) {
  if (memory) return borrow(std::move(memory), size);
  return allocate(size);
}

}  // namespace spdl::buffer
