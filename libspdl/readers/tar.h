// SPDX-License-Identifier: BSD-2-Clause
// Tar archives: ustar, GNU and PAX, one member at a time.
#pragma once

#include <string_view>

#include "base/result.h"
#include "readers/bytes.h"

namespace spdl::readers {

struct TarMember {
  // Of the given bytes: the name, and what stands in front of it with a slash between.
  std::string_view name{};
  std::string_view prefix{};
  bool is_file = false;      // a regular one
  uint64_t data_offset = 0;  // from the start of the given bytes
  uint64_t data_size = 0;
  uint64_t next_offset = 0;  // of the next member
};

struct TarStep {
  enum class Kind : uint32_t { end = 0, member = 1, more = 2 };  // SPDL_TAR_*
  Kind kind = Kind::end;
  TarMember member{};
  uint64_t needed = 0;  // of `more`: how many bytes are needed in all
};

// The member whose headers the bytes begin with; they need not reach any further.
Result<TarStep> parse_tar(Bytes data);

}  // namespace spdl::readers
