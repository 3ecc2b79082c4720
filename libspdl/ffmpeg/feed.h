// SPDX-License-Identifier: BSD-2-Clause
// Bytes that the caller supplies on request: one thread reads, another answers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/limits.h"
#include "base/process.h"

namespace spdl::ffmpeg {

class Feed {
 public:
  struct Request {
    int64_t offset;
    int64_t size;
  };

  explicit Feed(int64_t size) : size_(size) {}

  int64_t size() const { return size_; }  // -1 if unknown
  bool is_seekable() const { return size_ >= 0; }

  // The reading side: one operation takes the feed, once.
  bool open();
  void close();
  // The operation is over. If it never took the feed, nothing will be read.
  void abandon();
  // Bytes read into `to`, 0 at the end, or a negative errno (-ECANCELED when told to stop).
  int read(int64_t offset, std::span<uint8_t> to, const Limits &limits);

  // The feeding side.
  Result<Request> wait(int64_t timeout_ns);
  Result<void> put(std::span<const uint8_t> data, int failure);
  // Nobody will feed any more.
  void hang_up();
  // Nothing more will be requested: the operation has ended, or a fork has come in between.
  bool is_over();

 private:
  enum class State { fresh, open, closed };

  // In a forked child the parent's threads may hold the lock for ever.
  bool is_forked() const { return generation_ != process_generation(); }

  const uint64_t generation_ = process_generation();
  const int64_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::fresh;
  bool hung_up_ = false;
  std::optional<Request> request_;
  // Whether the feeder knows of it: the answer to one that was withdrawn is none to the next one.
  bool is_handed_out_ = false;
  std::optional<std::vector<uint8_t>> answer_;
  int failure_ = 0;
};

}  // namespace spdl::ffmpeg
