// SPDX-License-Identifier: BSD-2-Clause
// Numbers, strings and byte strings in a row, little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace spdl {

class WireWriter {
 public:
  template <class T>
  void put(T number) {
    static_assert(std::is_integral_v<T>);
    auto rest = static_cast<std::make_unsigned_t<T>>(number);
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<uint8_t>(rest));
      rest = static_cast<std::make_unsigned_t<T>>(static_cast<uint64_t>(rest) >> 8);
    }
  }
  // Behind their number, of 32 bits.
  void put_bytes(std::span<const uint8_t> bytes) {
    put(static_cast<uint32_t>(bytes.size()));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void put_text(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  const std::vector<uint8_t> &bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Reads what a WireWriter wrote, or anything else: past the end there are zeros and empty strings,
// and is_short() says so.
class WireReader {
 public:
  explicit WireReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    static_assert(std::is_integral_v<T>);
    const auto bytes = take_span(sizeof(T));
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.size(); ++i) number |= uint64_t{bytes[i]} << (8 * i);
    return static_cast<T>(number);
  }
  std::span<const uint8_t> take_bytes() { return take_span(take<uint32_t>()); }
  std::string take_text() {
    const auto bytes = take_bytes();
    return {bytes.begin(), bytes.end()};
  }
  // The next `size` bytes; none if there are not as many.
  std::span<const uint8_t> take_span(size_t size) {
    if (is_short_ || size > rest_.size()) {
      is_short_ = true;
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  size_t num_left() const { return is_short_ ? 0 : rest_.size(); }
  bool is_short() const { return is_short_; }

 private:
  std::span<const uint8_t> rest_;
  bool is_short_ = false;
};

}  // namespace spdl
