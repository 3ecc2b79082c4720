// SPDX-License-Identifier: BSD-2-Clause
// Opening encoders: what they take, and what they are told.
#include <algorithm>

#include "base/trace.h"
#include "ffmpeg/encode.h"

namespace spdl::ffmpeg {
namespace {

Error unsupported(const std::string &message) {
  return {Status::unsupported, Origin::encode, message};
}

std::string name_of(AVPixelFormat format) {
  const char *name = av_get_pix_fmt_name(format);
  return name ? name : "";
}

std::string name_of(AVSampleFormat format) {
  const char *name = av_get_sample_fmt_name(format);
  return name ? name : "";
}

std::string name_of(int number) { return std::to_string(number); }

std::string name_of(const AVChannelLayout &layout) {
  char text[256];
  return av_channel_layout_describe(&layout, text, sizeof text) < 0 ? "" : text;
}

// That an encoder takes the value, if it says what it takes; or an error that lists its choices.
template <class T, class IsEqual>
Result<void> check_choice(const AVCodec &codec, const char *what, const std::string &wanted,
                          std::span<const T> choices, IsEqual is_equal) {
  if (choices.empty() || std::any_of(choices.begin(), choices.end(), is_equal)) return {};
  std::string list;
  for (const T &choice : choices) list += (list.empty() ? "" : ", ") + name_of(choice);
  return unsupported(std::string("Unsupported ") + what + ": " + wanted + "; the encoder " +
                     codec.name + " takes " + list + ".");
}

template <class T>
Result<void> check_choice(const AVCodec &codec, const char *what, const T &wanted,
                          std::span<const T> choices) {
  return check_choice(codec, what, name_of(wanted), choices,
                      [&](const T &choice) { return choice == wanted; });
}

// A colour property by its name; empty: unspecified.
template <class T>
Result<void> set_color(T &to, const std::string &name, int (*find)(const char *),
                       const char *(*describe)(T), int count, const char *what) {
  if (name.empty()) return {};
  const int found = find(name.c_str());
  if (found >= 0) {
    to = static_cast<T>(found);
    return {};
  }
  std::string list;
  for (int i = 0; i < count; ++i)
    if (const char *known = describe(static_cast<T>(i)))
      list += (list.empty() ? "" : ", ") + std::string(known);
  return unsupported(std::string("Unsupported ") + what + ": " + name + "; it is one of " + list +
                     ".");
}

Result<void> set_colors(AVCodecContext &to, const EncodeOptions &from) {
  SPDL_TRY(set_color(to.colorspace, from.color_space, av_color_space_from_name, av_color_space_name,
                     AVCOL_SPC_NB, "color space"));
  SPDL_TRY(set_color(to.color_primaries, from.color_primaries, av_color_primaries_from_name,
                     av_color_primaries_name, AVCOL_PRI_NB, "color primaries"));
  return set_color(to.color_trc, from.color_trc, av_color_transfer_from_name,
                   av_color_transfer_name, AVCOL_TRC_NB, "color transfer");
}

Result<void> set_picture(AVCodecContext &to, const AVCodec &codec, const EncodeOptions &from) {
  to.pix_fmt = av_get_pix_fmt(from.format.c_str());
  if (to.pix_fmt == AV_PIX_FMT_NONE)
    return unsupported("Unsupported pixel format: " + from.format + "; FFmpeg has no such format.");
  SPDL_TRY(check_choice(codec, "pixel format", to.pix_fmt, pixel_formats(codec)));
  if (av_image_check_size2(static_cast<unsigned>(std::max(0, from.width)),
                           static_cast<unsigned>(std::max(0, from.height)), INT64_MAX, to.pix_fmt,
                           0, nullptr) < 0)
    return Error{Status::invalid, Origin::encode,
                 "A picture cannot have the size " + std::to_string(from.width) + "x" +
                     std::to_string(from.height) + "."};
  to.width = from.width;
  to.height = from.height;
  to.framerate = from.frame_rate;
  to.time_base = av_inv_q(from.frame_rate);
  if (from.format.starts_with("yuvj")) to.color_range = AVCOL_RANGE_JPEG;
  return set_colors(to, from);
}

Result<void> set_samples(AVCodecContext &to, const AVCodec &codec, const EncodeOptions &from) {
  to.sample_fmt = av_get_sample_fmt(from.format.c_str());
  if (to.sample_fmt == AV_SAMPLE_FMT_NONE)
    return unsupported("Unsupported sample format: " + from.format +
                       "; FFmpeg has no such format.");
  SPDL_TRY(check_choice(codec, "sample format", to.sample_fmt, sample_formats(codec)));
  SPDL_TRY(check_choice(codec, "sample rate", from.sample_rate, sample_rates(codec)));
  to.sample_rate = from.sample_rate;
  to.time_base = {1, from.sample_rate};
  av_channel_layout_default(&to.ch_layout, from.num_channels);
  return check_choice(codec, "number of channels", std::to_string(from.num_channels),
                      channel_layouts(codec), [&](const AVChannelLayout &layout) {
                        return av_channel_layout_compare(&layout, &to.ch_layout) == 0;
                      });
}

void set_quality(AVCodecContext &to, const EncodeOptions &from) {
  if (from.bit_rate) to.bit_rate = *from.bit_rate;
  if (from.compression_level) to.compression_level = *from.compression_level;
  if (from.gop_size) to.gop_size = *from.gop_size;
  if (from.max_b_frames) to.max_b_frames = *from.max_b_frames;
  if (from.qscale) {
    to.flags |= AV_CODEC_FLAG_QSCALE;
    to.global_quality = *from.qscale * FF_QP2LAMBDA;
  }
}

Result<void> open_context(AVCodecContext &context, const AVCodec &codec,
                          const EncodeOptions &options, const std::string &destination) {
  Options dict;
  set_all(dict, options.encoder_options);
  if (!dict.has("threads")) dict.set("threads", "1");
  int code;
  {
    const ForkUnsafe guard;  // encoders that are not safe to open share a lock in libavcodec
    code = avcodec_open2(&context, &codec, dict.get());
  }
  if (code >= 0)
    return check_unused(Origin::encode, dict, std::string("encoder ") + codec.name, destination);
  const bool is_option = code == AVERROR_OPTION_NOT_FOUND ||
                         (code == AVERROR(EINVAL) && !options.encoder_options.empty());
  return failure(
      is_option ? Status::option : Status::unsupported, Origin::encode,
      destination + ": the encoder " + codec.name + " could not be opened for " + options.format +
          (options.media == Media::audio
               ? " at " + std::to_string(options.sample_rate) + " Hz"
               : " of " + std::to_string(options.width) + "x" + std::to_string(options.height)),
      code, Limits());
}

}  // namespace

Result<const AVCodec *> find_encoder(const EncodeOptions &options, AVCodecID codec,
                                     const std::string &destination) {
  const bool is_audio = options.media == Media::audio;
  const std::string kind = is_audio ? "samples" : "pictures";
  const AVCodec *found = options.encoder.empty()
                             ? avcodec_find_encoder(codec)
                             : avcodec_find_encoder_by_name(options.encoder.c_str());
  if (!found && !options.encoder.empty())
    return unsupported("Unsupported encoder: " + options.encoder +
                       "; this FFmpeg has none of "
                       "that name.");
  if (!found)
    return unsupported(destination +
                       ": this FFmpeg has no encoder for the default codec of the "
                       "format (" +
                       (codec == AV_CODEC_ID_NONE ? "none" : avcodec_get_name(codec)) +
                       "); name an encoder of " + kind + ".");
  if (found->type != (is_audio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO))
    return unsupported("Unsupported encoder: " + std::string(found->name) + " does not encode " +
                       kind + ".");
  return found;
}

Result<EncoderPtr> Encoder::open(const AVCodec &codec, const EncodeOptions &options,
                                 bool has_global_header, const std::string &destination,
                                 int stream_index) {
  const trace::Stage stage("open encoder", codec.name);
  auto context = own<CodecContextPtr>(avcodec_alloc_context3(&codec));
  SPDL_TRY(options.media == Media::audio ? set_samples(*context, codec, options)
                                         : set_picture(*context, codec, options));
  set_quality(*context, options);
  if (has_global_header) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  SPDL_TRY(open_context(*context, codec, options, destination));
  return EncoderPtr(new Encoder(std::move(context), destination, stream_index));
}

}  // namespace spdl::ffmpeg
