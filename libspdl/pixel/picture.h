// SPDX-License-Identifier: BSD-2-Clause
// A decoded picture as the resizer reads it: 8-bit planes that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spdl::pixel {

// One component of a picture. Sample (x, y) is data[y * stride + x * step].
struct Plane {
  const uint8_t *data = nullptr;
  ptrdiff_t stride = 0;  // bytes between rows; negative for pictures stored from the bottom up
  int width = 0;         // in samples
  int height = 0;
  int step = 1;  // bytes between samples: 2 for NV12's chroma, 3 or 4 for packed RGB
};

enum class Model { gray, ycbcr, rgb };

// The luma coefficients of YCbCr: what FFmpeg's AVCOL_SPC_* tell of them.
enum class Matrix { bt601, bt709, bt2020, smpte240m, fcc };

// Where chroma samples lie among the luma samples that share them, as in AVChromaLocation:
// `left` is over the leftmost luma sample and in the middle of the rows, `center` (JPEG, MPEG-1) in
// the middle of both. Of an axis that is not subsampled it says nothing.
enum class ChromaSite { left, center, top_left, top, bottom_left, bottom };

// Planes are gray; Y, Cb, Cr; or R, G, B, in this order whatever their order in memory. Those of
// packed formats overlap, with different `data` and the same stride and step. A chroma plane is
// ceil(width / ratio) x ceil(height / ratio) samples, with ratios of 1, 2 or 4.
struct Picture {
  Model model = Model::gray;
  int width = 0;
  int height = 0;
  // Of a JPEG that was scaled down while it was decoded: the first plane has
  // ceil(width / denominator) x ceil(height / denominator) samples, each of which is the mean of
  // `denominator` squared ones, and chroma's ratios are to them.
  int denominator = 1;
  Plane planes[3];
  Matrix matrix = Matrix::bt601;
  bool is_full_range = true;  // false: luma 16 to 235, chroma 16 to 240; ignored for rgb
  ChromaSite site = ChromaSite::center;
};

}  // namespace spdl::pixel
