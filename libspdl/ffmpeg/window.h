// SPDX-License-Identifier: BSD-2-Clause
// Half-open ranges of time, compared exactly with timestamps of any time base.
#pragma once

#include <cstdint>
#include <optional>

#include "ffmpeg/compat.h"
#include "spdl/types.h"

namespace spdl::ffmpeg {

struct Window {
  std::optional<spdl_rational> start;  // seconds
  std::optional<spdl_rational> end;    // seconds

  bool contains(int64_t pts, AVRational time_base) const;
  bool is_before(int64_t pts, AVRational time_base) const;  // pts < start
  bool is_past(int64_t pts, AVRational time_base) const;    // pts >= end
  bool operator==(const Window &other) const;               // the same numbers
};

// The first of `n` samples at or after `time`, if sample k is at pts * time_base + k / rate: 0 to
// n.
int64_t first_sample(spdl_rational time, int64_t pts, AVRational time_base, int rate, int64_t n);

// The last tick at or before `time`.
int64_t floor_ticks(spdl_rational time, AVRational time_base);

// The sum, or the end of the range: timestamps of damaged files can be anything.
int64_t add_ticks(int64_t a, int64_t b);

double to_seconds(int64_t pts, AVRational time_base);  // NaN for AV_NOPTS_VALUE

}  // namespace spdl::ffmpeg
