// SPDX-License-Identifier: BSD-2-Clause
// Writing a trace: from its start to its end, one at a time in a process.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/process.h"
#include "base/result.h"
#include "base/trace_file.h"

namespace spdl::trace {

struct Options {
  std::string path;
  std::optional<int> fd;  // instead of a path; a duplicate is written to
  size_t buffer_size = size_t{4096} << 10;
  std::string process_name;
};

struct Counts {
  uint64_t num_events;   // taken down
  uint64_t num_dropped;  // for which there was no room
};

class Trace {
 public:
  // Status::busy if another one is being written.
  static Result<std::shared_ptr<Trace>> start(const Options &options);
  // As stop(), but nobody hears of an error.
  ~Trace();
  Trace(const Trace &) = delete;
  Trace &operator=(const Trace &) = delete;

  // Write what there is, and close the file. Doing it again says the same.
  Result<void> stop();
  Counts counts() const;
  // Then it may not be destroyed: it waits for a thread that this process does not have.
  bool is_forked() const { return generation_ != process_generation(); }

 private:
  Trace(File file, const Options &options);

  void start_writer();
  Result<void> end();
  void write_all();
  bool write_ready();

  const uint64_t generation_ = process_generation();
  File file_;
  std::mutex stopping_;
  std::optional<Result<void>> outcome_;
  std::mutex waking_;
  std::condition_variable wake_;
  std::atomic<bool> is_ending_{false};
  std::atomic<bool> is_ended_{false};
  std::atomic<uint64_t> num_events_{0};
  std::atomic<uint64_t> num_dropped_{0};
  std::optional<Result<void>> written_;  // what the writer says at its end
  std::thread writer_;
};

}  // namespace spdl::trace
