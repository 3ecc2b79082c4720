// SPDX-License-Identifier: BSD-2-Clause
// Limits hold at their value, for numbers that overflow, and say what was passed and where.
#include "base/limits.h"

#include "expect.h"

using namespace spdl;

namespace {

bool names(const Result<void> &result, const char *text) {
  return !result && result.error().message.find(text) != std::string::npos;
}

void pixels() {
  Limits limits;
  limits.max_pixels = 12;
  EXPECT(limits.check_pixels(Origin::decode, 3, 4, "a.jpg"));
  EXPECT(limits.check_pixels(Origin::decode, 0, 1000, "a.jpg"));
  const auto over = limits.check_pixels(Origin::decode, 13, 1, "a.jpg");
  EXPECT(names(over, "a.jpg: the number of pixels of a 13x1 picture (13)"));
  EXPECT(over.error().status == Status::limit);
  EXPECT(over.error().origin == Origin::decode);
  EXPECT(!limits.check_pixels(Origin::decode, Limits::none, Limits::none, "a.jpg"));
  limits.max_pixels = Limits::none;
  EXPECT(limits.check_pixels(Origin::decode, Limits::none, 1, "a.jpg"));
}

void time() {
  Limits limits;
  EXPECT(limits.check(Origin::decode, "a.jpg"));
  limits.deadline_ns = monotonic_ns() - 1;
  const auto late = limits.check(Origin::decode, "a.jpg");
  EXPECT(names(late, "a.jpg: ") && late.error().status == Status::deadline);
  const auto stop = std::make_shared<StopFlag>();
  limits.user_stop = stop;
  EXPECT(limits.check(Origin::decode, "a.jpg").error().status == Status::deadline);
  stop->set();
  EXPECT(limits.check(Origin::decode, "a.jpg").error().status == Status::cancelled);
  limits.deadline_ns = Limits::none;
  EXPECT(limits.is_interrupted() && !limits.is_late());
}

void counts() {
  Limits limits;
  limits.max_bytes = limits.max_frames = 5;
  EXPECT(limits.check_bytes(Origin::convert, 5, "a"));
  EXPECT(names(limits.check_bytes(Origin::convert, 6, "a"), "max_bytes=5"));
  EXPECT(limits.check_frames(Origin::decode, 5, "a"));
  EXPECT(names(limits.check_frames(Origin::decode, 6, "a"), "max_frames=5"));
}

}  // namespace

int main() {
  pixels();
  time();
  counts();
  return spdl::unit::num_failed != 0;
}
