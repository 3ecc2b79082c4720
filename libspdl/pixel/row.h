// SPDX-License-Identifier: BSD-2-Clause
// One row of a picture that keeps its size.
#pragma once

#include <cstdint>

#include "pixel/colour.h"

namespace spdl::pixel {

// The components of a row, one after the other; those of chroma are distances from the middle of
// the range, in 64ths. Before and behind those that the row covers there is one more.
struct Row {
  const uint8_t *samples[3] = {};
  const int16_t *chroma[2] = {};
  bool is_halved = false;     // two samples of luma to one of chroma
  bool is_between = false;    // that lies in the middle of the two, and not over the first
  bool first_is_odd = false;  // the first sample of luma is the second of the two
};

// Room before and behind a row of chroma, for kernels that read whole vectors.
inline constexpr int chroma_margin = 64;

// Two rows of chroma become one; the first counts by `share` quarters.
void blend_chroma_portable(const uint8_t *first, const uint8_t *second, int share, int width,
                           int16_t *to);
void mix_row_portable(const Row &row, int width, const Mix &mix, uint8_t *to);

// Only where the processor has AVX2.
void blend_chroma_avx2(const uint8_t *first, const uint8_t *second, int share, int width,
                       int16_t *to);
void mix_row_avx2(const Row &row, int width, const Mix &mix, uint8_t *to);

}  // namespace spdl::pixel
