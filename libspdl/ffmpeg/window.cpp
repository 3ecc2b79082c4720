// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/window.h"

#include <algorithm>
#include <limits>

namespace spdl::ffmpeg {
namespace {

__extension__ using wide = __int128;

int64_t clamp(wide value) {
  constexpr wide low = std::numeric_limits<int64_t>::min() + 1;
  constexpr wide high = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(value, low, high));
}

// Rounds down; b > 0.
wide floor_divide(wide a, wide b) { return a / b - (a % b != 0 && a < 0 ? 1 : 0); }
wide ceil_divide(wide a, wide b) { return -floor_divide(-a, b); }

// The first tick at or after `time`: 63 + 31 bits on either side of the fraction.
int64_t ceil_ticks(spdl_rational time, AVRational time_base) {
  return clamp(ceil_divide(wide{time.num} * time_base.den, wide{time.den} * time_base.num));
}

bool is_same(const std::optional<spdl_rational> &a, const std::optional<spdl_rational> &b) {
  if (!a || !b) return !a && !b;
  return a->num == b->num && a->den == b->den;
}

}  // namespace

bool Window::operator==(const Window &other) const {
  return is_same(start, other.start) && is_same(end, other.end);
}

bool Window::is_before(int64_t pts, AVRational time_base) const {
  return start && pts < ceil_ticks(*start, time_base);
}

bool Window::is_past(int64_t pts, AVRational time_base) const {
  return end && pts >= ceil_ticks(*end, time_base);
}

bool Window::contains(int64_t pts, AVRational time_base) const {
  return !is_before(pts, time_base) && !is_past(pts, time_base);
}

int64_t first_sample(spdl_rational time, int64_t pts, AVRational time_base, int rate, int64_t n) {
  // k >= rate * time - pts * time_base * rate. The whole seconds go first, so that the rest stays
  // within 128 bits for every pts.
  const wide ticks = wide{pts} * time_base.num;
  const wide seconds = floor_divide(ticks, time_base.den);
  const wide rest = ticks - seconds * time_base.den;      // < 2^31, in 1 / time_base.den
  const wide lead = wide{time.num} - seconds * time.den;  // in 1 / time.den
  const wide far = wide{n} / rate + 2;                    // seconds that the samples span
  if (lead > far * time.den) return n;
  if (lead < -2 * wide{time.den}) return 0;
  const wide above = (lead * time_base.den - rest * time.den) * rate;
  return std::clamp<int64_t>(clamp(ceil_divide(above, wide{time.den} * time_base.den)), 0, n);
}

int64_t floor_ticks(spdl_rational time, AVRational time_base) {
  return clamp(floor_divide(wide{time.num} * time_base.den, wide{time.den} * time_base.num));
}

int64_t add_ticks(int64_t a, int64_t b) { return clamp(wide{a} + b); }

double to_seconds(int64_t pts, AVRational time_base) {
  if (pts == AV_NOPTS_VALUE) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(pts) * time_base.num / time_base.den;
}

}  // namespace spdl::ffmpeg
