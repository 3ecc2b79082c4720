// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/pipeline.h"

#include "base/trace.h"
#include "ffmpeg/filter_cache.h"

namespace spdl::ffmpeg {

Result<std::unique_ptr<Pipeline>> Pipeline::open(const Packets &packets,
                                                 const DecodeOptions &options,
                                                 const Limits &limits) {
  SPDL_TRY_ASSIGN(auto decoder,
                  Decoder::open(*packets.codec, options.decoder, limits, packets.source));
  return std::unique_ptr<Pipeline>(new Pipeline(packets, options, std::move(decoder)));
}

Pipeline::Pipeline(const Packets &packets, const DecodeOptions &options, Decoder decoder)
    : options_(options), codec_(packets.codec), decoder_(std::move(decoder)), cut_(packets) {
  ready_.media = packets.media;
  ready_.source = packets.source;
  ready_.time_base = codec_->time_base;
  if (options.use_default_filter)
    filter_desc_ = default_filter(packets.media);
  else
    filter_desc_ = options.filter_desc;
  is_stateless_ = is_image() && filter_desc_ && is_stateless(*filter_desc_);
}

bool Pipeline::is_damaged(const AVFrame &frame) const {
  // FFmpeg's decoders of pictures fill up what is missing at the end and say nothing.
  return ffmpeg::is_damaged(frame) || is_cut_short_;
}

// Whether all frames that are wanted have left the graph: of an image, one.
bool Pipeline::is_full() const {
  const int64_t wanted = is_image() ? 1 : options_.num_frames;
  return wanted > 0 && num_emitted_ >= wanted;
}

void Pipeline::follow(const Packets &packets) { cut_.follow(packets); }

Result<void> Pipeline::feed(const AVPacket &packet, const Limits &limits) {
  is_cut_short_ = is_image() && packet.flags & AV_PKT_FLAG_CORRUPT;
  return decode(&packet, limits);
}

Result<void> Pipeline::finish(const Limits &limits) {
  SPDL_TRY(prepare(limits));
  SPDL_TRY(decode(nullptr, limits));
  SPDL_TRY(finish_graph(limits));
  is_done_ = true;
  is_finished_ = true;
  return {};
}

Result<void> Pipeline::prepare(const Limits &limits) {
  if (holds_frames_) SPDL_TRY(receive_all(limits));
  return limits.check(Origin::decode, ready_.source);
}

Result<void> Pipeline::decode(const AVPacket *packet, const Limits &limits) {
  if (is_done_) return {};
  holds_frames_ = true;
  SPDL_TRY(tolerate(decoder_.send(packet, limits)));
  return receive_all(limits);
}

Result<void> Pipeline::receive_all(const Limits &limits) {
  while (!is_done_) {
    SPDL_TRY(limits.check(Origin::decode, ready_.source));
    auto frame = decoder_.receive(limits);
    if (!frame) {
      SPDL_TRY(tolerate(std::move(frame).error()));
      continue;
    }
    if (!*frame) break;
    SPDL_TRY(accept(*std::move(frame), limits));
  }
  holds_frames_ = false;
  return {};
}

// Damage is counted and passed over, unless that is not wanted.
Result<void> Pipeline::tolerate(Result<void> result) {
  if (result || options_.strict || result.error().status != Status::corrupt) return result;
  ++ready_.num_corrupt;
  if (!first_damage_) first_damage_ = std::move(result).error();
  return {};
}

Result<void> Pipeline::accept(FramePtr frame, const Limits &limits) {
  ++num_decoded_;
  if (ready_.media != Media::audio)
    SPDL_TRY(limits.check_pixels(Origin::decode, frame->width, frame->height, ready_.source));
  if (is_damaged(*frame))
    SPDL_TRY(
        tolerate(Error{Status::corrupt, Origin::decode,
                       ready_.source + ": the picture or the samples are damaged or cut short."}
                     .at_time(to_seconds(frame->best_effort_timestamp, codec_->time_base))));
  frame = cut_.apply(std::move(frame));
  if (!frame) return {};
  return filter_desc_ ? filter(std::move(frame), limits) : emit(std::move(frame), limits);
}

Result<void> Pipeline::filter(FramePtr frame, const Limits &limits) {
  const FilterInput input(*filter_desc_, *frame, *codec_, cut_.time_base());
  if (!graph_ || !graph_->input().fits(input)) {
    SPDL_TRY_ASSIGN(graph_, with_source(is_stateless_ ? take_graph(input, *frame, limits)
                                                      : FilterChain::open(input, *frame, limits),
                                        ready_.source));
    SPDL_TRY(graph_->check_sizes(limits, ready_.source));
  }
  const trace::Stage stage("filter");
  SPDL_TRY_ASSIGN(const bool wants_more,
                  with_source(graph_->push(std::move(frame), limits), ready_.source));
  SPDL_TRY(drain_graph(limits));
  if (!wants_more) is_done_ = true;
  return {};
}

Result<void> Pipeline::drain_graph(const Limits &limits) {
  while (!is_done_) {
    SPDL_TRY(limits.check(Origin::filter, ready_.source));
    SPDL_TRY_ASSIGN(auto frame, with_source(graph_->pull(limits), ready_.source));
    if (!frame) break;
    SPDL_TRY(emit(std::move(frame), limits));
  }
  // Frames pushed into a graph that is over would only pile up in it.
  if (graph_->is_over()) is_done_ = true;
  return {};
}

Result<void> Pipeline::finish_graph(const Limits &limits) {
  if (!graph_) return {};
  if (is_stateless_) {
    return_graph(std::move(graph_));
    return {};
  }
  if (is_full()) return {};
  const trace::Stage stage("filter");
  is_done_ = false;
  SPDL_TRY(graph_->end(cut_.end_pts(), limits));
  return drain_graph(limits);
}

Result<void> Pipeline::emit(FramePtr frame, const Limits &limits) {
  const AVRational time_base = graph_ ? graph_->time_base() : cut_.time_base();
  if (num_emitted_ == 0) ready_.time_base = time_base;
  // Both may change in the middle of a stream.
  if (frame->pts != AV_NOPTS_VALUE)
    frame->pts = av_rescale_q(frame->pts, time_base, ready_.time_base);
  num_ready_ += ready_.is_audio() ? frame->nb_samples : 1;
  SPDL_TRY(limits.check_frames(Origin::decode, num_ready_, ready_.source));
  if (!ready_.is_audio())
    SPDL_TRY(limits.check_pixels(Origin::filter, frame->width, frame->height, ready_.source));
  bytes_ready_ += num_bytes(*frame);
  SPDL_TRY(limits.check_bytes(Origin::decode, bytes_ready_, ready_.source));
  ready_.frames.push_back(std::move(frame));
  ++num_emitted_;
  if (is_full()) is_done_ = true;
  return {};
}

FramesPtr Pipeline::take(size_t count) {
  auto taken = std::make_shared<Frames>();
  taken->media = ready_.media;
  taken->source = ready_.source;
  taken->time_base = ready_.time_base;
  taken->num_corrupt = std::exchange(ready_.num_corrupt, 0);
  const auto end = ready_.frames.begin() + static_cast<ptrdiff_t>(count);
  for (auto frame = ready_.frames.begin(); frame != end; ++frame)
    bytes_ready_ -= num_bytes(**frame);
  taken->frames.assign(std::move_iterator(ready_.frames.begin()), std::move_iterator(end));
  ready_.frames.erase(ready_.frames.begin(), end);
  num_ready_ -= taken->count();
  return taken;
}

std::optional<Error> Pipeline::take_failure() {
  if (num_decoded_ > 0) return std::nullopt;
  return std::exchange(first_damage_, std::nullopt);
}

}  // namespace spdl::ffmpeg
