// SPDX-License-Identifier: BSD-2-Clause
// One of FFmpeg's decoders, open.
#pragma once

#include <optional>
#include <string>

#include "ffmpeg/error.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

struct DecoderOptions {
  std::string name;  // empty: the codec's default
  OptionList options;
};

class Decoder {
 public:
  // Still-image decoders are opened for each image: an mjpeg decoder used again would decode a
  // JPEG without tables by those of the picture before.
  static Result<Decoder> open(const Codec &codec, const DecoderOptions &options,
                              const Limits &limits, const std::string &source);

  // The packet, or null to drain. A damaged packet is an error; the decoder can go on.
  Result<void> send(const AVPacket *packet, const Limits &limits);
  // The next frame, or null if another packet is needed or none is left.
  Result<FramePtr> receive(const Limits &limits);

 private:
  Decoder(CodecContextPtr context, std::string source)
      : context_(std::move(context)), source_(std::move(source)) {}

  Error damaged(const char *what, int code, int64_t pts, int64_t pos, const Limits &limits) const;

  CodecContextPtr context_;
  std::string source_;
};

// Whether there is such a decoder for the codec.
Result<void> check_decoder(const Codec &codec, const DecoderOptions &options);

// Codec parameters with size and pixel format out of a still picture; null if it has none.
ParametersPtr read_header(const Codec &codec, const AVPacket &packet);

}  // namespace spdl::ffmpeg
