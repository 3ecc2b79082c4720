// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_desc.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "ffmpeg/compat.h"

extern "C" {
#include <libavutil/avstring.h>
}

namespace spdl::ffmpeg {
namespace {

struct Freed {
  void operator()(char *text) const { av_free(text); }
};
using Text = std::unique_ptr<char, Freed>;

// Reads a description as FFmpeg does, from its beginning to its end.
class Reader {
 public:
  explicit Reader(const std::string &desc) : rest_(desc.c_str()) {
    skip_space();
    if (std::strncmp(rest_, "sws_flags=", std::strlen("sws_flags=")) == 0) skip_scaler_flags();
  }

  bool is_at_end() const { return is_at_end_; }
  // Why the text cannot be read on; empty if it can.
  const std::string &fault() const { return fault_; }

  FilterCall next() {
    FilterCall call;
    skip_labels(call);
    call.name = token("=,;[");
    if (*rest_ == '=') {
      ++rest_;
      call.arguments = token("[],;");
    }
    if (call.name.empty() && fault_.empty()) fault_ = "a filter has no name";
    // "scale@small" is one of those that are called "scale".
    call.name.resize(std::min(call.name.size(), call.name.find('@')));
    skip_space();
    skip_labels(call);
    skip_separator(call);
    return call;
  }

 private:
  void skip_space() { rest_ += std::strspn(rest_, " \n\t\r"); }

  std::string token(const char *ends) {
    const Text text(av_get_token(&rest_, ends));
    if (!text) throw std::bad_alloc();
    return text.get();
  }

  void skip_scaler_flags() {
    const char *end = std::strchr(rest_, ';');
    if (!end) fault_ = "the sws_flags do not end with a semicolon";
    rest_ = end ? end + 1 : rest_ + std::strlen(rest_);
  }

  void skip_labels(FilterCall &call) {
    skip_space();
    while (*rest_ == '[') {
      call.has_labels = true;
      ++rest_;
      const std::string label = token("]");
      if (*rest_ != ']') {
        fault_ = "a label is not closed: [" + shorten(label);
        return;
      }
      if (label.empty()) fault_ = "a label is empty: []";
      ++rest_;
      skip_space();
    }
  }

  void skip_separator(FilterCall &call) {
    call.is_last_of_chain = *rest_ != ',';
    if (*rest_ == ',' || *rest_ == ';')
      ++rest_;
    else if (*rest_ && fault_.empty())
      fault_ = "there is text that belongs to no filter: " + shorten(rest_);
    else
      is_at_end_ = true;
  }

  const char *rest_;
  bool is_at_end_ = false;
  std::string fault_;
};

}  // namespace

FilterDesc read_filters(const std::string &desc) {
  FilterDesc found;
  if (desc.find_first_not_of(" \n\t\r") == std::string::npos) {
    found.fault = "the text is empty";
    return found;
  }
  Reader reader(desc);
  while (reader.fault().empty() && !reader.is_at_end() && found.calls.size() <= max_filters)
    found.calls.push_back(reader.next());
  found.fault = reader.fault();
  return found;
}

std::string shorten(const std::string &text) {
  constexpr size_t longest = 80;
  return text.size() <= longest ? text : text.substr(0, longest) + "…";
}

}  // namespace spdl::ffmpeg
