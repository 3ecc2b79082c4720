// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstring>

#include "pixel/row.h"

namespace spdl::pixel {
namespace {

// 256ths times a factor of 2^-13: in 64ths, rounded.
int scaled(int sample, int factor) { return (sample * factor + (1 << 14)) >> 15; }

int centred(uint8_t sample) { return (sample - 128) * 256; }

uint8_t level(int value) { return static_cast<uint8_t>(std::clamp(value >> 6, 0, 255)); }

// In 256ths.
int chroma_at(const Row &row, int component, int x) {
  const int16_t *chroma = row.chroma[component];
  if (!row.is_halved) return 4 * chroma[x];
  x += row.first_is_odd;
  const int16_t *at = chroma + x / 2;
  const bool is_odd = x % 2 != 0;
  if (!row.is_between) return is_odd ? 2 * (at[0] + at[1]) : 4 * at[0];
  return 3 * at[0] + (is_odd ? at[1] : at[-1]);
}

void mix_pixel(const Row &row, int x, const Mix &mix, uint8_t *to) {
  const auto &samples = row.samples;
  if (mix.kind == Mix::Kind::rgb) {
    to[mix.red] = samples[0][x];
    to[1] = samples[1][x];
    to[2 - mix.red] = samples[2][x];
    return;
  }
  const int first = scaled(centred(samples[0][x]), mix.first) + mix.offset;
  if (mix.kind == Mix::Kind::gray) {
    to[0] = level(first);
  } else if (mix.kind == Mix::Kind::gray_rgb) {
    to[0] = to[1] = to[2] = level(first);
  } else if (mix.kind == Mix::Kind::rgb_gray) {
    to[0] = level(first + scaled(centred(samples[1][x]), mix.second) +
                  scaled(centred(samples[2][x]), mix.third));
  } else {
    const int cb = chroma_at(row, 0, x), cr = chroma_at(row, 1, x);
    to[mix.red] = level(first + scaled(cr, mix.red_cr));
    to[1] = level(first + scaled(cb, mix.green_cb) + scaled(cr, mix.green_cr));
    to[2 - mix.red] = level(first + scaled(cb, mix.blue_cb));
  }
}

}  // namespace

void blend_chroma_portable(const uint8_t *first, const uint8_t *second, int share, int width,
                           int16_t *to) {
  for (int i = 0; i < width; ++i)
    to[i] = static_cast<int16_t>((share * first[i] + (4 - share) * second[i] - 4 * 128) * 16);
}

void mix_row_portable(const Row &row, int width, const Mix &mix, uint8_t *to) {
  if (mix.kind == Mix::Kind::gray && mix.first == 1 << 13)
    return static_cast<void>(std::memcpy(to, row.samples[0], width));
  for (int x = 0; x < width; ++x, to += mix.num_out) mix_pixel(row, x, mix, to);
}

}  // namespace spdl::pixel
