// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/layout.h"

#include <limits>

namespace spdl::buffer {
namespace {

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

std::string Shape::to_string() const {
  std::string text = "(";
  for (size_t i = 0; i < num_dims_; ++i) text += (i ? ", " : "") + std::to_string(dims_[i]);
  return text + (num_dims_ == 1 ? ",)" : ")");
}

int64_t Layout::size() const { return multiply(shape.count(), type.size); }

std::string Layout::to_string() const { return shape.to_string() + " of " + type.typestr; }

}  // namespace spdl::buffer
