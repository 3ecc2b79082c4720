// SPDX-License-Identifier: BSD-2-Clause
// The shape of an array and the type of its elements, without its memory.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

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
  Shape(std::initializer_list<int64_t> dims) : Shape(dims.begin(), dims.size()) {}
  Shape(const int64_t *dims, size_t num_dims) {
    for (size_t i = 0; i < num_dims; ++i) push_back(dims[i]);
  }
  // This shape with one more dimension in front.
  Shape behind(int64_t dim) const {
    Shape shape{dim};
    for (size_t i = 0; i < num_dims_; ++i) shape.push_back(dims_[i]);
    return shape;
  }
  // Number of elements; INT64_MAX if it does not fit.
  int64_t count() const;
  std::string to_string() const;
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

}  // namespace spdl::buffer
