// SPDX-License-Identifier: BSD-2-Clause
// For files with AVX2. Each function asks for the instructions itself, so that nothing else there,
// such as inline functions of headers, makes use of them.
#pragma once

#include <immintrin.h>

#include <cstdint>

#define SPDL_AVX2 __attribute__((target("avx2")))
#define SPDL_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline
// Loops over arrays of vectors, which must become registers at any level of optimization.
#ifdef __clang__
#define SPDL_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SPDL_UNROLL _Pragma("GCC unroll 16")
#endif

namespace spdl::pixel {

using Vector = __m256i;

SPDL_AVX2_INLINE Vector load(const void *from) {
  return _mm256_loadu_si256(static_cast<const Vector *>(from));
}

SPDL_AVX2_INLINE void store(void *to, Vector vector) {
  _mm256_storeu_si256(static_cast<Vector *>(to), vector);
}

// The factors of a mix, 16 times each.
struct Factors {
  Vector first, second, third, red_cr, green_cb, green_cr, blue_cb, offset;
};

SPDL_AVX2_INLINE Factors spread(const Mix &mix) {
  return {_mm256_set1_epi16(mix.first),    _mm256_set1_epi16(mix.second),
          _mm256_set1_epi16(mix.third),    _mm256_set1_epi16(mix.red_cr),
          _mm256_set1_epi16(mix.green_cb), _mm256_set1_epi16(mix.green_cr),
          _mm256_set1_epi16(mix.blue_cb),  _mm256_set1_epi16(mix.offset)};
}

// 16 pixels in 64ths of levels.
struct Colours {
  Vector red, green, blue;
};

// Sums saturate where they are out of the range of bytes by far.
SPDL_AVX2_INLINE Colours mix_ycbcr(Vector y, Vector cb, Vector cr, const Factors &factors) {
  const Vector luma = _mm256_add_epi16(_mm256_mulhrs_epi16(y, factors.first), factors.offset);
  const Vector green = _mm256_add_epi16(_mm256_mulhrs_epi16(cb, factors.green_cb),
                                        _mm256_mulhrs_epi16(cr, factors.green_cr));
  return {_mm256_adds_epi16(luma, _mm256_mulhrs_epi16(cr, factors.red_cr)),
          _mm256_adds_epi16(luma, green),
          _mm256_adds_epi16(luma, _mm256_mulhrs_epi16(cb, factors.blue_cb))};
}

}  // namespace spdl::pixel
