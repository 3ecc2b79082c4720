// SPDX-License-Identifier: BSD-2-Clause
// The text that describes filters, read as FFmpeg reads it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace spdl::ffmpeg {

// One filter of a description, "[label]NAME@ID=ARGUMENTS[label]".
struct FilterCall {
  std::string name{};  // without the ID
  std::optional<std::string> arguments{};
  bool has_labels = false;
  bool is_last_of_chain = false;
  bool is_given = false;  // not part of the text
};

struct FilterDesc {
  std::vector<FilterCall> calls;
  std::string fault;  // why reading ended before the end; empty if it did not
};

// FFmpeg walks through a graph recursively, and compares each filter with all others: long chains
// would take the stack of a thread, and minutes. No more than this and one are read.
constexpr size_t max_filters = 1000;

FilterDesc read_filters(const std::string &desc);

// For a sentence: long values help nobody there.
std::string shorten(const std::string &text);

}  // namespace spdl::ffmpeg
