// SPDX-License-Identifier: BSD-2-Clause
#include "jpeg/exif.h"

#include <optional>

#include "jpeg/segment.h"

namespace spdl::jpeg {
namespace {

using namespace std::string_view_literals;

// A TIFF file in either order of bytes. What lies outside of it is null.
class Tiff {
 public:
  Tiff(Data data, bool is_little) : data_(data), is_little_(is_little) {}

  std::optional<uint32_t> number(uint64_t at, uint64_t size) const {
    if (size > data_.size() || at > data_.size() - size) return std::nullopt;
    uint32_t value = 0;
    for (uint64_t i = 0; i < size; ++i)
      value = value << 8 | data_[static_cast<size_t>(at + (is_little_ ? size - 1 - i : i))];
    return value;
  }

 private:
  const Data data_;
  const bool is_little_;
};

// An entry of a directory: tag, type, count and, if it fits into four bytes, the value itself.
std::optional<uint32_t> read_value(const Tiff &tiff, uint64_t entry) {
  constexpr uint32_t type_short = 3, type_long = 4;
  const auto type = tiff.number(entry + 2, 2), count = tiff.number(entry + 4, 4);
  if (!type || count != 1) return std::nullopt;
  if (*type == type_short) return tiff.number(entry + 8, 2);
  if (*type == type_long) return tiff.number(entry + 8, 4);
  return std::nullopt;
}

// In the first directory, which describes the picture; a second one would describe its thumbnail.
std::optional<uint32_t> find_value(const Tiff &tiff, uint32_t tag) {
  constexpr uint64_t count_size = 2, entry_size = 12;
  const auto directory = tiff.number(4, 4);
  if (!directory) return std::nullopt;
  const auto count = tiff.number(*directory, count_size);
  for (uint64_t i = 0; count && i < *count; ++i) {
    const uint64_t entry = *directory + count_size + i * entry_size;
    const auto found = tiff.number(entry, 2);
    if (!found) return std::nullopt;
    if (*found == tag) return read_value(tiff, entry);
  }
  return std::nullopt;
}

}  // namespace

uint8_t exif_orientation(Data segment) {
  constexpr size_t start = 6;
  constexpr uint32_t tag = 0x0112;
  const bool is_little = has(segment, start, "II*\0"sv);
  const bool is_big = has(segment, start, "MM\0*"sv);
  if (!has(segment, 0, "Exif\0\0"sv) || !(is_little || is_big)) return 1;
  const auto value = find_value(Tiff(segment.subspan(start), is_little), tag);
  return value && *value >= 1 && *value <= 8 ? static_cast<uint8_t>(*value) : 1;
}

}  // namespace spdl::jpeg
