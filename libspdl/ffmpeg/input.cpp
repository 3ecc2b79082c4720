// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "ffmpeg/error.h"

namespace spdl::ffmpeg {
namespace {

// Each request of a feed takes a switch of threads, and maybe one over a network.
int default_buffer_size(const Source &source) {
  return std::holds_alternative<FeedPtr>(source.where) ? 256 * 1024 : 64 * 1024;
}

class FileReader final : public Reader {
 public:
  FileReader(int fd, int64_t size) : fd_(fd), size_(size) {}
  ~FileReader() override { close(fd_); }
  FileReader(const FileReader &) = delete;
  FileReader &operator=(const FileReader &) = delete;

  int read(int64_t offset, std::span<uint8_t> to, const Limits &limits) override {
    for (;;) {
      if (size_ < 0 && !wait_readable(limits)) return -ECANCELED;
      const ssize_t n =
          size_ < 0 ? ::read(fd_, to.data(), to.size()) : pread(fd_, to.data(), to.size(), offset);
      if (n >= 0) return static_cast<int>(n);
      if (errno != EINTR && errno != EAGAIN) return -errno;
    }
  }
  int64_t size() const override { return size_; }

 private:
  // A FIFO may stay silent for ever.
  bool wait_readable(const Limits &limits) const {
    pollfd wanted{fd_, POLLIN, 0};
    while (!limits.is_interrupted())
      if (poll(&wanted, 1, 20) != 0) return true;
    return false;
  }

  int fd_;
  int64_t size_;  // -1: a FIFO or device
};

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(Bytes bytes) : bytes_(std::move(bytes)) {}

  int read(int64_t offset, std::span<uint8_t> to, const Limits &) override {
    if (offset >= size()) return 0;
    const size_t n = std::min(to.size(), static_cast<size_t>(size() - offset));
    std::memcpy(to.data(), bytes_->data() + offset, n);
    return static_cast<int>(n);
  }
  int64_t size() const override { return static_cast<int64_t>(bytes_->size()); }

 private:
  Bytes bytes_;
};

class FeedReader final : public Reader {
 public:
  explicit FeedReader(FeedPtr feed) : feed_(std::move(feed)) {}
  ~FeedReader() override { feed_->close(); }
  FeedReader(const FeedReader &) = delete;
  FeedReader &operator=(const FeedReader &) = delete;

  int read(int64_t offset, std::span<uint8_t> to, const Limits &limits) override {
    return feed_->read(offset, to, limits);
  }
  int64_t size() const override { return feed_->size(); }

 private:
  FeedPtr feed_;
};

Result<std::unique_ptr<Reader>> open_file(const Source &source, const std::string &path,
                                          const Limits &limits) {
  // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return open_failure(source, errno, limits);
  struct stat status;
  int failed = fstat(fd, &status) < 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
  if (failed) {
    close(fd);
    return open_failure(source, failed, limits);
  }
  return std::make_unique<FileReader>(fd, S_ISREG(status.st_mode) ? status.st_size : -1);
}

Result<std::unique_ptr<Reader>> open_feed(const Source &source, const FeedPtr &feed) {
  if (!feed->open())
    return Error{Status::busy, Origin::source,
                 source.name + ": this fed source is already in use."};
  return std::make_unique<FeedReader>(feed);
}

}  // namespace

Error open_failure(const Source &source, int code, const Limits &limits) {
  // Demuxers also call damage an I/O error or an invalid argument; memory can always be read.
  const bool is_memory = std::holds_alternative<Bytes>(source.where);
  const bool is_url = std::holds_alternative<Url>(source.where);
  const bool is_unsupported = code == AVERROR_PROTOCOL_NOT_FOUND || code == AVERROR_PATCHWELCOME;
  const bool is_corrupt = code == AVERROR_INVALIDDATA || code == AVERROR_EOF || is_memory ||
                          (code == AVERROR(EINVAL) && !is_url);
  const auto status = code == ENOENT || code == AVERROR(ENOENT) ? Status::not_found
                      : is_unsupported                          ? Status::unsupported
                      : is_corrupt                              ? Status::corrupt
                                                                : Status::io;
  return failure(status, Origin::source, "Failed to open the input: " + source.address(),
                 code > 0 ? AVERROR(code) : code, limits);
}

Result<std::unique_ptr<Reader>> open_reader(const Source &source, const Limits &limits) {
  if (const auto *path = std::get_if<Path>(&source.where))
    return open_file(source, path->path, limits);
  if (const auto *feed = std::get_if<FeedPtr>(&source.where)) return open_feed(source, *feed);
  return std::make_unique<MemoryReader>(std::get<Bytes>(source.where));
}

Result<std::unique_ptr<Input>> Input::open(SourcePtr source, std::unique_ptr<Reader> reader,
                                           int buffer_size, const Limits &limits) {
  auto input = std::unique_ptr<Input>(new Input(std::move(source)));
  input->reader_ = std::move(reader);
  input->set_limits(&limits);
  if (const auto *url = std::get_if<Url>(&input->source_->where))
    SPDL_TRY(input->open_url(url->url, limits));
  else
    SPDL_TRY(input->open_custom(
        buffer_size > 0 ? buffer_size : default_buffer_size(*input->source_), limits));
  return input;
}

Result<void> Input::open_url(const std::string &url, const Limits &limits) {
  const AVIOInterruptCB interrupt = interrupt_callback();
  const int code = avio_open2(&io_, url.c_str(), AVIO_FLAG_READ, &interrupt, nullptr);
  if (code < 0) return open_failure(*source_, code, limits);
  return {};
}

Result<void> Input::open_custom(int buffer_size, const Limits &limits) {
  if (!reader_) {
    SPDL_TRY_ASSIGN(reader_, open_reader(*source_, limits));
  }
  auto *buffer = static_cast<uint8_t *>(av_malloc(static_cast<size_t>(buffer_size)));
  if (!buffer) throw std::bad_alloc();
  const bool seekable = reader_->size() >= 0;
  io_ = avio_alloc_context(buffer, buffer_size, 0, this, read, nullptr, seekable ? seek : nullptr);
  if (!io_) {
    av_free(buffer);
    throw std::bad_alloc();
  }
  return {};
}

Input::~Input() {
  if (!reader_) {
    // A forked child must not say goodbye on the connection of its parent.
    if (generation_ == process_generation()) avio_closep(&io_);
  } else if (io_) {
    av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
}

int Input::blame(int code) const {
  constexpr int64_t margin = int64_t{64} << 20;
  constexpr int64_t most = int64_t{1} << 30;
  const int64_t size = reader_ ? reader_->size() : -1;
  if (code != AVERROR(ENOMEM) || size < 0) return code;
  void *memory = av_malloc(static_cast<size_t>(std::min(size, most) + margin));
  av_free(memory);
  return memory ? AVERROR_INVALIDDATA : code;
}

void Input::set_limits(const Limits *limits) {
  limits_ = limits;
  if (!io_) return;
  // FFmpeg takes an interrupted read for the end, too.
  io_->error = 0;
  io_->eof_reached = 0;
}

int Input::is_interrupted(void *self) {
  const Limits *limits = static_cast<Input *>(self)->limits_;
  return limits && limits->is_interrupted();
}

int Input::read(void *self, uint8_t *to, int size) {
  auto &input = *static_cast<Input *>(self);
  const Limits limits_of_none;
  const Limits &limits = input.limits_ ? *input.limits_ : limits_of_none;
  if (limits.is_interrupted()) return AVERROR_EXIT;
  try {
    const ForkUnsafe::Pause pause(input.fork_guard_);
    const int n = input.reader_->read(input.position_, {to, static_cast<size_t>(size)}, limits);
    if (n == -ECANCELED) return AVERROR_EXIT;
    if (n <= 0) return n == 0 ? AVERROR_EOF : AVERROR(-n);
    input.position_ += n;
    return n;
  } catch (const std::bad_alloc &) {
    return AVERROR(ENOMEM);
  } catch (...) {
    return AVERROR_BUG;
  }
}

int64_t Input::seek(void *self, int64_t offset, int whence) {
  auto &input = *static_cast<Input *>(self);
  const int64_t size = input.reader_->size();
  if (whence & AVSEEK_SIZE) return size;
  whence &= ~AVSEEK_FORCE;
  const int64_t base = whence == SEEK_CUR ? input.position_ : whence == SEEK_END ? size : 0;
  int64_t target;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return AVERROR(EINVAL);
  return input.position_ = target;
}

}  // namespace spdl::ffmpeg
