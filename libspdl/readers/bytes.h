// SPDX-License-Identifier: BSD-2-Clause
// Numbers in encoded bytes. The caller has checked that the bytes are there.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace spdl::readers {

using Bytes = std::span<const uint8_t>;

// Little-endian, at any alignment.
template <class Integer>
Integer read_little(Bytes data, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) value |= uint64_t{data[at + i]} << (8 * i);
  return static_cast<Integer>(value);
}

// Whether `size` bytes from `at` on are there.
inline bool has(Bytes data, uint64_t at, uint64_t size) {
  return at <= data.size() && size <= data.size() - at;
}

inline std::string_view text(Bytes data, size_t at, size_t size) {
  const Bytes part = data.subspan(at, size);
  return {reinterpret_cast<const char *>(part.data()), part.size()};
}

}  // namespace spdl::readers
