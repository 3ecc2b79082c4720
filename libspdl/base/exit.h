// SPDX-License-Identifier: BSD-2-Clause
// The end of the process: exit() must not run the destructors of FFmpeg's libraries under the feet
// of workers. So it first asks all operations to stop, and waits a moment until no worker runs.
#pragma once

namespace spdl {

// Whether exit() has begun. Limits::check() counts it as a cancellation.
bool is_exiting() noexcept;

// Held by a worker while it runs a task.
class ExitGuard {
 public:
  ExitGuard() noexcept;
  ~ExitGuard();
  ExitGuard(const ExitGuard &) = delete;
  ExitGuard &operator=(const ExitGuard &) = delete;
  // False once exit() has begun: the task is left alone.
  bool may_run() const noexcept { return may_run_; }

 private:
  bool may_run_;
};

}  // namespace spdl
