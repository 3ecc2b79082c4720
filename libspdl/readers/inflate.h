// SPDX-License-Identifier: BSD-2-Clause
// Undoing deflate, and the checksum of zip: the only part that knows zlib.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "readers/bytes.h"

namespace spdl::readers {

// Exactly `size` bytes of all of a raw deflate stream, and their CRC-32. Never writes more.
Result<uint32_t> inflate_raw(Bytes from, uint8_t *to, size_t size, const Limits &limits);

Result<uint32_t> crc32_of(Bytes data, const Limits &limits);

}  // namespace spdl::readers
