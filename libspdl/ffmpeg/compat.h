// SPDX-License-Identifier: BSD-2-Clause
// What differs between FFmpeg 5.1, 6, 7, 8 and 9, by the version that changed it.
#pragma once

#include <new>
#include <span>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
}

#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 28, 100)
#error "libspdl needs FFmpeg 5.1 or newer."
#endif

// AVBufferSrcParameters carries colour since lavfi 10.1 (7.0.1 / 7.1).
#define SPDL_BUFFERSRC_HAS_COLOR (LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(10, 1, 100))

// AVFrame.duration replaced pkt_duration with lavu 57.30 (FFmpeg 6).
#define SPDL_FRAME_HAS_DURATION (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100))

// avcodec_get_supported_config() replaced the lists of AVCodec with lavc 61.13 (FFmpeg 7.1).
#define SPDL_CODEC_HAS_SUPPORTED_CONFIG (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100))
// Side data of a whole stream moved into the codec's parameters with lavc 60.31 (FFmpeg 6.1).
#define SPDL_PARAMETERS_HAVE_SIDE_DATA (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100))
// Demuxers of plain samples fill packets by time, not to 4096 bytes, with lavf 61 (FFmpeg 7).
#define SPDL_PCM_PACKETS_BY_TIME (LIBAVFORMAT_VERSION_MAJOR >= 61)

namespace spdl::ffmpeg {

// What an encoder takes; empty: anything, or nobody knows.
#if SPDL_CODEC_HAS_SUPPORTED_CONFIG
template <class T>
std::span<const T> supported(const AVCodec &codec, AVCodecConfig config) {
  const void *values = nullptr;
  int count = 0;
  if (avcodec_get_supported_config(nullptr, &codec, config, 0, &values, &count) < 0 || !values)
    return {};
  return {static_cast<const T *>(values), static_cast<size_t>(count)};
}
inline std::span<const AVPixelFormat> pixel_formats(const AVCodec &codec) {
  return supported<AVPixelFormat>(codec, AV_CODEC_CONFIG_PIX_FORMAT);
}
inline std::span<const AVSampleFormat> sample_formats(const AVCodec &codec) {
  return supported<AVSampleFormat>(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
}
inline std::span<const int> sample_rates(const AVCodec &codec) {
  return supported<int>(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
}
inline std::span<const AVChannelLayout> channel_layouts(const AVCodec &codec) {
  return supported<AVChannelLayout>(codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT);
}
#else
template <class T, class IsEnd>
std::span<const T> until_end(const T *values, IsEnd is_end) {
  size_t count = 0;
  while (values && !is_end(values[count])) ++count;
  return {values, count};
}
inline std::span<const AVPixelFormat> pixel_formats(const AVCodec &codec) {
  return until_end(codec.pix_fmts, [](AVPixelFormat f) { return f == AV_PIX_FMT_NONE; });
}
inline std::span<const AVSampleFormat> sample_formats(const AVCodec &codec) {
  return until_end(codec.sample_fmts, [](AVSampleFormat f) { return f == AV_SAMPLE_FMT_NONE; });
}
inline std::span<const int> sample_rates(const AVCodec &codec) {
  return until_end(codec.supported_samplerates, [](int rate) { return rate == 0; });
}
inline std::span<const AVChannelLayout> channel_layouts(const AVCodec &codec) {
  return until_end(codec.ch_layouts, [](const AVChannelLayout &l) { return l.nb_channels == 0; });
}
#endif

inline int64_t &duration_of(AVFrame &frame) {
#if SPDL_FRAME_HAS_DURATION
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

inline void copy_color(AVBufferSrcParameters &to, const AVFrame &from) {
#if SPDL_BUFFERSRC_HAS_COLOR
  to.color_space = from.colorspace;
  to.color_range = from.color_range;
#else
  static_cast<void>(to);
  static_cast<void>(from);
#endif
}

inline std::span<const AVPacketSideData> side_data_of(const AVCodecParameters &parameters) {
#if SPDL_PARAMETERS_HAVE_SIDE_DATA
  return {parameters.coded_side_data, static_cast<size_t>(parameters.nb_coded_side_data)};
#else
  static_cast<void>(parameters);
  return {};
#endif
}

// Room for an entry of `size` bytes; null if this FFmpeg has no place for it.
inline uint8_t *new_side_data(AVCodecParameters &parameters, AVPacketSideDataType type,
                              size_t size) {
#if SPDL_PARAMETERS_HAVE_SIDE_DATA
  const AVPacketSideData *entry = av_packet_side_data_new(
      &parameters.coded_side_data, &parameters.nb_coded_side_data, type, size, 0);
  if (!entry) throw std::bad_alloc();
  return entry->data;
#else
  static_cast<void>(parameters), static_cast<void>(type), static_cast<void>(size);
  return nullptr;
#endif
}

// How pictures of the stream are to be shown: 9 numbers, or null.
inline const int32_t *display_matrix(const AVStream &stream) {
  size_t size = 0;
#if SPDL_PARAMETERS_HAVE_SIDE_DATA
  const AVPacketSideData *found =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX);
  const uint8_t *data = found ? found->data : nullptr;
  if (found) size = found->size;
#else
  const uint8_t *data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
#endif
  return data && size >= 9 * sizeof(int32_t) ? reinterpret_cast<const int32_t *>(data) : nullptr;
}

}  // namespace spdl::ffmpeg
