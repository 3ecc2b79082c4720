// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_graph.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/trace.h"
#include "ffmpeg/filter.h"
#include "ffmpeg/filter_fault.h"

namespace spdl::ffmpeg {
namespace {

bool is_one_of(const AVFilterContext &context, const char *picture, const char *sound) {
  return !std::strcmp(context.filter->name, picture) || !std::strcmp(context.filter->name, sound);
}

// "buffer@label", or "buffer" of one without a label, which FFmpeg numbers.
std::string key_of(const AVFilterContext &context) {
  const std::string kind = context.filter->name;
  const std::string name = context.name ? context.name : "";
  if (name.empty() || name.starts_with("Parsed_")) return kind;
  return name.starts_with(kind + "@") ? name : kind + "@" + name;
}

std::string list_keys(const std::vector<FilterGraph::Name> &names) {
  std::string list;
  for (const auto &name : names) list += (list.empty() ? "" : ", ") + name.key;
  return list.empty() ? "none" : list;
}

bool are_unique(const std::vector<FilterGraph::Name> &names) {
  std::vector<std::string> keys;
  for (const auto &name : names) keys.push_back(name.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

// All that a filter leads to.
std::set<const AVFilterContext *> find_followers(const AVFilterContext *filter) {
  std::set<const AVFilterContext *> found;
  for (std::vector<const AVFilterContext *> left{filter}; !left.empty();) {
    const AVFilterContext *next = left.back();
    left.pop_back();
    for (unsigned i = 0; i < next->nb_outputs; ++i)
      if (const AVFilterLink *link = next->outputs[i]; link && found.insert(link->dst).second)
        left.push_back(link->dst);
  }
  return found;
}

bool is_same(AVRational a, AVRational b) { return a.num == b.num && a.den == b.den; }

}  // namespace

FilterGraph::FilterGraph(std::string desc)
    : desc_(std::move(desc)), graph_(own<FilterGraphPtr>(avfilter_graph_alloc())) {
  graph_->nb_threads = 1;
  // What the ffmpeg command gives to the scalers that a graph inserts.
  graph_->scale_sws_opts = av_strdup("flags=bicubic");
}

Result<std::shared_ptr<FilterGraph>> FilterGraph::open(std::string desc, const Limits &limits) {
  SPDL_TRY(check_num_filters(desc));
  auto graph = std::shared_ptr<FilterGraph>(new FilterGraph(std::move(desc)));
  const trace::Stage stage("open filter", graph->desc_);
  SPDL_TRY(graph->parse(limits));
  SPDL_TRY(check_sizes(*graph->graph_, limits, graph->source_));
  SPDL_TRY(graph->find_ends());
  if (char *text = avfilter_graph_dump(graph->graph_.get(), nullptr)) {
    graph->dump_ = text;
    av_free(text);
  }
  return graph;
}

Result<void> FilterGraph::parse(const Limits &limits) {
  AVFilterInOut *open_inputs = nullptr, *open_outputs = nullptr;
  int code = avfilter_graph_parse2(graph_.get(), desc_.c_str(), &open_inputs, &open_outputs);
  const std::unique_ptr<AVFilterInOut, Deleter<avfilter_inout_free>> inputs(open_inputs),
      outputs(open_outputs);
  if (code >= 0)
    if (auto reason = find_open_pad(*graph_, open_inputs, open_outputs); !reason.empty())
      return unusable(reason);
  for (unsigned i = 0; i < graph_->nb_filters; ++i)
    // Also channels of which nobody knows where they belong.
    if (!std::strcmp(graph_->filters[i]->filter->name, "abuffersink"))
      av_opt_set_int(graph_->filters[i]->priv, "all_channel_counts", 1, 0);
  if (code >= 0) code = avfilter_graph_config(graph_.get(), nullptr);
  if (code < 0) return parse_failure(desc_, *graph_, "", code, limits);
  return {};
}

Error FilterGraph::unusable(const std::string &reason) const {
  return parse_failure(desc_, *graph_, reason, AVERROR(EINVAL), Limits());
}

Result<void> FilterGraph::find_ends() {
  for (unsigned i = 0; i < graph_->nb_filters; ++i) {
    AVFilterContext *filter = graph_->filters[i];
    if (is_one_of(*filter, "buffer", "abuffer")) {
      sources_.emplace_back(filter, key_of(*filter));
      source_names_.push_back({sources_.back().key(), sources_.back().is_audio()});
    } else if (is_one_of(*filter, "buffersink", "abuffersink")) {
      sinks_.push_back({filter, {}});
      sink_names_.push_back({key_of(*filter), sinks_.back().is_audio()});
    }
  }
  if (sinks_.empty()) return unusable("it has no sink: buffersink or abuffersink");
  for (const auto *names : {&source_names_, &sink_names_})
    if (!are_unique(*names))
      return unusable("several have the same name; tell them apart by labels, as in buffer@a: " +
                      list_keys(*names));
  for (const auto &source : sources_) {
    const auto followers = find_followers(source.context());
    auto &sinks = heard_by_.emplace_back();
    for (size_t i = 0; i < sinks_.size(); ++i)
      if (followers.contains(sinks_[i].context)) sinks.push_back(i);
  }
  return {};
}

Result<void> FilterGraph::check_use(const InUse &in_use, const Limits &limits) const {
  if (generation_ != process_generation())
    return Error{Status::forked, Origin::filter,
                 "This filter graph belongs to the parent process; make a new one."};
  if (!in_use.is_held())
    return Error{Status::busy, Origin::filter, "Another thread uses this filter graph."};
  if (is_failed_)
    return Error{Status::invalid, Origin::filter,
                 "This filter graph failed in an earlier operation; make a new one."};
  return limits.check(Origin::filter, source_);
}

Result<size_t> FilterGraph::find(const std::vector<Name> &names, const std::string &key,
                                 const char *what) const {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name &name) { return name.key == key; });
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  if (key.empty() && names.size() == 1) return size_t{0};
  const std::string wrong = key.empty() ? "A key is needed" : "There is no " + key;
  return Error{Status::invalid, Origin::filter,
               wrong + ": the " + what + "s of the filter graph are " + list_keys(names) + "."};
}

Result<void> FilterGraph::add_frames(const std::string &key, const Frames &frames,
                                     const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use, limits));
  SPDL_TRY_ASSIGN(const size_t index, find(source_names_, key, "source"));
  if (is_flushed_)
    return Error{Status::invalid, Origin::filter,
                 "This filter graph was flushed and takes no more frames; make a new one."};
  GraphSource &source = sources_[index];
  SPDL_TRY(source.check(frames));
  int64_t bytes = bytes_ready_;
  for (const auto &each : sources_) bytes += each.bytes_waiting();
  for (const auto &frame : frames.frames) bytes += num_bytes(*frame);
  SPDL_TRY(
      limits.check_frames(Origin::filter, source.num_waiting() + frames.count(), frames.source));
  SPDL_TRY(limits.check_bytes(Origin::filter, bytes, frames.source));
  source.add(frames);
  source_ = frames.source;
  return {};
}

Result<void> FilterGraph::flush(const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use, limits));
  is_flushed_ = true;
  for (auto &source : sources_) source.end();
  return {};
}

Result<FramesPtr> FilterGraph::get_frames(const std::string &key, const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use, limits));
  SPDL_TRY_ASSIGN(const size_t index, find(sink_names_, key, "sink"));
  const trace::Stage stage("filter");
  Sink &sink = sinks_[index];
  for (const auto &frame : sink.ready)
    if (!sink.is_audio())
      SPDL_TRY(limits.check_pixels(Origin::filter, frame->width, frame->height, source_));
  SPDL_TRY(advance(sink, limits));
  if (!sink.ready.empty()) return take(sink);
  if (sink.is_ended)
    return Error{Status::eof, Origin::filter, "The filter graph gives no more frames."};
  return Error{Status::again, Origin::filter, "The filter graph needs more frames first."};
}

// Until the sink waits for frames that are not there, give the graph what it asks for.
Result<void> FilterGraph::advance(Sink &sink, const Limits &limits) {
  while (!sink.is_ended) {
    SPDL_TRY(limits.check(Origin::filter, source_));
    SPDL_TRY(check_ready(sink, limits));
    SPDL_TRY_ASSIGN(const int code, pull(sink, 0, limits));
    if (code >= 0) continue;
    SPDL_TRY(collect_others(sink, limits));
    if (sink.is_ended) break;
    SPDL_TRY_ASSIGN(const bool is_fed, feed(limits));
    if (!is_fed) break;
  }
  close_unheard();
  return {};
}

// What came out on the way, so that it counts.
Result<void> FilterGraph::collect_others(const Sink &sink, const Limits &limits) {
  for (Sink &other : sinks_) {
    if (&other == &sink) continue;
    while (!other.is_ended) {
      SPDL_TRY_ASSIGN(const int code, pull(other, AV_BUFFERSINK_FLAG_NO_REQUEST, limits));
      if (code < 0) break;
      SPDL_TRY(check_ready(other, limits));
    }
  }
  return {};
}

// One frame. FFmpeg's code if there is none now, or no more.
Result<int> FilterGraph::pull(Sink &sink, int flags, const Limits &limits) {
  auto frame = make_frame();
  const int code = av_buffersink_get_frame_flags(sink.context, frame.get(), flags);
  if (code == AVERROR(EAGAIN)) return code;
  if (code == AVERROR_EOF) {
    sink.is_ended = true;
    return code;
  }
  if (code < 0) return failed(code, limits);
  set_duration(*frame, *sink.context, keeps_clock(sink));
  bytes_ready_ += num_bytes(*frame);
  sink.num_ready += sink.is_audio() ? frame->nb_samples : 1;
  const int width = frame->width, height = frame->height;
  sink.ready.push_back(std::move(frame));
  if (!sink.is_audio()) SPDL_TRY(limits.check_pixels(Origin::filter, width, height, source_));
  return code;
}

// The next frame of the source that the graph asks for most. As long as it asks for some source,
// frames of the others wait here, where they take no more memory than they are. False if there is
// none.
Result<bool> FilterGraph::feed(const Limits &limits) {
  GraphSource *chosen = nullptr;
  unsigned most = 0;
  bool is_asking = false;
  for (auto &source : sources_) {
    if (source.is_closed()) continue;
    const unsigned requests = source.num_requests();
    is_asking = is_asking || requests > 0;
    if (!source.has_next() || (chosen && requests <= most)) continue;
    chosen = &source;
    most = requests;
  }
  if (!chosen || (is_asking && most == 0)) return false;
  const int code = chosen->push();
  if (code < 0) return failed(code, limits);
  return true;
}

Result<void> FilterGraph::check_ready(const Sink &sink, const Limits &limits) const {
  SPDL_TRY(limits.check_frames(Origin::filter, sink.num_ready, source_));
  return limits.check_bytes(Origin::filter, bytes_ready_, source_);
}

FramesPtr FilterGraph::take(Sink &sink) {
  auto frames = std::make_shared<Frames>();
  frames->media = sink.is_audio() ? Media::audio : Media::video;
  frames->source = source_;
  frames->time_base = av_buffersink_get_time_base(sink.context);
  frames->frames = std::exchange(sink.ready, {});
  for (const auto &frame : frames->frames) {
    bytes_ready_ -= num_bytes(*frame);
    frames->num_corrupt += is_damaged(*frame);
  }
  sink.num_ready = 0;
  return frames;
}

// Whether durations of frames need no change on their way to the sink.
bool FilterGraph::keeps_clock(const Sink &sink) const {
  const AVRational time_base = av_buffersink_get_time_base(sink.context);
  const AVRational rate = av_buffersink_get_frame_rate(sink.context);
  return !sink.is_audio() && std::any_of(sources_.begin(), sources_.end(), [&](const auto &source) {
    return !source.is_audio() && is_same(source.time_base(), time_base) &&
           is_same(source.frame_rate(), rate);
  });
}

// Nobody will ask for what waits at sources whose sinks have all ended.
void FilterGraph::close_unheard() {
  const auto is_ended = [&](size_t sink) { return sinks_[sink].is_ended; };
  for (size_t i = 0; i < sources_.size(); ++i)
    if (std::all_of(heard_by_[i].begin(), heard_by_[i].end(), is_ended)) sources_[i].close();
}

Error FilterGraph::failed(int code, const Limits &limits) {
  is_failed_ = true;
  return failure(Status::filter, Origin::filter,
                 "The frames of " + source_ + " could not be filtered by: " + desc_, code, limits);
}

}  // namespace spdl::ffmpeg
