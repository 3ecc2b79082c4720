// SPDX-License-Identifier: BSD-2-Clause
#include "abi/boundary.h"

#include <cstdint>
#include <exception>
#include <new>

namespace spdl::abi {
namespace {

// At most `room` bytes: a text too long for it loses its middle, at the bounds of characters.
std::string shorten(const std::string &text, size_t room) {
  constexpr std::string_view gap = " … ";
  if (text.size() <= room) return text;
  if (room <= gap.size()) return text.substr(0, room);
  const auto is_inside = [&](size_t i) { return (text[i] & 0xc0) == 0x80; };
  size_t head = (room - gap.size()) / 2;
  size_t tail = text.size() - (room - gap.size() - head);
  while (head > 0 && is_inside(head)) --head;
  while (tail < text.size() && is_inside(tail)) ++tail;
  return text.substr(0, head) + std::string(gap) + text.substr(tail);
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
  const uint32_t size = std::min<uint32_t>(err->struct_size, sizeof(spdl_error));
  if (size < offsetof(spdl_error, message)) return status;
  spdl_error out{};
  out.struct_size = err->struct_size;
  out.status = status;
  out.origin = static_cast<int32_t>(error.origin);
  out.native_code = error.native_code;
  out.item = error.item;
  out.byte_offset = error.byte_offset;
  out.pts = error.pts;
  try {
    const size_t room = size - offsetof(spdl_error, message);
    const std::string text = room > 0 ? shorten(error.message, room - 1) : "";
    std::memcpy(out.message, text.data(), text.size());
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
