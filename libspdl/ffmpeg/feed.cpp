// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/feed.h"

#include <algorithm>
#include <cerrno>

#include "base/trace.h"

namespace spdl::ffmpeg {

// A cancellation sets a flag and wakes nobody, so a waiting reader looks at it this often.
constexpr auto look_again = std::chrono::milliseconds(5);

namespace {

Error forked() {
  return {Status::forked, Origin::source,
          "This fed source belongs to the parent process; make a new one after fork()."};
}

}  // namespace

bool Feed::open() {
  if (is_forked()) return false;
  std::lock_guard lock(mutex_);
  if (state_ != State::fresh) return false;
  state_ = State::open;
  return true;
}

void Feed::close() {
  if (is_forked()) return;
  std::lock_guard lock(mutex_);
  state_ = State::closed;
  request_.reset();
  changed_.notify_all();
}

void Feed::abandon() {
  if (is_forked()) return;
  std::lock_guard lock(mutex_);
  if (state_ != State::fresh) return;
  state_ = State::closed;
  changed_.notify_all();
}

int Feed::read(int64_t offset, std::span<uint8_t> to, const Limits &limits) {
  const trace::Stage stage("wait for input");
  std::unique_lock lock(mutex_);
  request_ = Request{offset, static_cast<int64_t>(to.size())};
  is_handed_out_ = false;
  answer_.reset();
  changed_.notify_all();
  while (!answer_ && !hung_up_ && !limits.is_interrupted()) changed_.wait_for(lock, look_again);
  request_.reset();
  if (!answer_) return hung_up_ ? -EPIPE : -ECANCELED;
  if (failure_) return -failure_;
  std::copy(answer_->begin(), answer_->end(), to.begin());
  return static_cast<int>(answer_->size());
}

Result<Feed::Request> Feed::wait(int64_t timeout_ns) {
  if (is_forked()) return forked();
  std::unique_lock lock(mutex_);
  wait_until(changed_, lock, timeout_ns,
             [&] { return (request_ && !answer_) || state_ == State::closed; });
  if (request_ && !answer_) {
    is_handed_out_ = true;
    return *request_;
  }
  if (state_ == State::closed)
    return Error{Status::eof, Origin::source, "The operation is done with this source."};
  return Error{Status::again, Origin::source, "Nothing is requested yet."};
}

Result<void> Feed::put(std::span<const uint8_t> data, int failure) {
  if (is_forked()) return forked();
  std::lock_guard lock(mutex_);
  if (state_ == State::closed)
    return Error{Status::eof, Origin::source, "The operation is done with this source."};
  if (!request_ || answer_ || !is_handed_out_)
    return Error{Status::invalid, Origin::source,
                 "No request is open: there was none, or it was withdrawn."};
  if (failure < 0)
    return Error{Status::invalid, Origin::source, "The failure is no positive errno."};
  if (static_cast<int64_t>(data.size()) > request_->size)
    return Error{Status::invalid, Origin::source, "More bytes are fed than were requested."};
  answer_.emplace(data.begin(), data.end());
  failure_ = failure;
  changed_.notify_all();
  return {};
}

void Feed::hang_up() {
  if (is_forked()) return;
  std::lock_guard lock(mutex_);
  hung_up_ = true;
  changed_.notify_all();
}

bool Feed::is_over() {
  if (is_forked()) return true;
  std::lock_guard lock(mutex_);
  return state_ == State::closed;
}

}  // namespace spdl::ffmpeg
