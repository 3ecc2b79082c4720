// SPDX-License-Identifier: BSD-2-Clause
#include "readers/tar.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace spdl::readers {
namespace {

constexpr size_t block = 512;
// What the headers in front of a member may take: names are paths.
constexpr uint64_t most_header = 16 << 20;
// How many they may be. There are four kinds, and one of each is usual.
constexpr int most_headers = 64;

Error corrupt(const std::string &what, uint64_t at) {
  return Error{Status::corrupt, Origin::readers, "The tar data is invalid: " + what}.at_byte(
      static_cast<int64_t>(at));
}

Error unsupported(const std::string &what) {
  return {Status::unsupported, Origin::readers, "Unsupported tar data: " + what};
}

// A text field ends at its first null character.
std::string_view field(Bytes header, size_t at, size_t size) {
  const auto value = text(header, at, size);
  return value.substr(0, value.find('\0'));
}

// Octal digits, or big-endian binary for what they cannot hold.
std::optional<uint64_t> number(Bytes header, size_t at, size_t size) {
  if (header[at] == 0x80) {
    uint64_t value = 0;
    for (size_t i = at + 1; i < at + size; ++i) {
      if (value >> 55) return std::nullopt;
      value = value << 8 | header[i];
    }
    return value;
  }
  auto digits = field(header, at, size);
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  digits = digits.substr(0, digits.find(' '));
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, 8);
  if (digits.empty()) return 0;
  if (error != std::errc() || end != digits.end() || value >> 62) return std::nullopt;
  return value;
}

// Of all bytes, where the sum itself counts as spaces. Old programs took them as signed.
bool has_right_sum(Bytes header) {
  constexpr size_t at = 148, size = 8;
  int64_t sum = 0, signed_sum = 0;
  for (size_t i = 0; i < block; ++i) {
    const uint8_t byte = i >= at && i < at + size ? ' ' : header[i];
    sum += byte;
    signed_sum += static_cast<int8_t>(byte);
  }
  const auto said = number(header, at, size);
  return said && (*said == static_cast<uint64_t>(sum) || static_cast<int64_t>(*said) == signed_sum);
}

// What records in front of a member say of it.
struct Extension {
  std::optional<std::string_view> name{};
  std::optional<uint64_t> size{};
};

// PAX records: "LENGTH KEY=VALUE\n", the length of the whole record.
Result<void> read_pax(std::string_view records, uint64_t at, Extension &extension) {
  while (!records.empty() && records.front() != '\0') {
    size_t size = 0;
    const auto [end, error] =
        std::from_chars(records.data(), records.data() + records.size(), size);
    const auto start = static_cast<size_t>(end - records.data()) + 1;
    if (error != std::errc() || size > records.size() || start >= size ||
        records[start - 1] != ' ' || records[size - 1] != '\n')
      return corrupt("a PAX record is malformed.", at);
    const auto record = records.substr(start, size - 1 - start);
    const size_t equals = record.find('=');
    if (equals == record.npos) return corrupt("a PAX record is malformed.", at);
    const auto key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") extension.name = value;
    if (key.starts_with("GNU.sparse.")) return unsupported("a sparse file.");
    if (key == "size") {
      uint64_t number = 0;
      const auto [last, failed] = std::from_chars(value.begin(), value.end(), number);
      if (failed != std::errc() || last != value.end() || number >> 62)
        return corrupt("the size of a PAX record is no size.", at);
      extension.size = number;
    }
    records.remove_prefix(size);
  }
  return {};
}

void read_name(Bytes header, const Extension &extension, TarMember &member) {
  member.name = extension.name ? *extension.name : field(header, 0, 100);
  const bool has_prefix = text(header, 257, 6) == std::string_view("ustar\0", 6);
  if (has_prefix && !extension.name) member.prefix = field(header, 345, 155);
}

// Links, devices and folders have no bytes, whatever their size says.
bool has_data(char type) { return type < '1' || type > '6'; }

bool is_regular(char type, std::string_view name) {
  if (type == '\0') return !name.ends_with('/');  // a folder of the oldest format
  return type == '0' || type == '7';
}

uint64_t round_up(uint64_t size) { return (size + block - 1) / block * block; }

Result<void> read_extension(char type, Bytes content, uint64_t at, Extension &extension) {
  if (type == 'L') extension.name = field(content, 0, content.size());
  if (type != 'x' && type != 'X') return {};
  return read_pax(text(content, 0, content.size()), at, extension);
}

TarStep more(uint64_t needed) { return {.kind = TarStep::Kind::more, .needed = needed}; }

}  // namespace

Result<TarStep> parse_tar(Bytes data) {
  Extension extension;
  int num_headers = 0;
  for (uint64_t at = 0;;) {
    if (!has(data, at, block)) return more(at + block);
    const Bytes header = data.subspan(at, block);
    if (std::ranges::all_of(header, [](uint8_t byte) { return byte == 0; })) {
      if (at > 0) return corrupt("it ends between the headers of a member.", at);
      return TarStep{};
    }
    if (!has_right_sum(header))
      return corrupt(at > 0 ? "the checksum of a header is wrong."
                            : "it does not begin with a header. Compressed archives must be opened "
                              "with gzip, bz2 or lzma first.",
                     at);
    const auto size = number(header, 124, 12);
    if (!size) return corrupt("the size of a member is no size.", at);
    const char type = static_cast<char>(header[156]);
    at += block;
    if (std::string_view("LKxXg").find(type) != std::string_view::npos) {
      if (*size > most_header - std::min(at, most_header))
        return corrupt("the headers of a member are too long.", at - block);
      if (++num_headers > most_headers)
        return corrupt("a member has too many headers.", at - block);
      if (!has(data, at, round_up(*size))) return more(at + round_up(*size) + block);
      SPDL_TRY(read_extension(type, data.subspan(at, *size), at, extension));
      at += round_up(*size);
      continue;
    }
    if (type == 'S') return unsupported("a sparse file.");
    TarMember member{.data_offset = at,
                     .data_size = has_data(type) ? extension.size.value_or(*size) : 0};
    read_name(header, extension, member);
    member.is_file = is_regular(type, member.name);
    member.next_offset = at + round_up(member.data_size);
    return TarStep{.kind = TarStep::Kind::member, .member = member};
  }
}

}  // namespace spdl::readers
