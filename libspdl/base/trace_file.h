// SPDX-License-Identifier: BSD-2-Clause
// A trace as JSON: the "Trace Event Format" of chrome://tracing, as an array of events.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "base/trace.h"

namespace spdl::trace {

struct Event {
  enum class Kind : uint8_t { none, slice, counter };

  Kind kind;
  Category category;
  int64_t begin_ns;
  int64_t end_ns;
  uint64_t track;  // 0: the thread
  double value;    // of a counter
  int32_t thread;
  std::string_view name;
  std::string_view detail;
};

// One thread uses it. A file that cannot be written any more takes no more events, and its end says
// why.
class File {
 public:
  // Both own what they open; `name` is for errors.
  static Result<File> open(const std::string &path);
  static Result<File> duplicate(int fd);

  File(File &&other) noexcept;
  File &operator=(File &&) = delete;
  ~File();

  // The name of the process in the trace; empty: what the kernel calls it.
  void begin(const std::string &process_name);
  void add(const Event &event);
  // Hand to the kernel what was added. `is_ending`: a reader that does not take it in time (a pipe)
  // is given up; otherwise it may take as long as it likes until is_ending says so.
  void flush(const std::atomic<bool> &is_ending);
  Result<void> end(uint64_t num_events, uint64_t num_dropped);

 private:
  File(int fd, std::string name);

  void name_thread(int32_t thread);
  void add_text(std::string_view key, std::string_view text);
  void open_event(std::string_view name, const char *phase);
  void close_event();
  void add_time(const char *key, int64_t ns);
  bool wait_writable(const std::atomic<bool> &is_ending);

  int fd_;
  const std::string name_;
  const int32_t process_;
  bool is_regular_;
  int failure_ = 0;  // errno
  std::string pending_;
  std::unordered_set<int32_t> named_threads_;
};

// In a forked child: let go of the parent's file without a word in it.
void forget_file_of_parent() noexcept;

}  // namespace spdl::trace
