// SPDX-License-Identifier: BSD-2-Clause
// The inner loops, for this machine's instructions. All tables compute the same integers.
//
// A band of 16 target rows is made at a time. Between the stages a sample is 16 bits: the 8 of the
// picture and 8 of fraction. A *column* is the 16 samples of a band at one place of the row, so
// that the second axis is resampled like the first: whole vectors, each multiplied by one weight.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pixel/colour.h"
#include "pixel/row.h"
#include "pixel/taps.h"

namespace spdl::pixel {

inline constexpr int band = 16;   // rows of a band, samples of a column
inline constexpr int block = 32;  // targets of a row made at a time

struct Kernels {
  // One row out of `target.count` rows of `width` bytes.
  void (*blend_rows)(const uint8_t *const *rows, const Taps::Target &target,
                     const uint32_t *weights, int width, uint16_t *to);
  // Of rows `stride` samples apart, columns 0 to width - 1.
  void (*to_columns)(const uint16_t *rows, size_t stride, int width, uint16_t *columns);
  // Of `num` components with the same taps: `count` columns out of those `pitch` samples apart, the
  // first of which is the taps' sample `origin`. What comes out is signed: less the middle of the
  // range, 2^15; a component's columns are `block` columns behind the one's before.
  void (*blend_columns)(const uint16_t *const *columns, int num, size_t pitch, int origin,
                        const Taps &taps, int begin, int count, uint16_t *to);
  // Columns of bytes out of `count` columns of each of the mix's components, which are `block`
  // columns apart.
  void (*mix)(const uint16_t *columns, int count, const Mix &mix, uint8_t *to);
  // The first `height` rows out of `width` columns of bytes.
  void (*to_rows)(const uint8_t *columns, int width, int height, uint8_t *to, ptrdiff_t stride);

  // For pictures that keep their size: see row.h.
  void (*blend_chroma)(const uint8_t *first, const uint8_t *second, int share, int width,
                       int16_t *to);
  void (*mix_row)(const Row &row, int width, const Mix &mix, uint8_t *to);
};

const Kernels &portable_kernels();
const Kernels *avx2_kernels();  // null where the processor lacks the instructions
// Those for this processor.
const Kernels &best_kernels();

// Sum up exactly, for wide taps.
void blend_rows_wide(const uint8_t *const *rows, const Taps::Target &target,
                     const uint32_t *weights, int width, uint32_t *sums, uint16_t *to);
void blend_columns_wide(const uint16_t *const *columns, int num, size_t pitch, int origin,
                        const Taps &taps, int begin, int count, uint16_t *to);

}  // namespace spdl::pixel
