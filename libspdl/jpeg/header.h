// SPDX-License-Identifier: BSD-2-Clause
// What a JPEG says of itself before its first scan, and whether the fast way takes it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace spdl::jpeg {

struct Header {
  int width = 0;  // as stored: orientation is not applied
  int height = 0;
  int num_components = 0;  // 1: gray; 3: YCbCr
  // Luma samples per chroma sample in each direction: 1, 2 or 4. 1 for gray.
  int chroma_ratio_x = 1;
  int chroma_ratio_y = 1;
  bool is_progressive = false;
  bool is_arithmetic = false;  // coded so; else Huffman
  uint8_t orientation = 1;     // EXIF's, 1 to 8: how to turn it; 1 if nothing is said
};

// Null for what is left to FFmpeg: what is no JPEG, any damage before the first scan, tables that
// are not in the file, RGB, CMYK, two components, samples of limited range or of more than 8 bits,
// lossless and hierarchical coding, chroma that is finer than luma or no integer part of it.
std::optional<Header> read_header(std::span<const uint8_t> data);

}  // namespace spdl::jpeg
