// SPDX-License-Identifier: BSD-2-Clause
// Packets → file.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ffmpeg/encode.h"

namespace spdl::ffmpeg {

struct Destination {
  std::string name;  // path or URL
  bool is_url = false;
  std::string format;  // FFmpeg's name of the container; empty: by the extension
};

// A file that is being written: streams are added, it is opened, written to and closed. One
// operation at a time: a second one gets Status::busy.
class Muxer {
 public:
  static Result<std::shared_ptr<Muxer>> create(Destination destination);
  ~Muxer();
  Muxer(const Muxer &) = delete;
  Muxer &operator=(const Muxer &) = delete;

  Result<EncoderPtr> add_encode_stream(const EncodeOptions &options);
  Result<void> add_remux_stream(const Codec &codec);
  // The encoder that the options name, or the one of the container's default codec.
  Result<const AVCodec *> choose_encoder(const EncodeOptions &options) const;

  // Creates the file, or makes it empty, and writes its header.
  Result<void> open(const OptionList &options, const Limits &limits);
  Result<void> write(unsigned stream_index, const Packets &packets, const Limits &limits);
  // Writes what waits for packets of other streams, and what is buffered.
  Result<void> flush(const Limits &limits);
  // Writes the rest and closes the file, also if that fails. Doing it again does nothing.
  Result<void> close(const Limits &limits);

  const std::string &name() const { return destination_.name; }
  const char *format() const { return context_->oformat->name; }
  unsigned num_streams() const { return num_streams_; }

 private:
  struct FreeContext {
    void operator()(AVFormatContext *context) const { avformat_free_context(context); }
  };
  struct Stream {
    CodecPtr codec;
    EncoderPtr encoder;  // null: remuxed
  };
  enum class State { new_, open, failed, closed };
  class Use;

  explicit Muxer(Destination destination) : destination_(std::move(destination)) {}

  static int is_interrupted(void *self);
  static int open_io(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                     AVDictionary **options);
  static int close_io(AVFormatContext *context, AVIOContext *io);
  static int close_checked(AVIOContext *&io);

  Result<void> create_context();
  Result<void> check_state(State wanted, const char *what) const;
  Result<void> check_container(AVCodecID codec) const;
  AVStream &add_stream(Stream stream);
  Result<void> open_file(const Limits &limits);
  Result<void> write_header(const OptionList &options, const Limits &limits);
  Result<void> check_packets(unsigned stream_index, const Packets &packets) const;
  Result<void> write_packet(unsigned stream_index, const Packets &packets, const AVPacket &packet,
                            const Limits &limits);
  Result<void> check_written(int code, const std::string &what, const Limits &limits);
  Result<void> fail(Result<void> result);
  Result<void> finish(const Limits &limits);
  Result<void> check_encoders() const;

  const uint64_t generation_ = process_generation();
  const Destination destination_;
  std::unique_ptr<AVFormatContext, FreeContext> context_;
  decltype(AVFormatContext::io_open) default_open_ = nullptr;
  decltype(AVFormatContext::io_close2) default_close_ = nullptr;
  int io_error_ = 0;  // the first of files that the container opens itself, as an AVERROR
  const Limits *limits_ = nullptr;
  State state_ = State::new_;
  std::vector<Stream> streams_;
  std::atomic<unsigned> num_streams_{0};
  std::atomic_flag in_use_;
};

using MuxerPtr = std::shared_ptr<Muxer>;

}  // namespace spdl::ffmpeg
