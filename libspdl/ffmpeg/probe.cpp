// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/probe.h"

#include <algorithm>
#include <cmath>

#include "ffmpeg/packets.h"

extern "C" {
#include <libavutil/display.h>
}

namespace spdl::ffmpeg {
namespace {

const char *known(const char *name) { return name ? name : ""; }

// Ticks in seconds; nothing if they are unknown or beyond what the numbers hold.
std::optional<spdl_rational> seconds(int64_t ticks, AVRational time_base) {
  int64_t num;
  if (ticks == AV_NOPTS_VALUE || time_base.den <= 0 ||
      __builtin_mul_overflow(ticks, int64_t{time_base.num}, &num))
    return std::nullopt;
  return spdl_rational{num, time_base.den};
}

const char *format_of(const AVCodecParameters &parameters) {
  if (parameters.codec_type == AVMEDIA_TYPE_AUDIO)
    return known(av_get_sample_fmt_name(static_cast<AVSampleFormat>(parameters.format)));
  if (parameters.codec_type == AVMEDIA_TYPE_VIDEO)
    return known(av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters.format)));
  return "";
}

double rotation_of(const AVStream &stream) {
  const int32_t *matrix = display_matrix(stream);
  const double counterclockwise = matrix ? av_display_rotation_get(matrix) : 0;
  if (!std::isfinite(counterclockwise)) return 0;
  const double clockwise = std::fmod(360 - counterclockwise, 360);
  return clockwise < 0 ? clockwise + 360 : clockwise;
}

void set_colors(StreamInfo &info, const AVCodecParameters &from) {
  if (from.color_range != AVCOL_RANGE_UNSPECIFIED)
    info.color_range = known(av_color_range_name(from.color_range));
  if (from.color_space != AVCOL_SPC_UNSPECIFIED)
    info.color_space = known(av_color_space_name(from.color_space));
  if (from.color_primaries != AVCOL_PRI_UNSPECIFIED)
    info.color_primaries = known(av_color_primaries_name(from.color_primaries));
  if (from.color_trc != AVCOL_TRC_UNSPECIFIED)
    info.color_transfer = known(av_color_transfer_name(from.color_trc));
}

void set_picture(StreamInfo &info, AVFormatContext &context, AVStream &stream) {
  info.width = stream.codecpar->width;
  info.height = stream.codecpar->height;
  info.frame_rate = av_guess_frame_rate(&context, &stream, nullptr);
  info.sample_aspect_ratio = av_guess_sample_aspect_ratio(&context, &stream, nullptr);
  info.rotation = rotation_of(stream);
  set_colors(info, *stream.codecpar);
}

StreamInfo read_stream(AVFormatContext &context, AVStream &stream) {
  const AVCodecParameters &parameters = *stream.codecpar;
  StreamInfo info;
  info.kind = parameters.codec_type;
  info.is_default = stream.disposition & AV_DISPOSITION_DEFAULT;
  info.is_attached_picture = stream.disposition & AV_DISPOSITION_ATTACHED_PIC;
  info.codec = avcodec_get_name(parameters.codec_id);
  info.profile = known(avcodec_profile_name(parameters.codec_id, parameters.profile));
  info.format = format_of(parameters);
  info.time_base = stream.time_base;
  info.start_time = seconds(stream.start_time, stream.time_base);
  if (stream.duration > 0) info.duration = seconds(stream.duration, stream.time_base);
  info.bit_rate = std::max<int64_t>(parameters.bit_rate, 0);
  info.num_frames = std::max<int64_t>(stream.nb_frames, 0);
  info.bits_per_sample = parameters.bits_per_coded_sample;
  info.metadata = Metadata(stream.metadata);
  if (parameters.codec_type == AVMEDIA_TYPE_AUDIO) {
    info.sample_rate = parameters.sample_rate;
    info.num_channels = parameters.ch_layout.nb_channels;
    info.channel_layout = describe_layout(parameters);
  }
  if (parameters.codec_type == AVMEDIA_TYPE_VIDEO) set_picture(info, context, stream);
  return info;
}

}  // namespace

std::vector<spdl_entry> entries_of(const AVDictionary *dict) {
  std::vector<spdl_entry> entries;
  const AVDictionaryEntry *entry = nullptr;
  while ((entry = av_dict_get(dict, "", entry, AV_DICT_IGNORE_SUFFIX)))
    entries.push_back({entry->key, entry->value});
  return entries;
}

Metadata::Metadata(const AVDictionary *dict) {
  for (const auto &[name, value] : entries_of(dict)) texts_.emplace_back(name, value);
  for (const auto &[name, value] : texts_) entries_.push_back({name.c_str(), value.c_str()});
}

ContainerInfo read_info(AVFormatContext &context) {
  ContainerInfo info;
  info.format = context.iformat->name;
  info.description = known(context.iformat->long_name);
  info.start_time = seconds(context.start_time, AV_TIME_BASE_Q);
  if (context.duration > 0) info.duration = seconds(context.duration, AV_TIME_BASE_Q);
  info.bit_rate = std::max<int64_t>(context.bit_rate, 0);
  info.metadata = Metadata(context.metadata);
  for (unsigned i = 0; i < context.nb_streams; ++i)
    info.streams.push_back(read_stream(context, *context.streams[i]));
  return info;
}

}  // namespace spdl::ffmpeg
