// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/decode.h"

#include "ffmpeg/cut.h"
#include "ffmpeg/filter_cache.h"

namespace spdl::ffmpeg {
namespace {

// Packets go through the decoder, the cut to the window and the filter graph, one at a time.
class Pipeline {
 public:
  Pipeline(const Packets &packets, const DecodeOptions &options, const Limits &limits)
      : packets_(packets),
        options_(options),
        limits_(limits),
        cut_(packets),
        frames_(std::make_shared<Frames>()) {
    frames_->media = packets.media;
    frames_->source = packets.source;
    frames_->time_base = packets.codec->time_base;
    if (options.use_default_filter)
      filter_desc_ = default_filter(packets.media);
    else
      filter_desc_ = options.filter_desc;
    is_stateless_ = is_image() && filter_desc_ && is_stateless(*filter_desc_);
  }

  Result<FramesPtr> run();

 private:
  bool is_damaged(const AVFrame &frame) const {
    if (ffmpeg::is_damaged(frame)) return true;
    // FFmpeg's decoders of pictures fill up what is missing at the end and say nothing.
    return is_image() && packets_.packets.front()->flags & AV_PKT_FLAG_CORRUPT;
  }
  bool is_image() const { return packets_.media == Media::image; }
  // Whether all frames that are wanted have left the graph: of an image, one.
  bool is_full() const {
    const int64_t wanted = is_image() ? 1 : options_.num_frames;
    return wanted > 0 && static_cast<int64_t>(frames_->frames.size()) >= wanted;
  }

  Result<void> feed(Decoder &decoder, const AVPacket *packet);
  Result<void> tolerate(Result<void> result);
  Result<void> accept(FramePtr frame);
  Result<void> filter(FramePtr frame);
  Result<void> drain_graph();
  Result<void> finish_graph();
  Result<void> emit(FramePtr frame);
  Result<FramesPtr> result();

  const Packets &packets_;
  const DecodeOptions &options_;
  const Limits &limits_;
  Cut cut_;
  std::optional<std::string> filter_desc_;
  bool is_stateless_ = false;
  std::unique_ptr<FilterGraph> graph_;
  bool is_done_ = false;
  int64_t num_decoded_ = 0;
  int64_t num_emitted_ = 0;
  int64_t bytes_ = 0;
  std::optional<Error> first_damage_;
  std::shared_ptr<Frames> frames_;
};

Result<FramesPtr> Pipeline::run() {
  if (packets_.packets.empty()) return result();
  SPDL_TRY_ASSIGN(auto decoder,
                  Decoder::open(*packets_.codec, options_.decoder, limits_, packets_.source));
  for (const auto &packet : packets_.packets) {
    if (is_done_) break;
    SPDL_TRY(limits_.check(Origin::decode, packets_.source));
    SPDL_TRY(feed(decoder, packet.get()));
  }
  if (!is_done_) SPDL_TRY(feed(decoder, nullptr));
  SPDL_TRY(finish_graph());
  return result();
}

Result<void> Pipeline::feed(Decoder &decoder, const AVPacket *packet) {
  SPDL_TRY(tolerate(decoder.send(packet, limits_)));
  while (!is_done_) {
    SPDL_TRY(limits_.check(Origin::decode, packets_.source));
    auto frame = decoder.receive(limits_);
    if (!frame) {
      SPDL_TRY(tolerate(std::move(frame).error()));
      continue;
    }
    if (!*frame) break;
    SPDL_TRY(accept(*std::move(frame)));
  }
  return {};
}

// Damage is counted and passed over, unless that is not wanted.
Result<void> Pipeline::tolerate(Result<void> result) {
  if (result || options_.strict || result.error().status != Status::corrupt) return result;
  ++frames_->num_corrupt;
  if (!first_damage_) first_damage_ = std::move(result).error();
  return {};
}

Result<void> Pipeline::accept(FramePtr frame) {
  ++num_decoded_;
  if (packets_.media != Media::audio)
    SPDL_TRY(limits_.check_pixels(Origin::decode, frame->width, frame->height, packets_.source));
  if (is_damaged(*frame))
    SPDL_TRY(tolerate(
        Error{Status::corrupt, Origin::decode,
              packets_.source + ": the picture or the samples are damaged or cut short."}
            .at_time(to_seconds(frame->best_effort_timestamp, packets_.codec->time_base))));
  frame = cut_.apply(std::move(frame));
  if (!frame) return {};
  return filter_desc_ ? filter(std::move(frame)) : emit(std::move(frame));
}

Result<void> Pipeline::filter(FramePtr frame) {
  const FilterInput input(*filter_desc_, *frame, *packets_.codec, cut_.time_base());
  if (!graph_ || !graph_->input().fits(input)) {
    SPDL_TRY_ASSIGN(graph_, is_stateless_ ? take_graph(input, *frame, limits_)
                                          : FilterGraph::open(input, *frame, limits_));
  }
  SPDL_TRY_ASSIGN(const bool wants_more, graph_->push(std::move(frame), limits_));
  SPDL_TRY(drain_graph());
  if (!wants_more) is_done_ = true;
  return {};
}

Result<void> Pipeline::drain_graph() {
  while (!is_done_) {
    SPDL_TRY(limits_.check(Origin::filter, packets_.source));
    SPDL_TRY_ASSIGN(auto frame, graph_->pull(limits_));
    if (!frame) break;
    SPDL_TRY(emit(std::move(frame)));
  }
  return {};
}

Result<void> Pipeline::finish_graph() {
  if (!graph_) return {};
  if (is_stateless_) {
    return_graph(std::move(graph_));
    return {};
  }
  if (is_full()) return {};
  is_done_ = false;
  SPDL_TRY(graph_->end(cut_.end_pts(), limits_));
  return drain_graph();
}

Result<void> Pipeline::emit(FramePtr frame) {
  const AVRational time_base = graph_ ? graph_->time_base() : cut_.time_base();
  if (frames_->frames.empty()) frames_->time_base = time_base;
  // Both may change in the middle of a stream.
  if (frame->pts != AV_NOPTS_VALUE)
    frame->pts = av_rescale_q(frame->pts, time_base, frames_->time_base);
  num_emitted_ += packets_.media == Media::audio ? frame->nb_samples : 1;
  SPDL_TRY(limits_.check_frames(Origin::decode, num_emitted_, packets_.source));
  if (packets_.media != Media::audio)
    SPDL_TRY(limits_.check_pixels(Origin::filter, frame->width, frame->height, packets_.source));
  bytes_ += num_bytes(*frame);
  SPDL_TRY(limits_.check_bytes(Origin::decode, bytes_, packets_.source));
  frames_->frames.push_back(std::move(frame));
  if (is_full()) is_done_ = true;
  return {};
}

Result<FramesPtr> Pipeline::result() {
  if (!frames_->frames.empty()) return frames_;
  if (num_decoded_ == 0 && first_damage_) return *std::move(first_damage_);
  if (is_image())
    return Error{Status::corrupt, Origin::decode,
                 packets_.source + ": no picture could be decoded from " +
                     std::to_string(packets_.num_bytes) + " bytes of " + packets_.codec->name() +
                     "."};
  return frames_;
}

}  // namespace

const char *default_filter(Media media) {
  return media == Media::audio ? "aformat=sample_fmts=fltp" : "format=pix_fmts=rgb24";
}

Result<FramesPtr> decode(const Packets &packets, const DecodeOptions &options,
                         const Limits &limits) {
  return Pipeline(packets, options, limits).run();
}

}  // namespace spdl::ffmpeg
