// SPDX-License-Identifier: BSD-2-Clause
// The only place where exceptions end and errors become spdl_error.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/result.h"
#include "spdl/types.h"

namespace spdl::abi {

// Write the error for the caller; returns its status.
spdl_status report(const Error &error, spdl_error *err) noexcept;
// The same for the exception in flight.
spdl_status report_exception(spdl_error *err) noexcept;

Result<void> check_struct(const void *data, size_t known_size);

// Run the body of an exported function: it returns a Result<void>. An error that could not be
// written is an invalid argument like any other.
template <class Body>
spdl_status guard(spdl_error *err, Body &&body) noexcept {
  try {
    if (err && !check_struct(err, sizeof(spdl_error))) return SPDL_E_INVALID;
    const Result<void> result = body();
    return result ? SPDL_OK : report(result.error(), err);
  } catch (...) {
    return report_exception(err);
  }
}

inline Error invalid(std::string message) {
  return {Status::invalid, Origin::library, std::move(message)};
}

// Arguments that may not be NULL.
template <class... Pointers>
Result<void> require(const Pointers *...pointers) {
  if (((pointers != nullptr) && ...)) return {};
  return invalid("An argument is NULL that may not be.");
}

// A struct of the caller, of his size, as one of ours: NULL and what he does not know are zeros.
template <class Struct>
Result<Struct> read_struct(const Struct *from) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  Struct to{};
  if (!from) return to;
  SPDL_TRY(check_struct(from, sizeof(Struct)));
  std::memcpy(&to, from, std::min<size_t>(from->struct_size, sizeof(Struct)));
  return to;
}

// Fill a struct of the caller, as far as he knows it.
template <class Struct>
Result<void> write_struct(Struct *to, Struct from) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  SPDL_TRY(require(to));
  SPDL_TRY(check_struct(to, sizeof(Struct)));
  from.struct_size = to->struct_size;
  std::memcpy(to, &from, std::min<size_t>(to->struct_size, sizeof(Struct)));
  return {};
}

}  // namespace spdl::abi
