// SPDX-License-Identifier: BSD-2-Clause
// The text that describes filters: how many it names, and what is wrong with it. FFmpeg says only
// in its log which filter or option it did not take.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ffmpeg/error.h"

namespace spdl::ffmpeg {

// One filter of a description, "[label]NAME@ID=ARGUMENTS[label]".
struct FilterCall {
  std::string name;
  std::optional<std::string> arguments;
  bool has_labels = false;
  size_t end = 0;  // where its text ends in the description
};

// FFmpeg walks through a graph recursively, and compares each filter with all others: long chains
// would take the stack of a thread, and minutes. An error if there are more than this.
constexpr size_t max_filters = 1000;
Result<void> check_num_filters(const std::string &desc);

// Which of the filters is wrong, and why: "no such filter: NAME". Empty if each is fine by itself.
std::string find_fault(const std::string &desc);

// The filters of a plain chain, without labels; empty if it is something else.
std::vector<FilterCall> split_chain(const std::string &desc);

// "Failed to parse the filter description: DESC (reason)", where FFmpeg's code is the reason if
// nobody knows more.
Error parse_failure(const std::string &desc, const std::string &reason, int code,
                    const Limits &limits);

}  // namespace spdl::ffmpeg
