// SPDX-License-Identifier: BSD-2-Clause
// Written so that compilers find the vectors themselves.
#include <algorithm>
#include <cstring>

#include "pixel/kernels.h"

namespace spdl::pixel {
namespace {

constexpr uint16_t middle = 0x8000;
constexpr int step = 32;  // samples of a row summed up at a time

uint16_t high_half(uint16_t a, uint16_t b) {
  return static_cast<uint16_t>((static_cast<uint32_t>(a) * b) >> 16);
}

// Of a length that compilers know, so that they see how vectors divide it.
template <int width>
void add_rows(const uint8_t *const *rows, int x, const Taps::Target &target,
              const uint32_t *weights, uint16_t *to) {
  uint16_t sums[width];
  std::fill_n(sums, width, static_cast<uint16_t>(target.bias));
  for (int k = 0; k < target.count; ++k) {
    const uint8_t *row = rows[k] + x;
    const auto weight = static_cast<uint16_t>(weights[k]);
    for (int i = 0; i < width; ++i)
      sums[i] += high_half(static_cast<uint16_t>(row[i] << 8), weight);
  }
  std::memcpy(to + x, sums, sizeof sums);
}

void blend_rows(const uint8_t *const *rows, const Taps::Target &target, const uint32_t *weights,
                int width, uint16_t *to) {
  int x = 0;
  for (; x + step <= width; x += step) add_rows<step>(rows, x, target, weights, to);
  for (; x < width; ++x) add_rows<1>(rows, x, target, weights, to);
}

void to_columns(const uint16_t *rows, size_t stride, int width, uint16_t *columns) {
  for (int x = 0; x < width; ++x)
    for (int y = 0; y < band; ++y)
      columns[static_cast<size_t>(x) * band + y] = rows[y * stride + x];
}

void blend_component(const uint16_t *columns, size_t pitch, int origin, const Taps &taps, int begin,
                     int count, uint16_t *to) {
  for (int i = begin; i < begin + count; ++i, to += band) {
    const Taps::Target target = taps.targets()[i];
    const uint32_t *weights = taps.weights(i);
    const uint16_t *column = columns + (target.first - origin) * pitch;
    uint16_t sums[band];
    std::fill_n(sums, band, static_cast<uint16_t>(target.bias ^ middle));
    for (int k = 0; k < target.count; ++k, column += pitch) {
      const auto weight = static_cast<uint16_t>(weights[k]);
      for (int y = 0; y < band; ++y) sums[y] += high_half(column[y], weight);
    }
    std::memcpy(to, sums, sizeof sums);
  }
}

void blend_columns(const uint16_t *const *columns, int num, size_t pitch, int origin,
                   const Taps &taps, int begin, int count, uint16_t *to) {
  for (int i = 0; i < num; ++i, to += block * band)
    blend_component(columns[i], pitch, origin, taps, begin, count, to);
}

void blend_component_wide(const uint16_t *columns, size_t pitch, int origin, const Taps &taps,
                          int begin, int count, uint16_t *to) {
  for (int i = begin; i < begin + count; ++i, to += band) {
    const Taps::Target target = taps.targets()[i];
    const uint32_t *weights = taps.weights(i);
    const uint16_t *column = columns + (target.first - origin) * pitch;
    uint32_t sums[band];
    std::fill_n(sums, band, 1U << 15);
    for (int k = 0; k < target.count; ++k, column += pitch)
      for (int y = 0; y < band; ++y) sums[y] += column[y] * weights[k];
    for (int y = 0; y < band; ++y) to[y] = static_cast<uint16_t>((sums[y] >> 16) ^ middle);
  }
}

// 256ths times a factor of 2^-13: in 64ths, rounded.
int scaled(uint16_t sample, int16_t factor) {
  return (static_cast<int16_t>(sample) * factor + (1 << 14)) >> 15;
}

uint8_t level(int value) { return static_cast<uint8_t>(std::clamp(value >> 6, 0, 255)); }

void mix_ycbcr(const uint16_t *y, const Mix &mix, uint8_t *red, uint8_t *green, uint8_t *blue) {
  const uint16_t *cb = y + block * band, *cr = cb + block * band;
  for (int i = 0; i < band; ++i) {
    const int luma = scaled(y[i], mix.first) + mix.offset;
    red[i] = level(luma + scaled(cr[i], mix.red_cr));
    green[i] = level(luma + scaled(cb[i], mix.green_cb) + scaled(cr[i], mix.green_cr));
    blue[i] = level(luma + scaled(cb[i], mix.blue_cb));
  }
}

void mix_one(const uint16_t *from, const Mix &mix, uint8_t *to) {
  for (int i = 0; i < band; ++i) to[i] = level(scaled(from[i], mix.first) + mix.offset);
}

void mix_luma(const uint16_t *red, const Mix &mix, uint8_t *to) {
  const uint16_t *green = red + block * band, *blue = green + block * band;
  for (int i = 0; i < band; ++i)
    to[i] = level(scaled(red[i], mix.first) + scaled(green[i], mix.second) +
                  scaled(blue[i], mix.third) + mix.offset);
}

void mix_column(const uint16_t *from, const Mix &mix, uint8_t *to) {
  uint8_t *red = to + mix.red * band, *green = to + band, *blue = to + (2 - mix.red) * band;
  switch (mix.kind) {
    case Mix::Kind::gray:
      return mix_one(from, mix, to);
    case Mix::Kind::gray_rgb:
      mix_one(from, mix, to);
      std::memcpy(to + band, to, band);
      std::memcpy(to + 2 * band, to, band);
      return;
    case Mix::Kind::ycbcr_rgb:
      return mix_ycbcr(from, mix, red, green, blue);
    case Mix::Kind::rgb:
      mix_one(from, mix, red);
      mix_one(from + block * band, mix, green);
      return mix_one(from + 2 * block * band, mix, blue);
    case Mix::Kind::rgb_gray:
      return mix_luma(from, mix, to);
  }
}

void mix_columns(const uint16_t *columns, int count, const Mix &mix, uint8_t *to) {
  for (int i = 0; i < count; ++i, columns += band, to += mix.num_out * band)
    mix_column(columns, mix, to);
}

void to_rows(const uint8_t *columns, int width, int height, uint8_t *to, ptrdiff_t stride) {
  for (int y = 0; y < height; ++y, to += stride)
    for (int x = 0; x < width; ++x) to[x] = columns[x * band + y];
}

}  // namespace

void blend_rows_wide(const uint8_t *const *rows, const Taps::Target &target,
                     const uint32_t *weights, int width, uint32_t *sums, uint16_t *to) {
  std::fill_n(sums, width, 128U);
  for (int k = 0; k < target.count; ++k) {
    const uint8_t *row = rows[k];
    for (int x = 0; x < width; ++x) sums[x] += row[x] * weights[k];
  }
  for (int x = 0; x < width; ++x) to[x] = static_cast<uint16_t>(sums[x] >> 8);
}

void blend_columns_wide(const uint16_t *const *columns, int num, size_t pitch, int origin,
                        const Taps &taps, int begin, int count, uint16_t *to) {
  for (int i = 0; i < num; ++i, to += block * band)
    blend_component_wide(columns[i], pitch, origin, taps, begin, count, to);
}

const Kernels &portable_kernels() {
  static constexpr Kernels kernels{blend_rows,      to_columns, blend_columns,
                                   mix_columns,     to_rows,    blend_chroma_portable,
                                   mix_row_portable};
  return kernels;
}

}  // namespace spdl::pixel
