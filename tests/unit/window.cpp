// SPDX-License-Identifier: BSD-2-Clause
// Windows are exact where floating point would not be, and no timestamp overflows.
#include "ffmpeg/window.h"

#include <cmath>
#include <limits>

#include "expect.h"

using namespace spdl::ffmpeg;

namespace {

constexpr int64_t least = std::numeric_limits<int64_t>::min();
constexpr int64_t most = std::numeric_limits<int64_t>::max();
constexpr AVRational mpeg{1, 90000};

void half_open() {
  const Window window{spdl_rational{1, 10}, spdl_rational{2, 10}};
  EXPECT(!window.contains(8999, mpeg));
  EXPECT(window.contains(9000, mpeg));
  EXPECT(window.contains(17999, mpeg));
  EXPECT(!window.contains(18000, mpeg));
  EXPECT(window.is_before(8999, mpeg));
  EXPECT(!window.is_past(17999, mpeg));
  EXPECT(window.is_past(18000, mpeg));
  EXPECT(Window{}.contains(least + 1, mpeg));
  EXPECT(Window{}.contains(most, mpeg));
}

void extremes() {
  const Window late{spdl_rational{most, 1}, std::nullopt};
  EXPECT(late.is_before(most - 1, mpeg));
  EXPECT(!late.is_before(most, {1, 1}));
  const Window fine{spdl_rational{1, most}, std::nullopt};
  EXPECT(fine.is_before(0, mpeg));
  EXPECT(fine.contains(1, mpeg));
  EXPECT_EQ(add_ticks(most, 1), most);
  EXPECT_EQ(add_ticks(most - 3, 2), most - 1);
  EXPECT(add_ticks(least + 2, -5) < 0);
}

void ticks() {
  EXPECT_EQ(floor_ticks({1, 3}, {1, 1000}), 333);
  EXPECT_EQ(floor_ticks({-1, 3}, {1, 1000}), -334);
  EXPECT_EQ(floor_ticks({2, 1}, {1001, 30000}), 59);
  EXPECT(std::isnan(to_seconds(AV_NOPTS_VALUE, mpeg)));
  EXPECT_EQ(to_seconds(45000, mpeg), 0.5);
}

// Sample k of a block of 1024 at 44.1 kHz that begins at 0.5 s.
void samples() {
  const auto first = [](spdl_rational time) {
    return first_sample(time, 45000, mpeg, 44100, 1024);
  };
  EXPECT_EQ(first({0, 1}), 0);
  EXPECT_EQ(first({1, 2}), 0);
  EXPECT_EQ(first({22051, 44100}), 1);
  EXPECT_EQ(first({220511, 441000}), 2);  // between samples 1 and 2
  EXPECT_EQ(first({22050 + 1024, 44100}), 1024);
  EXPECT_EQ(first({1, 1}), 1024);
}

}  // namespace

int main() {
  half_open();
  extremes();
  ticks();
  samples();
  return spdl::unit::num_failed != 0;
}
