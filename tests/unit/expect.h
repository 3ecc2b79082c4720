// SPDX-License-Identifier: BSD-2-Clause
// A test program is a main() of expectations: each that fails says so, and the program fails.
#pragma once

#include <iostream>

namespace spdl::unit {

inline int num_failed = 0;

template <class Actual, class Expected>
void expect_equal(const Actual &actual, const Expected &expected, const char *text, int line) {
  if (actual == expected) return;
  ++num_failed;
  std::cerr << "line " << line << ": " << text << " gave " << actual << ", not " << expected
            << "\n";
}

}  // namespace spdl::unit

#define EXPECT(condition) EXPECT_EQ(static_cast<bool>(condition), true)
#define EXPECT_EQ(actual, expected) ::spdl::unit::expect_equal(actual, expected, #actual, __LINE__)
