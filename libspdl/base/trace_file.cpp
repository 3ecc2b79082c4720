// SPDX-License-Identifier: BSD-2-Clause
#include "base/trace_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/text.h"

namespace spdl::trace {
namespace {

// How long the end of a trace waits for the reader of a pipe.
constexpr int64_t patience_ns = 2'000'000'000;
// A pipe that poll() calls writable takes at least so many bytes at once.
constexpr size_t pipe_step = PIPE_BUF;
constexpr size_t max_named_threads = size_t{1} << 16;

// The descriptor of the trace that is being written, for a child that inherits it.
std::atomic<int> open_fd{-1};

Error failure(int code, const std::string &what, const std::string &name) {
  return Error{code == ENOENT ? Status::not_found : Status::io, Origin::trace,
               what + ": " + name + " (" + std::strerror(code) + ")"}
      .with_native(-code);
}

// What the kernel calls a thread; of the main one, it is the name of the program.
std::string thread_name(int32_t process, int32_t thread) {
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(process) + "/task/" +
                             std::to_string(thread) + "/comm"),
               name);
  return name;
}

const char *name_of(Category category) {
  if (category == Category::stage) return "stage";
  return category == Category::job ? "job" : "user";
}

template <class... Values>
void add_format(std::string &to, const char *format, Values... values) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, format, values...);
  to.append(text, static_cast<size_t>(std::clamp<int>(size, 0, sizeof text - 1)));
}

void add_escaped(std::string &to, std::string_view text) {
  for (const char c : make_utf8(text)) {
    if (c == '"' || c == '\\') to += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      add_format(to, "\\u%04x", static_cast<unsigned>(c));
    else
      to += c;
  }
}

}  // namespace

void forget_file_of_parent() noexcept {
  if (const int fd = open_fd.exchange(-1); fd >= 0) close(fd);
}

Result<File> File::open(const std::string &path) {
  // Without O_NONBLOCK, opening a FIFO that nobody reads would hang.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0) return failure(errno, "Failed to open the trace", path);
  return File(fd, path);
}

Result<File> File::duplicate(int fd) {
  const std::string name = "<descriptor " + std::to_string(fd) + ">";
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
    return failure(EBADF, "Failed to open the trace", name);
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return failure(errno, "Failed to open the trace", name);
  return File(copy, name);
}

File::File(int fd, std::string name) : fd_(fd), name_(std::move(name)), process_(getpid()) {
  struct stat status;
  is_regular_ = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  open_fd.store(fd);
}

File::File(File &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(other.name_),
      process_(other.process_),
      is_regular_(other.is_regular_) {}

File::~File() {
  // A forked child has closed it, and its number may be another file's.
  if (fd_ < 0 || process_ != getpid()) return;
  open_fd.store(-1);
  close(fd_);
}

void File::begin(const std::string &process_name) {
  pending_ = "[\n";
  open_event("process_name", "M");
  pending_ += R"(,"args":{)";
  add_text("name", process_name.empty() ? thread_name(process_, process_) : process_name);
  pending_ += "}}";
}

void File::name_thread(int32_t thread) {
  if (named_threads_.size() >= max_named_threads) named_threads_.clear();
  if (!named_threads_.insert(thread).second) return;
  const std::string name = thread_name(process_, thread);
  if (name.empty()) return;  // it has ended
  pending_ += ",\n";
  open_event("thread_name", "M");
  add_format(pending_, R"(,"tid":%d,"args":{)", thread);
  add_text("name", name);
  pending_ += "}}";
}

void File::add_text(std::string_view key, std::string_view text) {
  pending_ += '"';
  pending_ += key;
  pending_ += "\":\"";
  add_escaped(pending_, text);
  pending_ += '"';
}

void File::open_event(std::string_view name, const char *phase) {
  pending_ += '{';
  add_text("name", name);
  add_format(pending_, R"(,"ph":"%s","pid":%d)", phase, process_);
}

// Microseconds of the monotonic clock.
void File::add_time(const char *key, int64_t ns) {
  add_format(pending_, R"(,"%s":%)" PRId64 ".%03d", key, ns / 1000, static_cast<int>(ns % 1000));
}

void File::add(const Event &event) {
  if (failure_) return;
  name_thread(event.thread);
  const auto open = [&](const char *phase, int64_t time) {
    pending_ += ",\n";
    open_event(event.name, phase);
    add_format(pending_, R"(,"tid":%d)", event.thread);
    add_time("ts", time);
  };
  const auto add_kind = [&] {
    add_format(pending_, R"(,"cat":"%s")", name_of(event.category));
    if (event.track) add_format(pending_, R"(,"id":"0x%)" PRIx64 "\"", event.track);
  };
  if (event.kind == Event::Kind::counter) {
    open("C", event.begin_ns);
    add_format(pending_, R"(,"args":{"value":%.17g}})", event.value);
    return;
  }
  open(event.track ? "b" : "X", event.begin_ns);
  add_kind();
  if (!event.track) add_time("dur", event.end_ns - event.begin_ns);
  if (!event.detail.empty()) {
    pending_ += R"(,"args":{)";
    add_text("detail", event.detail);
    pending_ += '}';
  }
  pending_ += '}';
  if (!event.track) return;
  open("e", event.end_ns);
  add_kind();
  pending_ += '}';
}

// False once it is given up.
bool File::wait_writable(const std::atomic<bool> &is_ending) {
  int64_t given_up_at = 0;
  for (;;) {
    pollfd wanted{fd_, POLLOUT, 0};
    if (poll(&wanted, 1, 10) > 0) return true;
    if (!is_ending.load()) continue;
    if (given_up_at == 0) given_up_at = monotonic_ns() + patience_ns;
    if (monotonic_ns() >= given_up_at) return false;
  }
}

void File::flush(const std::atomic<bool> &is_ending) {
  std::string_view left = pending_;
  while (!left.empty() && !failure_) {
    if (!is_regular_ && !wait_writable(is_ending)) {
      failure_ = ETIMEDOUT;
      break;
    }
    const size_t size = is_regular_ ? left.size() : std::min(left.size(), pipe_step);
    const ssize_t written = write(fd_, left.data(), size);
    if (written >= 0)
      left.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR && errno != EAGAIN)
      failure_ = errno;
  }
  pending_.clear();
}

Result<void> File::end(uint64_t num_events, uint64_t num_dropped) {
  static const std::atomic<bool> is_ending{true};
  pending_ += ",\n";
  open_event("end of trace", "i");
  add_format(pending_, R"(,"s":"p","tid":%d)", process_);
  add_time("ts", monotonic_ns());
  add_format(pending_, R"(,"args":{"num_events":%)" PRIu64, num_events);
  add_format(pending_, R"(,"num_dropped":%)" PRIu64 "}}\n]\n", num_dropped);
  flush(is_ending);
  open_fd.store(-1);
  // Some file systems say only now that there was no room.
  if (close(std::exchange(fd_, -1)) < 0 && !failure_ && errno != EINTR) failure_ = errno;
  if (failure_) return failure(failure_, "The trace is not complete", name_);
  return {};
}

}  // namespace spdl::trace
