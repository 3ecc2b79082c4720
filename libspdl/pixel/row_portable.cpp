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

constexpr int part = 64;  // pixels at a time

// Of the pixels [x, x + part) of the row, in 256ths. Pixels past the row's end are not looked at by
// anybody; there are enough samples for them in the margin.
void spread_chroma(const Row &row, int component, int x, int16_t *to) {
  const int16_t *chroma = row.chroma[component];
  if (!row.is_halved) {
    for (int i = 0; i < part; ++i) to[i] = static_cast<int16_t>(4 * chroma[x + i]);
    return;
  }
  const int16_t *at = chroma + x / 2;
  if (row.is_between) {
    for (int i = 0; i < part / 2; ++i) {
      to[2 * i] = static_cast<int16_t>(3 * at[i] + at[i - 1]);
      to[2 * i + 1] = static_cast<int16_t>(3 * at[i] + at[i + 1]);
    }
    return;
  }
  for (int i = 0; i < part / 2; ++i) {
    to[2 * i] = static_cast<int16_t>(4 * at[i]);
    to[2 * i + 1] = static_cast<int16_t>(2 * (at[i] + at[i + 1]));
  }
}

// The pixels [x, x + count) of the row, from the pixel `skip` of those on.
void mix_ycbcr(const Row &row, int x, int skip, int count, const Mix &mix, uint8_t *to) {
  int16_t luma[part] = {}, cb[part], cr[part];
  uint8_t red[part], green[part], blue[part];
  for (int i = skip; i < count; ++i)
    luma[i] = static_cast<int16_t>(centred(row.samples[0][x + i - row.first_is_odd]));
  spread_chroma(row, 0, x, cb);
  spread_chroma(row, 1, x, cr);
  for (int i = 0; i < part; ++i) {
    const int first = scaled(luma[i], mix.first) + mix.offset;
    red[i] = level(first + scaled(cr[i], mix.red_cr));
    green[i] = level(first + scaled(cb[i], mix.green_cb) + scaled(cr[i], mix.green_cr));
    blue[i] = level(first + scaled(cb[i], mix.blue_cb));
  }
  for (int i = skip; i < count; ++i, to += 3) {
    to[mix.red] = red[i];
    to[1] = green[i];
    to[2 - mix.red] = blue[i];
  }
}

// Other models, which have no chroma.
void mix_pixel(const Row &row, int x, const Mix &mix, uint8_t *to) {
  const auto &samples = row.samples;
  if (mix.kind == Mix::Kind::rgb) {
    to[mix.red] = samples[0][x];
    to[1] = samples[1][x];
    to[2 - mix.red] = samples[2][x];
    return;
  }
  const int first = scaled(centred(samples[0][x]), mix.first) + mix.offset;
  if (mix.kind == Mix::Kind::rgb_gray) {
    to[0] = level(first + scaled(centred(samples[1][x]), mix.second) +
                  scaled(centred(samples[2][x]), mix.third));
    return;
  }
  to[0] = level(first);
  if (mix.kind == Mix::Kind::gray_rgb) to[1] = to[2] = to[0];
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
  if (mix.kind != Mix::Kind::ycbcr_rgb) {
    for (int x = 0; x < width; ++x, to += mix.num_out) mix_pixel(row, x, mix, to);
    return;
  }
  const int end = width + row.first_is_odd;
  for (int x = 0, skip = row.first_is_odd; x < end; x += part, skip = 0) {
    const int count = std::min(part, end - x);
    mix_ycbcr(row, x, skip, count, mix, to);
    to += 3 * (count - skip);
  }
}

}  // namespace spdl::pixel
