// SPDX-License-Identifier: BSD-2-Clause
#include "abi/boundary.h"

#include <cstdint>
#include <exception>
#include <new>

#include "base/text.h"

namespace spdl::abi {

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
