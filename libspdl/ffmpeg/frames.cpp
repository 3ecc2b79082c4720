// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/frames.h"

namespace spdl::ffmpeg {

int64_t Frames::count() const {
  if (!is_audio()) return static_cast<int64_t>(frames.size());
  int64_t samples = 0;
  for (const auto &frame : frames) samples += frame->nb_samples;
  return samples;
}

const char *Frames::format() const {
  return frames.empty() ? "" : format_name(front(), is_audio());
}

FramesPtr select(const Frames &frames, std::span<const int64_t> indices, Media media) {
  auto selected = std::make_shared<Frames>();
  selected->media = media;
  selected->source = frames.source;
  selected->time_base = frames.time_base;
  for (const int64_t index : indices) {
    auto frame = own<FramePtr>(av_frame_clone(frames.frames[static_cast<size_t>(index)].get()));
    selected->num_corrupt += is_damaged(*frame);
    selected->frames.push_back(std::move(frame));
  }
  return selected;
}

bool is_damaged(const AVFrame &frame) {
  return frame.decode_error_flags || (frame.flags & AV_FRAME_FLAG_CORRUPT);
}

const char *format_name(const AVFrame &frame, bool is_audio) {
  const char *name = is_audio ? av_get_sample_fmt_name(static_cast<AVSampleFormat>(frame.format))
                              : av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
  return name ? name : "";
}

int64_t num_bytes(const AVFrame &frame) {
  int64_t bytes = 0;
  for (const AVBufferRef *buffer : frame.buf)
    if (buffer) bytes += static_cast<int64_t>(buffer->size);
  for (int i = 0; i < frame.nb_extended_buf; ++i)
    bytes += static_cast<int64_t>(frame.extended_buf[i]->size);
  return bytes;
}

}  // namespace spdl::ffmpeg
