// SPDX-License-Identifier: BSD-2-Clause
// Frames → packets.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/process.h"
#include "ffmpeg/error.h"
#include "ffmpeg/frames.h"

namespace spdl::ffmpeg {

struct EncodeOptions {
  Media media = Media::video;
  std::string encoder;  // empty: the default of the container
  OptionList encoder_options;
  std::string format;  // pixels or samples
  int width = 0;
  int height = 0;
  AVRational frame_rate{25, 1};
  int sample_rate = 0;
  int num_channels = 0;
  std::optional<int64_t> bit_rate;
  std::optional<int> compression_level;
  std::optional<int> qscale;
  std::optional<int> gop_size;
  std::optional<int> max_b_frames;
  std::string color_space;  // empty: not said
  std::string color_primaries;
  std::string color_trc;
};

// The encoder of this name, or the default for the codec.
Result<const AVCodec *> find_encoder(const EncodeOptions &options, AVCodecID codec,
                                     const std::string &destination);

// One of FFmpeg's encoders, open. One operation at a time: a second one gets Status::busy.
class Encoder {
 public:
  // `destination` and `stream_index` say where its packets belong.
  static Result<std::shared_ptr<Encoder>> open(const AVCodec &codec, const EncodeOptions &options,
                                               bool has_global_header,
                                               const std::string &destination, int stream_index);

  // The packets that came out; Status::eof if none did.
  Result<PacketsPtr> encode(const Frames &frames, const Limits &limits);
  // What the encoder holds back; Status::eof if nothing. It takes no more frames then.
  Result<PacketsPtr> flush(const Limits &limits);

  // Packets that came out are lost, so nothing more is encoded.
  void give_up() { is_failed_ = has_lost_ = true; }
  bool has_lost() const { return has_lost_; }
  // Its file is closed: nothing more is encoded.
  void close() { is_closed_ = true; }
  // Whether frames went in that only flush() brings out.
  bool is_holding() const { return is_holding_; }

  const AVCodecContext &context() const { return *context_; }
  const CodecPtr &codec() const { return codec_; }
  Media media() const { return codec_->media; }

 private:
  Encoder(CodecContextPtr context, std::string destination, int stream_index);

  std::string name() const;
  bool is_audio() const { return media() == Media::audio; }
  Result<void> check_usable() const;
  Result<void> check_frames(const Frames &frames) const;
  Result<PacketsPtr> run(const Frames *frames, const Limits &limits);
  Result<void> send_all(const Frames &frames, Packets &to, const Limits &limits);
  Result<void> send_picture(const AVFrame &picture, AVRational time_base, Packets &to,
                            const Limits &limits);
  Result<void> send_samples(const AVFrame &samples, AVRational time_base, Packets &to,
                            const Limits &limits);
  Result<int64_t> follow(int64_t pts, AVRational time_base) const;
  FramePtr make_block() const;
  Result<void> finish(Packets &to, const Limits &limits);
  Result<void> send(const AVFrame *frame, Packets &to, const Limits &limits);
  Result<void> receive(Packets &to, const Limits &limits);

  const uint64_t generation_ = process_generation();
  CodecContextPtr context_;
  const std::string destination_;
  const int stream_index_;
  CodecPtr codec_;
  int64_t next_pts_ = AV_NOPTS_VALUE;  // ticks of the encoder's time base; none before the start
  FramePtr block_;                     // samples that do not fill a frame of the encoder yet
  int num_in_block_ = 0;
  bool is_flushed_ = false;
  std::atomic<bool> is_failed_{false};
  std::atomic<bool> has_lost_{false};
  std::atomic<bool> is_closed_{false};
  std::atomic<bool> is_holding_{false};
  std::atomic_flag in_use_;
};

using EncoderPtr = std::shared_ptr<Encoder>;

}  // namespace spdl::ffmpeg
