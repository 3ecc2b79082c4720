// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/taps.h"

#include <algorithm>

namespace spdl::pixel {
namespace {

// The quotient rounded down; divisors are positive.
int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// Taps that a target may have.
int bound(const Axis &axis) {
  const int luma =
      axis.scaled < axis.source ? (axis.source + axis.scaled - 1) / axis.scaled + 1 : 2;
  return std::min(axis.ratio == 1 ? luma : (luma - 1 + axis.ratio - 1) / axis.ratio + 2,
                  axis.samples);
}

}  // namespace

Taps::Taps(const Axis &axis)
    : targets_(axis.size),
      pitch_(bound(axis)),
      begin_(axis.samples),
      is_identity_(axis.ratio == 1 && axis.scaled == axis.source) {
  weights_.resize(static_cast<size_t>(pitch_) * axis.size);
  for (int i = 0; i < axis.size; ++i) {
    targets_[i].first = -1;
    add_luma(axis, i);
    width_ = std::max(width_, targets_[i].count);
    begin_ = std::min(begin_, targets_[i].first);
    end_ = std::max(end_, targets_[i].first + targets_[i].count);
  }
  if (is_wide()) return;
  for (uint32_t &weight : weights_) weight = std::min(weight, 0xffffU) * 0x10001U;
}

// The luma samples that make the target: those it covers, or its two neighbours.
void Taps::add_luma(const Axis &axis, int target) {
  const int64_t source = axis.source, scaled = axis.scaled, at = axis.begin + target;
  const uint32_t parts = axis.ratio == 1 ? 1 : 2 * axis.ratio;  // of a luma sample's weight
  if (source > scaled) {
    const int64_t begin = at * source, end = begin + source;  // in `scaled`ths of a luma sample
    int64_t luma = begin / scaled;
    for (int64_t here = begin; here < end; ++luma) {
      const int64_t next = std::min(end, (luma + 1) * scaled);
      add(axis, static_cast<int>(luma), static_cast<uint32_t>(next - here), target);
      here = next;
    }
    return normalize(target, static_cast<uint32_t>(source) * parts);
  }
  if (source == scaled) {
    add(axis, static_cast<int>(at), 1, target);
    return normalize(target, parts);
  }
  const int64_t place = (2 * at + 1) * source - scaled;  // in halves of a `scaled`th
  const int64_t luma = floor_divide(place, 2 * scaled);
  const auto second = static_cast<uint32_t>(place - luma * 2 * scaled);
  const auto whole = static_cast<uint32_t>(2 * scaled);
  add(axis, static_cast<int>(std::max<int64_t>(luma, 0)), whole - second, target);
  add(axis, static_cast<int>(std::min(luma + 1, source - 1)), second, target);
  normalize(target, whole * parts);
}

// A luma sample's share goes to the samples of the plane that it lies between.
void Taps::add(const Axis &axis, int luma, uint32_t weight, int target) {
  uint32_t *weights = weights_.data() + static_cast<size_t>(target) * pitch_;
  int32_t &first = targets_[target].first;
  if (axis.ratio == 1) {
    if (first < 0) first = luma;
    weights[luma - first] += weight;
    return;
  }
  const int parts = 2 * axis.ratio;
  const int place = 2 * luma - axis.phase;
  const int sample = (place + parts) / parts - 1;  // rounded down; phase is less than parts
  const uint32_t second = place - sample * parts;
  const int last = axis.samples - 1;
  const int left = std::clamp(sample, 0, last), right = std::min(sample + 1, last);
  if (first < 0) first = left;
  weights[left - first] += weight * (parts - second);
  weights[right - first] += weight * second;
}

// Weights of the given sum become weights of the sum 2^16. Each is the difference of rounded sums,
// so that nothing is lost.
void Taps::normalize(int target, uint32_t total) {
  uint32_t *weights = weights_.data() + static_cast<size_t>(target) * pitch_;
  const uint64_t scale = (uint64_t{1} << 48) / total;  // of 2^-32
  uint32_t sum = 0, before = 0;
  int count = 0;
  for (int k = 0; sum < total; ++k) {
    sum += weights[k];
    const auto now = static_cast<uint32_t>((sum * scale + (uint64_t{1} << 31)) >> 32);
    weights[k] = now - before;
    if (now != before) count = k + 1;
    before = now;
  }
  targets_[target].count = count;
  targets_[target].bias = static_cast<uint32_t>((count + 1) / 2) * 0x10001U;
}

}  // namespace spdl::pixel
