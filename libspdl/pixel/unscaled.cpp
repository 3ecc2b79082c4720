// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/unscaled.h"

#include <algorithm>

namespace spdl::pixel {
namespace {

// The two rows of chroma that a row of luma lies between, and the first one's share in quarters.
struct Pair {
  int first;
  int second;
  int share;
};

Pair find_pair(const Sampling &sampling, int y, int height) {
  if (sampling.ratio_y == 1) return {y, y, 4};
  const int place = 2 * y - sampling.phase_y + 4;  // in quarters of a row of chroma, from row -1
  const int row = place / 4 - 1;
  return {std::max(row, 0), std::min(row + 1, height - 1), 4 - place % 4};
}

}  // namespace

bool Unscaled::takes(const Picture &picture, const Geometry &geometry, const Mix &mix,
                     const Sampling *samplings) {
  if (geometry.scaled_width != picture.width || geometry.scaled_height != picture.height ||
      picture.denominator != 1)
    return false;
  return std::all_of(samplings, samplings + mix.num_in,
                     [](const Sampling &it) { return it.ratio_x <= 2 && it.ratio_y <= 2; });
}

Unscaled::Unscaled(const Picture &picture, const Geometry &geometry, const Mix &mix,
                   const Sampling *samplings, const Kernels &kernels)
    : picture_(picture),
      geometry_(geometry),
      mix_(mix),
      samplings_(samplings),
      kernels_(kernels),
      samples_(static_cast<size_t>(geometry.width + 2) * 3) {
  if (mix.kind == Mix::Kind::ycbcr_rgb)
    for (auto &chroma : chroma_) chroma.resize(geometry.width + 2 * chroma_margin);
}

const uint8_t *Unscaled::row_of(const Plane &plane, int x, int y, int width, uint8_t *room) const {
  const uint8_t *row = plane.data + y * plane.stride + static_cast<ptrdiff_t>(x) * plane.step;
  if (plane.step == 1) return row;
  for (int i = 0; i < width; ++i) room[i] = row[static_cast<ptrdiff_t>(i) * plane.step];
  return room;
}

// The row of chroma at the height of row y of luma: one sample more at each end than the window
// covers. Returns the first that it covers.
const int16_t *Unscaled::make_chroma(int component, int y) {
  const Plane &plane = picture_.planes[component];
  const Sampling &sampling = samplings_[component];
  const int first = geometry_.x / sampling.ratio_x;
  const int last = (geometry_.x + geometry_.width - 1) / sampling.ratio_x;
  const int begin = std::max(first - 1, 0), end = std::min(last + 2, plane.width);
  const Pair pair = find_pair(sampling, y, plane.height);
  uint8_t *room = samples_.data() + geometry_.width + 2;
  int16_t *to = chroma_[component - 1].data() + chroma_margin;
  kernels_.blend_chroma(row_of(plane, begin, pair.first, end - begin, room),
                        row_of(plane, begin, pair.second, end - begin, room + geometry_.width + 2),
                        pair.share, end - begin, to + begin - first);
  if (begin == first) to[-1] = to[0];
  if (end == last + 1) to[end - first] = to[last - first];
  return to;
}

void Unscaled::write(uint8_t *to, ptrdiff_t stride) {
  Row row{.first_is_odd = false};
  for (int y = 0; y < geometry_.height; ++y, to += stride) {
    const int at = geometry_.y + y;
    for (int i = 0; i < mix_.num_in; ++i) {
      if (i > 0 && mix_.kind == Mix::Kind::ycbcr_rgb) {
        row.chroma[i - 1] = make_chroma(i, at);
        row.is_halved = samplings_[i].ratio_x == 2;
        row.is_between = samplings_[i].phase_x == 1;
        row.first_is_odd = geometry_.x % samplings_[i].ratio_x != 0;
        continue;
      }
      row.samples[i] = row_of(picture_.planes[i], geometry_.x, at, geometry_.width,
                              samples_.data() + static_cast<size_t>(i) * (geometry_.width + 2));
    }
    kernels_.mix_row(row, geometry_.width, mix_, to);
  }
}

}  // namespace spdl::pixel
