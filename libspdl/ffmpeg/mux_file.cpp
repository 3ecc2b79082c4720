// SPDX-License-Identifier: BSD-2-Clause
// The files of a muxer: opening, interrupting, closing, and what went wrong with them.
#include "ffmpeg/mux.h"

namespace spdl::ffmpeg {

int Muxer::is_interrupted(void *self) {
  const Limits *limits = static_cast<Muxer *>(self)->limits_;
  return limits && limits->is_interrupted();
}

// Containers like that of images lose the errors of the files that they open themselves.
int Muxer::open_io(AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                   AVDictionary **options) {
  auto &muxer = *static_cast<Muxer *>(context->opaque);
  const int code = muxer.default_open_(context, io, url, flags, options);
  if (code < 0 && flags & AVIO_FLAG_WRITE && !muxer.io_error_) muxer.io_error_ = code;
  return code;
}

int Muxer::close_io(AVFormatContext *context, AVIOContext *io) {
  auto &muxer = *static_cast<Muxer *>(context->opaque);
  int code = 0;
  if (io && io->write_flag) {
    avio_flush(io);
    code = io->error;
  }
  const int closed = muxer.default_close_(context, io);
  if (code >= 0) code = closed;
  if (code < 0 && !muxer.io_error_) muxer.io_error_ = code;
  return code;
}

// FFmpeg does not tell of a failure to write what was buffered.
int Muxer::close_checked(AVIOContext *&io) {
  if (!io) return 0;
  avio_flush(io);
  const int error = io->error;
  const int code = avio_closep(&io);
  return error < 0 ? error : code;
}

Result<void> Muxer::open_file(const Limits &limits) {
  if (context_->oformat->flags & AVFMT_NOFILE) return {};
  const int code = avio_open2(&context_->pb, context_->url, AVIO_FLAG_WRITE,
                              &context_->interrupt_callback, nullptr);
  return code < 0 ? check_written(code, "", limits) : Result<void>();
}

// An outcome of FFmpeg; failures of the file itself come before those of the container. `what` is
// empty when a file is opened.
Result<void> Muxer::check_written(int code, const std::string &what, const Limits &limits) {
  const int of_file = context_->pb ? context_->pb->error : 0;
  const int io = io_error_ < 0 ? io_error_ : of_file;
  if (io >= 0 && code >= 0) return {};
  const bool is_opening =
      what.empty() || (io < 0 && (io == AVERROR(ENOENT) || io == AVERROR(EACCES)));
  const int reason = io < 0 ? io : code;
  if (is_opening)
    return failure(reason == AVERROR(ENOENT)              ? Status::not_found
                   : reason == AVERROR_PROTOCOL_NOT_FOUND ? Status::unsupported
                                                          : Status::io,
                   Origin::mux, "Failed to open the output: " + name(), reason, limits);
  if (io < 0) return failure(Status::io, Origin::mux, name() + ": writing failed", io, limits);
  return failure(Status::unsupported, Origin::mux, name() + ": " + what + " (" + format() + ")",
                 code, limits);
}

}  // namespace spdl::ffmpeg
