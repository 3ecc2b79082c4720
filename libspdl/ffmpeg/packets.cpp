// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/packets.h"

#include <algorithm>

#include "ffmpeg/decoder.h"

namespace spdl::ffmpeg {
namespace {

bool is_in_window(const Packets &packets, const AVPacket &packet) {
  if (!packets.window.start && !packets.window.end) return true;
  return packet.pts != AV_NOPTS_VALUE &&
         packets.window.contains(packet.pts, packets.codec->time_base);
}

}  // namespace

std::string describe_layout(const AVCodecParameters &parameters) {
  char text[256];
  if (parameters.codec_type != AVMEDIA_TYPE_AUDIO ||
      av_channel_layout_describe(&parameters.ch_layout, text, sizeof text) < 0)
    return "";
  return text;
}

const char *to_string(Media media) { return media == Media::audio ? "audio" : "video"; }

const char *Codec::format() const {
  const char *name = media == Media::audio
                         ? av_get_sample_fmt_name(static_cast<AVSampleFormat>(parameters->format))
                         : av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters->format));
  return name ? name : "";
}

CodecPtr make_codec(Media media, const AVCodecParameters &parameters, AVRational time_base,
                    AVRational frame_rate) {
  auto copy = own<ParametersPtr>(avcodec_parameters_alloc());
  if (avcodec_parameters_copy(copy.get(), &parameters) < 0) throw std::bad_alloc();
  return std::make_shared<const Codec>(media, std::move(copy), time_base, frame_rate,
                                       describe_layout(parameters));
}

CodecPtr Packets::described_codec() const {
  std::call_once(described_once_, [this] {
    described_ = codec;
    if (stream_index >= 0 || packets.empty()) return;
    if (auto parameters = read_header(*codec, *packets.front()))
      described_ = make_codec(codec->media, *parameters, codec->time_base, codec->frame_rate);
  });
  return described_;
}

size_t Packets::count_in_window() const {
  return static_cast<size_t>(std::count_if(packets.begin(), packets.end(),
                                           [&](const auto &p) { return is_in_window(*this, *p); }));
}

std::vector<double> Packets::timestamps(bool raw) const {
  std::vector<int64_t> ticks;
  for (const auto &packet : packets)
    if (raw || is_in_window(*this, *packet)) ticks.push_back(packet->pts);
  if (!raw) std::sort(ticks.begin(), ticks.end());
  std::vector<double> seconds;
  for (const int64_t pts : ticks) seconds.push_back(to_seconds(pts, codec->time_base));
  return seconds;
}

}  // namespace spdl::ffmpeg
