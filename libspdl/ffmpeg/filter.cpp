// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter.h"

#include <algorithm>

#include "base/trace.h"
#include "ffmpeg/filter_fault.h"

namespace spdl::ffmpeg {
namespace {

bool operator==(AVRational a, AVRational b) { return a.num == b.num && a.den == b.den; }

std::string describe(const AVChannelLayout &layout) {
  char text[256];
  return av_channel_layout_describe(&layout, text, sizeof text) < 0 ? "" : text;
}

void set_picture(AVBufferSrcParameters &to, const FilterInput &from, const AVFrame &frame) {
  to.width = from.width;
  to.height = from.height;
  to.sample_aspect_ratio = from.sample_aspect_ratio;
  to.frame_rate = from.frame_rate;
  copy_color(to, frame);
}

int set_samples(AVBufferSrcParameters &to, const FilterInput &from, const AVFrame &frame) {
  to.sample_rate = from.sample_rate;
  return av_channel_layout_copy(&to.ch_layout, &frame.ch_layout);
}

}  // namespace

FilterInput::FilterInput(std::string desc, const AVFrame &frame, const Codec &codec,
                         AVRational time_base)
    : desc(std::move(desc)),
      is_audio(codec.media == Media::audio),
      format(frame.format),
      time_base(time_base) {
  if (is_audio) {
    sample_rate = frame.sample_rate;
    channel_layout = describe(frame.ch_layout);
    return;
  }
  width = frame.width;
  height = frame.height;
  sample_aspect_ratio = frame.sample_aspect_ratio;
  frame_rate = codec.frame_rate;
  color_space = frame.colorspace;
  color_range = frame.color_range;
  chroma_location = frame.chroma_location;
  color_primaries = frame.color_primaries;
  color_trc = frame.color_trc;
}

bool FilterInput::operator==(const FilterInput &other) const {
  return desc == other.desc && is_audio == other.is_audio && format == other.format &&
         time_base == other.time_base && width == other.width && height == other.height &&
         sample_aspect_ratio == other.sample_aspect_ratio && frame_rate == other.frame_rate &&
         color_space == other.color_space && color_range == other.color_range &&
         chroma_location == other.chroma_location && color_primaries == other.color_primaries &&
         color_trc == other.color_trc && sample_rate == other.sample_rate &&
         channel_layout == other.channel_layout;
}

bool FilterInput::fits(const FilterInput &next) const {
#if SPDL_BUFFERSRC_HAS_COLOR
  if (color_space != next.color_space || color_range != next.color_range) return false;
#endif
  return format == next.format && width == next.width && height == next.height &&
         sample_rate == next.sample_rate && channel_layout == next.channel_layout;
}

void set_duration(AVFrame &frame, const AVFilterContext &sink, bool keeps_clock) {
  if (SPDL_FRAME_HAS_DURATION || keeps_clock) return;
  int64_t &duration = duration_of(frame);
  const AVRational time_base = av_buffersink_get_time_base(&sink);
  const AVRational rate = av_buffersink_get_frame_rate(&sink);
  duration = 0;
  if (av_buffersink_get_type(&sink) == AVMEDIA_TYPE_AUDIO)
    duration = av_rescale_q(frame.nb_samples, {1, frame.sample_rate}, time_base);
  else if (rate.num > 0 && rate.den > 0)
    duration = av_rescale_q(1, av_inv_q(rate), time_base);
}

Result<void> check_sizes(const AVFilterGraph &graph, const Limits &limits,
                         const std::string &source) {
  for (unsigned i = 0; i < graph.nb_filters; ++i) {
    const AVFilterContext &filter = *graph.filters[i];
    for (unsigned j = 0; j < filter.nb_outputs; ++j)
      if (const AVFilterLink *link = filter.outputs[j]; link && link->type == AVMEDIA_TYPE_VIDEO)
        SPDL_TRY(limits.check_pixels(Origin::filter, link->w, link->h, source));
  }
  return {};
}

FilterChain::FilterChain(FilterInput input)
    : input_(std::move(input)), graph_(own<FilterGraphPtr>(avfilter_graph_alloc())) {
  graph_->nb_threads = 1;
  // What the ffmpeg command gives to the scalers that a graph inserts.
  graph_->scale_sws_opts = av_strdup("flags=bicubic");
}

Result<std::unique_ptr<FilterChain>> FilterChain::open(const FilterInput &input,
                                                       const AVFrame &frame, const Limits &limits) {
  const trace::Stage stage("open filter", input.desc);
  SPDL_TRY(check_num_filters(input.desc));
  auto chain = std::unique_ptr<FilterChain>(new FilterChain(input));
  SPDL_TRY(chain->make_source(frame, limits));
  SPDL_TRY(chain->parse(limits));
  return chain;
}

int64_t FilterChain::num_pixels() const {
  const int64_t output = int64_t{av_buffersink_get_w(sink_)} * av_buffersink_get_h(sink_);
  return std::max(output, int64_t{input_.width} * input_.height);
}

Error FilterChain::failed(const char *what, int code, const Limits &limits) const {
  return failure(Status::filter, Origin::filter, what + input_.desc, code, limits);
}

Result<void> FilterChain::make_source(const AVFrame &frame, const Limits &limits) {
  const AVFilter *buffer = avfilter_get_by_name(input_.is_audio ? "abuffer" : "buffer");
  const AVFilter *sink = avfilter_get_by_name(input_.is_audio ? "abuffersink" : "buffersink");
  source_ = avfilter_graph_alloc_filter(graph_.get(), buffer, "in");
  AVBufferSrcParameters *parameters = av_buffersrc_parameters_alloc();
  if (!source_ || !parameters) {
    av_free(parameters);
    throw std::bad_alloc();
  }
  parameters->format = input_.format;
  parameters->time_base = input_.time_base;
  // Also channels of which nobody knows where they belong.
  const char *sink_options = input_.is_audio ? "all_channel_counts=1" : nullptr;
  int code = 0;
  if (input_.is_audio)
    code = set_samples(*parameters, input_, frame);
  else
    set_picture(*parameters, input_, frame);
  if (code >= 0) code = av_buffersrc_parameters_set(source_, parameters);
  av_channel_layout_uninit(&parameters->ch_layout);
  av_free(parameters);
  if (code >= 0) code = avfilter_init_str(source_, nullptr);
  if (code >= 0)
    code = avfilter_graph_create_filter(&sink_, sink, "out", sink_options, nullptr, graph_.get());
  if (code < 0) return failed("The decoded frames do not fit a filter graph: ", code, limits);
  return {};
}

Result<void> FilterChain::parse(const Limits &limits) {
  auto outputs = own<FilterInOutPtr>(avfilter_inout_alloc());
  auto inputs = own<FilterInOutPtr>(avfilter_inout_alloc());
  outputs->name = av_strdup("in");
  outputs->filter_ctx = source_;
  inputs->name = av_strdup("out");
  inputs->filter_ctx = sink_;
  AVFilterInOut *open_inputs = inputs.release(), *open_outputs = outputs.release();
  int code = avfilter_graph_parse_ptr(graph_.get(), input_.desc.c_str(), &open_inputs,
                                      &open_outputs, nullptr);
  inputs.reset(open_inputs);
  outputs.reset(open_outputs);
  std::string reason;
  if (code >= 0) reason = find_open_pad(*graph_, open_inputs, open_outputs);
  if (input_.desc.empty()) reason = "the text is empty";
  if (code >= 0)
    code = reason.empty() ? avfilter_graph_config(graph_.get(), nullptr) : AVERROR(EINVAL);
  if (code >= 0) return {};
  // FFmpeg may have freed the filters.
  return parse_failure(input_.desc, *graph_, reason, code, limits,
                       input_.is_audio ? "abuffer" : "buffer",
                       input_.is_audio ? "abuffersink" : "buffersink");
}

Result<bool> FilterChain::push(FramePtr frame, const Limits &limits) {
  const int code = av_buffersrc_add_frame_flags(source_, frame.get(), 0);
  if (code >= 0) return true;
  if (code == AVERROR_EOF) return false;
  return failed("A frame could not be filtered by: ", code, limits);
}

Result<void> FilterChain::end(int64_t pts, const Limits &limits) {
  const int code = av_buffersrc_close(source_, pts, 0);
  if (code >= 0 || code == AVERROR_EOF) return {};
  return failed("The frames could not be ended in: ", code, limits);
}

Result<FramePtr> FilterChain::pull(const Limits &limits) {
  auto frame = make_frame();
  const int code = av_buffersink_get_frame(sink_, frame.get());
  if (code >= 0) {
    const bool keeps_clock =
        time_base() == input_.time_base && av_buffersink_get_frame_rate(sink_) == input_.frame_rate;
    set_duration(*frame, *sink_, keeps_clock);
    return frame;
  }
  is_over_ = code == AVERROR_EOF;
  if (is_over_ || code == AVERROR(EAGAIN)) return FramePtr();
  return failed("A frame could not be filtered by: ", code, limits);
}

}  // namespace spdl::ffmpeg
