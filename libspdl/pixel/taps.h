// SPDX-License-Identifier: BSD-2-Clause
// How one axis of a plane is resampled: for each target which samples count, and how much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace spdl::pixel {

// One axis of the picture and of one of its planes.
struct Axis {
  int source;  // luma samples of the picture; `denominator` as many where it was scaled down
  int scaled;  // samples that these become
  int begin;   // of the scaled ones the targets [begin, begin + size) are wanted
  int size;
  int samples;  // of the plane
  int ratio;    // luma samples to a sample of the plane
  int phase;    // from the first luma sample to the plane's first, in halves of a luma sample
  int denominator = 1;
};

// Target i is the sum of weight(i)[k] * sample[first(i) + k] for k < count(i). Its weights sum up
// to 2^16 and none is negative.
class Taps {
 public:
  // Up to so many taps weights are held as twice 16 bits, each below 2^16, for kernels that round
  // each product; above it as 32 bits, for kernels that sum up exactly.
  static constexpr int max_narrow = 32;

  struct Target {
    int32_t first;
    int32_t count;
    // Twice 16 bits: what rounding down each product takes away on the average, in its last bit.
    uint32_t bias;
  };

  explicit Taps(const Axis &axis);

  int size() const { return static_cast<int>(targets_.size()); }
  int width() const { return width_; }  // taps of the widest target
  bool is_wide() const { return pitch_ > max_narrow; }
  // The samples [begin, end) are all that count.
  int begin() const { return begin_; }
  int end() const { return end_; }
  const Target *targets() const { return targets_.data(); }
  // Those of target i; behind its own it has zeros, up to width().
  const uint32_t *weights(int i) const { return weights_.data() + static_cast<size_t>(i) * pitch_; }
  int pitch() const { return pitch_; }  // weights between targets

 private:
  std::vector<Target> targets_;
  std::vector<uint32_t> weights_;
  int pitch_ = 0;
  int width_ = 0;
  int begin_ = 0;
  int end_ = 0;
};

}  // namespace spdl::pixel
