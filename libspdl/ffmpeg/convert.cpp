// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/convert.h"

#include <cstring>
#include <limits>

namespace spdl::ffmpeg {
namespace {

using buffer::Layout;

bool is_alike(const AVFrame &a, const AVFrame &b, bool is_audio) {
  if (a.format != b.format) return false;
  if (is_audio)
    return a.sample_rate == b.sample_rate && a.ch_layout.nb_channels == b.ch_layout.nb_channels;
  return a.width == b.width && a.height == b.height;
}

std::string describe_item(const Frames &frames) {
  const AVFrame &frame = frames.front();
  const std::string format = frames.format();
  if (frames.is_audio())
    return format + ", " + std::to_string(frame.sample_rate) + " Hz, " +
           std::to_string(frame.ch_layout.nb_channels) + " channels, " +
           std::to_string(frames.count()) + " samples";
  return format + ", " + std::to_string(frame.width) + "x" + std::to_string(frame.height) + ", " +
         std::to_string(frames.count()) + " frames";
}

Result<void> check_uniform(const Frames &frames) {
  for (const auto &frame : frames.frames)
    if (!is_alike(*frame, frames.front(), frames.is_audio()))
      return Error{Status::mismatch, Origin::convert,
                   frames.source +
                       ": the format or size changes between frames; bring them to "
                       "one with a filter such as scale or aformat."};
  return {};
}

Layout audio_layout(const Frames &frames) {
  const auto format = static_cast<AVSampleFormat>(frames.front().format);
  const int64_t channels = frames.front().ch_layout.nb_channels;
  const auto element = element_of(format);
  if (av_sample_fmt_is_planar(format)) return {{channels, frames.count()}, element};
  return {{frames.count(), channels}, element};
}

// Samples of each channel (planar) or of all (packed) follow each other over the frames.
void copy_samples(uint8_t *to, const Frames &frames) {
  const auto format = static_cast<AVSampleFormat>(frames.front().format);
  const int channels = frames.front().ch_layout.nb_channels;
  const bool is_planar = av_sample_fmt_is_planar(format);
  const size_t step = static_cast<size_t>(av_get_bytes_per_sample(format)) *
                      static_cast<size_t>(is_planar ? 1 : channels);
  for (int plane = 0; plane < (is_planar ? channels : 1); ++plane)
    for (const auto &frame : frames.frames) {
      const size_t size = step * static_cast<size_t>(frame->nb_samples);
      std::memcpy(to, frame->extended_data[plane], size);
      to += size;
    }
}

// The layout bounds what may be written, so FFmpeg must agree with it.
Result<void> copy_picture(uint8_t *to, const AVFrame &frame, const Layout &layout,
                          const std::string &source) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const int size = av_image_get_buffer_size(format, frame.width, frame.height, 1);
  if (size < 0 || size != layout.size() ||
      av_image_copy_to_buffer(to, size, frame.data, frame.linesize, format, frame.width,
                              frame.height, 1) < 0)
    return Error{Status::internal, Origin::convert,
                 source + ": a decoded frame could not be copied."};
  if (native_format(format) != format)
    swap_elements(to, static_cast<size_t>(size), layout.type.size);
  return {};
}

Result<Layout> layout_of_picture(const AVFrame &frame) {
  return picture_layout(static_cast<AVPixelFormat>(frame.format), frame.width, frame.height);
}

Result<void> copy_pictures(uint8_t *to, const Frames &frames, const Limits &limits) {
  SPDL_TRY_ASSIGN(const Layout layout, layout_of_picture(frames.front()));
  for (const auto &frame : frames.frames) {
    SPDL_TRY(limits.check(Origin::convert, frames.source));
    SPDL_TRY(copy_picture(to, *frame, layout, frames.source));
    to += layout.size();
  }
  return {};
}

Result<Layout> batch_layout(std::span<const FramesPtr> items, bool is_batch) {
  SPDL_TRY_ASSIGN(Layout layout, layout_of(*items.front()));
  for (size_t i = 1; i < items.size(); ++i) {
    SPDL_TRY_ASSIGN(const Layout other, layout_of(*items[i]));
    if (other.shape == layout.shape && items[i]->media == items.front()->media &&
        is_alike(items[i]->front(), items.front()->front(), items.front()->is_audio()))
      continue;
    return Error{Status::mismatch, Origin::convert,
                 "The items of a batch disagree: the first is " + describe_item(*items.front()) +
                     ", but item " + std::to_string(i) + " is " + describe_item(*items[i]) + "."}
        .with_item(static_cast<int64_t>(i));
  }
  if (is_batch) layout.shape = layout.shape.behind(static_cast<int64_t>(items.size()));
  return layout;
}

// Count the frames in: their times and damage.
void add_item(buffer::Buffer &buffer, const Frames &frames) {
  buffer.num_corrupt += frames.num_corrupt;
  for (const auto &frame : frames.frames) {
    buffer.pts.push_back(to_seconds(frame->pts, frames.time_base));
    if (frames.is_audio()) break;
  }
}

}  // namespace

buffer::ElementType element_of(AVSampleFormat format) {
  switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_S16:
      return buffer::s16;
    case AV_SAMPLE_FMT_S32:
      return buffer::s32;
    case AV_SAMPLE_FMT_S64:
      return buffer::s64;
    case AV_SAMPLE_FMT_FLT:
      return buffer::f32;
    case AV_SAMPLE_FMT_DBL:
      return buffer::f64;
    default:
      return buffer::u8;
  }
}

Result<Layout> layout_of(const Frames &frames) {
  if (frames.frames.empty())
    return Error{Status::mismatch, Origin::convert,
                 "No frame to convert to buffer. (" + frames.source + ")"};
  SPDL_TRY(check_uniform(frames));
  if (frames.is_audio()) return audio_layout(frames);
  SPDL_TRY_ASSIGN(Layout layout, layout_of_picture(frames.front()));
  if (frames.media == Media::image && frames.count() != 1)
    return Error{Status::internal, Origin::convert,
                 frames.source + ": an image of " + std::to_string(frames.count()) + " frames."};
  if (frames.media == Media::video) layout.shape = layout.shape.behind(frames.count());
  return layout;
}

Result<void> copy_to(uint8_t *to, const Frames &frames, const Limits &limits) {
  if (!frames.is_audio()) return copy_pictures(to, frames, limits);
  copy_samples(to, frames);
  return {};
}

buffer::Buffer make_buffer(buffer::Storage storage, const Layout &layout, Media media,
                           const char *format) {
  buffer::Buffer made{std::move(storage), layout};
  made.media = static_cast<int32_t>(media);
  const AVPixelFormat pixels =
      media == Media::audio ? AV_PIX_FMT_NONE : native_format(av_get_pix_fmt(format));
  made.format = pixels == AV_PIX_FMT_NONE ? format : av_get_pix_fmt_name(pixels);
  made.backend = "ffmpeg";
  return made;
}

Result<buffer::BufferPtr> convert(std::span<const FramesPtr> items, bool is_batch,
                                  std::shared_ptr<const buffer::Memory> out, const Limits &limits) {
  SPDL_TRY_ASSIGN(const Layout layout, batch_layout(items, is_batch));
  SPDL_TRY(limits.check(Origin::convert, items.front()->source));
  SPDL_TRY(limits.check_bytes(Origin::convert, layout.size(), items.front()->source));
  const auto size = static_cast<size_t>(layout.size());
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(std::move(out), layout));
  const Frames &first = *items.front();
  auto made = std::make_shared<buffer::Buffer>(
      make_buffer(std::move(storage), layout, first.media, first.format()));
  if (first.is_audio()) made->sample_rate = first.front().sample_rate;
  uint8_t *to = made->storage.data();
  for (const auto &item : items) {
    SPDL_TRY(copy_to(to, *item, limits));
    add_item(*made, *item);
    to += size / items.size();
  }
  return made;
}

}  // namespace spdl::ffmpeg
