// SPDX-License-Identifier: BSD-2-Clause
// A-law and mu-law: 8 bits that stand for 16.
#pragma once

#include <array>
#include <cstdint>

namespace spdl::readers {

constexpr int16_t decode_alaw(uint8_t code) {
  const int bits = code ^ 0x55;
  const int exponent = (bits >> 4) & 7;
  int value = ((bits & 15) << 4) + 8;
  if (exponent > 0) value = (value + 0x100) << (exponent - 1);
  return static_cast<int16_t>(bits & 0x80 ? value : -value);
}

constexpr int16_t decode_mulaw(uint8_t code) {
  const int bits = ~code;
  const int value = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return static_cast<int16_t>(bits & 0x80 ? -value : value);
}

using G711Table = std::array<int16_t, 256>;
constexpr G711Table make_g711_table(int16_t (*decode)(uint8_t)) {
  G711Table table{};
  for (int code = 0; code < 256; ++code) table[code] = decode(static_cast<uint8_t>(code));
  return table;
}
inline constexpr G711Table alaw_table = make_g711_table(decode_alaw);
inline constexpr G711Table mulaw_table = make_g711_table(decode_mulaw);

}  // namespace spdl::readers
