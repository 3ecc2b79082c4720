// SPDX-License-Identifier: BSD-2-Clause
// Contiguous C-ordered arrays, in memory of the library or of the caller.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "buffer/memory.h"

namespace spdl::buffer {

// The type of an element.
struct ElementType {
  const char *typestr;  // as in NumPy's array interface
  uint32_t size;        // in bytes
};

// Elements are in this machine's order of bytes.
constexpr const char *in_order(const char *little, const char *big) {
  return std::endian::native == std::endian::little ? little : big;
}

inline constexpr ElementType u8{"|u1", 1};
inline constexpr ElementType u16{in_order("<u2", ">u2"), 2};
inline constexpr ElementType u32{in_order("<u4", ">u4"), 4};
inline constexpr ElementType s16{in_order("<i2", ">i2"), 2};
inline constexpr ElementType s32{in_order("<i4", ">i4"), 4};
inline constexpr ElementType s64{in_order("<i8", ">i8"), 8};
inline constexpr ElementType f16{in_order("<f2", ">f2"), 2};
inline constexpr ElementType f32{in_order("<f4", ">f4"), 4};
inline constexpr ElementType f64{in_order("<f8", ">f8"), 8};

class Shape {
 public:
  static constexpr size_t max_dims = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) {
    for (const int64_t dim : dims) push_back(dim);
  }
  // This shape with one more dimension in front.
  Shape behind(int64_t dim) const {
    Shape shape{dim};
    for (size_t i = 0; i < num_dims_; ++i) shape.push_back(dims_[i]);
    return shape;
  }
  // Number of elements; INT64_MAX if it does not fit.
  int64_t count() const;
  size_t num_dims() const { return num_dims_; }
  int64_t operator[](size_t i) const { return dims_[i]; }
  bool operator==(const Shape &) const = default;

 private:
  void push_back(int64_t dim) { dims_.at(num_dims_++) = dim; }

  std::array<int64_t, max_dims> dims_{};
  size_t num_dims_ = 0;
};

// What an array is, without its memory.
struct Layout {
  Shape shape;
  ElementType type = u8;

  // In bytes; INT64_MAX if it does not fit.
  int64_t size() const;
  std::string to_string() const;  // "(224, 224, 3) of |u1"
};

// Where the bytes of a buffer are. Borrowed memory is kept by its reference.
class Storage {
 public:
  // New memory, 64-byte aligned, not initialised. Throws std::bad_alloc.
  static Storage allocate(size_t size);
  // The caller's memory; it must be writable and of exactly this size.
  static Result<Storage> borrow(std::shared_ptr<const Memory> memory, size_t size);
  // Borrowed memory from an offset inside it on, for a result that is there already.
  static Storage view(std::shared_ptr<const Memory> memory, size_t offset);
  static Result<Storage> make(std::shared_ptr<const Memory> memory, size_t size);

  uint8_t *data() const { return data_; }

 private:
  Storage(std::shared_ptr<const void> owner, uint8_t *data)
      : owner_(std::move(owner)), data_(data) {}

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
  std::vector<double> pts{};
  bool writable = true;  // false on borrowed memory that is not
};

using BufferPtr = std::shared_ptr<const Buffer>;

}  // namespace spdl::buffer
