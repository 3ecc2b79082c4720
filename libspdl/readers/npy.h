// SPDX-License-Identifier: BSD-2-Clause
// NumPy's format of one array: versions 1.0, 2.0 and 3.0.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "readers/bytes.h"

namespace spdl::readers {

struct NpyHeader {
  static constexpr size_t max_dims = 64;       // as NumPy 2
  static constexpr size_t max_type_size = 31;  // of the text

  std::string typestr{};  // as in NumPy's array interface, or a shorter form that NumPy reads
  bool fortran_order = false;
  std::vector<int64_t> shape{};
  uint32_t item_size = 0;
  uint64_t data_offset = 0;
  uint64_t data_size = 0;  // of the elements, all of which are there
};

Result<NpyHeader> parse_npy(Bytes data);

// The elements as bytes: a view, or a copy.
Result<buffer::BufferPtr> load_npy(const std::shared_ptr<const buffer::Memory> &memory, bool copy,
                                   const Limits &limits);

}  // namespace spdl::readers
