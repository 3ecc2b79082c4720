// SPDX-License-Identifier: BSD-2-Clause
// The bytes of a segment. Offsets are the caller's to check, but for has().
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace spdl::jpeg {

using Data = std::span<const uint8_t>;

inline uint16_t be16(Data data, size_t at) {
  return static_cast<uint16_t>(data[at] << 8 | data[at + 1]);
}

inline bool has(Data data, size_t at, std::string_view text) {
  return data.size() >= at + text.size() &&
         std::memcmp(data.data() + at, text.data(), text.size()) == 0;
}

}  // namespace spdl::jpeg
