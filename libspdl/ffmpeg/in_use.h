// SPDX-License-Identifier: BSD-2-Clause
// The rule of machines: one operation at a time.
#pragma once

#include <atomic>

namespace spdl::ffmpeg {

// Held while an operation uses a machine; if it is not held, another operation does.
class InUse {
 public:
  explicit InUse(std::atomic_flag &flag) : flag_(flag), is_held_(!flag.test_and_set()) {}
  ~InUse() {
    if (is_held_) flag_.clear();
  }
  InUse(const InUse &) = delete;
  InUse &operator=(const InUse &) = delete;
  bool is_held() const { return is_held_; }

 private:
  std::atomic_flag &flag_;
  bool is_held_;
};

}  // namespace spdl::ffmpeg
