// SPDX-License-Identifier: BSD-2-Clause
// What went wrong, as it travels inside the library; abi/ turns it into an spdl_error.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "spdl/types.h"

namespace spdl {

enum class Status : spdl_status {
  eof = SPDL_EOF,
  again = SPDL_AGAIN,
  invalid = SPDL_E_INVALID,
  not_found = SPDL_E_NOT_FOUND,
  io = SPDL_E_IO,
  no_stream = SPDL_E_NO_STREAM,
  corrupt = SPDL_E_CORRUPT,
  unsupported = SPDL_E_UNSUPPORTED,
  option = SPDL_E_OPTION,
  filter = SPDL_E_FILTER,
  mismatch = SPDL_E_MISMATCH,
  limit = SPDL_E_LIMIT,
  deadline = SPDL_E_DEADLINE,
  cancelled = SPDL_E_CANCELLED,
  busy = SPDL_E_BUSY,
  memory = SPDL_E_MEMORY,
  forked = SPDL_E_FORKED,
  batch = SPDL_E_BATCH,
  internal = SPDL_E_INTERNAL,
};

enum class Origin : int32_t {
  none = SPDL_ORIGIN_NONE,
  library = SPDL_ORIGIN_LIBRARY,
  source = SPDL_ORIGIN_SOURCE,
  demux = SPDL_ORIGIN_DEMUX,
  packets = SPDL_ORIGIN_PACKETS,
  decode = SPDL_ORIGIN_DECODE,
  frames = SPDL_ORIGIN_FRAMES,
  filter = SPDL_ORIGIN_FILTER,
  convert = SPDL_ORIGIN_CONVERT,
  buffer = SPDL_ORIGIN_BUFFER,
  load = SPDL_ORIGIN_LOAD,
  queue = SPDL_ORIGIN_QUEUE,
  readers = SPDL_ORIGIN_READERS,
  encode = SPDL_ORIGIN_ENCODE,
  mux = SPDL_ORIGIN_MUX,
  bsf = SPDL_ORIGIN_BSF,
  trace = SPDL_ORIGIN_TRACE,
};

struct Error {
  Status status;
  Origin origin;
  std::string message;
  int32_t native_code = 0;
  int64_t item = -1;
  int64_t byte_offset = -1;
  double pts = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] Error with_native(int32_t code) && {
    native_code = code;
    return std::move(*this);
  }
  [[nodiscard]] Error with_item(int64_t index) && {
    item = index;
    return std::move(*this);
  }
  [[nodiscard]] Error at_byte(int64_t offset) && {
    byte_offset = offset;
    return std::move(*this);
  }
  [[nodiscard]] Error at_time(double seconds) && {
    pts = seconds;
    return std::move(*this);
  }
};

}  // namespace spdl
