// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/colour.h"

#include <cmath>

namespace spdl::pixel {
namespace {

// The shares of red and blue in luma.
struct Luma {
  double red;
  double blue;
};

Luma luma_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::bt709:
      return {0.2126, 0.0722};
    case Matrix::bt2020:
      return {0.2627, 0.0593};
    case Matrix::smpte240m:
      return {0.212, 0.087};
    case Matrix::fcc:
      return {0.30, 0.11};
    default:
      return {0.299, 0.114};
  }
}

int16_t fixed(double factor) { return static_cast<int16_t>(std::lround(factor * 8192)); }

// What a level of limited range is worth.
constexpr double luma_gain = 255.0 / 219;
constexpr double chroma_gain = 255.0 / 224;

constexpr int16_t middle = 128 * 64 + 32;

void set_luma(const Picture &picture, Mix &mix) {
  const bool is_full = picture.is_full_range;
  mix.first = fixed(is_full ? 1 : luma_gain);
  mix.offset =
      is_full ? middle : static_cast<int16_t>(std::lround(luma_gain * (128 - 16) * 64) + 32);
}

void set_chroma(const Picture &picture, Mix &mix) {
  const Luma luma = luma_of(picture.matrix);
  const double gain = picture.is_full_range ? 1 : chroma_gain;
  const double red = 2 * (1 - luma.red) * gain, blue = 2 * (1 - luma.blue) * gain;
  const double green = 1 - luma.red - luma.blue;
  mix.red_cr = fixed(red);
  mix.blue_cb = fixed(blue);
  mix.green_cr = fixed(-red * luma.red / green);
  mix.green_cb = fixed(-blue * luma.blue / green);
}

}  // namespace

Mix make_mix(const Picture &picture, Format format) {
  const bool is_gray = format == Format::gray;
  Mix mix{.kind = Mix::Kind::gray,
          .num_in = 1,
          .num_out = is_gray ? 1 : 3,
          .red = format == Format::bgr24 ? 2 : 0};
  if (picture.model == Model::rgb) {
    const Luma luma = luma_of(Matrix::bt601);
    mix.kind = is_gray ? Mix::Kind::rgb_gray : Mix::Kind::rgb;
    mix.num_in = 3;
    mix.first = fixed(is_gray ? luma.red : 1);
    mix.third = fixed(is_gray ? luma.blue : 1);
    mix.second = is_gray ? static_cast<int16_t>(8192 - mix.first - mix.third) : mix.first;
    mix.offset = middle;
    return mix;
  }
  set_luma(picture, mix);
  if (is_gray) return mix;
  mix.kind = Mix::Kind::gray_rgb;
  if (picture.model == Model::gray) return mix;
  mix.kind = Mix::Kind::ycbcr_rgb;
  mix.num_in = 3;
  set_chroma(picture, mix);
  return mix;
}

}  // namespace spdl::pixel
