// SPDX-License-Identifier: BSD-2-Clause
#include "queue/event_fd.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace spdl::queue {

Result<std::shared_ptr<const EventFd>> EventFd::adopt(int fd) {
  if (fd < 0)
    return Error{Status::io, Origin::queue,
                 std::string("No event descriptor could be made: ") + std::strerror(errno) + "."}
        .with_native(-errno);
  return std::shared_ptr<const EventFd>(new EventFd(fd));
}

Result<std::shared_ptr<const EventFd>> EventFd::create() {
  return adopt(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

Result<std::shared_ptr<const EventFd>> EventFd::duplicate(int fd) {
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0 && errno == EBADF)
    return Error{Status::invalid, Origin::queue, "The queue's fd is not an open descriptor."};
  return adopt(copy);
}

EventFd::~EventFd() { close(fd_); }

void EventFd::signal() const noexcept {
  const uint64_t one = 1;
  // The only failure of a non-blocking eventfd is a full counter: then it is readable anyway.
  while (write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

}  // namespace spdl::queue
