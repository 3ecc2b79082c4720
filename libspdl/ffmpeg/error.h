// SPDX-License-Identifier: BSD-2-Clause
// FFmpeg's error codes as sentences.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "ffmpeg/ptr.h"

namespace spdl::ffmpeg {

using OptionList = std::vector<std::pair<std::string, std::string>>;

// av_strerror()'s text.
std::string describe(int code);

// An error with FFmpeg's code behind it: "WHAT (reason)". Out of memory has a status of its own;
// what failed because the operation was to stop becomes that error.
Error failure(Status status, Origin origin, const std::string &what, int code,
              const Limits &limits);

void set_all(Options &to, const OptionList &from);

// The options that nobody took: "Unexpected options: a, b for the decoder h264 of x.mp4", or fine.
Result<void> check_unused(Origin origin, const Options &options, const std::string &taker,
                          const std::string &source);

}  // namespace spdl::ffmpeg
