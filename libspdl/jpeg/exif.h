// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <span>

namespace spdl::jpeg {

// EXIF's orientation, 1 to 8, in the payload of an APP1 segment; 1 if it has none that is valid.
uint8_t exif_orientation(std::span<const uint8_t> segment);

}  // namespace spdl::jpeg
