// SPDX-License-Identifier: BSD-2-Clause
// The descriptor by which a queue wakes an event loop (eventfd(2)).
#pragma once

#include <memory>

#include "base/result.h"

namespace spdl::queue {

class EventFd {
 public:
  static Result<std::shared_ptr<const EventFd>> create();
  // A duplicate of the caller's descriptor: both signal the same counter.
  static Result<std::shared_ptr<const EventFd>> duplicate(int fd);
  ~EventFd();
  EventFd(const EventFd &) = delete;
  EventFd &operator=(const EventFd &) = delete;

  int fd() const noexcept { return fd_; }
  void signal() const noexcept;

 private:
  explicit EventFd(int fd) noexcept : fd_(fd) {}
  static Result<std::shared_ptr<const EventFd>> adopt(int fd);

  int fd_;
};

}  // namespace spdl::queue
