// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/row.h"

#if defined(__x86_64__)

#include "pixel/avx2.h"

namespace spdl::pixel {
namespace {

constexpr int part = 32;  // pixels at a time

// Chroma of 32 pixels in 256ths: pixels 0-7 and 16-23, and the others.
struct Chroma {
  Vector low, high;
};

enum class Site { full, between, over };

template <Site site>
SPDL_AVX2_INLINE Chroma load_chroma(const int16_t *from, int x) {
  if constexpr (site == Site::full) {
    const Vector a = load(from + x), b = load(from + x + 16);
    return {_mm256_slli_epi16(_mm256_permute2x128_si256(a, b, 0x20), 2),
            _mm256_slli_epi16(_mm256_permute2x128_si256(a, b, 0x31), 2)};
  }
  from += x / 2;
  const Vector here = load(from);
  const Vector twice = _mm256_add_epi16(here, here);
  Vector even, odd;
  if constexpr (site == Site::between) {
    const Vector thrice = _mm256_add_epi16(twice, here);
    even = _mm256_add_epi16(thrice, load(from - 1));
    odd = _mm256_add_epi16(thrice, load(from + 1));
  } else {
    const Vector next = load(from + 1);
    even = _mm256_add_epi16(twice, twice);
    odd = _mm256_add_epi16(twice, _mm256_add_epi16(next, next));
  }
  return {_mm256_unpacklo_epi16(even, odd), _mm256_unpackhi_epi16(even, odd)};
}

// In each half of the vectors: three vectors of 16 bytes become one of 16 pixels. Each byte has its
// place once for all, so that what remains is to choose.
SPDL_AVX2_INLINE void store_pixels(uint8_t *to, Vector a, Vector b, Vector c) {
  const Vector order_a = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5));
  const Vector order_b = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10));
  const Vector order_c = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15));
  const Vector third = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(-1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1));
  const Vector second = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0));
  a = _mm256_shuffle_epi8(a, order_a);
  b = _mm256_shuffle_epi8(b, order_b);
  c = _mm256_shuffle_epi8(c, order_c);
  // Bytes 0-15 of a half begin with a, 16-31 with b, 32-47 with c.
  const Vector x = _mm256_blendv_epi8(_mm256_blendv_epi8(c, b, second), a, third);
  const Vector y = _mm256_blendv_epi8(_mm256_blendv_epi8(a, c, second), b, third);
  const Vector z = _mm256_blendv_epi8(_mm256_blendv_epi8(b, a, second), c, third);
  store(to, _mm256_permute2x128_si256(x, y, 0x20));
  store(to + 32, _mm256_permute2x128_si256(z, x, 0x30));
  store(to + 64, _mm256_permute2x128_si256(y, z, 0x31));
}

SPDL_AVX2_INLINE Vector levels(Vector low, Vector high) {
  return _mm256_packus_epi16(_mm256_srai_epi16(low, 6), _mm256_srai_epi16(high, 6));
}

template <Site site, bool is_reversed>
SPDL_AVX2_INLINE void mix_part(const Row &row, int x, const Factors &factors, uint8_t *to) {
  const Vector zero = _mm256_setzero_si256();
  const Vector luma = _mm256_xor_si256(load(row.samples[0] + x), _mm256_set1_epi8(-128));
  const Chroma cb = load_chroma<site>(row.chroma[0], x);
  const Chroma cr = load_chroma<site>(row.chroma[1], x);
  const Colours low = mix_ycbcr(_mm256_unpacklo_epi8(zero, luma), cb.low, cr.low, factors);
  const Colours high = mix_ycbcr(_mm256_unpackhi_epi8(zero, luma), cb.high, cr.high, factors);
  const Vector red = levels(low.red, high.red), green = levels(low.green, high.green);
  const Vector blue = levels(low.blue, high.blue);
  store_pixels(to, is_reversed ? blue : red, green, is_reversed ? red : blue);
}

// The row from its sample x on.
Row behind(const Row &row, int x) {
  Row rest = row;
  const int place = x + row.first_is_odd;
  rest.samples[0] += x;
  for (const int16_t *&chroma : rest.chroma) chroma += row.is_halved ? place / 2 : x;
  rest.first_is_odd = row.is_halved && place % 2 != 0;
  return rest;
}

template <Site site, bool is_reversed>
SPDL_AVX2 void mix_parts(const Row &row, int width, const Mix &mix, uint8_t *to) {
  const Factors factors = spread(mix);
  int x = 0;
  for (; x + part <= width; x += part)
    mix_part<site, is_reversed>(row, x, factors, to + static_cast<ptrdiff_t>(x) * 3);
  if (x == width) return;
  // What remains is done again from an even place on, if there is enough before it.
  if (width >= part + 1) {
    const int last = (width - part) & ~1;
    mix_part<site, is_reversed>(row, last, factors, to + static_cast<ptrdiff_t>(last) * 3);
    x = last + part;
  }
  if (x < width)
    mix_row_portable(behind(row, x), width - x, mix, to + static_cast<ptrdiff_t>(x) * 3);
}

template <Site site>
void mix_row_of(const Row &row, int width, const Mix &mix, uint8_t *to) {
  return mix.red == 0 ? mix_parts<site, false>(row, width, mix, to)
                      : mix_parts<site, true>(row, width, mix, to);
}

}  // namespace

SPDL_AVX2 void blend_chroma_avx2(const uint8_t *first, const uint8_t *second, int share, int width,
                                 int16_t *to) {
  const Vector shares = _mm256_set1_epi16(static_cast<int16_t>(16 * share));
  const Vector others = _mm256_set1_epi16(static_cast<int16_t>(16 * (4 - share)));
  const Vector middle = _mm256_set1_epi16(16 * 4 * 128);
  int x = 0;
  for (; x + 16 <= width; x += 16) {
    const Vector a = _mm256_cvtepu8_epi16(
        _mm_loadu_si128(static_cast<const __m128i *>(static_cast<const void *>(first + x))));
    const Vector b = _mm256_cvtepu8_epi16(
        _mm_loadu_si128(static_cast<const __m128i *>(static_cast<const void *>(second + x))));
    const Vector sum =
        _mm256_add_epi16(_mm256_mullo_epi16(a, shares), _mm256_mullo_epi16(b, others));
    store(to + x, _mm256_sub_epi16(sum, middle));
  }
  blend_chroma_portable(first + x, second + x, share, width - x, to + x);
}

void mix_row_avx2(const Row &row, int width, const Mix &mix, uint8_t *to) {
  if (mix.kind != Mix::Kind::ycbcr_rgb) return mix_row_portable(row, width, mix, to);
  if (row.first_is_odd) {
    mix_row_portable(row, 1, mix, to);
    return mix_row_avx2(behind(row, 1), width - 1, mix, to + 3);
  }
  if (!row.is_halved) return mix_row_of<Site::full>(row, width, mix, to);
  if (row.is_between) return mix_row_of<Site::between>(row, width, mix, to);
  return mix_row_of<Site::over>(row, width, mix, to);
}

}  // namespace spdl::pixel

#endif
