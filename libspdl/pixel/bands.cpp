// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/bands.h"

#include <algorithm>

namespace spdl::pixel {

Bands::Bands(const Picture &picture, const Geometry &geometry, const Mix &mix,
             const Sampling *samplings, const Kernels &kernels)
    : picture_(picture), geometry_(geometry), mix_(mix), kernels_(kernels) {
  for (int i = 0; i < mix.num_in; ++i)
    add_component(picture.planes[i], find_grid(picture.planes[i], samplings[i]));
  size_t widest = 0;
  for (Strip &strip : strips_) {
    const Taps &across = grids_[strip.grid].across;
    const size_t width = strip.width;
    // Kernels may take a target for as wide as the widest, with weights of 0.
    strip.columns.resize((width + static_cast<size_t>(across.width()) * strip.step) * band);
    widest = std::max(widest, width);
    if (grids_[strip.grid].down.is_wide()) sums_.resize(std::max(sums_.size(), width));
    taken_.resize(std::max<size_t>(taken_.size(), grids_[strip.grid].down.width()));
  }
  rows_.resize(widest * band);
}

size_t Bands::find_grid(const Plane &plane, const Sampling &sampling) {
  for (size_t i = 0; i < grids_.size(); ++i)
    if (grids_[i].width == plane.width && grids_[i].height == plane.height) return i;
  const Axis across{picture_.width, geometry_.scaled_width, geometry_.x,      geometry_.width,
                    plane.width,    sampling.ratio_x,       sampling.phase_x, picture_.denominator};
  const Axis down{picture_.height, geometry_.scaled_height, geometry_.y,      geometry_.height,
                  plane.height,    sampling.ratio_y,        sampling.phase_y, picture_.denominator};
  grids_.push_back({plane.width, plane.height, Taps(across), Taps(down)});
  return grids_.size() - 1;
}

// One that the plane's samples lie among.
size_t Bands::find_strip(const Plane &plane, size_t grid) {
  for (size_t i = 0; i < strips_.size(); ++i) {
    const Strip &strip = strips_[i];
    const auto distance = static_cast<ptrdiff_t>(reinterpret_cast<uintptr_t>(plane.data) -
                                                 reinterpret_cast<uintptr_t>(strip.data));
    if (strip.grid == grid && strip.stride == plane.stride && strip.step == plane.step &&
        distance > -plane.step && distance < plane.step)
      return i;
  }
  strips_.push_back({plane.data, plane.stride, plane.step, grid});
  return strips_.size() - 1;
}

void Bands::add_component(const Plane &plane, size_t grid) {
  const size_t at = find_strip(plane, grid);
  Strip &strip = strips_[at];
  ptrdiff_t offset = plane.data - strip.data;
  if (offset < 0) {
    // The others of the strip lie behind this one.
    for (Component &other : components_)
      if (other.strip == at) other.offset -= offset;
    strip.data = plane.data;
    strip.width -= static_cast<int>(offset);
    offset = 0;
  }
  components_.push_back({at, offset});
  const Taps &across = grids_[grid].across;
  const int64_t width =
      static_cast<int64_t>(across.end() - across.begin() - 1) * strip.step + offset + 1;
  strip.width = std::max(strip.width, static_cast<int>(width));
}

void Bands::write(uint8_t *to, ptrdiff_t stride) {
  for (int y = 0; y < geometry_.height; y += band) {
    const int count = std::min(band, geometry_.height - y);
    for (Strip &strip : strips_) blend_rows(strip, y, count);
    write_band(count, to + y * stride, stride);
  }
}

// The columns of the target rows [begin, begin + count). Of a band that has fewer than all rows
// the others hold what was there before.
void Bands::blend_rows(Strip &strip, int begin, int count) {
  const Grid &grid = grids_[strip.grid];
  const size_t width = strip.width;
  const uint8_t *left = strip.data + static_cast<ptrdiff_t>(grid.across.begin()) * strip.step;
  for (int i = 0; i < count; ++i) {
    const Taps::Target &target = grid.down.targets()[begin + i];
    const uint32_t *weights = grid.down.weights(begin + i);
    for (int k = 0; k < target.count; ++k) taken_[k] = left + (target.first + k) * strip.stride;
    uint16_t *row = rows_.data() + i * width;
    if (grid.down.is_wide())
      blend_rows_wide(taken_.data(), target, weights, strip.width, sums_.data(), row);
    else
      kernels_.blend_rows(taken_.data(), target, weights, strip.width, row);
  }
  kernels_.to_columns(rows_.data(), width, strip.width, strip.columns.data());
}

// Those of the component and of all behind it that have the same taps; returns how many.
int Bands::blend_columns(int component, int x, int width, uint16_t *to) const {
  const Strip &first = strips_[components_[component].strip];
  const uint16_t *columns[3] = {};
  int num = 0;
  for (int i = component; i < mix_.num_in; ++i) {
    const Strip &strip = strips_[components_[i].strip];
    if (strip.grid != first.grid || strip.step != first.step) break;
    columns[num++] = strip.columns.data() + components_[i].offset * band;
  }
  const Taps &across = grids_[first.grid].across;
  const auto blend = across.is_wide() ? blend_columns_wide : kernels_.blend_columns;
  blend(columns, num, static_cast<size_t>(first.step) * band, across.begin(), across, x, width, to);
  return num;
}

void Bands::write_band(int count, uint8_t *to, ptrdiff_t stride) {
  alignas(64) uint16_t samples[3 * block * band];
  alignas(64) uint8_t bytes[3 * block * band];
  for (int x = 0; x < geometry_.width; x += block) {
    const int width = std::min(block, geometry_.width - x);
    int done = 0;
    while (done < mix_.num_in) done += blend_columns(done, x, width, samples + done * block * band);
    kernels_.mix(samples, width, mix_, bytes);
    kernels_.to_rows(bytes, width * mix_.num_out, count, to + x * mix_.num_out, stride);
  }
}

}  // namespace spdl::pixel
