// SPDX-License-Identifier: BSD-2-Clause
#include "abi/boundary.h"

#include <cstdint>
#include <exception>
#include <new>
#include <string_view>

namespace spdl::abi {
namespace {

// At most `room` bytes: a text too long for it loses its middle, at the bounds of characters.
std::string shorten(const std::string &text, size_t room) {
  constexpr std::string_view gap = " … ";
  if (text.size() <= room) return text;
  const auto is_inside = [&](size_t i) { return (text[i] & 0xc0) == 0x80; };
  if (room <= gap.size()) {
    while (room > 0 && is_inside(room)) --room;
    return text.substr(0, room);
  }
  size_t head = (room - gap.size()) / 2;
  size_t tail = text.size() - (room - gap.size() - head);
  while (head > 0 && is_inside(head)) --head;
  while (tail < text.size() && is_inside(tail)) ++tail;
  return text.substr(0, head) + std::string(gap) + text.substr(tail);
}

// Length of the well-formed UTF-8 character at the front, or 0 (Unicode 15, table 3-7).
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  for (size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

// Messages are UTF-8, but a path in them is any bytes: those that are none become U+FFFD.
std::string make_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = character_length(text);
    valid += length > 0 ? text.substr(0, length) : "\ufffd";
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return valid;
}

}  // namespace

Result<void> check_struct(const void *data, size_t known_size) {
  uint32_t size;
  std::memcpy(&size, data, sizeof size);
  if (size < sizeof size) return invalid("A struct has no struct_size.");
  const auto *bytes = static_cast<const unsigned char *>(data);
  for (size_t i = known_size; i < size; ++i)
    if (bytes[i])
      return invalid("A struct is larger than this library knows, and sets what it does not know.");
  return {};
}

spdl_status report(const Error &error, spdl_error *err) noexcept {
  const auto status = static_cast<spdl_status>(error.status);
  if (!err || status > 0) return status;
  const size_t size = std::min<size_t>(err->struct_size, sizeof(spdl_error));
  spdl_error out{};
  out.struct_size = err->struct_size;
  out.status = status;
  out.origin = static_cast<int32_t>(error.origin);
  out.native_code = error.native_code;
  out.item = error.item;
  out.byte_offset = error.byte_offset;
  out.pts = error.pts;
  try {
    if (constexpr size_t start = offsetof(spdl_error, message); size > start) {
      const std::string text = shorten(make_utf8(error.message), size - start - 1);
      std::memcpy(out.message, text.data(), text.size());
    }
  } catch (...) {
    // Without memory for the text, the rest must do.
  }
  std::memcpy(err, &out, size);
  return status;
}

spdl_status report_exception(spdl_error *err) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc &) {
    return report({Status::memory, Origin::library, "Out of memory."}, err);
  } catch (const std::exception &exception) {
    return report({Status::internal, Origin::library,
                   std::string("An unexpected exception; this is a bug: ") + exception.what()},
                  err);
  } catch (...) {
    return report({Status::internal, Origin::library, "An unexpected exception; this is a bug."},
                  err);
  }
}

}  // namespace spdl::abi
