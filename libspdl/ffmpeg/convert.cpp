// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/convert.h"

#include <cstring>
#include <limits>

#include "base/trace.h"

namespace spdl::ffmpeg {
namespace {

using buffer::Layout;

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

// What one item is; the others are the same.
Result<Form> common_form(std::span<const FramesPtr> items) {
  SPDL_TRY_ASSIGN(const Form first, form_of(*items.front()));
  for (size_t i = 1; i < items.size(); ++i) {
    SPDL_TRY_ASSIGN(const Form other, form_of(*items[i]));
    if (other == first) continue;
    return Error{Status::mismatch, Origin::convert,
                 "The items of a batch disagree: the first is " + first.describe() + ", but item " +
                     std::to_string(i) + " is " + other.describe() + "."}
        .with_item(static_cast<int64_t>(i));
  }
  return first;
}

}  // namespace

Result<void> copy_to(uint8_t *to, const Frames &frames, const Limits &limits) {
  const trace::Stage stage("convert", frames.source);
  if (!frames.is_audio()) return copy_pictures(to, frames, limits);
  copy_samples(to, frames);
  return {};
}

void add_times(const Frames &frames, std::vector<double> &pts) {
  for (const auto &frame : frames.frames) {
    pts.push_back(to_seconds(frame->pts, frames.time_base));
    if (frames.is_audio()) break;
  }
}

buffer::Buffer make_buffer(buffer::Storage storage, const Form &form,
                           std::optional<size_t> num_items) {
  buffer::Buffer made{std::move(storage), form.layout};
  if (num_items) made.layout.shape = form.layout.shape.behind(static_cast<int64_t>(*num_items));
  made.media = static_cast<int32_t>(form.media);
  const AVPixelFormat pixels =
      form.media == Media::audio ? AV_PIX_FMT_NONE : native_format(av_get_pix_fmt(form.format));
  made.format = pixels == AV_PIX_FMT_NONE ? form.format : av_get_pix_fmt_name(pixels);
  made.backend = "ffmpeg";
  made.sample_rate = form.sample_rate;
  return made;
}

Result<buffer::BufferPtr> convert(std::span<const FramesPtr> items, bool is_batch,
                                  std::shared_ptr<const buffer::Memory> out, const Limits &limits) {
  SPDL_TRY_ASSIGN(const Form form, common_form(items));
  Layout layout = form.layout;
  if (is_batch) layout.shape = layout.shape.behind(static_cast<int64_t>(items.size()));
  SPDL_TRY(limits.check(Origin::convert, items.front()->source));
  SPDL_TRY(limits.check_bytes(Origin::convert, layout.size(), items.front()->source));
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(std::move(out), layout));
  auto made = std::make_shared<buffer::Buffer>(
      make_buffer(std::move(storage), form, is_batch ? std::optional(items.size()) : std::nullopt));
  uint8_t *to = made->storage.data();
  for (const auto &item : items) {
    SPDL_TRY(copy_to(to, *item, limits));
    add_times(*item, made->pts);
    made->num_corrupt += item->num_corrupt;
    if (is_batch) made->item_corrupt.push_back(item->num_corrupt);
    to += form.layout.size();
  }
  return made;
}

}  // namespace spdl::ffmpeg
