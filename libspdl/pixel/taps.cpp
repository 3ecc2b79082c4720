// SPDX-License-Identifier: BSD-2-Clause
#include "pixel/taps.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace spdl::pixel {
namespace {

// Where a target begins, or lies: `whole` luma samples and `rest` / `unit` of one.
struct Place {
  int64_t whole;
  int64_t rest;
  int64_t unit;

  Place(int64_t numerator, int64_t denominator)
      : whole(numerator / denominator), rest(numerator % denominator), unit(denominator) {
    if (rest >= 0) return;
    --whole;
    rest += unit;
  }
  void operator+=(const Place &step) {
    whole += step.whole;
    rest += step.rest;
    if (rest < unit) return;
    ++whole;
    rest -= unit;
  }
};

// Makes the weights of one target after the other. Loops have the same length for each target,
// which processors foresee.
class Maker {
 public:
  explicit Maker(const Axis &axis)
      : axis_(axis),
        scaled_(axis.scaled * axis.denominator),
        is_covering_(axis.source >= scaled_),
        parts_(axis.ratio == 1 ? 1 : 2 * axis.ratio),
        num_luma_(is_covering_ ? (axis.source + scaled_ - 1) / scaled_ + 1 : 2),
        num_taps_(axis.ratio == 1 ? num_luma_ : (num_luma_ + axis.ratio - 2) / axis.ratio + 2),
        total_((is_covering_ ? axis.source : 2 * scaled_) * parts_),
        scale_((uint64_t{1} << 48) / total_),
        luma_(num_luma_ + 3 * parts_),
        samples_(num_taps_) {
    // Distances are odd where the phase is, so that they are the same for all targets.
    for (int k = 0; k < parts_; ++k)
      triangle_[k] = parts_ - std::abs(2 * k + 2 - (axis.phase & 1) - parts_);
  }

  int max_taps() const { return std::min(num_taps_, axis_.samples); }
  bool is_wide() const { return max_taps() > Taps::max_narrow; }

  // The first target's place, and the way from one to the next.
  Place begin() const {
    const int64_t source = axis_.source, scaled = scaled_, at = axis_.begin;
    return is_covering_ ? Place(at * source, scaled)
                        : Place((2 * at + 1) * source - scaled, 2 * scaled);
  }
  Place step() const {
    const int64_t source = axis_.source, scaled = scaled_;
    return is_covering_ ? Place(source, scaled) : Place(2 * source, 2 * scaled);
  }

  // Writes max_taps() weights.
  Taps::Target make(const Place &place, uint32_t *weights) {
    const int first = is_covering_ ? cover(place) : neighbour(place);
    if (axis_.ratio == 1) return normalize(first, luma(), weights);
    const int first_sample = axis_.ratio == 2 ? spread_luma<2>(first) : spread_luma<4>(first);
    return normalize(first_sample, samples_.data(), weights);
  }

 private:
  // The weights of luma samples. Around them are zeros.
  uint32_t *luma() { return luma_.data() + parts_; }

  // The luma samples that the target covers; returns the first.
  int cover(const Place &place) {
    int64_t before = 0;
    for (int k = 0; k < num_luma_; ++k) {
      const int64_t covered = std::min<int64_t>((k + 1) * place.unit - place.rest, axis_.source);
      luma()[k] = static_cast<uint32_t>(covered - before);
      before = covered;
    }
    if (axis_.denominator > 1) lean_inwards();
    return static_cast<int>(place.whole);
  }

  // Where a sample stands for several, a part of it has not their mean but what lies between it and
  // its neighbour: as if a line went through both, that one takes over some of the weight.
  void lean_inwards() {
    int last = num_luma_ - 1;
    while (last > 0 && luma()[last] == 0) --last;
    if (last == 0) return;
    const uint32_t at_first = given_away(luma()[0]), at_last = given_away(luma()[last]);
    luma()[0] -= at_first;
    luma()[1] += at_first;
    luma()[last] -= at_last;
    luma()[last - 1] += at_last;
  }
  uint32_t given_away(uint32_t covered) const {
    const uint64_t whole = static_cast<uint64_t>(scaled_);
    return static_cast<uint32_t>(covered * (whole - covered) / (2 * whole));
  }

  // The two that the target lies between; those outside of the picture are as the nearest inside.
  int neighbour(const Place &place) {
    const auto second = static_cast<uint32_t>(place.rest), all = static_cast<uint32_t>(place.unit);
    const bool is_inside = place.whole >= 0 && place.whole < (axis_.source - 1) / axis_.denominator;
    luma()[0] = is_inside ? all - second : all;
    luma()[1] = is_inside ? second : 0;
    return static_cast<int>(std::max<int64_t>(place.whole, 0));
  }

  // A luma sample's share goes to the two samples of the plane that it lies between, so a sample's
  // weight is a triangle over luma samples; returns the first sample.
  template <int ratio>
  int spread_luma(int first_luma) {
    constexpr int parts = 2 * ratio;
    const int last = axis_.samples - 1;
    const int place = 2 * first_luma - axis_.phase + parts;  // in halves of a luma sample
    const int sample = place / parts - 1, rest = place % parts;
    const uint32_t *from = luma() + 1 - ratio - (rest + 1) / 2;
    for (int i = 0; i < num_taps_; ++i, from += ratio) {
      uint32_t sum = 0;
      for (int k = 0; k < parts; ++k) sum += from[k] * triangle_[k];
      samples_[i] = sum;
    }
    if (sample >= 0 && sample + num_taps_ - 1 <= last) return sample;
    return fold(sample, last);
  }

  // What goes to samples outside of the plane goes to the nearest inside.
  int fold(int sample, int last) {
    const int first = std::clamp(sample, 0, last);
    for (int i = 0; i < num_taps_; ++i) {
      const uint32_t weight = std::exchange(samples_[i], 0);
      samples_[std::clamp(sample + i, 0, last) - first] += weight;
    }
    return first;
  }

  // Weights become those of the sum 2^16. Each is the difference of rounded sums, so that nothing
  // is lost.
  Taps::Target normalize(int first, const uint32_t *from, uint32_t *weights) const {
    const uint32_t most = is_wide() ? 1U << 16 : 0xffffU, times = is_wide() ? 1 : 0x10001U;
    uint32_t sum = 0, before = 0;
    int count = 0;
    for (int k = 0, n = max_taps(); k < n; ++k) {
      sum += from[k];
      const auto now = static_cast<uint32_t>((sum * scale_ + (uint64_t{1} << 31)) >> 32);
      weights[k] = std::min(now - before, most) * times;
      count = now != before ? k + 1 : count;
      before = now;
    }
    return {first, count, static_cast<uint32_t>((count + 1) / 2) * 0x10001U};
  }

  const Axis axis_;
  const int scaled_;  // parts of a luma sample: of so many targets, if each were one
  const bool is_covering_;
  const int parts_;       // that a luma sample's weight is split into
  const int num_luma_;    // samples that a target may have
  const int num_taps_;    // the same of the plane's
  const uint32_t total_;  // the sum of a target's weights, before they are normalized
  const uint64_t scale_;  // 2^48 / total_
  // Of luma samples about one of the plane: how much of their weight goes to it.
  uint32_t triangle_[8] = {};
  std::vector<uint32_t> luma_;
  std::vector<uint32_t> samples_;  // the weights of those of the plane
};

}  // namespace

Taps::Taps(const Axis &axis) : targets_(axis.size), begin_(axis.samples) {
  Maker maker(axis);
  pitch_ = maker.max_taps();
  weights_.resize(static_cast<size_t>(pitch_) * axis.size);
  uint32_t *weights = weights_.data();
  const Place step = maker.step();
  Place place = maker.begin();
  for (Target &target : targets_) {
    target = maker.make(place, weights);
    width_ = std::max(width_, target.count);
    begin_ = std::min(begin_, target.first);
    end_ = std::max(end_, target.first + target.count);
    weights += pitch_;
    place += step;
  }
}

}  // namespace spdl::pixel
