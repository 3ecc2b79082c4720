// SPDX-License-Identifier: BSD-2-Clause
// The central directory of a zip archive.
#pragma once

#include "readers/zip.h"

namespace spdl::readers {

Error corrupt_zip(const std::string &what, uint64_t at);

// Every member lies inside the data, before the directory, and overlaps no other.
Result<std::vector<ZipMember>> read_zip_directory(Bytes data, const Limits &limits);

}  // namespace spdl::readers
