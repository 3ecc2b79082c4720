// SPDX-License-Identifier: BSD-2-Clause
// A source opened for reading, as an AVIOContext.
#pragma once

#include <memory>
#include <vector>

#include "base/process.h"
#include "ffmpeg/ptr.h"
#include "ffmpeg/source.h"

namespace spdl::ffmpeg {

// Bytes at offsets; what differs between a file, memory and a feed.
class Reader {
 public:
  virtual ~Reader() = default;
  // Bytes read, 0 at the end, or a negative errno.
  virtual int read(int64_t offset, std::span<uint8_t> to, const Limits &limits) = 0;
  virtual int64_t size() const = 0;  // -1 if unknown: not seekable
};

// Not for a URL.
Result<std::unique_ptr<Reader>> open_reader(const Source &source, const Limits &limits);

// "Failed to open the input: SRC (reason)", from a positive errno or an AVERROR.
Error open_failure(const Source &source, int code, const Limits &limits);

// The limits in force change with each operation on a demuxer: set_limits() before, nullptr after.
class Input {
 public:
  // `reader`, if somebody opened the source before; it has not moved.
  static Result<std::unique_ptr<Input>> open(SourcePtr source, std::unique_ptr<Reader> reader,
                                             int buffer_size, const Limits &limits);
  ~Input();
  Input(const Input &) = delete;
  Input &operator=(const Input &) = delete;

  AVIOContext *io() const { return io_; }
  void set_limits(const Limits *limits);
  // Set around calls that read under this guard: waiting for input must not hold up a fork.
  void set_fork_guard(ForkUnsafe *guard) { fork_guard_ = guard; }
  // Why reading failed, as an AVERROR, or 0. Demuxers tend to take a failure for the end.
  int read_error() const { return io_ && io_->error != AVERROR_EOF ? io_->error : 0; }
  // A code of a demuxer. Damaged files ask for gigabytes, which FFmpeg never allocates at once, and
  // which it calls a lack of memory. If as much as the whole source and more can still be had, the
  // source is to blame: AVERROR_INVALIDDATA.
  int blame(int code) const;
  AVIOInterruptCB interrupt_callback() { return {is_interrupted, this}; }

 private:
  explicit Input(SourcePtr source) : source_(std::move(source)) {}

  static int is_interrupted(void *self);
  static int read(void *self, uint8_t *to, int size);
  static int64_t seek(void *self, int64_t offset, int whence);
  Result<void> open_url(const std::string &url, const Limits &limits);
  Result<void> open_custom(int buffer_size, const Limits &limits);

  const uint64_t generation_ = process_generation();
  SourcePtr source_;
  std::unique_ptr<Reader> reader_;  // null for a URL
  const Limits *limits_ = nullptr;
  ForkUnsafe *fork_guard_ = nullptr;
  AVIOContext *io_ = nullptr;
  int64_t position_ = 0;
};

// The input obeys the limits of the operation that reads, while this lives.
class LimitsInForce {
 public:
  LimitsInForce(Input &input, const Limits &limits) : input_(input) { input_.set_limits(&limits); }
  ~LimitsInForce() { input_.set_limits(nullptr); }
  LimitsInForce(const LimitsInForce &) = delete;
  LimitsInForce &operator=(const LimitsInForce &) = delete;

 private:
  Input &input_;
};

}  // namespace spdl::ffmpeg
