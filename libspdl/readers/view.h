// SPDX-License-Identifier: BSD-2-Clause
// Results that are bytes: parts of a file, or copies of them.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "readers/bytes.h"

namespace spdl::readers {

// A buffer of shape (size,) of uint8.
buffer::BufferPtr make_bytes(buffer::Storage storage, size_t size, bool writable);

// Ends early, with the error, when the limits say so.
Result<void> copy_bytes(Bytes from, uint8_t *to, const Limits &limits);

}  // namespace spdl::readers
