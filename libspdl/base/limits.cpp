// SPDX-License-Identifier: BSD-2-Clause
#include "base/limits.h"

#include <chrono>

#include "base/exit.h"

namespace spdl {
namespace {

Error over_limit(Origin origin, const std::string &source, const std::string &what, int64_t value,
                 const char *name, int64_t limit) {
  return {Status::limit, origin,
          source + ": " + what + " (" + std::to_string(value) + ") is over the limit " + name +
              "=" + std::to_string(limit) + "; raise it in the limits if the source is trusted."};
}

}  // namespace

int64_t monotonic_ns() noexcept {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

bool Limits::is_cancelled() const noexcept {
  return (user_stop && user_stop->is_set()) || (job_stop && job_stop->is_set()) || is_exiting();
}

bool Limits::is_late() const noexcept {
  return deadline_ns != none && monotonic_ns() >= deadline_ns;
}

bool Limits::is_interrupted() const noexcept { return is_cancelled() || is_late(); }

Result<void> Limits::check(Origin origin, const std::string &during) const {
  if (is_cancelled())
    return Error{Status::cancelled, origin, during + ": the operation was cancelled."};
  if (is_late())
    return Error{Status::deadline, origin,
                 during + ": the operation did not end within its time limit."};
  return {};
}

Result<void> Limits::check_pixels(Origin origin, int64_t width, int64_t height,
                                  const std::string &source) const {
  if (width <= 0 || height <= 0 || width <= max_pixels / height) return {};
  const auto size = std::to_string(width) + "x" + std::to_string(height);
  const auto pixels = width <= none / height ? width * height : none;
  return over_limit(origin, source, "the number of pixels of a " + size + " picture", pixels,
                    "max_pixels", max_pixels);
}

Result<void> Limits::check_bytes(Origin origin, int64_t bytes, const std::string &source) const {
  if (bytes <= max_bytes) return {};
  return over_limit(origin, source, "the number of bytes to hold", bytes, "max_bytes", max_bytes);
}

Result<void> Limits::check_frames(Origin origin, int64_t frames, const std::string &source) const {
  if (frames <= max_frames) return {};
  return over_limit(origin, source, "the number of frames", frames, "max_frames", max_frames);
}

Result<void> Limits::check_packets(Origin origin, int64_t packets,
                                   const std::string &source) const {
  // A packet may be one of the two fields of a frame, or a picture that is not shown; and a few may
  // be in front of the first frame that can be decoded.
  constexpr int64_t margin = 16;
  const int64_t frames = packets / 2 - margin;
  if (frames <= max_frames) return {};
  return over_limit(origin, source,
                    "the number of frames in " + std::to_string(packets) + " packets, at least",
                    frames, "max_frames", max_frames);
}

}  // namespace spdl
