// SPDX-License-Identifier: BSD-2-Clause
// Owners of FFmpeg's objects.
#pragma once

#include <memory>
#include <new>

#include "base/process.h"
#include "ffmpeg/compat.h"

namespace spdl::ffmpeg {

// Calls one of FFmpeg's `free(T **)` functions.
template <auto free>
struct Deleter {
  template <class T>
  void operator()(T *object) const {
    free(&object);
  }
};

// The threads of a codec do not come along into a forked child, so nobody may wait for them there.
struct CodecContextDeleter {
  void operator()(AVCodecContext *context) const {
    if (generation == process_generation()) avcodec_free_context(&context);
  }
  uint64_t generation = process_generation();
};

using PacketPtr = std::unique_ptr<AVPacket, Deleter<av_packet_free>>;
using FramePtr = std::unique_ptr<AVFrame, Deleter<av_frame_free>>;
using BufferRef = std::unique_ptr<AVBufferRef, Deleter<av_buffer_unref>>;
using ParametersPtr = std::unique_ptr<AVCodecParameters, Deleter<avcodec_parameters_free>>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, CodecContextDeleter>;
using FormatContextPtr = std::unique_ptr<AVFormatContext, Deleter<avformat_close_input>>;
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, Deleter<avfilter_graph_free>>;
using FilterInOutPtr = std::unique_ptr<AVFilterInOut, Deleter<avfilter_inout_free>>;

// An object that FFmpeg just allocated; without memory it gave NULL.
template <class Ptr>
Ptr own(typename Ptr::pointer object) {
  if (!object) throw std::bad_alloc();
  return Ptr(object);
}

inline PacketPtr make_packet() { return own<PacketPtr>(av_packet_alloc()); }
inline FramePtr make_frame() { return own<FramePtr>(av_frame_alloc()); }

// An AVDictionary of options. FFmpeg takes out those that it knows.
class Options {
 public:
  Options() = default;
  ~Options() { av_dict_free(&dict_); }
  Options(const Options &) = delete;
  Options &operator=(const Options &) = delete;

  void set(const char *name, const char *value) {
    if (av_dict_set(&dict_, name, value, 0) < 0) throw std::bad_alloc();
  }
  bool has(const char *name) const { return av_dict_get(dict_, name, nullptr, 0) != nullptr; }
  AVDictionary **get() { return &dict_; }
  const AVDictionary *get() const { return dict_; }

 private:
  AVDictionary *dict_ = nullptr;
};

}  // namespace spdl::ffmpeg
