// SPDX-License-Identifier: BSD-2-Clause
// Encoded units of one stream, and the codec that they need. Values: immutable and shared.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/limits.h"
#include "ffmpeg/ptr.h"
#include "ffmpeg/window.h"

namespace spdl::ffmpeg {

enum class Media : int32_t {
  audio = SPDL_MEDIA_AUDIO,
  video = SPDL_MEDIA_VIDEO,
  image = SPDL_MEDIA_IMAGE,
};

const char *to_string(Media media);  // of a stream: "audio" or "video"

// "stereo"; "" of what has no channels.
std::string describe_layout(const AVCodecParameters &parameters);

struct Codec {
  Media media;
  ParametersPtr parameters;
  AVRational time_base{0, 1};   // of the packets
  AVRational frame_rate{0, 1};  // 0/1 if unknown
  std::string channel_layout;   // described

  const char *name() const { return avcodec_get_name(parameters->codec_id); }
  // Pixel or sample format, "" if unknown.
  const char *format() const;
};

using CodecPtr = std::shared_ptr<const Codec>;

CodecPtr make_codec(Media media, const AVCodecParameters &parameters, AVRational time_base,
                    AVRational frame_rate);

struct Packets {
  Media media;
  std::string source;
  int stream_index = -1;  // -1: a still image read without a container
  Window window;
  CodecPtr codec;
  std::vector<PacketPtr> packets;
  // Of the packet after the window that ended reading; AV_NOPTS_VALUE if the stream ended before.
  int64_t next_pts = AV_NOPTS_VALUE;
  int64_t num_bytes = 0;

  void clear() {
    packets.clear();
    num_bytes = 0;
  }
  // The codec with its pixel format, for which a still image's header is read, once.
  CodecPtr described_codec() const;
  size_t count_in_window() const;
  // Seconds; sorted and without pre-roll, or all in decode order.
  std::vector<double> timestamps(bool raw) const;

 private:
  mutable std::once_flag described_once_;
  mutable CodecPtr described_;
};

using PacketsPtr = std::shared_ptr<const Packets>;

}  // namespace spdl::ffmpeg
