// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_desc.h"

#include <algorithm>
#include <cstring>
#include <memory>

extern "C" {
#include <libavutil/avstring.h>
}

namespace spdl::ffmpeg {
namespace {

// Long values in the middle of a sentence help nobody.
std::string shorten(const std::string &text) {
  constexpr size_t longest = 80;
  return text.size() <= longest ? text : text.substr(0, longest) + "…";
}

struct Freed {
  void operator()(char *text) const { av_free(text); }
};
using Text = std::unique_ptr<char, Freed>;

// Reads a description as FFmpeg does, from its beginning to its end.
class Reader {
 public:
  explicit Reader(const std::string &desc) : begin_(desc.c_str()), rest_(begin_) {
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
    call.end = static_cast<size_t>(rest_ - begin_);
    skip_space();
    skip_labels(call);
    skip_separator();
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

  void skip_separator() {
    if (*rest_ == ',' || *rest_ == ';')
      ++rest_;
    else if (*rest_ && fault_.empty())
      fault_ = "there is text that belongs to no filter: " + shorten(rest_);
    else
      is_at_end_ = true;
  }

  const char *const begin_;
  const char *rest_;
  bool is_at_end_ = false;
  std::string fault_;
};

struct Description {
  std::vector<FilterCall> calls;
  std::string fault;  // where reading ended before the end
};

Description read(const std::string &desc) {
  Description found;
  Reader reader(desc);
  while (reader.fault().empty() && !reader.is_at_end() && found.calls.size() <= max_filters)
    found.calls.push_back(reader.next());
  found.fault = reader.fault();
  return found;
}

// "scale@small" is one of those that are called "scale".
std::string kind_of(const std::string &name) { return name.substr(0, name.find('@')); }

// A filter that is not part of any graph yet, to try options on.
class Trial {
 public:
  explicit Trial(const AVFilter *filter)
      : graph_(own<FilterGraphPtr>(avfilter_graph_alloc())),
        context_(avfilter_graph_alloc_filter(graph_.get(), filter, "trial")) {
    if (!context_) throw std::bad_alloc();
    graph_->nb_threads = 1;
  }

  bool takes(const std::optional<std::string> &arguments) {
    return avfilter_init_str(context_, arguments ? arguments->c_str() : nullptr) >= 0;
  }
  bool has(const char *option) {
    return av_opt_find(context_, option, nullptr, 0, AV_OPT_SEARCH_CHILDREN) != nullptr;
  }
  bool takes(const char *option, const char *value) {
    return av_opt_set(context_, option, value, AV_OPT_SEARCH_CHILDREN) >= 0;
  }
  // The options that values without a name belong to, in their order.
  std::vector<std::string> positional() {
    std::vector<std::string> names;
    int offset = -1;
    const AVOption *option = nullptr;
    while (context_->priv && context_->filter->priv_class &&
           (option = av_opt_next(context_->priv, option))) {
      // What follows at the same place is another name for it.
      if (option->type == AV_OPT_TYPE_CONST || option->offset == offset) continue;
      offset = option->offset;
      names.emplace_back(option->name);
    }
    return names;
  }

 private:
  FilterGraphPtr graph_;
  AVFilterContext *context_;  // the graph's
};

// Which option of those that a filter refuses together, if it can be found alone.
std::string find_wrong_option(const AVFilter *filter, const std::string &arguments) {
  const std::string it = std::string("the filter ") + filter->name;
  Trial trial(filter);
  const auto positional = trial.positional();
  size_t position = 0;
  const char *rest = arguments.c_str();
  while (*rest) {
    const bool may_be_bare = position < positional.size();
    char *key = nullptr, *value = nullptr;
    const int code = av_opt_get_key_value(&rest, "=", ":",
                                          may_be_bare ? AV_OPT_FLAG_IMPLICIT_KEY : 0, &key, &value);
    const Text owned_key(key), owned_value(value);
    if (code < 0) break;
    if (*rest) ++rest;
    // After the first name all values have one.
    position = key ? positional.size() : position + 1;
    const std::string name = key ? key : positional[position - 1];
    if (!trial.has(name.c_str())) return it + " has no option " + shorten(name);
    if (!trial.takes(name.c_str(), value))
      return it + " does not take " + name + "=" + shorten(value);
  }
  return it + " does not take " + shorten(arguments);
}

}  // namespace

Result<void> check_num_filters(const std::string &desc) {
  const auto separators =
      std::count_if(desc.begin(), desc.end(), [](char c) { return c == ',' || c == ';'; });
  // Most texts are short. In a long one, they may be quoted.
  if (static_cast<size_t>(separators) < max_filters || read(desc).calls.size() <= max_filters)
    return {};
  return parse_failure(desc, "more than " + std::to_string(max_filters) + " filters",
                       AVERROR(EINVAL), Limits());
}

std::string find_fault(const std::string &desc) {
  if (desc.find_first_not_of(" \n\t\r") == std::string::npos) return "the text is empty";
  const Description found = read(desc);
  for (const FilterCall &call : found.calls) {
    if (call.name.empty()) break;
    const AVFilter *filter = avfilter_get_by_name(kind_of(call.name).c_str());
    if (!filter) return "no such filter: " + shorten(kind_of(call.name));
    if (Trial(filter).takes(call.arguments)) continue;
    if (call.arguments) return find_wrong_option(filter, *call.arguments);
    return std::string("the filter ") + filter->name + " needs options";
  }
  return found.fault;
}

std::vector<FilterCall> split_chain(const std::string &desc) {
  if (desc.find(';') != std::string::npos) return {};
  Description found = read(desc);
  for (const FilterCall &call : found.calls)
    if (call.has_labels) return {};
  return found.fault.empty() ? std::move(found.calls) : std::vector<FilterCall>();
}

Error parse_failure(const std::string &desc, const std::string &reason, int code,
                    const Limits &limits) {
  const std::string what = "Failed to parse the filter description: " + desc;
  if (reason.empty() || code == AVERROR(ENOMEM) || limits.is_interrupted())
    return failure(Status::filter, Origin::filter, what, code, limits);
  return Error{Status::filter, Origin::filter, what + " (" + reason + ")"}.with_native(code);
}

}  // namespace spdl::ffmpeg
