// SPDX-License-Identifier: BSD-2-Clause
// What is wrong with a description of filters. FFmpeg says it in its log only, so that an error has
// to find it once more.
#pragma once

#include <string>

#include "ffmpeg/error.h"

namespace spdl::ffmpeg {

// An error if there are more than `max_filters`.
Result<void> check_num_filters(const std::string &desc);

// A pad that leads nowhere: "an output of split is not connected"; empty if all are connected. Of
// a graph that was parsed, and what was left open then.
std::string find_open_pad(const AVFilterGraph &graph, const AVFilterInOut *inputs,
                          const AVFilterInOut *outputs);

// The error of a graph that could not be made: "Failed to parse the filter description: DESC
// (reason)". The reason is the one that is given, or found, or FFmpeg's code. Filters `before` and
// `after` stand around the description, if it is a part of a chain.
Error parse_failure(const std::string &desc, const AVFilterGraph &graph, std::string reason,
                    int code, const Limits &limits, const char *before = nullptr,
                    const char *after = nullptr);

}  // namespace spdl::ffmpeg
