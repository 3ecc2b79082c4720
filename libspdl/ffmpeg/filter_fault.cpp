// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_fault.h"

#include <algorithm>
#include <memory>

#include "ffmpeg/filter_desc.h"

namespace spdl::ffmpeg {
namespace {

struct Freed {
  void operator()(char *text) const { av_free(text); }
};
using Text = std::unique_ptr<char, Freed>;

const char *name_of(AVMediaType media) {
  return media == AVMEDIA_TYPE_AUDIO ? "samples" : "pictures";
}

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

  std::vector<AVMediaType> inputs() const {
    return media_of(context_->input_pads, context_->nb_inputs);
  }
  std::vector<AVMediaType> outputs() const {
    return media_of(context_->output_pads, context_->nb_outputs);
  }

 private:
  static std::vector<AVMediaType> media_of(const AVFilterPad *pads, unsigned count) {
    std::vector<AVMediaType> media;
    for (unsigned i = 0; i < count; ++i)
      media.push_back(avfilter_pad_get_type(pads, static_cast<int>(i)));
    return media;
  }

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
    if (code < 0) return it + " does not take " + shorten(rest);
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

// Of filters that follow each other without labels: what one gives and the other does not take.
std::string find_misfit(const std::string &from, const std::vector<AVMediaType> &given,
                        const std::string &to, const std::vector<AVMediaType> &taken) {
  if (given.size() > taken.size())
    return "the filter " + from + " has " + std::to_string(given.size()) + " outputs, but " + to +
           " takes " + std::to_string(taken.size()) + "; tell them apart by labels";
  for (size_t i = 0; i < given.size(); ++i)
    if (given[i] != taken[i])
      return "the filter " + from + " gives " + name_of(given[i]) + ", but " + to + " takes " +
             name_of(taken[i]);
  return {};
}

// Which filter of the text is wrong by itself, or beside its neighbour; empty if none is.
std::string find_wrong_call(const std::string &desc, const char *before, const char *after) {
  FilterDesc found = read_filters(desc);
  if (!found.fault.empty() && found.calls.empty()) return found.fault;
  if (before) found.calls.insert(found.calls.begin(), {.name = before, .is_given = true});
  if (after) {
    found.calls.back().is_last_of_chain = false;
    found.calls.push_back({.name = after, .is_given = true});
  }
  const FilterCall *last = nullptr;
  std::vector<AVMediaType> given;
  std::string misfit;
  for (const FilterCall &call : found.calls) {
    if (call.name.empty()) break;
    const AVFilter *filter = avfilter_get_by_name(call.name.c_str());
    if (!filter) return "no such filter: " + shorten(call.name);
    Trial trial(filter);
    if (!call.is_given && !trial.takes(call.arguments))
      return call.arguments ? find_wrong_option(filter, *call.arguments)
                            : "the filter " + call.name + " needs options";
    const bool follows = last && !last->is_last_of_chain && !last->has_labels && !call.has_labels;
    if (follows && misfit.empty())
      misfit = find_misfit(last->name, given, call.name, trial.inputs());
    last = &call;
    given = trial.outputs();
  }
  return found.fault.empty() ? misfit : found.fault;
}

bool is_set_up(const AVFilterLink *link) { return link && (link->w > 0 || link->sample_rate > 0); }

// FFmpeg sets up a graph from its sources on, and stops at the first filter that does not take what
// it is given: it has inputs, but no outputs yet.
std::string find_stuck_filter(const AVFilterGraph &graph) {
  for (unsigned i = 0; i < graph.nb_filters; ++i) {
    const AVFilterContext &filter = *graph.filters[i];
    const auto *inputs = filter.inputs, *outputs = filter.outputs;
    if (filter.nb_inputs > 0 && std::all_of(inputs, inputs + filter.nb_inputs, is_set_up) &&
        filter.nb_outputs > 0 && std::none_of(outputs, outputs + filter.nb_outputs, is_set_up))
      return std::string("the filter ") + filter.filter->name + " does not suit these frames";
  }
  return {};
}

}  // namespace

Result<void> check_num_filters(const std::string &desc) {
  const auto separators =
      std::count_if(desc.begin(), desc.end(), [](char c) { return c == ',' || c == ';'; });
  // Most texts are short. In a long one, they may be quoted.
  if (static_cast<size_t>(separators) < max_filters ||
      read_filters(desc).calls.size() <= max_filters)
    return {};
  return Error{Status::filter, Origin::filter,
               "Failed to parse the filter description: " + desc + " (more than " +
                   std::to_string(max_filters) + " filters)"};
}

std::string find_open_pad(const AVFilterGraph &graph, const AVFilterInOut *inputs,
                          const AVFilterInOut *outputs) {
  for (const AVFilterInOut *open : {inputs, outputs})
    if (open && open->name)
      return std::string(open == inputs ? "the input [" : "the output [") + shorten(open->name) +
             "] is not connected";
  for (unsigned i = 0; i < graph.nb_filters; ++i) {
    const AVFilterContext &filter = *graph.filters[i];
    const std::string of = std::string(" of ") + filter.filter->name + " is not connected";
    if (std::find(filter.inputs, filter.inputs + filter.nb_inputs, nullptr) !=
        filter.inputs + filter.nb_inputs)
      return "an input" + of;
    if (std::find(filter.outputs, filter.outputs + filter.nb_outputs, nullptr) !=
        filter.outputs + filter.nb_outputs)
      return "an output" + of;
  }
  return {};
}

Error parse_failure(const std::string &desc, const AVFilterGraph &graph, std::string reason,
                    int code, const Limits &limits, const char *before, const char *after) {
  const std::string what = "Failed to parse the filter description: " + desc;
  if (code != AVERROR(ENOMEM)) {
    if (reason.empty()) reason = find_stuck_filter(graph);
    if (reason.empty()) reason = find_wrong_call(desc, before, after);
  }
  if (reason.empty() || limits.is_interrupted())
    return failure(Status::filter, Origin::filter, what, code, limits);
  return Error{Status::filter, Origin::filter, what + " (" + reason + ")"}.with_native(code);
}

}  // namespace spdl::ffmpeg
