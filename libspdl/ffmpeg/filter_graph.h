// SPDX-License-Identifier: BSD-2-Clause
// Frames → frames through a whole graph of filters, with sources and sinks of its own.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/in_use.h"
#include "base/process.h"
#include "ffmpeg/graph_source.h"

namespace spdl::ffmpeg {

// One operation at a time: a second one gets Status::busy. An operation that is interrupted or runs
// into a limit loses nothing: the next one goes on from there. One that fails in a filter is the
// last one.
class FilterGraph {
 public:
  static Result<std::shared_ptr<FilterGraph>> open(std::string desc, const Limits &limits);

  // A source or sink as others name it.
  struct Name {
    std::string key;
    bool is_audio;
  };
  const std::vector<Name> &source_names() const { return source_names_; }
  const std::vector<Name> &sink_names() const { return sink_names_; }
  const std::string &dump() const { return dump_; }

  // An empty key is that of the only source or sink.
  Result<void> add_frames(const std::string &key, const Frames &frames, const Limits &limits);
  // What can be made of the frames so far. Status::again if it is nothing, Status::eof if nothing
  // more will come.
  Result<FramesPtr> get_frames(const std::string &key, const Limits &limits);
  // No more frames come: what filters hold back comes out.
  Result<void> flush(const Limits &limits);

 private:
  struct Sink {
    AVFilterContext *context;
    std::vector<FramePtr> ready;
    int64_t num_ready = 0;  // pictures, or samples per channel
    bool is_ended = false;

    bool is_audio() const { return av_buffersink_get_type(context) == AVMEDIA_TYPE_AUDIO; }
  };

  explicit FilterGraph(std::string desc);
  Result<void> parse(const Limits &limits);
  Result<void> find_ends();
  Error unusable(const std::string &reason) const;

  Result<void> check_use(const InUse &in_use, const Limits &limits) const;
  Result<size_t> find(const std::vector<Name> &names, const std::string &key,
                      const char *what) const;
  Result<void> advance(Sink &sink, const Limits &limits);
  Result<void> collect_others(const Sink &sink, const Limits &limits);
  Result<int> pull(Sink &sink, int flags, const Limits &limits);
  Result<bool> feed(const Limits &limits);
  Result<void> check_ready(const Sink &sink, const Limits &limits) const;
  FramesPtr take(Sink &sink);
  bool keeps_clock(const Sink &sink) const;
  void close_unheard();
  Error failed(int code, const Limits &limits);

  const uint64_t generation_ = process_generation();
  const std::string desc_;
  FilterGraphPtr graph_;
  std::deque<GraphSource> sources_;
  std::vector<Sink> sinks_;
  std::vector<std::vector<size_t>> heard_by_;  // of each source, the sinks that it leads to
  std::vector<Name> source_names_, sink_names_;
  std::string dump_;
  std::string source_ = "<FilterGraph>";  // whence the frames come
  int64_t bytes_ready_ = 0;
  bool is_flushed_ = false;
  bool is_failed_ = false;
  std::atomic_flag in_use_;
};

}  // namespace spdl::ffmpeg
