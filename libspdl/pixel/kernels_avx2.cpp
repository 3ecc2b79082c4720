// SPDX-License-Identifier: BSD-2-Clause
// The same integers as kernels_portable.cpp gives, by AVX2.
#include "pixel/kernels.h"

#if defined(__x86_64__)

#include "pixel/avx2.h"

namespace spdl::pixel {
namespace {

SPDL_AVX2_INLINE Vector twice_16(uint32_t value) {
  return _mm256_set1_epi32(static_cast<int>(value));
}

// Two halves of a vector from different places.
SPDL_AVX2_INLINE Vector load_halves(const void *low, const void *high) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i *>(low))),
      _mm_loadu_si128(static_cast<const __m128i *>(high)), 1);
}

// 32 * n samples of a row. Unpacking goes by halves of vectors; the last step puts them in order.
template <int n>
SPDL_AVX2_INLINE void blend_row_part(const uint8_t *const *rows, int x, const Taps::Target &target,
                                     const uint32_t *weights, uint16_t *to) {
  const Vector zero = _mm256_setzero_si256();
  Vector low[n], high[n];
  SPDL_UNROLL for (int i = 0; i < n; ++i) low[i] = high[i] = twice_16(target.bias);
  for (int k = 0; k < target.count; ++k) {
    const Vector weight = twice_16(weights[k]);
    const uint8_t *row = rows[k] + x;
    SPDL_UNROLL for (int i = 0; i < n; ++i) {
      const Vector bytes = load(row + 32 * i);
      low[i] =
          _mm256_add_epi16(low[i], _mm256_mulhi_epu16(_mm256_unpacklo_epi8(zero, bytes), weight));
      high[i] =
          _mm256_add_epi16(high[i], _mm256_mulhi_epu16(_mm256_unpackhi_epi8(zero, bytes), weight));
    }
  }
  SPDL_UNROLL for (int i = 0; i < n; ++i) {
    store(to + x + 32 * i, _mm256_permute2x128_si256(low[i], high[i], 0x20));
    store(to + x + 32 * i + 16, _mm256_permute2x128_si256(low[i], high[i], 0x31));
  }
}

// The last part overlaps the one before where the width is no multiple.
SPDL_AVX2 void blend_rows(const uint8_t *const *rows, const Taps::Target &target,
                          const uint32_t *weights, int width, uint16_t *to) {
  constexpr int most = 4, part = 32 * most;
  if (width < 32) return portable_kernels().blend_rows(rows, target, weights, width, to);
  int x = 0;
  for (; x + part <= width; x += part) blend_row_part<most>(rows, x, target, weights, to);
  if (x == width) return;
  if (width >= part) return blend_row_part<most>(rows, width - part, target, weights, to);
  for (; x + 32 <= width; x += 32) blend_row_part<1>(rows, x, target, weights, to);
  if (x < width) blend_row_part<1>(rows, width - 32, target, weights, to);
}

// 8 columns: in each half of the vectors 8 x 8 samples are transposed.
SPDL_AVX2_INLINE void to_8_columns(const uint16_t *rows, size_t stride, uint16_t *columns) {
  Vector a[8], b[8];
  SPDL_UNROLL for (int i = 0; i < 8; ++i) a[i] =
      load_halves(rows + i * stride, rows + (i + 8) * stride);
  SPDL_UNROLL for (int i = 0; i < 4; ++i) {
    b[i] = _mm256_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
    b[i + 4] = _mm256_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
  }
  SPDL_UNROLL for (int i = 0; i < 4; ++i) {
    a[i] = _mm256_unpacklo_epi32(b[2 * i], b[2 * i + 1]);
    a[i + 4] = _mm256_unpackhi_epi32(b[2 * i], b[2 * i + 1]);
  }
  // a: columns 0 and 1, rows 0-3; the same of rows 4-7; columns 4 and 5 twice; 2 and 3; 6 and 7.
  static constexpr int places[4] = {0, 4, 2, 6};
  SPDL_UNROLL for (int i = 0; i < 4; ++i) {
    store(columns + places[i] * band, _mm256_unpacklo_epi64(a[2 * i], a[2 * i + 1]));
    store(columns + (places[i] + 1) * band, _mm256_unpackhi_epi64(a[2 * i], a[2 * i + 1]));
  }
}

SPDL_AVX2 void to_columns(const uint16_t *rows, size_t stride, int width, uint16_t *columns) {
  if (width < 8) return portable_kernels().to_columns(rows, stride, width, columns);
  int x = 0;
  for (; x + 8 <= width; x += 8) to_8_columns(rows + x, stride, columns + x * size_t{band});
  if (x < width) to_8_columns(rows + width - 8, stride, columns + (width - 8) * size_t{band});
}

// Of as many taps for each target, some of weight 0; taps of 0: as many as there are.
template <int fixed_taps, int num>
SPDL_AVX2 void blend_columns_of(const uint16_t *const *columns, size_t pitch, int origin,
                                const Taps &taps, int begin, int count, uint16_t *to) {
  const Taps::Target *target = taps.targets() + begin;
  const uint32_t *weights = taps.weights(begin);
  const size_t weights_pitch = taps.pitch();
  const int num_taps = fixed_taps ? fixed_taps : taps.width();
  for (int i = 0; i < count; ++i, ++target, weights += weights_pitch, to += band) {
    const size_t first = (target->first - origin) * pitch;
    Vector sums[num];
    SPDL_UNROLL for (int c = 0; c < num; ++c) sums[c] = twice_16(target->bias ^ 0x80008000U);
    SPDL_UNROLL for (int k = 0; k < num_taps; ++k) {
      const Vector weight = twice_16(weights[k]);
      SPDL_UNROLL for (int c = 0; c < num; ++c) {
        const Vector column = load(columns[c] + first + k * pitch);
        sums[c] = _mm256_add_epi16(sums[c], _mm256_mulhi_epu16(column, weight));
      }
    }
    SPDL_UNROLL for (int c = 0; c < num; ++c) store(to + c * block * band, sums[c]);
  }
}

template <int num>
void blend_columns_by_taps(const uint16_t *const *columns, size_t pitch, int origin,
                           const Taps &taps, int begin, int count, uint16_t *to) {
  switch (taps.width()) {
    case 1:
      return blend_columns_of<1, num>(columns, pitch, origin, taps, begin, count, to);
    case 2:
      return blend_columns_of<2, num>(columns, pitch, origin, taps, begin, count, to);
    case 3:
      return blend_columns_of<3, num>(columns, pitch, origin, taps, begin, count, to);
    case 4:
      return blend_columns_of<4, num>(columns, pitch, origin, taps, begin, count, to);
    case 5:
      return blend_columns_of<5, num>(columns, pitch, origin, taps, begin, count, to);
    case 6:
      return blend_columns_of<6, num>(columns, pitch, origin, taps, begin, count, to);
    case 7:
      return blend_columns_of<7, num>(columns, pitch, origin, taps, begin, count, to);
    case 8:
      return blend_columns_of<8, num>(columns, pitch, origin, taps, begin, count, to);
    default:
      return blend_columns_of<0, num>(columns, pitch, origin, taps, begin, count, to);
  }
}

void blend_columns(const uint16_t *const *columns, int num, size_t pitch, int origin,
                   const Taps &taps, int begin, int count, uint16_t *to) {
  switch (num) {
    case 1:
      return blend_columns_by_taps<1>(columns, pitch, origin, taps, begin, count, to);
    case 2:
      return blend_columns_by_taps<2>(columns, pitch, origin, taps, begin, count, to);
    default:
      return blend_columns_by_taps<3>(columns, pitch, origin, taps, begin, count, to);
  }
}

SPDL_AVX2_INLINE Vector mix_one(const uint16_t *from, const Factors &factors) {
  return _mm256_add_epi16(_mm256_mulhrs_epi16(load(from), factors.first), factors.offset);
}

SPDL_AVX2_INLINE Vector mix_luma(const uint16_t *from, const Factors &factors) {
  const Vector red = _mm256_mulhrs_epi16(load(from), factors.first);
  const Vector green = _mm256_mulhrs_epi16(load(from + block * band), factors.second);
  const Vector blue = _mm256_mulhrs_epi16(load(from + 2 * block * band), factors.third);
  return _mm256_add_epi16(_mm256_add_epi16(red, green), _mm256_add_epi16(blue, factors.offset));
}

// Two columns of bytes from 64ths of levels.
SPDL_AVX2_INLINE void store_bytes(uint8_t *to, Vector first, Vector second) {
  const Vector bytes =
      _mm256_packus_epi16(_mm256_srai_epi16(first, 6), _mm256_srai_epi16(second, 6));
  store(to, _mm256_permute4x64_epi64(bytes, 0xd8));
}

template <Mix::Kind kind>
SPDL_AVX2_INLINE Colours mix_column(const uint16_t *from, const Factors &factors) {
  if constexpr (kind == Mix::Kind::ycbcr_rgb)
    return mix_ycbcr(load(from), load(from + block * band), load(from + 2 * block * band), factors);
  if constexpr (kind == Mix::Kind::rgb)
    return {mix_one(from, factors), mix_one(from + block * band, factors),
            mix_one(from + 2 * block * band, factors)};
  const Vector gray = mix_one(from, factors);
  return {gray, gray, gray};
}

// Two columns at a time. Past an odd number there is room for one more.
template <Mix::Kind kind>
SPDL_AVX2_INLINE void mix_colours(const uint16_t *columns, int count, const Mix &mix, uint8_t *to) {
  const Factors factors = spread(mix);
  for (int i = 0; i < count; i += 2, columns += 2 * band, to += 6 * band) {
    Colours a = mix_column<kind>(columns, factors), b = mix_column<kind>(columns + band, factors);
    if (mix.red != 0) {
      a = {a.blue, a.green, a.red};
      b = {b.blue, b.green, b.red};
    }
    store_bytes(to, a.red, a.green);
    store_bytes(to + 2 * band, a.blue, b.red);
    store_bytes(to + 4 * band, b.green, b.blue);
  }
}

template <Mix::Kind kind>
SPDL_AVX2_INLINE void mix_grays(const uint16_t *columns, int count, const Mix &mix, uint8_t *to) {
  const Factors factors = spread(mix);
  const auto gray = kind == Mix::Kind::gray ? mix_one : mix_luma;
  for (int i = 0; i < count; i += 2, columns += 2 * band, to += 2 * band)
    store_bytes(to, gray(columns, factors), gray(columns + band, factors));
}

SPDL_AVX2 void mix_columns(const uint16_t *columns, int count, const Mix &mix, uint8_t *to) {
  switch (mix.kind) {
    case Mix::Kind::gray:
      return mix_grays<Mix::Kind::gray>(columns, count, mix, to);
    case Mix::Kind::gray_rgb:
      return mix_colours<Mix::Kind::gray_rgb>(columns, count, mix, to);
    case Mix::Kind::ycbcr_rgb:
      return mix_colours<Mix::Kind::ycbcr_rgb>(columns, count, mix, to);
    case Mix::Kind::rgb:
      return mix_colours<Mix::Kind::rgb>(columns, count, mix, to);
    case Mix::Kind::rgb_gray:
      return mix_grays<Mix::Kind::rgb_gray>(columns, count, mix, to);
  }
}

// Interleave by `bits`: pairs of vectors 8 apart, so that after four rounds columns are rows.
#define SPDL_ROUND(from, to)                                    \
  SPDL_UNROLL for (int i = 0; i < 8; ++i) {                     \
    to[2 * i] = _mm256_unpacklo_epi8(from[i], from[i + 8]);     \
    to[2 * i + 1] = _mm256_unpackhi_epi8(from[i], from[i + 8]); \
  }

// 32 columns: in each half of the vectors 16 x 16 bytes are transposed.
SPDL_AVX2_INLINE void to_32_rows(const uint8_t *columns, int height, uint8_t *to,
                                 ptrdiff_t stride) {
  Vector a[16], b[16];
  SPDL_UNROLL for (int i = 0; i < 16; ++i) a[i] =
      load_halves(columns + i * band, columns + (i + 16) * band);
  SPDL_ROUND(a, b)
  SPDL_ROUND(b, a)
  SPDL_ROUND(a, b)
  SPDL_ROUND(b, a)
  SPDL_UNROLL for (int y = 0; y < 16; ++y, to += stride) {
    if (y >= height) return;
    store(to, a[y]);
  }
}

#undef SPDL_ROUND

SPDL_AVX2 void to_rows(const uint8_t *columns, int width, int height, uint8_t *to,
                       ptrdiff_t stride) {
  if (width < 32) return portable_kernels().to_rows(columns, width, height, to, stride);
  int x = 0;
  for (; x + 32 <= width; x += 32) to_32_rows(columns + x * band, height, to + x, stride);
  if (x < width) to_32_rows(columns + (width - 32) * band, height, to + width - 32, stride);
}

}  // namespace

const Kernels *avx2_kernels() {
  static constexpr Kernels kernels{blend_rows, to_columns,        blend_columns, mix_columns,
                                   to_rows,    blend_chroma_avx2, mix_row_avx2};
  return __builtin_cpu_supports("avx2") ? &kernels : nullptr;
}

}  // namespace spdl::pixel

#else

namespace spdl::pixel {
const Kernels *avx2_kernels() { return nullptr; }
}  // namespace spdl::pixel

#endif
