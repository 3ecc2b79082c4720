// SPDX-License-Identifier: BSD-2-Clause
// Frames → frames through a chain of filters with one input and one output.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

// All that a graph is configured by: a graph may serve frames of another file if, and only if,
// these are the same.
struct FilterInput {
  std::string desc;
  bool is_audio;
  int format;
  AVRational time_base;
  // Pictures.
  int width = 0;
  int height = 0;
  AVRational sample_aspect_ratio{0, 1};
  AVRational frame_rate{0, 1};
  AVColorSpace color_space = AVCOL_SPC_UNSPECIFIED;
  AVColorRange color_range = AVCOL_RANGE_UNSPECIFIED;
  AVChromaLocation chroma_location = AVCHROMA_LOC_UNSPECIFIED;
  AVColorPrimaries color_primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic color_trc = AVCOL_TRC_UNSPECIFIED;
  // Samples.
  int sample_rate = 0;
  std::string channel_layout;

  FilterInput(std::string desc, const AVFrame &frame, const Codec &codec, AVRational time_base);
  bool operator==(const FilterInput &other) const;
  // Whether a graph for this takes the next frame of the same stream too, as the ffmpeg command
  // has it.
  bool fits(const FilterInput &next) const;
};

// Of a frame that came out of a graph. Filters of FFmpeg 5 leave on it what their input had, in
// ticks of another clock, unless all have the same one.
void set_duration(AVFrame &frame, const AVFilterContext &sink, bool keeps_clock);

// An error of a filter, told of the source whose frames it filters.
template <class T>
Result<T> with_source(Result<T> result, const std::string &source) {
  if (result || result.error().status != Status::filter) return result;
  Error error = std::move(result).error();
  error.message += " for " + source;
  return error;
}

// Of the pictures that go from filter to filter, before there is one.
Result<void> check_sizes(const AVFilterGraph &graph, const Limits &limits,
                         const std::string &source);

class FilterChain {
 public:
  static Result<std::unique_ptr<FilterChain>> open(const FilterInput &input, const AVFrame &frame,
                                                   const Limits &limits);

  const FilterInput &input() const { return input_; }
  // Of the input or the output picture, whichever is larger.
  int64_t num_pixels() const;
  Result<void> check_sizes(const Limits &limits, const std::string &source) const {
    return ffmpeg::check_sizes(*graph_, limits, source);
  }
  int count_use() { return ++num_uses_; }
  AVRational time_base() const { return av_buffersink_get_time_base(sink_); }
  // False if the graph wants no more frames. A graph does not always say so: ask is_over(), too.
  Result<bool> push(FramePtr frame, const Limits &limits);
  // The stream is over at this time, in ticks of the input.
  Result<void> end(int64_t pts, const Limits &limits);
  // The next frame, or null if another one must be pushed first, or none is left.
  Result<FramePtr> pull(const Limits &limits);
  // Whether nothing more will come out, whatever is pushed, as after trim's end.
  bool is_over() const { return is_over_; }

 private:
  explicit FilterChain(FilterInput input);
  Result<void> make_source(const AVFrame &frame, const Limits &limits);
  Result<void> parse(const Limits &limits);
  Error failed(const char *what, int code, const Limits &limits) const;

  FilterInput input_;
  FilterGraphPtr graph_;
  AVFilterContext *source_ = nullptr;
  AVFilterContext *sink_ = nullptr;
  int num_uses_ = 0;
  bool is_over_ = false;
};

}  // namespace spdl::ffmpeg
