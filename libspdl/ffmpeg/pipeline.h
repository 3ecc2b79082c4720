// SPDX-License-Identifier: BSD-2-Clause
// From packets to frames, a packet at a time: decoder, cut to the window, filter graph.
#pragma once

#include "ffmpeg/cut.h"
#include "ffmpeg/decode.h"
#include "ffmpeg/filter.h"

namespace spdl::ffmpeg {

class Pipeline {
 public:
  // For these packets and those that follow them in the stream, of the same codec and window.
  static Result<std::unique_ptr<Pipeline>> open(const Packets &packets,
                                                const DecodeOptions &options, const Limits &limits);

  // Before each packet. It is not interrupted between this and taking the packet, so whoever feeds
  // knows that an interruption lost none. Decoders take no packet while they hold frames, which
  // they do if an interruption came after the last one.
  Result<void> prepare(const Limits &limits);
  Result<void> feed(const AVPacket &packet, const Limits &limits);
  // No packet follows: what decoder and graph hold back comes out.
  Result<void> finish(const Limits &limits);
  // Whether nothing more will come out, however much is fed.
  bool is_done() const { return is_done_; }
  bool is_finished() const { return is_finished_; }
  // Where the window ends, if these packets say so.
  void follow(const Packets &packets);

  // Frames that came out and were not taken.
  size_t num_ready() const { return ready_.frames.size(); }
  // The first `count` of them, and all damage since the last time.
  FramesPtr take(size_t count);
  // Whether there is damage that no taken frames told of.
  bool has_damage() const { return ready_.num_corrupt > 0; }
  // Why nothing was decoded, if that is so and damage was the reason.
  std::optional<Error> take_failure();

 private:
  Pipeline(const Packets &packets, const DecodeOptions &options, Decoder decoder);

  bool is_image() const { return ready_.media == Media::image; }
  bool is_damaged(const AVFrame &frame) const;
  bool is_full() const;

  Result<void> decode(const AVPacket *packet, const Limits &limits);
  Result<void> receive_all(const Limits &limits);
  Result<void> tolerate(Result<void> result);
  Result<void> accept(FramePtr frame, const Limits &limits);
  Result<void> filter(FramePtr frame, const Limits &limits);
  Result<void> drain_graph(const Limits &limits);
  Result<void> finish_graph(const Limits &limits);
  Result<void> emit(FramePtr frame, const Limits &limits);

  const DecodeOptions options_;
  const CodecPtr codec_;
  Decoder decoder_;
  Cut cut_;
  std::optional<std::string> filter_desc_;
  bool is_stateless_ = false;
  std::unique_ptr<FilterChain> graph_;
  bool holds_frames_ = false;  // the decoder, of packets that were sent
  bool is_cut_short_ = false;  // the packet of an image
  bool is_done_ = false;
  bool is_finished_ = false;
  int64_t num_decoded_ = 0;
  int64_t num_emitted_ = 0;  // frames that left the graph
  int64_t num_ready_ = 0;    // pictures or samples that are ready
  int64_t bytes_ready_ = 0;
  std::optional<Error> first_damage_;
  Frames ready_;
};

}  // namespace spdl::ffmpeg
